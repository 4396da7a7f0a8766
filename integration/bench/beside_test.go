package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	simworld "github.com/dialtone/dialtone/sim/cucm/world"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// The joiners of BenchmarkJoinerBeside, and what the call processor holds.
const (
	besideRounds  = 3
	besideJoiners = 20 // of a phase of a round
	besideEvery   = time.Second
	besideUsers   = 20_000
	stormUsers    = 10_000
)

// beside is a call processor with people, of which there is a copy that is kept fresh.
type beside struct {
	*world.World
	temporal client.Client
	storms   int
	slowest  time.Duration // from the end of a storm until all of it was in the copy
}

// BenchmarkJoinerBeside prints the 95th percentile of the time from the acceptance of a
// joiner to its end, for joiners that arrive steadily: alone, while the call processor
// is read completely again and again, and while ten thousand changes at once are brought
// into the copy; and the ratios of the latter two to the first. The call processor has
// its real limits, and all of it shares one machine.
func BenchmarkJoinerBeside(b *testing.B) {
	c := dial(b)
	w := world.New(b, world.Options{CUCM: cucm.Options{
		Model: cucm.Model{Users: besideUsers, Phones: besideUsers * 6 / 5, Lines: besideUsers * 3 / 2},
	}})
	apply(b, w)
	stop := serve(b, c, w, 5*time.Second)
	defer stop()
	e := &beside{World: w, temporal: c}
	for b.Loop() {
		e.sync(b)
		phases := []struct {
			name    string
			besides func(testing.TB, context.Context) int
		}{{"alone", nil}, {"sync", e.syncing}, {"storm", e.storming}}
		times := make([][]time.Duration, len(phases))
		for range besideRounds {
			for i, p := range phases {
				took, n := e.phase(b, p.besides)
				times[i] = append(times[i], took...)
				b.Logf("%s: %d joiners, p50 %s, p95 %s; %d times beside", p.name, len(took), percentile(took, 50),
					percentile(took, 95), n)
			}
		}
		alone := percentile(times[0], 95)
		for i, p := range phases {
			b.ReportMetric(percentile(times[i], 95).Seconds(), p.name+"-p95-s")
			if i > 0 {
				b.ReportMetric(float64(percentile(times[i], 95))/float64(alone), p.name+"-ratio")
			}
		}
		b.ReportMetric(e.slowest.Seconds(), "followed-s")
	}
}

// phase lets joiners arrive while something else goes on, and returns how long each took
// and how often the other thing was done.
func (e *beside) phase(b *testing.B, besides func(testing.TB, context.Context) int) (took []time.Duration, times int) {
	b.Helper()
	ctx, stop := context.WithCancel(b.Context())
	var other sync.WaitGroup
	if besides != nil {
		other.Go(func() { times = besides(b, ctx) })
	}
	arrive := time.NewTicker(besideEvery)
	defer arrive.Stop()
	people := people(b, e.World, besideJoiners)
	took = make([]time.Duration, len(people))
	var all sync.WaitGroup
	for i, j := range people {
		<-arrive.C
		all.Go(func() {
			began := time.Now()
			if err := join(b.Context(), e.temporal, e.World, j); err != nil {
				b.Error(err)
			}
			took[i] = time.Since(began)
		})
	}
	all.Wait()
	stop()
	other.Wait()
	return took, times
}

// sync reads the call processor completely.
func (e *beside) sync(b testing.TB) {
	b.Helper()
	_, _, err := workflows.StartSync(b.Context(), e.temporal, workflows.SyncInput{
		CallProcessor: world.CUCM, Scope: uc.SyncAll, CreatedBy: "bench",
	})
	if err != nil {
		b.Error(err)
		return
	}
	var out workflows.SyncResult
	if err := e.temporal.GetWorkflow(b.Context(), workflows.SyncID(world.CUCM), "").Get(b.Context(), &out); err != nil {
		b.Error(err)
	}
	if out.State != uc.SyncDone {
		b.Errorf("%+v", out)
	}
}

// syncing starts a sync after the other.
func (e *beside) syncing(b testing.TB, ctx context.Context) (n int) {
	b.Helper()
	for ; ctx.Err() == nil; n++ {
		e.sync(b)
	}
	return n
}

// storming lets an LDAP sync of the call processor change many people at once, and waits
// until that is in the copy, again and again.
func (e *beside) storming(b testing.TB, ctx context.Context) (n int) {
	b.Helper()
	for ; ctx.Err() == nil; n++ {
		e.storms++
		department := fmt.Sprint("Storm ", e.storms)
		for i := range stormUsers {
			err := e.CUCM.AddLDAPUser(b.Context(), cucm.DefaultAgreement, cucm.LDAPUser{
				UserID: simworld.UserID(i), FirstName: "Ann", LastName: "Storm", Department: department,
			})
			if err != nil {
				b.Error(err)
				return n
			}
		}
		if err := e.CUCM.SyncLDAP(b.Context(), cucm.DefaultAgreement); err != nil {
			b.Error(err)
			return n
		}
		began := time.Now()
		if !e.followed(b, department) {
			return n
		}
		e.slowest = max(e.slowest, time.Since(began))
	}
	return n
}

// followed waits until the copy has a hundredth of the people, any of them, in the
// department.
func (e *beside) followed(b testing.TB, department string) bool {
	b.Helper()
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for i := 0; i < stormUsers; {
		page, err := e.DB.ListEstate(b.Context(), db.EstateFilter{
			Kind: uc.UserKind, Name: simworld.UserID(i), Attributes: map[string]string{"department": department},
		}, "", 1)
		if err != nil {
			b.Error(err)
			return false
		}
		if len(page.Objects) == 1 {
			i += 100
			continue
		}
		<-ticker.C
	}
	return true
}

// percentile is the duration that so many percent do not exceed.
func percentile(all []time.Duration, percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[(len(sorted)*percent+99)/100-1].Round(time.Millisecond)
}
