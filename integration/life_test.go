package integration

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

// `make soak` lives many lives; the default is what fits into every run of the tests.
var (
	lifePeople = flag.Int("life.people", 24, "people of TestLives")
	lifeEvents = flag.Int("life.events", 120, "events of their lives")
	lifeSeed   = flag.Uint64("life.seed", 1, "the same seed leads to the same events")
)

// People join, leave, are called back, move, ask for numbers and change their names,
// in random order, often two things at once, while workers are killed and answers are
// lost. In the end the ledger, the call processor, the directory and HR agree, no
// number ever had two holders, and none was given to somebody else before its time.
func TestLives(t *testing.T) {
	t.Parallel()
	t.Logf("seed %d", *lifeSeed)
	p := start(t, world.Options{})
	p.applyLives(t)
	dir := t.TempDir()
	p.troubles()
	before := p.counts(t)
	p.keepAlive(t, 3, dir)
	l := &lives{product: p, dir: dir, dice: rand.New(rand.NewPCG(*lifeSeed, 7))}
	l.run(t)
	for _, rules := range []*fault.Rules{p.CUCM.Faults(), p.Directory.Faults(), p.HR.Faults()} {
		rules.Clear()
	}
	l.settle(t)
	l.check(t, before)
}

// The service areas beside those of every world.
const (
	staged = "Staged" // who leaves may be called back for a moment
	annex  = "Annex"  // the numbers of Berlin, other devices
)

// applyLives stores the catalog of the lives: numbers for everybody, and no guard.
func (p *product) applyLives(t *testing.T) {
	t.Helper()
	c := world.Catalog()
	c.Domains[0].Guard = uc.GuardLimit{Count: 1 << 30, Percent: 100, Window: uc.Duration(time.Millisecond)}
	for _, a := range c.ServiceAreas {
		if a.Name != world.Berlin {
			continue
		}
		late, other := a, a
		late.Name, other.Name = staged, annex
		late.Leaver = uc.LeaverPolicy{After: uc.Duration(3 * time.Second), Forward: "voicemail", Directory: uc.AtLeave}
		other.DevicePool, other.PickupGroup = "DP_Lisbon", ""
		c.ServiceAreas = append(c.ServiceAreas, late, other)
	}
	if _, err := p.DB.ApplyCatalog(t.Context(), c, false); err != nil {
		t.Fatal(err)
	}
	// Numbers cool for a month: each life may use several.
	p.Import(t, world.BerlinPool, "100000-199999")
	p.Import(t, world.E164Pool, "+49301000000-+49301099999")
}

// troubles makes every system lose answers and refuse calls now and then.
func (p *product) troubles() {
	seed := int64(*lifeSeed)
	for i, rule := range []fault.Rule{
		{Kind: fault.AfterCommit, Probability: 0.02},
		{Kind: fault.Drop, Probability: 0.02},
		{Kind: fault.Status, Status: 503, Probability: 0.02},
	} {
		rule.Seed = seed + int64(i)
		p.CUCM.Faults().Add(rule)
		if rule.Kind == fault.Status {
			rule.Status = 0
			continue
		}
		p.Directory.Faults().Add(rule)
		p.HR.Faults().Add(rule)
	}
}

// life is what happens to one person.
type life string

const (
	lifeJoin    life = "join"
	lifeLeave   life = "leave"
	lifeRecall  life = "recall"
	lifeMove    life = "move"
	lifeChange  life = "change"
	lifeRequest life = "request"
)

// lifeEvent is one thing that happens.
type lifeEvent struct {
	person int
	what   life
	area   string // of a join or move
	alone  bool   // only when the person has no open order
	text   string // of a change
	crash  string // where a worker dies; "" = nowhere
}

// lives is one run.
type lives struct {
	*product
	dir    string
	dice   *rand.Rand
	people []uc.Joiner

	mu       sync.Mutex
	accepted map[life]int
	refused  map[life]int
}

// run lets everything happen, a few things at once.
func (l *lives) run(t *testing.T) {
	t.Helper()
	l.accepted, l.refused = map[life]int{}, map[life]int{}
	for i := range *lifePeople {
		l.people = append(l.people, l.Person(t, fmt.Sprintf("p%04d", i), world.Berlin))
	}
	events := make(chan lifeEvent)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute+time.Duration(*lifeEvents)*3*time.Second)
	defer cancel()
	var drivers sync.WaitGroup
	for range 6 {
		drivers.Go(func() {
			for e := range events {
				if err := l.happen(ctx, e); err != nil {
					t.Errorf("%s of %s: %v", e.what, l.people[e.person].User.ID, err)
				}
			}
		})
	}
	for range *lifeEvents {
		events <- l.next()
	}
	close(events)
	drivers.Wait()
	t.Logf("accepted %v, refused %v", l.accepted, l.refused)
}

