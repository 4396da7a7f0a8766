package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

const numbersPath = "/v1/pools/berlin/numbers"

func TestImportNumbers(t *testing.T) {
	t.Parallel()
	bom := "\ufeff"
	cases := map[string]struct {
		reason, contentType, body string
		lines                     []int
		texts                     []string
		added                     int
	}{
		"JSON":             {"single numbers and ranges", "application/json", `{"numbers": ["4711", "4700-4709", "+493012399"]}`, []int{1, 2, 3}, []string{"4711", "4700-4709", "+493012399"}, 12},
		"JSON empty":       {"nothing to do", "application/json", `{"numbers": []}`, nil, nil, 0},
		"CSV":              {"the first column", "text/csv", "4711\n4712,x\n", []int{1, 2}, []string{"4711", "4712"}, 2},
		"CSV header":       {"the column called number", "text/csv; charset=utf-8", "site;Number\nBerlin;4711\n\nBerlin;4712\n", []int{2, 4}, []string{"4711", "4712"}, 2},
		"CSV of Excel":     {"mark, semicolons, CRLF, apostrophes", "text/csv", bom + "number;name\r\n'+493012;a\r\n\"4711\";b\r\n", []int{2, 3}, []string{"+493012", "4711"}, 2},
		"CSV quotes":       {"a stray quote breaks no file", "text/csv", "47\"11\n4712\n", []int{1, 2}, []string{`47"11`, "4712"}, 1},
		"CSV with bad row": {"reported, the rest go in", "text/csv", "4711\nabc\n4999-4000\n4712\n", []int{1, 2, 3, 4}, []string{"4711", "abc", "4999-4000", "4712"}, 2},
		"twice":            {"in one import", "application/json", `{"numbers": ["4711", "4711"]}`, []int{1, 2}, []string{"4711", "4711"}, 1},
		"empty CSV":        {"nothing to do", "text/csv", "", nil, nil, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			a := w.Call(uc.RoleAdmin, "POST", numbersPath, c.body, "Content-Type", c.contentType)
			if a.Status != http.StatusOK {
				t.Fatalf("%s: answered %d: %s", c.reason, a.Status, a.Body)
			}
			r := apitest.Decode[api.ImportReport](t, a)
			var lines []int
			var texts []string
			rejected := 0
			for _, row := range r.Rows {
				lines, texts = append(lines, row.Line), append(texts, row.Text)
				if row.Problem != "" {
					rejected++
				}
			}
			if diff := cmp.Diff([]any{c.lines, c.texts, c.added, rejected}, []any{lines, texts, r.Added, r.Rejected}); diff != "" {
				t.Errorf("%s: %s", c.reason, diff)
			}
			pool := apitest.Decode[api.Pool](t, w.Call(uc.RoleViewer, "GET", "/v1/pools/berlin", ""))
			if pool.Eligible != c.added || pool.Counts[uc.Available] != c.added {
				t.Errorf("%s: the pool has %d eligible, want %d", c.reason, pool.Eligible, c.added)
			}
		})
	}
}

// An import that cannot be read to its end changes nothing.
func TestImportRefused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("4711\n", 100_001)
	cases := map[string]struct {
		reason, path, contentType, body string
		status                          int
	}{
		"unknown pool":  {"named", "/v1/pools/nowhere/numbers", "application/json", `{"numbers": ["4711"]}`, 404},
		"cut JSON":      {"after good numbers", numbersPath, "application/json", `{"numbers": ["4711", "4712"`, 422},
		"other field":   {"the field is not known", numbersPath, "application/json", `{"digits": ["4711"]}`, 422},
		"extra field":   {"after the numbers", numbersPath, "application/json", `{"numbers": ["4711"], "x": 1}`, 422},
		"not a text":    {"a number would lose its zeros", numbersPath, "application/json", `{"numbers": [4711]}`, 422},
		"empty JSON":    {"no body", numbersPath, "application/json", ``, 422},
		"another form":  {"says what is taken", numbersPath, "application/xml", `<x/>`, 415},
		"no form":       {"unreadable content type", numbersPath, ";;", `x`, 415},
		"too large":     {"10 MB", numbersPath, "text/csv", "4711\n" + strings.Repeat("x", 10<<20), 413},
		"too large too": {"10 MB of JSON", numbersPath, "application/json", `{"numbers": ["4711", "` + strings.Repeat("x", 10<<20) + `"]}`, 413},
		"too many rows": {"100,000", numbersPath, "text/csv", long, 422},
	}
	w := apitest.New(t)
	for name, c := range cases {
		p := apitest.Problem(t, w.Call(uc.RoleAdmin, "POST", c.path, c.body, "Content-Type", c.contentType), c.status)
		if p.Detail == "" {
			t.Errorf("%s (%s): no detail", name, c.reason)
		}
		if pool := apitest.Decode[api.Pool](t, w.Call(uc.RoleAdmin, "GET", "/v1/pools/berlin", "")); pool.Eligible != 0 {
			t.Errorf("%s (%s): %d numbers went in", name, c.reason, pool.Eligible)
		}
	}
}

