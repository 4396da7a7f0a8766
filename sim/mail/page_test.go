package mail

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestPages(t *testing.T) { //nolint:tparallel // the last lines need the rows done
	t.Parallel()
	w := start(t, Options{})
	hostile := strings.Replace(text, "=?utf-8?q?Ihre_Nummer_f=C3=BCr_Montag?=", "<script>alert(1)</script>", 1)
	c := w.plain()
	for _, content := range []string{text, hostile} {
		if got := send(c, "anna@example.test", content); got != 0 {
			t.Fatal(got)
		}
	}
	pages := httptest.NewServer(http.StripPrefix("/box", w.Handler()))
	defer pages.Close()
	mails := w.Messages()
	tests := map[string]struct {
		reason, path string
		status       int
		has          []string
		hasNot       string
	}{
		"list":    {"newest first, escaped", "/box/", 200, []string{"2 accepted", "&lt;script&gt;", "für Montag"}, "<script"},
		"mail":    {"the text, escaped", "/box/mail/" + mails[0].ID, 200, []string{"Grüße,\n&lt;b&gt;4711", "order-1@example.test", "für Montag"}, "<b>"},
		"source":  {"as it came", "/box/mail/" + mails[0].ID + "/source", 200, []string{text}, "<html"},
		"unknown": {"not there", "/box/mail/1", 404, nil, "<html"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			status, body, header := get(t, pages.URL+tc.path)
			if status != tc.status {
				t.Errorf("%s: status %d, want %d", tc.reason, status, tc.status)
			}
			for _, has := range tc.has {
				if !strings.Contains(body, has) {
					t.Errorf("%s: no %q in\n%s", tc.reason, has, body)
				}
			}
			if strings.Contains(body, tc.hasNot) {
				t.Errorf("%s: %q in\n%s", tc.reason, tc.hasNot, body)
			}
			if status == 200 && !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
				t.Errorf("%s: scripts may run: %v", tc.reason, header)
			}
		})
	}
	_, body, _ := get(t, pages.URL+"/box/")
	if strings.Index(body, "script") > strings.Index(body, "für Montag") {
		t.Error("the list is not newest first")
	}
	post, err := http.PostForm(pages.URL+"/box/", url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	closed(t, post.Body)
	if post.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST gave %d", post.StatusCode)
	}
}

func get(t *testing.T, address string) (int, string, http.Header) {
	t.Helper()
	r, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, r.Body)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(body), r.Header
}
