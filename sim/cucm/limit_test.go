package cucm_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/sim/cucm"
)

const allUsers = "<searchCriteria><userid>%</userid></searchCriteria><returnedTags><firstName/><lastName/><userid/></returnedTags>"

var tooLarge = regexp.MustCompile(`Query request too large. Total rows matched: (\d+) rows. Suggestive Row Fetch: less than (\d+) rows`)

func TestLargeAnswersSuggestAPage(t *testing.T) {
	t.Parallel()
	limits := cucm.RealLimits()
	limits.MaxResponseBytes = 100_000
	r := start(t, cucm.Options{Limits: limits, Model: cucm.Model{Users: 3000}})
	status, body := r.post(t, "listUser", allUsers)
	m := tooLarge.FindStringSubmatch(body)
	if status != http.StatusInternalServerError || m == nil || m[1] != "3000" {
		t.Fatalf("want the limit's fault for 3000 rows, got %d %s", status, body)
	}
	page, err := strconv.Atoi(m[2])
	if err != nil || page < 100 || page > 2000 {
		t.Fatalf("suggested page %q", m[2])
	}
	rows := 0
	for skip := 0; ; skip += page - 1 {
		n := strings.Count(r.ok(t, "listUser", allUsers+fmt.Sprintf("<skip>%d</skip><first>%d</first>", skip, page-1)), "<userid>")
		if rows += n; n == 0 {
			break
		}
	}
	if rows != 3000 {
		t.Errorf("pages of the suggested size hold %d rows", rows)
	}
	status, body = r.post(t, "executeSQLQuery", "<sql>SELECT pkid, userid, firstname, lastname, mailid FROM enduser</sql>")
	if status != http.StatusInternalServerError || tooLarge.FindStringSubmatch(body) == nil {
		t.Errorf("a large SQL answer: %d %.300s", status, body)
	}
	has(t, r.ok(t, "executeSQLQuery", "<sql>SELECT SKIP 2998 FIRST 5 userid FROM enduser ORDER BY userid</sql>"), "user002998", "user002999")
}

func TestConcurrentAnswersShareMemory(t *testing.T) {
	t.Parallel()
	limits := cucm.RealLimits()
	limits.MaxConcurrentBytes = 60_000
	r := start(t, cucm.Options{Limits: limits, Model: cucm.Model{Users: 1500}})
	status, body := r.post(t, "listUser", allUsers)
	if status != http.StatusInternalServerError {
		t.Fatalf("want the memory fault, got %d", status)
	}
	has(t, body, "<axlcode>-1</axlcode>", "Maximum AXL Memory Allocation Consumed. Please retry once requests in progress have completed")
	// What is released is free again.
	r.ok(t, "listUser", allUsers+"<first>100</first>")
}

func TestWriteThrottle(t *testing.T) {
	t.Parallel()
	limits := cucm.RealLimits()
	limits.MaxOutstandingChanges, limits.DrainPerSecond = 5, 2
	r := start(t, cucm.Options{Limits: limits})
	r.ok(t, "getCCMVersion", "")
	r.Load(8)
	status, body := r.post(t, "addUser", newUser)
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "HTTP Status 503") {
		t.Fatalf("a busy cluster answers a write with %d %s", status, body)
	}
	r.ok(t, "getCCMVersion", "")
	r.await(t, "addUser", newUser, "addUserResponse")
	if s := r.Stats(); s.Throttled < 1 || s.Writes != 1 {
		t.Errorf("stats %+v", s)
	}
	if n := r.Outstanding(); n > 5 {
		t.Errorf("%d outstanding after one write", n)
	}
}

func TestPersonSurvivesRestart(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/cucm.db"
	opts := cucm.Options{Path: path, Model: cucm.Model{Users: 20, Phones: 20, Lines: 20}}
	first, err := cucm.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.AddUser(t.Context(), cucm.User{UserID: "jdoe", LastName: "Doe"}); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := cucm.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	}()
	if d := before.Diff(snapshot(t, second)); len(d) != 0 {
		t.Errorf("the state changed over a restart: %q", d)
	}
}