// Numbers that come in wake as many waiting orders of the pool, oldest first.
func TestImportWakes(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	for i, area := range []string{"berlin", "desk", "berlin", "lisbon"} {
		id := join(t, w, uc.RoleAdmin, fmt.Sprintf("p%d", i), area)
		put(t, w, id, uc.Waiting, uc.Exhausted, "no eligible number")
	}
	denied := join(t, w, uc.RoleAdmin, "denied", "berlin")
	put(t, w, denied, uc.Waiting, uc.Denied, "the account is locked")
	w.Call(uc.RoleAdmin, "POST", numbersPath, `{"numbers": ["4711", "x"]}`)
	if diff := cmp.Diff([]string{"resume joiner/p0"}, w.Temporal.Told()); diff != "" {
		t.Error("after one number", diff)
	}
	w.Call(uc.RoleAdmin, "POST", numbersPath, `{"numbers": ["4711"]}`)
	if got := len(w.Temporal.Told()); got != 1 {
		t.Errorf("a number that was there woke somebody: %v", w.Temporal.Told())
	}
	w.Call(uc.RoleAdmin, "PUT", "/v1/pools/berlin", `{"name": "berlin", "callProcessor": "cucm-1", "partition": "PT_Berlin", "policy": "longest_idle"}`)
	if diff := cmp.Diff([]string{"resume joiner/p0", "resume joiner/p0"}, w.Temporal.Told()); diff != "" {
		t.Error("after a change of the pool with one eligible number", diff)
	}
	a := w.Call(uc.RoleAdmin, "POST", numbersPath, `{"numbers": ["4720-4799"]}`)
	if a.Status != http.StatusOK || len(w.Temporal.Told()) != 5 {
		t.Errorf("after 80 numbers: %v", w.Temporal.Told())
	}
	w.Temporal.Fail(http.ErrServerClosed)
	if a := w.Call(uc.RoleAdmin, "POST", numbersPath, `{"numbers": ["4800"]}`); a.Status != http.StatusOK {
		t.Errorf("an import while Temporal is away answered %d", a.Status)
	}
}

func TestPutPool(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	body := func(name, partition string) string {
		return fmt.Sprintf(`{"name": %q, "callProcessor": "cucm-1", "partition": %q, "retention": "12h"}`, name, partition)
	}
	p := apitest.Decode[api.Pool](t, w.Call(uc.RoleAdmin, "PUT", "/v1/pools/new", body("new", "PT_New")))
	if p.Partition != "PT_New" || p.Retention.String() != "12h" {
		t.Errorf("pool %+v", p)
	}
	cases := map[string]struct {
		reason, path, body string
		status             int
	}{
		"other name":   {"the path and the body differ", "/v1/pools/new", body("old", "PT_New"), 422},
		"no partition": {"required", "/v1/pools/new", `{"name": "new", "callProcessor": "cucm-1", "partition": ""}`, 422},
		"retention":    {"no duration", "/v1/pools/new", `{"name": "new", "callProcessor": "cucm-1", "partition": "P", "retention": "soon"}`, 422},
		"retention 2":  {"it begins like one", "/v1/pools/new", `{"name": "new", "callProcessor": "cucm-1", "partition": "P", "retention": "3 moons"}`, 422},
		"policy":       {"not one", "/v1/pools/new", `{"name": "new", "callProcessor": "cucm-1", "partition": "P", "policy": "random"}`, 422},
		"unknown":      {"field", "/v1/pools/new", `{"name": "new", "callProcessor": "cucm-1", "partition": "P", "ranges": []}`, 422},
	}
	for name, c := range cases {
		if a := w.Call(uc.RoleAdmin, "PUT", c.path, c.body); a.Status != c.status {
			t.Errorf("%s (%s) answered %d: %s", name, c.reason, a.Status, a.Body)
		}
	}
	w.Call(uc.RoleAdmin, "POST", "/v1/pools/new/numbers", `{"numbers": ["1"]}`)
	apitest.Problem(t, w.Call(uc.RoleAdmin, "PUT", "/v1/pools/new", body("new", "PT_Elsewhere")), 409)
	apitest.Problem(t, w.Call(uc.RoleAdmin, "GET", "/v1/pools/none", ""), 404)
}

