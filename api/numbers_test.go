package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

func TestHoldAndBlockNumbers(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	w.Call(uc.RoleAdmin, "POST", numbersPath, `{"numbers": ["4711-4712"]}`)
	w.Call(uc.RoleAdmin, "POST", "/v1/pools/lisbon/numbers", `{"numbers": ["4711", "+351211234001"]}`)
	const hold = `{"userId": "Ann", "until": "2090-01-01T00:00:00Z", "reason": " returns "}`
	steps := []struct {
		reason, path, body string
		status             int
		says               string // in the problem, or where the number stands then
	}{
		{"two partitions", "4711/hold", hold, 409, "4711 in PT_Berlin on cucm-1; 4711 in PT_Lisbon on cucm-2"},
		{"two partitions, told apart", "4711/block", `{"partition": "PT_Lisbon", "reason": "reception"}`, 200, "blocked (reception)"},
		{"no partition", "4711/block", `{"partition": "PT_Paris", "reason": "x"}`, 404, `"4711" in PT_Paris`},
		{"unknown", "9999/block", `{"reason": "x"}`, 404, `"9999"`},
		{"held", "4712/hold", hold, 200, "held for Ann until 2090-01-01T00:00:00Z (returns)"},
		{"held for another", "4712/hold", strings.ReplaceAll(hold, "Ann", "bea"), 409, "held for Ann"},
		{"held, not blocked", "4712/unblock", `{"reason": "x"}`, 409, "it is not blocked"},
		{"free again", "4712/unhold", `{"reason": "stays away"}`, 200, "available"},
		{"not held any more", "4712/unhold", `{"reason": "x"}`, 409, "4712 in PT_Berlin on cucm-1 is available: it is not held"},
		{"E.164 form", "%2B49301234712/block", `{"reason": "x"}`, 200, "blocked (x)"},
		{"plus as it is", "+351211234001/block", `{"reason": "x"}`, 200, "blocked (x)"},
		{"plus escaped", "%2B351211234001/unblock", `{"reason": "x"}`, 200, "available"},
		{"no digits", "47x/block", `{"reason": "x"}`, 422, "digits"},
		{"no reason", "4712/block", `{}`, 422, "reason"},
		{"empty reason", "4712/block", `{"reason": " "}`, 422, "reason"},
		{"no date", "4712/hold", `{"userId": "ann", "reason": "x"}`, 422, "until"},
		{"a date that has passed", "4712/hold", `{"userId": "ann", "until": "2020-01-01T00:00:00Z", "reason": "x"}`, 422, "future"},
		{"nobody", "4712/hold", `{"userId": "", "until": "2090-01-01T00:00:00Z", "reason": "x"}`, 422, "userId"},
	}
	for _, s := range steps {
		a := w.Call(uc.RoleAdmin, "POST", "/v1/numbers/"+s.path, s.body)
		var got string
		if s.status != http.StatusOK {
			got = apitest.Problem(t, a, s.status).Detail
		} else {
			got = apitest.Decode[api.Number](t, a).Standing()
		}
		if a.Status != s.status || !strings.Contains(got, s.says) {
			t.Errorf("%s: %d %q, want %d %q", s.reason, a.Status, got, s.status, s.says)
		}
	}
	list := apitest.Decode[api.NumberList](t, w.Call(uc.RoleViewer, "GET", "/v1/numbers?digits=4712", ""))
	last := list.Items[0].Events[2]
	want := uc.NumberEvent{At: last.At, Actor: "admin", UserID: "Ann", From: uc.Held, To: uc.Available, Reason: "stays away"}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Error("the event of unhold", diff)
	}
}
