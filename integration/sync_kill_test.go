package integration

import (
	"context"
	"errors"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/temporal"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// manyPages is a call processor whose people do not fit into a few answers.
func manyPages() cucm.Options {
	limits := cucm.RealLimits()
	limits.MaxResponseBytes = 60_000
	return cucm.Options{Model: cucm.Model{Users: 600, Phones: 600, Lines: 900}, Limits: limits}
}

// kill -9 of the worker at random moments of a sync, also while it applies, lost
// connections, refusals, truncated answers and illegal characters: it ends complete but
// for what it says is missing. An undisturbed sync finds what was missing and no other
// difference. The call processor is as it was.
func TestSyncKilled(t *testing.T) {
	t.Parallel()
	o := manyPages()
	o.Path = filepath.Join(t.TempDir(), "cucm")
	p := start(t, world.Options{CUCM: o, ReadOnly: true})
	before := p.snapshot(t)
	for i, rule := range []fault.Rule{
		{Kind: fault.Drop, Probability: 0.05, Times: 5},
		{Kind: fault.Status, Status: 503, Nth: 30},
		{Kind: fault.Truncate, Probability: 0.05, Times: 5},
		{Kind: fault.IllegalChar, Probability: 0.05, Times: 5},
		{Kind: fault.Fault, Code: -1, Text: "Maximum AXL Memory Allocation Consumed.", Op: "executeSQLQuery", Nth: 20},
		{Kind: fault.SlowStream, Delay: 5 * time.Millisecond, Probability: 0.3},
		{Kind: fault.Fault, Code: 5003, Text: "Something is wrong", Op: "listDevicePool"},
	} {
		rule.Seed = int64(i)
		p.CUCM.Faults().Add(rule)
	}
	dice := rand.New(rand.NewPCG(7, 7))
	lists, people := p.moments(dice, "list", 3), p.moments(dice, "executeSQLQuery", 3)
	id, _ := p.startSync(t, uc.SyncAll)
	for _, moment := range []<-chan struct{}{lists, lists, lists, people, people, people} {
		cmd := p.spawn(t, "")
		p.await(t, id, moment)
		end(t, cmd)
		p.buried(t, id)
	}
	release := p.holdEstate(t)
	cmd := p.spawn(t, "")
	p.applying(t, release)
	if n := len(p.objects(t, db.EstateFilter{Kind: uc.UserKind})); n != 0 {
		t.Errorf("half a sync is visible: %d users", n)
	}
	end(t, cmd)
	p.buried(t, id)
	release.free(t)
	p.work(t)
	s := p.synced(t, id, 3*time.Minute)
	if want := "Completed. But the following objects could not be synchronized: [DevicePool]"; s.Detail != want {
		t.Fatalf("%s: %s", s.State, s.Detail)
	}
	for _, f := range p.CUCM.Faults().List() {
		if f.Fired == 0 {
			t.Errorf("nothing was disturbed by %+v", f.Rule)
		}
	}
	p.heals(t, o.Path)
	if writes, diff := p.CUCM.Stats().Writes, before.Diff(p.snapshot(t)); writes > 0 || len(diff) > 0 {
		t.Errorf("%d writes; the call processor differs:\n%s", writes, strings.Join(diff, "\n"))
	}
}

// heals runs an undisturbed sync behind one without device pools.
func (p *product) heals(t *testing.T, simulator string) {
	t.Helper()
	p.CUCM.Faults().Clear()
	id, _ := p.startSync(t, uc.SyncAll)
	s := p.synced(t, id, 3*time.Minute)
	for _, k := range s.Kinds {
		if missing := k.Kind == uc.DevicePoolKind; k.Changed+k.Gone > 0 || k.Added > 0 != missing {
			t.Errorf("an undisturbed sync finds a difference: %+v", k)
		}
	}
	objects, differ, err := p.EstateDiffers(t.Context(), simulator, 5)
	if err != nil || objects < 2000 || len(differ) > 0 || s.Detail != "Completed." {
		t.Errorf("%s %v, of %d objects:\n%s", s.Detail, err, objects, strings.Join(differ, "\n"))
	}
}

func (p *product) snapshot(t *testing.T) cucm.Snapshot {
	t.Helper()
	s, err := p.CUCM.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// moments tells so many times that something happened on the call processor, after some
// questions of the sort, or answers to them, each time.
func (p *product) moments(dice *rand.Rand, sort string, times int) <-chan struct{} {
	now := make(chan struct{}, times)
	var seen atomic.Int64
	var at []int64
	for next := int64(0); len(at) < times; at = append(at, next) {
		next += int64(5 + dice.IntN(20))
	}
	p.CUCM.Observe(func(c cucm.Call) {
		if strings.HasPrefix(c.Op, sort) && slices.Contains(at, seen.Add(1)) {
			now <- struct{}{}
		}
	})
	return now
}

// await waits for the moment; the sync must not be over before.
func (p *product) await(t *testing.T, id string, moment <-chan struct{}) {
	t.Helper()
	timeout := time.NewTimer(3 * time.Minute)
	defer timeout.Stop()
	select {
	case <-moment:
	case <-timeout.C:
		s, err := p.DB.GetSync(t.Context(), id)
		t.Fatalf("nothing happens any more: %+v %v", s, err)
	}
}

// end kills a process.
func end(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) {
		t.Error(err)
	}
}

// buried lets Temporal know at once, and not when the heartbeat is missed, that whoever
// worked for the sync is dead.
func (p *product) buried(t *testing.T, id string) {
	t.Helper()
	workflow := workflows.SyncID(world.CUCM)
	if _, err := p.temporal.WorkflowService().ResetStickyTaskQueue(t.Context(), &workflowservice.ResetStickyTaskQueueRequest{
		Namespace: p.namespace, Execution: &common.WorkflowExecution{WorkflowId: workflow, RunId: id},
	}); err != nil {
		t.Fatal(err)
	}
	now, err := p.temporal.DescribeWorkflowExecution(t.Context(), workflow, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range now.PendingActivities {
		if a.State != enums.PENDING_ACTIVITY_STATE_STARTED {
			continue
		}
		dead := temporal.NewApplicationError("killed", string(uc.Unavailable))
		if err := p.temporal.CompleteActivityByID(t.Context(), p.namespace, workflow, id, a.ActivityId, nil, dead); err != nil {
			t.Error(err)
		}
	}
}

// hold is a transaction that keeps everybody else from changing the copy.
type hold struct {
	conn *pgx.Conn
	tx   pgx.Tx
}

func (p *product) holdEstate(t *testing.T) hold {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), p.Endpoints.Database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	tx, err := conn.Begin(t.Context())
	if err == nil {
		_, err = tx.Exec(t.Context(), "LOCK TABLE estate_kinds IN EXCLUSIVE MODE")
	}
	if err != nil {
		t.Fatal(err)
	}
	return hold{conn, tx}
}

// applying waits until somebody wants to change the copy.
func (p *product) applying(t *testing.T, h hold) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	every(t, ctx, func() bool {
		var waiting bool
		err := h.tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'estate_kinds'::regclass AND NOT granted)").Scan(&waiting)
		return err == nil && waiting
	})
}

func (h hold) free(t *testing.T) {
	t.Helper()
	if err := h.tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
}