func TestNumbersAndPeople(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	w.Call(uc.RoleAdmin, "POST", numbersPath, `{"numbers": ["4711-4713"]}`)
	w.Call(uc.RoleAdmin, "POST", "/v1/pools/lisbon/numbers", `{"numbers": ["4711"]}`)
	id := join(t, w, uc.RoleHR, "Ann", "berlin")
	if _, err := w.DB.Reserve(t.Context(), db.ReserveRequest{OrderID: id, Pool: "berlin", UserID: "Ann"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.DB.Intend(t.Context(), db.ObjectRef{OrderID: id, System: "cucm-1", Type: "device_profile", Key: "Ann-em"}, nil); err != nil {
		t.Fatal(err)
	}
	both := apitest.Decode[api.NumberList](t, w.Call(uc.RoleViewer, "GET", "/v1/numbers?digits=4711", ""))
	if len(both.Items) != 2 || len(both.Items[0].Events) != 2 || both.Items[0].UserID != "Ann" || both.Items[1].Partition != "PT_Lisbon" {
		t.Errorf("4711 is %+v", both.Items)
	}
	if one := apitest.Decode[api.NumberList](t, w.Call(uc.RoleViewer, "GET", "/v1/numbers?digits=%2B49301234712", "")); len(one.Items) != 1 || one.Items[0].Digits != "4712" {
		t.Errorf("by E.164: %+v", one.Items)
	}
	apitest.Problem(t, w.Call(uc.RoleViewer, "GET", "/v1/numbers?digits=9999", ""), 404)
	apitest.Problem(t, w.Call(uc.RoleViewer, "GET", "/v1/numbers?digits=47x", ""), 422)
	apitest.Problem(t, w.Call(uc.RoleViewer, "GET", "/v1/numbers?digits=4711&pool=berlin", ""), 422)
	page := apitest.Decode[api.NumberList](t, w.Call(uc.RoleViewer, "GET", "/v1/numbers?pool=berlin&state=available&limit=1", ""))
	if len(page.Items) != 1 || page.Next == "" || len(page.Items[0].Events) != 0 {
		t.Errorf("a page of one: %+v", page)
	}
	p := apitest.Decode[api.Person](t, w.Call(uc.RoleViewer, "GET", "/v1/people/ANN", ""))
	if p.UserID != "Ann" || len(p.Numbers) != 1 || p.Numbers[0].Digits != "4711" || len(p.Numbers[0].Events) != 2 ||
		len(p.Orders) != 1 || p.User == nil || p.User.LastName != "x" {
		t.Errorf("person %+v", p)
	}
	want := []api.Service{{System: "cucm-1", Type: "device_profile", Key: "Ann-em", OrderID: id}}
	if diff := cmp.Diff(want, p.Services); diff != "" {
		t.Error("services", diff)
	}
	apitest.Problem(t, w.Call(uc.RoleViewer, "GET", "/v1/people/nobody", ""), 404)
}

// User ids hold what names hold; a path may write it in any way.
func TestPersonWithSpecialID(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	for id, paths := range map[string][]string{
		"o'neil@corp": {"o'neil@corp", "o%27neil%40corp", "O%27NEIL@corp"},
		"jörg.müller": {"j%C3%B6rg.m%C3%BCller", "J%C3%B6RG%2Em%C3%BCller"},
	} {
		join(t, w, uc.RoleAdmin, id, "berlin")
		for _, path := range paths {
			if p := apitest.Decode[api.Person](t, w.Call(uc.RoleViewer, "GET", "/v1/people/"+path, "")); p.UserID != id {
				t.Errorf("%s is %+v, want %s", path, p, id)
			}
		}
	}
	p := apitest.Problem(t, w.Call(uc.RoleViewer, "GET", "/v1/people/a%2Fb", ""), 404)
	if !strings.Contains(p.Detail, `"a/b"`) {
		t.Errorf("a slash in a name: %s", p.Detail)
	}
}
