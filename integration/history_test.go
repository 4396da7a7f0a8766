package integration

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	sdk "go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// recordTo is where `make record-histories` keeps the histories for the replay test
// of package workflows. They are recorded from a released version, never from the
// change that they are to judge.
var recordTo = flag.String("record-histories", "", "folder to write the recorded histories to")

// The histories of real runs replay: the stories are deterministic.
func TestHistoriesReplay(t *testing.T) {
	t.Parallel()
	p := start(t, world.Options{})
	p.Apply(t, map[string]string{world.BerlinPool: "4700-4704", world.E164Pool: "+493012345000-+493012345009"})
	p.CUCM.Faults().Add(fault.Rule{Op: "addLine", Nth: 2, Kind: fault.AfterCommit})
	p.work(t)
	external := p.Person(t, "external", world.Berlin)
	external.Attributes = map[string]string{"employeeType": "external"}
	for name, o := range map[string]uc.Order{
		"done":      p.until(t, p.join(t, p.Person(t, "done", world.Berlin)).ID, time.Minute, uc.Done),
		"retried":   p.until(t, p.join(t, p.Person(t, "retried", world.Berlin)).ID, time.Minute, uc.Done),
		"failed":    p.until(t, p.join(t, p.Person(t, "failed", world.Broken)).ID, time.Minute, uc.Failed),
		"no_number": p.until(t, p.join(t, external).ID, time.Minute, uc.Done),
		"resumed":   p.resumed(t, "resumed"),
		"cancelled": p.cancelled(t, "cancelled"),
		"left":      p.left(t, "left"),
		"moved":     p.moved(t, "moved"),
		"swapped":   p.swapped(t, "done"),
		"reset":     p.resetPIN(t, "done"),
	} {
		h := p.events(t, o.WorkflowID)
		replayer := sdk.NewWorkflowReplayer()
		for _, story := range workflows.Stories() {
			replayer.RegisterWorkflow(story)
		}
		if err := replayer.ReplayWorkflowHistory(nil, h); err != nil {
			t.Errorf("the history of %s does not replay: %v", name, err)
		}
		if *recordTo == "" {
			continue
		}
		b, err := protojson.MarshalOptions{Multiline: true, Indent: " "}.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*recordTo, string(o.Kind)+"_"+name+".json"), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// resumed is an order that waited for credentials and was resumed.
func (p *product) resumed(t *testing.T, user string) uc.Order {
	t.Helper()
	p.CUCM.Faults().Add(fault.Rule{Op: "addUser", Match: user, Kind: fault.Status, Status: 403, Times: 1})
	o := p.until(t, p.join(t, p.Person(t, user, world.Berlin)).ID, time.Minute, uc.Waiting)
	if o.FailureKind != uc.Denied {
		t.Errorf("the order waits for %s, want denied", o.FailureKind)
	}
	if _, err := p.api.Resume(t.Context(), o.ID); err != nil {
		t.Fatal(err)
	}
	return p.until(t, o.ID, time.Minute, uc.Done)
}

// cancelled is an order that waited for a number and was cancelled.
func (p *product) cancelled(t *testing.T, user string) uc.Order {
	t.Helper()
	o := p.until(t, p.join(t, p.Person(t, user, world.Lisbon)).ID, time.Minute, uc.Waiting)
	if _, err := p.api.Cancel(t.Context(), o.ID); err != nil {
		t.Fatal(err)
	}
	return p.until(t, o.ID, time.Minute, uc.Cancelled)
}

// left is the leaver's order of a person who had joined.
func (p *product) left(t *testing.T, user string) uc.Order {
	t.Helper()
	p.until(t, p.join(t, p.Person(t, user, world.Berlin)).ID, time.Minute, uc.Done)
	return p.until(t, p.leave(t, user).ID, time.Minute, uc.Done)
}

// moved is the mover's order of a person who had joined and gets another number.
func (p *product) moved(t *testing.T, user string) uc.Order {
	t.Helper()
	p.until(t, p.join(t, p.Person(t, user, world.Berlin)).ID, time.Minute, uc.Done)
	return p.until(t, p.move(t, uc.Mover{UserID: user, ServiceArea: world.E164Area}).ID, time.Minute, uc.Done)
}

// swapped is the order by which somebody who had joined gets another desk phone.
func (p *product) swapped(t *testing.T, user string) uc.Order {
	t.Helper()
	for _, phone := range []string{deskPhone, sparePhone} {
		if err := p.CUCM.AddPhone(t.Context(), cucm.Phone{Name: phone}); err != nil {
			t.Fatal(err)
		}
	}
	p.phone(t, uc.PhoneAssign, user, deskPhone, "")
	return p.phone(t, uc.PhoneSwap, user, deskPhone, sparePhone)
}

func (p *product) events(t *testing.T, id string) *history.History {
	t.Helper()
	h := &history.History{}
	events := p.temporal.GetWorkflowHistory(t.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		h.Events = append(h.Events, e)
	}
	return h
}
