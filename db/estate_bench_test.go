//go:build bench

package db_test

import (
	"fmt"
	"iter"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// What is measured: the estate of a large company.
const (
	benchUsers  = 100_000
	benchPhones = 120_000
	benchLines  = 150_000
	benchPage   = 20_000 // rows of a page
)

// estateBench makes an estate row by row: nothing of it is ever held. Every changed-th
// object has another value than in round 0.
type estateBench struct {
	round   int
	changed int
}

// benchID is the id of the i-th object of a kind: objects are read in order of their
// ids, and those of all kinds lie between each other.
func benchID(kind byte, i int) string {
	return fmt.Sprintf("%08x-%04x-4000-8000-%012x", uint32(i)*20_000, kind, uint64(i)*0x9e3779b9%0xffffffffff)
}

// shuffled is the i-th of n in an order of its own: rows of relations have ids of their
// own, and are read in order of these.
func shuffled(i, n int) int { return int(uint64(i) * 7_368_787 % uint64(n)) }

const benchFiller = `"devicePoolName":"DP_Berlin_Headquarters","callingSearchSpaceName":"CSS_Berlin_International","locationName":"Hub_None",` +
	`"presenceGroupName":"Standard Presence group","userLocale":"German Germany","networkLocale":"","mediaResourceListName":"MRL_Berlin",` +
	`"commonPhoneConfigName":"Standard Common Phone Profile","securityProfileName":"Cisco 8851 - Standard SIP Non-Secure Profile",` +
	`"sipProfileName":"Standard SIP Profile","softkeyTemplateName":"","phoneTemplateName":"Standard 8851 SIP","ldap":"Berlin AD"`

func (e estateBench) object(kind byte, name string, i int, more string) db.EstateRow {
	round := 0
	if e.changed > 0 && i%e.changed == 0 {
		round = e.round
	}
	return db.EstateRow{
		UUID: benchID(kind, i), Name: fmt.Sprintf("%s%06d", name, i),
		Attributes: fmt.Appendf(nil, `{"description":"%s number %d","round":"%d",%s%s}`, name, i, round, benchFiller, more),
	}
}

// kinds are how many rows there are of each kind, and how one is made.
func (e estateBench) kinds() []benchKind {
	relation := func(from byte, to byte, n, targets int, attributes string) func(int) db.EstateRow {
		return func(i int) db.EstateRow {
			j := shuffled(i, n)
			return db.EstateRow{UUID: benchID('r', i), From: benchID(from, j), To: benchID(to, j%targets), Attributes: []byte(attributes)}
		}
	}
	return []benchKind{
		{uc.LineKind, benchLines, func(i int) db.EstateRow {
			r := e.object('l', "4", i, "")
			r.Partition = "PT_Berlin"
			return r
		}},
		{uc.PhoneKind, benchPhones, func(i int) db.EstateRow {
			return e.object('p', "SEP", i, `,"ownerUuid":"`+benchID('u', i%benchUsers)+`"`)
		}},
		{uc.UserKind, benchUsers, func(i int) db.EstateRow { return e.object('u', "user", i, "") }},
		{uc.RelUserDevice, benchUsers, relation('u', 'p', benchUsers, benchPhones, `{"association":"1"}`)},
		{uc.RelUserExtension, benchUsers, relation('u', 'l', benchUsers, benchLines, `{"usage":"primary"}`)},
		{uc.RelUserGroup, 2 * benchUsers / 5, relation('u', 'g', 2*benchUsers/5, 5, `{"name":"Standard CCM End Users"}`)},
		{uc.RelDeviceLine, benchPhones, relation('p', 'l', benchPhones, benchLines, `{"index":"1","label":"Ann Doe","display":"Ann Doe"}`)},
		{uc.RelDeviceLine, benchPhones / 3, func(i int) db.EstateRow {
			j := shuffled(i, benchPhones/3)
			return db.EstateRow{
				UUID: benchID('r', benchPhones+i), From: benchID('p', j), To: benchID('l', benchLines-1-j), Attributes: []byte(`{"index":"2"}`),
			}
		}},
	}
}

type benchKind struct {
	kind uc.EstateKind
	rows int
	row  func(int) db.EstateRow
}

// page yields rows from to end.
func (k benchKind) page(from, end int) iter.Seq2[db.EstateRow, error] {
	return func(yield func(db.EstateRow, error) bool) {
		for i := from; i < end; i++ {
			if !yield(k.row(i), nil) {
				return
			}
		}
	}
}

// stage reads the estate page by page and returns how many rows it has.
func (e estateBench) stage(b *testing.B, d *db.DB, sync string) (rows int) {
	b.Helper()
	kinds := e.kinds()
	ids := []uc.EstateKind{uc.LineKind, uc.PhoneKind, uc.UserKind}
	for _, r := range uc.Relations {
		ids = append(ids, r.Kind)
	}
	_, _, err := d.OpenSync(b.Context(), db.NewSync{ID: sync, CallProcessor: "cucm-1", Scope: uc.SyncSubscribers, Kinds: ids})
	must(b, err)
	after := ""
	for n, k := range kinds {
		last := n+1 == len(kinds) || kinds[n+1].kind != k.kind
		if n > 0 && kinds[n-1].kind != k.kind {
			after = ""
		}
		for from := 0; from < k.rows; from += benchPage {
			end := min(from+benchPage, k.rows)
			at, err := d.SyncProgress(b.Context(), sync, k.kind)
			must(b, err)
			upto := k.row(end - 1).UUID
			out, err := d.StagePage(b.Context(), db.PageIn{
				SyncID: sync, Kind: k.kind, Cursor: at.Cursor, Rows: k.page(from, end), Sorted: true, After: after,
				End: func() db.PageEnd {
					return db.PageEnd{Cursor: fmt.Sprint(n, "/", end), Last: last && end == k.rows, Upto: upto}
				},
			})
			must(b, err)
			after = upto
			rows += out.Rows
		}
	}
	return rows
}

// heap watches the memory of this process, and returns its peak in MB.
func heap() (peak func() float64) {
	var most atomic.Uint64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), m.HeapInuse))
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
	return func() float64 {
		close(stop)
		<-done
		return float64(most.Load()) / 1e6
	}
}

