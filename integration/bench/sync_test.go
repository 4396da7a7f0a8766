package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// changesWhileItRuns is how many things an administrator changes during the first sync.
const changesWhileItRuns = 60

// longestSync is how long a sync may take.
const longestSync = 15 * time.Minute

// BenchmarkSync prints how long a full reading of the subscribers takes, first into an
// empty copy, with an administrator at work meanwhile, and then again; its ratio to the
// same pages fetched by a bare HTTP client and one COPY of the same rows; the peak memory
// of the worker; and the requests. The copy must be equal to the call processor.
func BenchmarkSync(b *testing.B) {
	c := dial(b)
	for _, users := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint("users=", users), func(b *testing.B) {
			for b.Loop() {
				benchSync(b, c, users)
			}
		})
	}
}

func benchSync(b *testing.B, c client.Client, users int) {
	b.Helper()
	state := filepath.Join(b.TempDir(), "cucm.db")
	w := world.New(b, world.Options{ReadOnly: true, CUCM: cucm.Options{
		Path: state, Limits: cucm.RealLimits(), Model: cucm.Model{Users: users, Phones: users * 6 / 5, Lines: users * 3 / 2},
	}})
	record := filepath.Join(b.TempDir(), "requests")
	pid, _ := spawn(b, w, record)
	before, admin := w.CUCM.Stats(), newAdministrator(b, w, users)
	first, took := fullSync(b, c, w)
	admin.rest()
	stats, pages := w.CUCM.Stats(), readRequests(b, record)
	equalCopy(b, w, state, "while an administrator changed it: "+strings.Join(admin.did, ", "))
	// What else the machine does changes by the second: the floor is measured twice.
	fetched, bytes := fetchFloor(b, w, pages)
	second, again := fullSync(b, c, w)
	for _, k := range second.Kinds {
		if k.Added+k.Changed+k.Gone > 0 {
			b.Fatalf("read again, with nobody at work, something differs: %+v", k)
		}
	}
	fetchedAgain, _ := fetchFloor(b, w, pages)
	copied, rows := copyFloor(b, w)
	floor := (fetched+fetchedAgain)/2 + copied

	b.Logf("%d users: %s", users, first)
	b.Logf("%d users again: %s", users, second)
	b.Logf("floor: %d MB fetched in %.1f and %.1f s, %d rows copied in %.1f s",
		bytes>>20, fetched.Seconds(), fetchedAgain.Seconds(), rows, copied.Seconds())
	b.ReportMetric(took.Seconds(), "s")
	b.ReportMetric(took.Seconds()/floor.Seconds(), "ratio")
	b.ReportMetric(again.Seconds()/floor.Seconds(), "again-ratio")
	b.ReportMetric(took.Seconds()*10_000/float64(users), "s/10k-users")
	b.ReportMetric(memory(b, pid, "VmHWM:"), "peak-MB")
	requests := 0
	for op, n := range stats.Calls {
		requests += n - before.Calls[op]
	}
	b.ReportMetric(float64(requests-len(admin.did)), "requests")
	b.ReportMetric(float64(ofUsers(pages)), "user-requests")
}

// fullSync reads the subscribers and returns how long it took until all of it was
// visible, and what changed meanwhile.
func fullSync(b *testing.B, c client.Client, w *world.World) (finished, time.Duration) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), longestSync)
	defer cancel()
	began := time.Now()
	id, _, err := workflows.StartSync(ctx, c, workflows.SyncInput{CallProcessor: world.CUCM, Scope: uc.SyncSubscribers, CreatedBy: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		if s, err := w.DB.GetSync(ctx, id); err == nil && s.State.Final() {
			took := time.Since(began)
			if s.Detail != "Completed." {
				b.Fatalf("the sync is %s: %s", s.State, s.Detail)
			}
			// What it leaves behind is cleaned up after its end.
			if err := c.GetWorkflow(ctx, workflows.SyncID(world.CUCM), id).Get(ctx, nil); err != nil {
				b.Fatal(err)
			}
			return finished{s, phases(b, w, s)}, took
		}
		select {
		case <-ctx.Done():
			b.Fatal(ctx.Err())
		case <-ticker.C:
		}
	}
}

// finished is a sync with the words of where its time went.
type finished struct {
	uc.Sync
	phases string
}

func (f finished) String() string { return f.phases }

// phases says where the time of a sync went.
func phases(b *testing.B, w *world.World, s uc.Sync) string {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), w.Endpoints.Database)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := conn.Close(context.WithoutCancel(b.Context())); err != nil {
			b.Error(err)
		}
	}()
	var first, last time.Time
	err = conn.QueryRow(b.Context(), `SELECT min(k.started_at), max(k.updated_at) FILTER (WHERE k.state = 'read')
		FROM syncs s JOIN sync_kinds k ON k.sync_number = s.number WHERE s.id = $1`, s.ID).Scan(&first, &last)
	if err != nil {
		b.Fatal(err)
	}
	return fmt.Sprintf("began after %.1f s, read and staged in %.1f s, applied and changes replayed in %.1f s",
		first.Sub(s.CreatedAt).Seconds(), last.Sub(first).Seconds(), s.EndedAt.Sub(last).Seconds())
}

// equalCopy fails unless the copy is what stands in the tables of the call processor.
func equalCopy(b *testing.B, w *world.World, state, when string) {
	b.Helper()
	objects, differ, err := w.EstateDiffers(b.Context(), state, 5)
	if err != nil {
		b.Fatal(err)
	}
	if objects == 0 || len(differ) > 0 {
		b.Fatalf("the copy of %d objects differs from the call processor, %s:\n%s", objects, when, strings.Join(differ, "\n"))
	}
}

// ofUsers counts the requests for people and all that is joined to them, also those that
// were refused for being too large.
func ofUsers(pages []request) int {
	n := 0
	for _, p := range pages {
		if slices.ContainsFunc([]string{"FROM enduser e", "FROM enduserdevicemap", "FROM enduserdirgroupmap", "FROM endusernumplanmap"},
			func(from string) bool { return strings.Contains(p.Envelope, from) }) {
			n++
		}
	}
	return n
}
