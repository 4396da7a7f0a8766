package axl

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

const refusal = `<html><body>Incorrect axl version. Supported axl versions are 12.x, 14.0 and 15.0</body></html>`

// release is a call processor of one release that serves some AXL versions.
func release(server string, serves ...string) func(w http.ResponseWriter, r request) {
	return func(w http.ResponseWriter, r request) {
		switch {
		case r.version == bootstrap && r.action != "", !strings.Contains(strings.Join(serves, " "), r.version):
			write(w, statusVersion, "text/html", refusal)
		case r.op == "getCCMVersion":
			ok(w, serves[len(serves)-1], r.op, "<componentVersion><version>"+server+"</version></componentVersion>")
		default:
			ok(w, r.version, r.op, testID)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reason string
		server func(w http.ResponseWriter, r request)
		given  string
		want   string
		asked  []string // versions in which the server was asked, in order
		kind   uc.Kind
	}{
		"15":          {"the server's own", release("15.0.1.12900(43)", "1.0", "12.5", "14.0", "15.0"), "", "15.0", []string{"1.0"}, ""},
		"14":          {"the server's own", release("14.0.1.13900(155)", "1.0", "12.5", "14.0"), "", "14.0", []string{"1.0"}, ""},
		"12.5":        {"the server's own", release("12.5.1.14900(63)", "1.0", "11.5", "12.5"), "", "12.5", []string{"1.0"}, ""},
		"12.0":        {"the next lower one", release("12.0.1.10000(10)", "1.0", "11.5", "12.0"), "", "11.5", []string{"1.0"}, ""},
		"a newer one": {"ours", release("17.1.1.10000(1)", "1.0", "15.0", "17.1"), "", "15.0", []string{"1.0"}, ""},
		"no 1.0":      {"our versions are tried downwards", release("14.0.1.13900(155)", "12.5", "14.0"), "", "14.0", []string{"1.0", "15.0", "14.0"}, ""},
		"too old":     {"a wait for a person", release("10.5.2.10000(5)", "1.0", "10.5"), "", "", []string{"1.0"}, uc.Denied},
		"none of ours": {
			"a wait for a person", release("23.0.1.10000(5)", "23.0"), "", "",
			[]string{"1.0", "15.0", "14.0", "12.5", "11.5"},
			uc.Denied,
		},
		"given":          {"stands", release("15.0.1.12900(43)", "1.0", "12.5", "14.0", "15.0"), "12.5", "12.5", []string{"1.0"}, ""},
		"given, without": {"stands", release("15.0.1.12900(43)", "12.5", "14.0", "15.0"), "12.5", "12.5", []string{"1.0", "12.5"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, tc.server)
			schema, _, err := s.client(t, func(o *Options) { o.Version = tc.given }).Version(t.Context())
			if uc.KindOf(err) != tc.kind || schema != tc.want {
				t.Errorf("%s: want %q %q, got %q %v", tc.reason, tc.want, tc.kind, schema, err)
			}
			var asked []string
			for _, r := range s.requests() {
				asked = append(asked, r.version)
			}
			if diff := cmp.Diff(tc.asked, asked); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestVersionIsAskedOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t, release("14.0.1.13900(155)", "1.0", "12.5", "14.0"))
	c := s.client(t, func(o *Options) { o.Version = "" })
	var callers sync.WaitGroup
	for range 10 {
		callers.Go(func() {
			if err := c.RemoveUser(t.Context(), "jdoe"); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	asked := 0
	for _, r := range s.requests() {
		if r.op == "getCCMVersion" {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("10 callers asked for the version %d times", asked)
	}
}

func TestUpgradeUnderneath(t *testing.T) {
	t.Parallel()
	var upgraded atomic.Bool
	before, after := release("12.5.1.14900(63)", "1.0", "11.5", "12.5"), release("17.0.1.10000(1)", "1.0", "14.0", "15.0")
	s := newServer(t, func(w http.ResponseWriter, r request) {
		if upgraded.Load() {
			after(w, r)
			return
		}
		before(w, r)
	})
	c := s.client(t, func(o *Options) { o.Version = "" })
	remove := func() {
		t.Helper()
		if err := c.RemoveUser(t.Context(), "jdoe"); err != nil {
			t.Fatal(err)
		}
	}
	remove()
	upgraded.Store(true)
	remove()
	remove()
	var got []string
	for _, r := range s.requests() {
		got = append(got, r.op+" "+r.version)
	}
	want := []string{
		"getCCMVersion 1.0", "removeUser 12.5",
		"removeUser 12.5", "getCCMVersion 15.0", "removeUser 15.0",
		"removeUser 15.0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a refused version is negotiated once and remembered (-want +got):\n%s", diff)
	}
}

func TestVersionRefusedForGood(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(w http.ResponseWriter, _ request) { write(w, statusVersion, "text/html", refusal) })
	err := s.client(t).RemoveUser(t.Context(), "jdoe")
	if !errors.Is(err, uc.Denied) || !strings.Contains(err.Error(), "Supported axl versions are 12.x, 14.0 and 15.0") {
		t.Errorf("want denied with what the server supports, got %v", err)
	}
}
