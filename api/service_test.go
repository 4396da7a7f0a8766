package api_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	var away error
	w := apitest.New(t, func(o *api.Options) {
		o.Ready = append(o.Ready, func(context.Context) error { return away })
	})
	if a := w.Call("", "GET", "/healthz", ""); a.Status != http.StatusOK || !strings.Contains(string(a.Body), `"test"`) {
		t.Errorf("healthz answered %d: %s", a.Status, a.Body)
	}
	if a := w.Call("", "GET", "/readyz", ""); a.Status != http.StatusOK {
		t.Errorf("readyz answered %d: %s", a.Status, a.Body)
	}
	away = &uc.Error{Kind: uc.Unavailable, System: "temporal", Detail: "dial tcp 10.1.2.3:7233: refused"}
	a := w.Call("", "GET", "/readyz", "")
	if p := apitest.Problem(t, a, 503); !strings.Contains(p.Detail, "temporal") || strings.Contains(string(a.Body), "10.1.2.3") {
		t.Errorf("readyz: %s", a.Body)
	}
	w.DB.Close()
	if p := apitest.Problem(t, w.Call("", "GET", "/readyz", ""), 503); !strings.Contains(p.Detail, "db") {
		t.Errorf("readyz without the database: %+v", p)
	}
	if a := w.Call("", "GET", "/healthz", ""); a.Status != http.StatusOK {
		t.Errorf("healthz without the database answered %d", a.Status)
	}
}

func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	w.DB.Close()
	a := w.Call(uc.RoleHR, "POST", "/v1/joiners", ann)
	if p := apitest.Problem(t, a, 503); p.Kind != uc.Unavailable || a.Header.Get("Retry-After") == "" || p.Instance == "" {
		t.Errorf("problem %+v", p)
	}
	for _, leak := range []string{"pool", "postgres", "sql", "closed"} {
		if strings.Contains(strings.ToLower(string(a.Body)), leak) {
			t.Errorf("the answer speaks of %s: %s", leak, a.Body)
		}
	}
	id := strings.TrimPrefix(apitest.Decode[api.Problem](t, a).Instance, "urn:dialtone:request:")
	if found := w.Logs.FilterField(zap.String("request", id)).FilterMessage("request not answered"); found.Len() != 1 {
		t.Errorf("the log does not explain request %s", id)
	}
}

// A bug in a handler shows nothing of itself and stops nothing.
func TestPanicIsInternal(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, func(o *api.Options) {
		o.Ready = append(o.Ready, func(context.Context) error { panic("secret of the house") })
	})
	a := w.Call("", "GET", "/readyz", "")
	if p := apitest.Problem(t, a, 500); p.Kind != uc.Internal || strings.Contains(string(a.Body), "secret of the house") || p.Instance == "" {
		t.Errorf("problem %s", a.Body)
	}
	if w.Logs.FilterMessage("panic in a request").Len() != 1 {
		t.Error("the log does not tell of the panic")
	}
	if a := w.Call("", "GET", "/healthz", ""); a.Status != http.StatusOK {
		t.Errorf("afterwards: %d", a.Status)
	}
}