// BenchmarkSync stages and applies an estate of 100,000 people, on a server that syncs
// to disk as in production: the first time, again without a change, and again with one
// object in a hundred changed. Run it with -benchtime=1x.
func BenchmarkSync(b *testing.B) {
	server := benchServer(b, false)
	must(b, server.CreateDatabase(b.Context(), "estate"))
	must(b, db.Migrate(b.Context(), server.URL("estate")))
	d, err := db.Open(b.Context(), server.URL("estate"))
	must(b, err)
	b.Cleanup(d.Close)
	for b.Loop() {
		for round, run := range []struct {
			name           string
			estate         estateBench
			added, changed int
		}{
			{"first", estateBench{}, benchUsers + benchPhones + benchLines, 0},
			{"same", estateBench{}, 0, 0},
			{"1 percent", estateBench{round: 1, changed: 100}, 0, (benchUsers + benchPhones + benchLines) / 100},
		} {
			measureSync(b, d, fmt.Sprintf("s%d/%d", b.N, round), run.name, run.estate, run.added, run.changed)
		}
	}
}

func measureSync(b *testing.B, d *db.DB, sync, name string, e estateBench, added, changed int) {
	b.Helper()
	peak := heap()
	start := time.Now()
	rows := e.stage(b, d, sync)
	staged := time.Since(start)
	start = time.Now()
	out, err := d.ApplySync(b.Context(), sync, false)
	must(b, err)
	applied := time.Since(start)
	var got [3]int
	for _, k := range out.Kinds {
		got[0], got[1], got[2] = got[0]+k.Added, got[1]+k.Changed, got[2]+k.Gone
	}
	if want := [3]int{added, changed, 0}; got != want || out.Held {
		b.Errorf("%s: added, changed, gone %v, want %v", name, got, want)
	}
	start = time.Now()
	_, err = d.PruneEstateStage(b.Context())
	must(b, err)
	b.Logf("%s: %d rows staged in %.1f s (%.0f/s), applied in %.1f s, pruned in %.1f s, heap at most %.0f MB", name, rows,
		staged.Seconds(), float64(rows)/staged.Seconds(), applied.Seconds(), time.Since(start).Seconds(), peak())
}
