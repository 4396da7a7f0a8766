package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/uc"
)

// kill -9 of a worker before and after each step of a leaver: everybody has left in
// the end, the call processor is as if nobody had ever joined, and every number cools.
func TestKillAtEveryStepOfALeaver(t *testing.T) {
	t.Parallel()
	p, before := startFull(t)
	orders := p.killed(t, "l", func(user string) uc.Order { return p.leave(t, user) })
	checkGained(t, p, before, map[string]int{})
	p.checkNumbers(t, map[uc.NumberState]int{uc.Cooling: len(orders) + 1})
}

// kill -9 of a worker before and after each step of a mover who gets another number:
// everybody has the new one alone, and the old one cools.
func TestKillAtEveryStepOfAMover(t *testing.T) {
	t.Parallel()
	p, before := startFull(t)
	orders := p.killed(t, "m", func(user string) uc.Order {
		return p.move(t, uc.Mover{UserID: user, ServiceArea: world.E164Area})
	})
	n := len(orders) + 1
	checkGained(t, p, before, map[string]int{"users": n, "lines": n, "phones": n, "device profiles": n})
	p.checkNumbers(t, map[uc.NumberState]int{uc.Cooling: n, uc.Assigned: 0})
}

// startFull starts a product with numbers for everybody, no guard, and no worker.
func startFull(t *testing.T) (p *product, before map[string]string) {
	t.Helper()
	p = start(t, world.Options{})
	c := world.Catalog()
	c.Domains[0].Guard = uc.GuardLimit{Count: 10_000, Percent: 100, Window: uc.Duration(time.Millisecond)}
	if _, err := p.DB.ApplyCatalog(t.Context(), c, false); err != nil {
		t.Fatal(err)
	}
	p.Import(t, world.BerlinPool, "4000-4999")
	p.Import(t, world.E164Pool, "+493012340000-+493012340999")
	return p, p.counts(t)
}

// killed lets a first person show which steps there are, and then a person for each
// of them at which a worker is killed before it, and one after it. It returns the
// orders of the latter by id.
func (p *product) killed(t *testing.T, prefix string, order func(user string) uc.Order) map[string]string {
	t.Helper()
	dir := t.TempDir()
	const children = 4
	deaths := p.keepAlive(t, children, dir)
	joined := p.join(t, p.Person(t, prefix+"first", world.Berlin))
	p.until(t, joined.ID, 2*time.Minute, uc.Done)
	points := p.points(t, order(prefix+"first").ID)
	var joins []string
	for i := range points {
		joins = append(joins, p.join(t, p.Person(t, fmt.Sprintf("%s%03d", prefix, i), world.Berlin)).ID)
	}
	for _, id := range joins {
		p.until(t, id, 6*time.Minute, uc.Done)
	}
	orders := map[string]string{}
	for i, point := range points {
		o := order(fmt.Sprintf("%s%03d", prefix, i))
		orders[o.ID] = point
		// The point may be passed by the time the file is there; most are not.
		if err := os.WriteFile(filepath.Join(dir, o.ID), []byte(point), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for id, point := range orders {
		if o := p.until(t, id, 8*time.Minute, uc.Done, uc.Failed, uc.Cancelled); o.State != uc.Done {
			t.Errorf("killed at %s: the order is %s: %s", point, o.State, o.Detail)
		}
	}
	if n := deaths(); n < len(points)/2 {
		t.Errorf("%d workers were killed at %d points", n, len(points))
	}
	return orders
}

// points are before and after each step of the order.
func (p *product) points(t *testing.T, id string) []string {
	t.Helper()
	o := p.until(t, id, 2*time.Minute, uc.Done)
	var steps, out []string
	for _, s := range o.Steps {
		name, _, _ := strings.Cut(s.Name, " ")
		if !slices.Contains(steps, name) {
			steps = append(steps, name)
			out = append(out, name+" before", name+" after")
		}
	}
	return out
}

// checkGained compares what the call processor gained of each kind.
func checkGained(t *testing.T, p *product, before map[string]string, want map[string]int) {
	t.Helper()
	for kind, count := range p.counts(t) {
		if gained := number(t, count) - number(t, before[kind]); gained != want[kind] {
			t.Errorf("the call processor gained %d of %s, want %d", gained, kind, want[kind])
		}
	}
}

// checkNumbers counts the states of Berlin's numbers; none may be reserved.
func (p *product) checkNumbers(t *testing.T, want map[uc.NumberState]int) {
	t.Helper()
	pools, err := p.DB.ListPools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, pool := range pools {
		if pool.Counts[uc.Reserved] != 0 {
			t.Errorf("pool %s holds %v", pool.Name, pool.Counts)
		}
		for state, n := range want {
			if pool.Name == world.BerlinPool && pool.Counts[state] != n {
				t.Errorf("pool %s holds %v, want %d %s", pool.Name, pool.Counts, n, state)
			}
		}
	}
}
