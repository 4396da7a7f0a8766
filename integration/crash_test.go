package integration

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/uc"
)

// crasher kills its own process with SIGKILL before or after an effect of an order.
// The plan is a file per order: removed first, so that each point is hit once.
type crasher struct {
	interceptor.InterceptorBase
	dir string // "" = never
}

func (c *crasher) InterceptActivity(
	_ context.Context, next interceptor.ActivityInboundInterceptor,
) interceptor.ActivityInboundInterceptor {
	return &crashing{interceptor.ActivityInboundInterceptorBase{Next: next}, c}
}

type crashing struct {
	interceptor.ActivityInboundInterceptorBase
	c *crasher
}

func (a *crashing) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	name := activity.GetInfo(ctx).ActivityType.Name
	a.c.point(in.Args, name+" before")
	out, err := a.Next.ExecuteActivity(ctx, in)
	a.c.point(in.Args, name+" after")
	return out, err
}

func (c *crasher) point(args []any, here string) {
	for _, arg := range args {
		r, ok := arg.(interface{ Ref() uc.StepRef })
		if !ok || c.dir == "" {
			continue
		}
		file := filepath.Join(c.dir, r.Ref().OrderID)
		planned, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) || string(planned) != here {
			continue
		}
		if err := os.Remove(file); err != nil {
			continue // another worker was faster
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			panic(err)
		}
		select {} // nothing more happens in this process
	}
}

// crashSteps are the effects of a joiner.
var crashSteps = []string{
	"FindPerson", "ReserveNumber", "CheckNumber", "EnsureUser", "EnsureDeviceProfile", "ReadDeviceProfile", "EnsureLine",
	"EnsureProfileLine", "EnsurePhone", "AssociateUser", "EnsurePrimaryExtension", "SetPIN", "Verify",
	"PublishNumber", "SendInstructions", "WriteDirectory", "WriteHR",
}

// kill -9 of a worker before and after each step of a joiner loses nothing and
// doubles nothing: every person ends with one number, one line, one phone, one
// profile, and the call processor is as if nobody had died.
func TestKillAtEveryStep(t *testing.T) {
	t.Parallel()
	p := start(t, world.Options{})
	p.Apply(t, map[string]string{world.BerlinPool: "4700-4799"})
	before := p.counts(t)
	dir := t.TempDir()
	orders := map[string]string{} // order to crash point
	for i, step := range crashSteps {
		for _, when := range []string{" before", " after"} {
			user := "k" + string(rune('a'+i)) + strings.TrimSpace(when)[:1]
			o := p.join(t, p.Person(t, user, world.Berlin))
			orders[o.ID] = step + when
			if err := os.WriteFile(filepath.Join(dir, o.ID), []byte(step+when), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	const children = 4
	deaths := p.keepAlive(t, children, dir)
	for id, point := range orders {
		o := p.until(t, id, 6*time.Minute, uc.Done, uc.Failed, uc.Cancelled)
		if o.State != uc.Done {
			t.Errorf("killed at %s: the order is %s: %s", point, o.State, o.Detail)
		}
	}
	if n := deaths(); n != len(orders) {
		t.Errorf("%d workers were killed, want %d: a crash point was not reached", n, len(orders))
	}
	checkOneOfEach(t, p, before, len(orders))
}

// keepAlive runs workers in processes of their own, each replaced when it dies,
// until the test ends. The function tells how many died.
func (p *product) keepAlive(t *testing.T, children int, dir string) (deaths func() int) {
	t.Helper()
	var mu sync.Mutex
	died := 0
	stop := make(chan struct{})
	var running sync.WaitGroup
	for range children {
		running.Go(func() {
			for {
				cmd := p.spawn(t, dir)
				gone := make(chan struct{})
				go func() {
					defer close(gone)
					t.Logf("a worker ended: %v", cmd.Wait())
				}()
				select {
				case <-gone:
					mu.Lock()
					died++
					mu.Unlock()
				case <-stop:
					if err := cmd.Process.Kill(); err != nil {
						t.Error(err)
					}
					<-gone
					return
				}
			}
		})
	}
	t.Cleanup(func() { close(stop); running.Wait() })
	return func() int { mu.Lock(); defer mu.Unlock(); return died }
}

// checkOneOfEach compares what the call processor gained with the number of people.
func checkOneOfEach(t *testing.T, p *product, before map[string]string, people int) {
	t.Helper()
	for kind, count := range p.counts(t) {
		if gained := number(t, count) - number(t, before[kind]); gained != people {
			t.Errorf("the call processor gained %d of %s, want %d", gained, kind, people)
		}
	}
	pools, err := p.DB.ListPools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, pool := range pools {
		if pool.Name == world.BerlinPool && (pool.Counts[uc.Assigned] != people || pool.Counts[uc.Reserved] != 0) {
			t.Errorf("the pool holds %v, want %d assigned and none reserved", pool.Counts, people)
		}
	}
}

// counts asks the call processor's database how many objects of each kind it has.
func (p *product) counts(t *testing.T) map[string]string {
	t.Helper()
	clients, err := p.Endpoints.Clients(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.CUCM.Close()
	out := map[string]string{}
	for kind, sql := range map[string]string{
		"users":           "SELECT COUNT(*) AS n FROM enduser",
		"lines":           "SELECT COUNT(*) AS n FROM numplan WHERE tkpatternusage = 2",
		"phones":          "SELECT COUNT(*) AS n FROM device WHERE tkclass = 1",
		"device profiles": "SELECT COUNT(*) AS n FROM device WHERE tkclass = 254",
	} {
		err := clients.CUCM.QuerySQL(t.Context(), sql, func(r axl.Row) error { out[kind] = r.Get("n"); return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
