package workflows_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/testsuite"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	simworld "github.com/dialtone/dialtone/sim/cucm/world"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// syncID is the run id of every workflow in the test environment of the SDK.
const syncID = "default-test-run-id"

// syncEnv is the SDK's test environment for stories about the copy.
type syncEnv struct {
	*testsuite.TestWorkflowEnvironment
	w *world.World
}

func newSyncEnv(t *testing.T, w *world.World) *syncEnv {
	t.Helper()
	suite, clients := suiteEnv(t, w)
	e := &syncEnv{suite, w}
	e.RegisterActivity(&activities.Estate{Clients: map[string]*axl.Client{world.CUCM: clients.CUCM}, DB: w.DB})
	return e
}

// sync tells the story to its end and returns the sync.
func (e *syncEnv) sync(t *testing.T, scope uc.SyncScope) (uc.Sync, workflows.SyncResult) {
	t.Helper()
	e.ExecuteWorkflow(workflows.CallProcessorSync, workflows.SyncInput{CallProcessor: world.CUCM, Scope: scope, CreatedBy: "test"})
	var out workflows.SyncResult
	if err := e.GetWorkflowResult(&out); err != nil {
		t.Fatal(err)
	}
	s, err := e.w.DB.GetSync(t.Context(), syncID)
	if err != nil {
		t.Fatal(err)
	}
	if s.State != out.State || s.Detail != out.Detail {
		t.Errorf("the story ended %+v, the sync %s: %s", out, s.State, s.Detail)
	}
	return s, out
}

// copied is a world with a copy of it, made by an earlier sync.
func copied(t *testing.T, o cucm.Options) *world.World {
	t.Helper()
	w := world.New(t, world.Options{CUCM: o, ReadOnly: true})
	if s, _ := newSyncEnv(t, w).sync(t, uc.SyncAll); s.State != uc.SyncDone {
		t.Fatalf("%s: %s", s.State, s.Detail)
	}
	conn, err := pgx.Connect(t.Context(), w.Endpoints.Database)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "UPDATE syncs SET id = 'earlier'"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// users counts the users of the copy.
func users(t *testing.T, w *world.World) int {
	t.Helper()
	page, err := w.DB.ListEstate(t.Context(), db.EstateFilter{Kind: uc.UserKind}, "", 500)
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Objects)
}

// Two large reads at a time and no more; everything is read.
func TestSyncStory(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{CUCM: cucm.Options{Model: cucm.Model{Users: 30, Phones: 30, Lines: 30}}, ReadOnly: true})
	var under, most atomic.Int64
	w.CUCM.Observe(func(c cucm.Call) {
		if c.Phase == cucm.After {
			under.Add(-1)
		} else if n := under.Add(1); n > most.Load() {
			most.Store(n)
		}
	})
	s, out := newSyncEnv(t, w).sync(t, uc.SyncAll)
	if s.State != uc.SyncDone || s.Detail != "Completed." || out.ID != syncID || users(t, w) != 30 {
		t.Errorf("%s: %s, %d users", s.State, s.Detail, users(t, w))
	}
	if n := most.Load(); n > 2 {
		t.Errorf("%d requests at a time", n)
	}
	staged, err := w.DB.PruneEstateStage(t.Context())
	if err != nil || staged != 0 {
		t.Errorf("%d staged rows were left: %v", staged, err)
	}
}

// The guard stops a sync that would lose too much, until somebody decides.
func TestSyncGuard(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reason  string
		decide  func(e *syncEnv)
		state   uc.SyncState
		users   int
		sayings string
	}{
		"approved": {
			"what is gone leaves the copy", func(e *syncEnv) { e.SignalWorkflow("decision", true) }, uc.SyncDone, 20, "Completed.",
		},
		"rejected": {
			"the copy stays", func(e *syncEnv) { e.SignalWorkflow("decision", false) }, uc.SyncCancelled, 80, "Rejected",
		},
		"cancelled": {"the copy stays", func(e *syncEnv) { e.CancelWorkflow() }, uc.SyncCancelled, 80, "Cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := copied(t, cucm.Options{Model: cucm.Model{Users: 80}, Limits: cucm.NoLimits()})
			admin := w.Admin(t)
			for i := range 60 {
				if err := admin.RemoveUser(t.Context(), simworld.UserID(i)); err != nil {
					t.Fatal(err)
				}
			}
			e := newSyncEnv(t, w)
			e.RegisterDelayedCallback(func() {
				s, err := w.DB.GetSync(t.Context(), syncID)
				if err != nil || s.State != uc.SyncWaiting || !strings.Contains(s.Detail, "60 of 80") || users(t, w) != 80 {
					t.Errorf("%s: %s: %s, %d users, %v", tc.reason, s.State, s.Detail, users(t, w), err)
				}
				tc.decide(e)
			}, 48*time.Hour)
			s, _ := e.sync(t, uc.SyncAll)
			if s.State != tc.state || !strings.HasPrefix(s.Detail, tc.sayings) || users(t, w) != tc.users {
				t.Errorf("%s: %s: %s, %d users", tc.reason, s.State, s.Detail, users(t, w))
			}
		})
	}
}

