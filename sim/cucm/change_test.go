package cucm_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/sim/cucm"
)

var (
	queueID  = regexp.MustCompile(`<queueId>(\d+)</queueId>`)
	nextID   = regexp.MustCompile(`<nextStartChangeId>(\d+)</nextStartChangeId>`)
	objectID = regexp.MustCompile(`<change type="User" uuid="([0-9a-f-]{36})">`)
)

func since(queue, id string) string {
	return `<startChangeId queueId="` + queue + `">` + id + "</startChangeId>"
}

func TestChangeNotificationOff(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{ChangesOff: true})
	r.refused(t, "listChange", "", "5003", "AXL Change Notification is disabled")
}

func TestChangeNotification(t *testing.T) {
	t.Parallel()
	limits := cucm.RealLimits()
	limits.ChangeRing = 10
	r := start(t, cucm.Options{Limits: limits})
	first := r.ok(t, "listChange", "")
	queue, next := queueID.FindStringSubmatch(first)[1], nextID.FindStringSubmatch(first)[1]
	has(t, first, "<changes></changes></ns:listChangeResponse>")

	r.ok(t, "addUser", newUser)
	r.ok(t, "updateUser", "<userid>jdoe</userid><department>Sales</department>")
	r.ok(t, "addPhone", newPhone)
	body := r.ok(t, "listChange", since(queue, next))
	has(t, body, "<action>a</action><doGet>true</doGet>", `<changedTag name="department">Sales</changedTag>`, `<change type="Phone"`, `<change type="Line"`)
	if !objectID.MatchString(body) {
		t.Errorf("no lower-case uuid without braces in %s", body)
	}
	only := r.ok(t, "listChange", since(queue, next)+"<objectList><object>Phone</object></objectList>")
	lacks(t, only, `type="User"`)
	next = nextID.FindStringSubmatch(body)[1]
	has(t, r.ok(t, "listChange", since(queue, next)), "<changes></changes>")
	r.ok(t, "removeUser", "<userid>jdoe</userid>")
	has(t, r.ok(t, "listChange", since(queue, next)), "<action>r</action><changedTags></changedTags>")

	// Too many changes push the oldest out; another queue knows nothing.
	for i := range 11 {
		r.ok(t, "addUser", edit(newUser, "jdoe", fmt.Sprintf("u%d", i)))
	}
	r.refused(t, "listChange", since(queue, next), "5007", "full sync is needed")
	r.RestartQueue()
	status, body := r.post(t, "listChange", since(queue, next))
	if status != 500 || !strings.Contains(body, "The queueId value does not match the server.") || !strings.Contains(body, "<ns2:axlError") {
		t.Errorf("after a restart: %d %s", status, body)
	}
}
