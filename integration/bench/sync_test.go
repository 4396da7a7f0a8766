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
	took := fullSync(b, c, w)
	admin.rest()
	stats := w.CUCM.Stats()
	pages := readRequests(b, record)
	equalCopy(b, w, state, "while an administrator changed it: "+strings.Join(admin.did, ", "))
	again := fullSync(b, c, w)
	equalCopy(b, w, state, "read again")
	fetched, bytes := fetchFloor(b, w, pages)
	copied, rows := copyFloor(b, w)
	floor := fetched + copied

	b.Logf("%d users: read in %.1f s, again in %.1f s; floor %.1f s: %d MB fetched in %.1f s, %d rows copied in %.1f s",
		users, took.Seconds(), again.Seconds(), floor.Seconds(), bytes>>20, fetched.Seconds(), rows, copied.Seconds())
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
// visible.
func fullSync(b *testing.B, c client.Client, w *world.World) time.Duration {
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
			b.Log(phases(b, w, s))
			// What it leaves behind is cleaned up after its end.
			if err := c.GetWorkflow(ctx, workflows.SyncID(world.CUCM), id).Get(ctx, nil); err != nil {
				b.Fatal(err)
			}
			return took
		}
		select {
		case <-ctx.Done():
			b.Fatal(ctx.Err())
		case <-ticker.C:
		}
	}
}

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
	var first, last, applied time.Time
	err = conn.QueryRow(b.Context(), `SELECT min(k.started_at), max(k.updated_at) FILTER (WHERE k.state = 'read'), max(s.applied_at)
		FROM syncs s JOIN sync_kinds k ON k.sync_number = s.number WHERE s.id = $1`, s.ID).Scan(&first, &last, &applied)
	if err != nil {
		b.Fatal(err)
	}
	return fmt.Sprintf("first page asked for after %.1f s, last page staged %.1f s later, apply began %.1f s later, ended after %.1f s",
		first.Sub(s.CreatedAt).Seconds(), last.Sub(first).Seconds(), applied.Sub(last).Seconds(), s.EndedAt.Sub(applied).Seconds())
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