// A sync that is cancelled while it reads leaves the copy as it was, and nothing behind.
func TestSyncCancelled(t *testing.T) {
	t.Parallel()
	w := copied(t, cucm.Options{Model: cucm.Model{Users: 10}})
	if err := w.Admin(t).RemoveUser(t.Context(), simworld.UserID(1)); err != nil {
		t.Fatal(err)
	}
	e := newSyncEnv(t, w)
	var once atomic.Bool
	w.CUCM.Observe(func(c cucm.Call) {
		if c.Op == "listRegion" && c.Phase == cucm.After && once.CompareAndSwap(false, true) {
			e.CancelWorkflow()
		}
	})
	s, _ := e.sync(t, uc.SyncAll)
	if s.State != uc.SyncCancelled || users(t, w) != 10 {
		t.Errorf("%s: %s, %d users", s.State, s.Detail, users(t, w))
	}
}

// A call processor that refuses, or is silent, is not asked again and again.
func TestSyncInVain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reason string
		rule   fault.Rule
		calls  int // at most
		detail string
	}{
		"refused at first": {
			"a wrong password locks an account", fault.Rule{Kind: fault.Status, Status: 401}, 2, "user name or password refused",
		},
		"refused later": {
			"two kinds in a row are enough", fault.Rule{Op: "list*", Kind: fault.Status, Status: 403}, 8, "Nothing could be read",
		},
		"silent": {
			"the second kind is not waited for as long as the first", fault.Rule{Op: "list*", Kind: fault.Drop}, 200, "Nothing could be read",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := copied(t, cucm.Options{Model: cucm.Model{Users: 10}})
			e := newSyncEnv(t, w)
			before := total(w)
			for _, op := range w.CUCM.Operations() {
				reads := op == "executeSQLQuery" || strings.HasPrefix(op, "list") && op != "listChange"
				if tc.rule.Op == "" || reads {
					rule := tc.rule
					rule.Op = op
					w.CUCM.Faults().Add(rule)
				}
			}
			s, _ := e.sync(t, uc.SyncAll)
			if s.State != uc.SyncFailed || !strings.Contains(s.Detail, tc.detail) || users(t, w) != 10 {
				t.Errorf("%s: %s: %s, %d users", tc.reason, s.State, s.Detail, users(t, w))
			}
			if n := total(w) - before; n > tc.calls {
				t.Errorf("%s: %d requests", tc.reason, n)
			}
			lines, _, err := w.DB.SyncLines(t.Context(), syncID, db.LineFilter{Severity: uc.SeverityError}, "", 1)
			if err != nil || len(lines) == 0 || lines[0].Why == "" || !strings.Contains(lines[0].Do, "dialtone sync callprocessor") {
				t.Errorf("%s: the report says neither why nor what to do: %v, %v", tc.reason, lines, err)
			}
		})
	}
}

func total(w *world.World) (n int) {
	for _, calls := range w.CUCM.Stats().Calls {
		n += calls
	}
	return n
}

// A call processor that does not tell changes is read all the same, and that is told.
func TestSyncWithoutChanges(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{CUCM: cucm.Options{ChangesOff: true}, ReadOnly: true})
	s, _ := newSyncEnv(t, w).sync(t, uc.SyncInfra)
	lines, _, err := w.DB.SyncLines(t.Context(), syncID, db.LineFilter{Severity: uc.SeverityWarning}, "", 10)
	if err != nil || s.Detail != "Completed." || len(lines) != 1 || !strings.Contains(lines[0].Do, "AXL Change Notification") {
		t.Errorf("%s %s", fmt.Sprint(lines, err), s.Detail)
	}
}