// next draws an event.
func (l *lives) next() lifeEvent {
	pick := func(of ...string) string { return of[l.dice.IntN(len(of))] }
	e := lifeEvent{
		person: l.dice.IntN(len(l.people)), alone: l.dice.IntN(10) < 7,
		area: pick(world.Berlin, world.Berlin, staged, annex, world.E164Area, world.OnDemand),
		text: pick("Alpha", "Beta", "Gamma") + fmt.Sprint(l.dice.IntN(1000)),
	}
	e.what = life(pick(string(lifeJoin), string(lifeJoin), string(lifeJoin), string(lifeLeave), string(lifeLeave),
		string(lifeRecall), string(lifeMove), string(lifeMove), string(lifeChange), string(lifeRequest)))
	if l.dice.IntN(5) == 0 {
		e.crash = pick(lifeSteps...) + pick(" before", " after")
	}
	return e
}

// lifeSteps are effects at which workers die; an order without the effect goes on
// unharmed.
var lifeSteps = []string{
	"ReserveNumber", "EnsureUser", "EnsureDeviceProfile", "EnsureLine", "EnsurePhone", "AssociateUser", "PublishNumber",
	"WriteDirectory", "WriteHR", "SavePerson", "ClearUser", "RetirePhone", "RetireDeviceProfile", "RetireLine",
	"RetireUser", "ReleaseNumber", "ClearDirectory",
}

// happen makes one event happen; that it is refused is no error.
func (l *lives) happen(ctx context.Context, e lifeEvent) error {
	who := l.people[e.person]
	if e.alone {
		if err := l.idle(ctx, who.User.ID); err != nil {
			return err
		}
	}
	o, err := l.submit(ctx, e, who)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil:
		l.accepted[e.what]++
	case errors.Is(err, uc.Conflict), errors.Is(err, uc.NotFound):
		l.refused[e.what]++
		return nil
	default:
		return err
	}
	if e.crash == "" || o.ID == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(l.dir, o.ID), []byte(e.crash), 0o600)
}

func (l *lives) submit(ctx context.Context, e lifeEvent, who uc.Joiner) (o uc.Order, err error) {
	switch user := who.User.ID; e.what {
	case lifeJoin:
		who.ServiceArea = e.area
		o, _, err = l.api.CreateJoiner(ctx, who, "")
	case lifeLeave:
		o, _, err = l.api.CreateLeaver(ctx, uc.Leaver{UserID: user}, "")
	case lifeRecall:
		return l.recall(ctx, user)
	case lifeMove:
		o, _, err = l.api.CreateMover(ctx, uc.Mover{UserID: user, ServiceArea: e.area}, "")
	case lifeChange:
		o, _, err = l.api.CreateMover(ctx, uc.Mover{UserID: user, LastName: &e.text, Department: &e.text}, "")
	case lifeRequest:
		o, _, err = l.api.CreateNumberRequest(ctx, uc.NumberRequest{UserID: user}, "")
	}
	return o, err
}

// recall cancels the person's open leaver.
func (l *lives) recall(ctx context.Context, user string) (uc.Order, error) {
	orders, err := l.DB.OrdersOf(ctx, user)
	if err != nil {
		return uc.Order{}, err
	}
	for _, o := range orders {
		if o.Kind == uc.LeaverOrder && o.State.Open() {
			_, err := l.api.Cancel(ctx, o.ID)
			if errors.Is(err, uc.Unavailable) {
				err = nil // its story has not begun yet
			}
			return uc.Order{}, err
		}
	}
	return uc.Order{}, &uc.Error{Kind: uc.NotFound, Detail: "nobody leaves"}
}

// idle waits until the person has no open order.
func (l *lives) idle(ctx context.Context, user string) error {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		orders, err := l.DB.OrdersOf(ctx, user)
		if err != nil {
			return err
		}
		open := false
		for _, o := range orders {
			open = open || o.State.Open()
		}
		if !open {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the person has an open order still: %w", ctx.Err())
		case <-ticker.C:
		}
	}
}
