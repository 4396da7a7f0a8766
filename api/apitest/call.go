package apitest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/uc"
)

// Answer is what the API said.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Call sends a request with the token of a role, "" for none. Headers are pairs of
// name and value; a body is JSON unless they say otherwise.
func (w *World) Call(role uc.Role, method, path, body string, headers ...string) Answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if role != "" {
		req.Header.Set("Authorization", "Bearer "+w.Tokens[role])
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if cerr := resp.Body.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return Answer{resp.StatusCode, resp.Header, text}
}

// Decode reads the answer's body into a value of the type.
func Decode[T any](t testing.TB, a Answer) T {
	t.Helper()
	var out T
	if err := json.Unmarshal(a.Body, &out); err != nil {
		t.Fatalf("answer %d is not what was expected: %v\n%s", a.Status, err, a.Body)
	}
	return out
}

// Problem reads the answer as a problem and fails the test when it has another status.
func Problem(t testing.TB, a Answer, status int) api.Problem {
	t.Helper()
	if a.Status != status {
		t.Fatalf("answered %d, want %d\n%s", a.Status, status, a.Body)
	}
	return Decode[api.Problem](t, a)
}
