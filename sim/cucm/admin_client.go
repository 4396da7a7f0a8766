package cucm

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/dialtone/dialtone/sim/fault"
)

// Remote speaks to the admin endpoint of a running simulator about one cluster.
type Remote struct {
	URL     string // "http://127.0.0.1:8844"
	Cluster string // "" = the only one there is
}

// Faults are the cluster's rules with their counts.
func (r Remote) Faults(ctx context.Context) ([]fault.State, error) {
	var out []fault.State
	return out, r.call(ctx, http.MethodGet, "/faults", nil, &out)
}

// Refused is what the endpoint does not do, and why: a request is 400, a name that
// is unknown 404.
type Refused struct {
	Status int
	Reason string // a sentence
}

// Error is the reason.
func (e *Refused) Error() string { return "simulator admin: " + e.Reason }

// AddFault adds a rule and returns all of them. Fails with *Refused for a rule that
// could never apply.
func (r Remote) AddFault(ctx context.Context, rule fault.Rule) ([]fault.State, error) {
	var out []fault.State
	return out, r.call(ctx, http.MethodPost, "/faults", rule, &out)
}

// ClearFaults removes every rule.
func (r Remote) ClearFaults(ctx context.Context) error {
	return r.call(ctx, http.MethodDelete, "/faults", nil, nil)
}

// Snapshot is the cluster's whole state in words.
func (r Remote) Snapshot(ctx context.Context) (Snapshot, error) {
	var out Snapshot
	return out, r.call(ctx, http.MethodGet, "/snapshot", nil, &out)
}

// Stats are the cluster's counts.
func (r Remote) Stats(ctx context.Context) (Stats, error) {
	var out Stats
	return out, r.call(ctx, http.MethodGet, "/stats", nil, &out)
}

// cluster is the cluster's name; without one, that of the only cluster.
func (r Remote) cluster(ctx context.Context) (string, error) {
	if r.Cluster != "" {
		return r.Cluster, nil
	}
	var names []string
	if err := r.send(ctx, http.MethodGet, "/clusters", nil, &names); err != nil {
		return "", err
	}
	if len(names) != 1 {
		return "", fmt.Errorf("simulator admin: say which cluster: %s", strings.Join(names, ", "))
	}
	return names[0], nil
}

func (r Remote) call(ctx context.Context, method, path string, in, out any) error {
	name, err := r.cluster(ctx)
	if err != nil {
		return err
	}
	return r.send(ctx, method, "/clusters/"+url.PathEscape(name)+path, in, out)
}

func (r Remote) send(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("simulator admin: %w", err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(r.URL, "/")+path, body)
	if err != nil {
		return fmt.Errorf("simulator admin: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("simulator admin: %w", err)
	}
	data, err := io.ReadAll(res.Body)
	if closed := res.Body.Close(); err == nil {
		err = closed
	}
	switch {
	case err != nil:
		return fmt.Errorf("simulator admin: %w", err)
	case res.StatusCode != http.StatusOK:
		return refused(res, data)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("simulator admin: %w", err)
	}
	return nil
}

// refused reads why: in the endpoint's own words, or in those of whoever else answers.
func refused(res *http.Response, body []byte) error {
	var said struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Error == "" {
		said.Error = res.Status + ": " + strings.TrimSpace(string(body))
	}
	return &Refused{res.StatusCode, said.Error}
}
