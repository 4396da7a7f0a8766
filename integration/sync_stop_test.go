package integration

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	simworld "github.com/dialtone/dialtone/sim/cucm/world"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/worker"
	"github.com/dialtone/dialtone/workflows"
)

// A worker that is stopped in the middle of a kind leaves the rest of it to another one,
// which goes on at the same page: nothing is read twice. A sync that is cancelled while
// it reads, or while it applies, leaves the copy as it was.
func TestSyncStopped(t *testing.T) {
	t.Parallel()
	p := start(t, world.Options{CUCM: manyPages(), ReadOnly: true})
	pause := p.pauses(t)

	stop := p.workUntil(t)
	pages := p.pages()
	pause.at("executeSQLQuery", 12)
	id, _ := p.startSync(t, uc.SyncAll)
	pause.wait(t)
	before, stopped := p.pages(), stop()
	pause.goOn()
	<-stopped
	if more := p.pages() - before; more > 2 { // each of the two kinds that are read ends its page
		t.Errorf("a worker that was told to stop read %d more pages", more)
	}
	if s, err := p.DB.GetSync(t.Context(), id); err != nil || s.State != uc.SyncRunning {
		t.Fatalf("%s %v", s.State, err)
	}
	p.work(t)
	s := p.synced(t, id, 3*time.Minute)
	disturbed := p.pages() - pages
	second, _ := p.startSync(t, uc.SyncAll)
	again := p.synced(t, second, 3*time.Minute)
	if calm := p.pages() - pages - disturbed; s.Detail != "Completed." || again.Detail != s.Detail || disturbed > calm+2 {
		t.Errorf("%s: %d pages with a stop in between, %d without", s.Detail, disturbed, calm)
	}

	p.loseUser(t)
	pause.at("executeSQLQuery", 5)
	id, _ = p.startSync(t, uc.SyncAll)
	pause.wait(t)
	p.cancelsSync(t, id)
	pause.goOn()

	held := p.holdEstate(t)
	id, _ = p.startSync(t, uc.SyncAll)
	p.applying(t, held)
	p.cancelsSync(t, id)
	held.free(t)

	id, _ = p.startSync(t, uc.SyncAll)
	if s := p.synced(t, id, 3*time.Minute); s.Detail != "Completed." || p.users(t) != 599 {
		t.Errorf("%s: %s, %d users", s.State, s.Detail, p.users(t))
	}
}

// cancelsSync cancels the sync, which leaves the copy as it was.
func (p *product) cancelsSync(t *testing.T, id string) {
	t.Helper()
	if err := workflows.CancelSync(t.Context(), p.temporal, uc.Sync{ID: id, CallProcessor: world.CUCM}); err != nil {
		t.Fatal(err)
	}
	s := p.synced(t, id, 3*time.Minute)
	said := strings.HasPrefix(s.Detail, "Cancelled: the copy is as it was")
	if s.State != uc.SyncCancelled || !said || s.AppliedAt != nil || p.users(t) != 600 {
		t.Errorf("%s: %s, %d users", s.State, s.Detail, p.users(t))
	}
}

func (p *product) users(t *testing.T) int {
	t.Helper()
	return len(p.objects(t, db.EstateFilter{Kind: uc.UserKind}))
}

// pages counts the pages of people and what they have.
func (p *product) pages() int { return p.CUCM.Stats().Calls["executeSQLQuery"] }

// loseUser removes a person from the call processor.
func (p *product) loseUser(t *testing.T) {
	t.Helper()
	if err := p.Admin(t).RemoveUser(t.Context(), simworld.UserID(3)); err != nil {
		t.Fatal(err)
	}
}

// workUntil starts a worker that stops when it is told to: what it returns is closed
// once the worker has ended.
func (p *product) workUntil(t *testing.T) (stop func() <-chan struct{}) {
	t.Helper()
	clients, err := p.Endpoints.Clients(nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := worker.Run(ctx, workerOptions(p.temporal, p.namespace, p.DB, clients, p.log)); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return func() <-chan struct{} { cancel(); return ended }
}

// pauses makes the call processor wait before it answers.
type pauses struct {
	mu          sync.Mutex
	op          string
	left        int // questions until it waits
	reached, on chan struct{}
}

func (p *product) pauses(t *testing.T) *pauses {
	t.Helper()
	w := &pauses{reached: make(chan struct{}, 1), on: make(chan struct{})}
	t.Cleanup(func() { close(w.on) })
	p.CUCM.Observe(func(c cucm.Call) {
		if c.Phase == cucm.Before && w.here(c.Op) {
			w.reached <- struct{}{}
			<-w.on
		}
	})
	return w
}

// at makes it wait at the n-th such question from now on.
func (w *pauses) at(op string, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.op, w.left = op, n
}

func (w *pauses) here(op string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if op != w.op || w.left == 0 {
		return false
	}
	w.left--
	return w.left == 0
}

// wait waits until it waits.
func (w *pauses) wait(t *testing.T) {
	t.Helper()
	timeout := time.NewTimer(3 * time.Minute)
	defer timeout.Stop()
	select {
	case <-w.reached:
	case <-timeout.C:
		t.Fatal("it was not asked")
	}
}

func (w *pauses) goOn() { w.on <- struct{}{} }
