package axl_test

import (
	"errors"
	"testing"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// since asks from where an answer ended.
func since(c axl.Changes, objects ...string) axl.ChangeQuery {
	return axl.ChangeQuery{QueueID: c.QueueID, StartID: c.Next, Objects: objects}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	limits := cucm.RealLimits()
	limits.ChangeRing = 20
	server, c := cluster(t, cucm.Options{Limits: limits})
	start, err := c.ListChanges(t.Context(), axl.ChangeQuery{})
	must(t, "start", err)
	same(t, "nothing was asked for", 0, len(start.Changes))

	id, err := c.AddUser(t.Context(), sampleUser())
	must(t, "add", err)
	must(t, "update", c.UpdateUser(t.Context(), axl.User{UserID: sampleUser().UserID, Department: axl.Set("Sales")}))
	_, err = c.AddLine(t.Context(), axl.Line{Pattern: "4711", Partition: "PT_Lisbon"})
	must(t, "line", err)
	users, err := c.ListChanges(t.Context(), since(start, "User"))
	must(t, "changes of users", err)
	same(t, "changes of users", []axl.Change{
		{ID: start.Next, Action: axl.ChangeAdded, Kind: "User", UUID: id, Read: true},
		{ID: start.Next + 1, Action: axl.ChangeUpdated, Kind: "User", UUID: id, Tags: map[string]string{"department": "Sales"}},
	}, users.Changes)
	must(t, "remove", c.RemoveUser(t.Context(), sampleUser().UserID))
	removed, err := c.ListChanges(t.Context(), since(users))
	must(t, "changes", err)
	same(t, "removed", axl.Change{ID: removed.Next - 1, Action: axl.ChangeRemoved, Kind: "User", UUID: id}, removed.Changes[len(removed.Changes)-1])
	same(t, "no more", false, removed.More())

	for range 10 {
		_, err := c.AddUser(t.Context(), sampleUser())
		must(t, "add", err)
		must(t, "remove", c.RemoveUser(t.Context(), sampleUser().UserID))
	}
	_, err = c.ListChanges(t.Context(), since(start))
	wantKind(t, "too many since", uc.Invalid, err)
	same(t, "they are forgotten", true, errors.Is(err, axl.ErrChangesMissed))

	now, err := c.ListChanges(t.Context(), axl.ChangeQuery{})
	must(t, "now", err)
	server.RestartQueue()
	_, err = c.ListChanges(t.Context(), since(now))
	wantKind(t, "after a restart", uc.Invalid, err)
	same(t, "the queue is lost", true, errors.Is(err, axl.ErrQueueLost))
	again, err := c.ListChanges(t.Context(), axl.ChangeQuery{})
	must(t, "a new start", err)
	_, err = c.ListChanges(t.Context(), since(again))
	must(t, "from the new start", err)
}

func TestChangesOff(t *testing.T) {
	t.Parallel()
	_, c := cluster(t, cucm.Options{ChangesOff: true})
	_, err := c.ListChanges(t.Context(), axl.ChangeQuery{})
	wantKind(t, "somebody has to switch it on", uc.Denied, err)
	same(t, "off", true, errors.Is(err, axl.ErrChangesOff))
}