func TestInternalShowsNoDetail(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, func(o *api.Options) {
		o.Now = func() time.Time { panic(errors.New("table orders, column secret")) }
	})
	body := strings.Replace(ann, `"serviceArea"`, `"startAt": "2090-01-01T00:00:00Z", "serviceArea"`, 1)
	if a := w.Call(uc.RoleHR, "POST", "/v1/joiners", body); a.Status != 500 || strings.Contains(string(a.Body), "secret") {
		t.Errorf("answered %d: %s", a.Status, a.Body)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	w.Call(uc.RoleAdmin, "POST", numbersPath, `{"numbers": ["4711-4720"]}`)
	join(t, w, uc.RoleHR, "ann", "berlin")
	a := w.Call("", "GET", "/metrics", "")
	for _, line := range []string{
		`dialtone_http_requests_total{method="POST",route="/v1/joiners",status="202"} 1`,
		`dialtone_http_requests_total{method="POST",route="/v1/pools/:name/numbers",status="200"} 1`,
		`dialtone_http_request_duration_seconds_count{method="POST",route="/v1/joiners"} 1`,
		`dialtone_orders{state="running"} 1`, `dialtone_orders{state="failed"} 0`,
		`dialtone_pool_numbers{pool="berlin",state="available"} 10`, `dialtone_pool_eligible{pool="lisbon"} 0`,
	} {
		if !strings.Contains(string(a.Body), line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	for range 3 { // unknown paths must not make new series
		w.Call("", "GET", "/v1/"+strings.Repeat("x", 5), "")
	}
	if n := strings.Count(string(w.Call("", "GET", "/metrics", "").Body), `status="404"`); n != 1 {
		t.Errorf("%d series of unknown paths, want 1", n)
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	for path, want := range map[string]int{
		"GET /": 404, "GET /v1": 404, "GET /v1/nothing": 404, "GET /docs": 404, "GET /openapi.json": 404,
		"DELETE /v1/orders": 405, "PATCH /v1/pools/berlin": 405, "POST /healthz": 405, "GET /v1/joiners": 405,
		"GET /v1/people/%00": 400, "GET /v1/people/%ff": 400, "GET /v1/orders/..%2f..%2fmetrics": 401,
	} {
		method, at, _ := strings.Cut(path, " ")
		if p := apitest.Problem(t, w.Call("", method, at, ""), want); p.Instance == "" {
			t.Errorf("%s: no instance", path)
		}
	}
	if a := w.Call("", "HEAD", "/v1/nothing", ""); a.Status != 404 && a.Status != 405 {
		t.Errorf("HEAD answered %d", a.Status)
	}
}

func TestHeadersAndLog(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	a := w.Call(uc.RoleViewer, "GET", "/v1/orders?user=bob", "", "X-Request-Id", "trace-7")
	for name, want := range map[string]string{
		"X-Request-Id": "trace-7", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Frame-Options": "DENY",
		"Content-Type": "application/json", "Server": "", "Access-Control-Allow-Origin": "",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	lines := w.Logs.FilterField(zap.String("request", "trace-7")).All()
	if len(lines) != 1 {
		t.Fatalf("%d lines in the log, want 1", len(lines))
	}
	got := lines[0].ContextMap()
	for field, want := range map[string]any{
		"method": "GET", "route": "/v1/orders", "path": "/v1/orders", "status": int64(200), "token": "viewer",
	} {
		if got[field] != want {
			t.Errorf("log field %s is %v, want %v", field, got[field], want)
		}
	}
	forged := w.Call("", "GET", "/healthz", "", "X-Request-Id", "a b\"c")
	if id := forged.Header.Get("X-Request-Id"); id == "" || strings.ContainsAny(id, " \"") {
		t.Errorf("request id %q", id)
	}
}

// A client that asks for other forms still gets JSON; a body in another form is refused.
func TestForms(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	if a := w.Call(uc.RoleViewer, "GET", "/v1/orders", "", "Accept", "application/xml"); a.Status != 200 || a.Header.Get("Content-Type") != "application/json" {
		t.Errorf("answered %d %s", a.Status, a.Header.Get("Content-Type"))
	}
	apitest.Problem(t, w.Call(uc.RoleHR, "POST", "/v1/joiners", "user=ann", "Content-Type", "application/x-www-form-urlencoded"), 415)
	if a := w.Call(uc.RoleHR, "POST", "/v1/joiners", ann, "Content-Type", "application/json; charset=utf-8"); a.Status != 202 {
		t.Errorf("with a charset: %d %s", a.Status, a.Body)
	}
}

// The end lets a request in flight finish and takes no new one.
func TestServeDrains(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	core, _ := observer.New(zap.InfoLevel)
	ctx, end := context.WithCancel(t.Context())
	entered, leave := make(chan struct{}), make(chan struct{})
	served := make(chan error, 1)
	go func() {
		served <- api.Serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(entered)
			<-leave
			if r.Context().Err() != nil {
				w.WriteHeader(http.StatusTeapot)
			}
		}), zap.New(core))
	}()
	answered := make(chan int, 1)
	url := "http://" + l.Addr().String()
	go func() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			answered <- 0
			return
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			answered <- 0
			return
		}
		_, err = io.Copy(io.Discard, resp.Body)
		if cerr := resp.Body.Close(); err != nil || cerr != nil {
			answered <- 0
			return
		}
		answered <- resp.StatusCode
	}()
	<-entered
	end()
	select {
	case err := <-served:
		t.Fatalf("it ended before the request: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(leave)
	if status := <-answered; status != http.StatusOK {
		t.Errorf("the request in flight got %d", status)
	}
	if err := <-served; err != nil {
		t.Errorf("served: %v", err)
	}
	if _, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String()); err == nil {
		t.Error("it still listens")
	}
}
