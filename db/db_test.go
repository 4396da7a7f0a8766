package db_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/db/dbtest"
	"github.com/dialtone/dialtone/uc"
)

// world is a fresh database: ours, and the plain one behind it.
type world struct {
	*db.DB
	t   testing.TB
	sql *pgxpool.Pool
}

func newWorld(t testing.TB) world {
	t.Helper()
	url := dbtest.URL(t)
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	plain, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(plain.Close)
	return world{d, t, plain}
}

// exec runs plain SQL that must succeed.
func (w world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.sql.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

// newPool makes a pool with these numbers.
func (w world) newPool(p uc.NumberPool, texts ...string) {
	w.t.Helper()
	if p.CallProcessor == "" {
		p.CallProcessor, p.Partition = "cucm-1", "PT_"+p.Name
	}
	must(w.t, w.SavePool(w.t.Context(), p))
	if len(texts) > 0 {
		w.imported(p.Name, texts...)
	}
}

func (w world) imported(pool string, texts ...string) db.ImportReport {
	w.t.Helper()
	report, err := w.ImportNumbers(w.t.Context(), pool, slices.All(texts), "ann")
	must(w.t, err)
	return report
}

func (w world) reserved(order, pool, user string) db.Reservation {
	w.t.Helper()
	r, err := w.Reserve(w.t.Context(), db.ReserveRequest{OrderID: order, Pool: pool, UserID: user})
	must(w.t, err)
	return r
}

func (w world) published(order, pool, user string) uc.Number {
	w.t.Helper()
	w.reserved(order, pool, user)
	n, err := w.Publish(w.t.Context(), order)
	must(w.t, err)
	return n
}

// expire lets the dates of all cooling and held numbers pass.
func (w world) expire() {
	w.t.Helper()
	w.exec(`UPDATE numbers SET until = now() - interval '1 second' WHERE until IS NOT NULL`)
}

// number is the one number with these digits.
func (w world) number(digits string) db.NumberHistory {
	w.t.Helper()
	found, err := w.GetNumbers(w.t.Context(), digits)
	must(w.t, err)
	if len(found) != 1 {
		w.t.Fatalf("%d numbers with digits %s", len(found), digits)
	}
	return found[0]
}

// opened makes an order of the person.
func (w world) opened(id, user string) uc.Order {
	w.t.Helper()
	o, created, err := w.OpenOrder(w.t.Context(), newOrder(id, user))
	must(w.t, err)
	if !created {
		w.t.Fatalf("order %s was there", id)
	}
	return o
}

func newOrder(id, user string) db.NewOrder {
	return db.NewOrder{
		ID: id, Kind: uc.JoinerOrder, UserID: user, ServiceArea: "berlin", CallProcessor: "cucm-1", CreatedBy: "hr",
		Joiner: &uc.Joiner{User: uc.User{ID: user, LastName: "Doe"}, ServiceArea: "berlin"},
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKind(t testing.TB, err error, want uc.Kind) {
	t.Helper()
	if uc.KindOf(err) != want {
		t.Errorf("error %v is of kind %q, want %q", err, uc.KindOf(err), want)
	}
}

func equal(t testing.TB, what string, want, got any, opts ...cmp.Option) {
	t.Helper()
	if d := cmp.Diff(want, got, opts...); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func ptr[T any](v T) *T { return &v }

func TestOpen(t *testing.T) {
	t.Parallel()
	_, err := db.Open(t.Context(), "postgres://user:geheim@host:port/")
	wantKind(t, err, uc.Invalid)
	if got := err.Error(); errors.Is(err, context.Canceled) || slices.Contains([]string{"", "geheim"}, got) {
		t.Errorf("error %q", got)
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(t, w.Ping(t.Context()))

	nobody, err := db.Open(t.Context(), "host=/nowhere user=x dbname=x connect_timeout=2")
	must(t, err)
	defer nobody.Close()
	wantKind(t, nobody.Ping(t.Context()), uc.Unavailable)

	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	wantKind(t, w.Ping(ctx), uc.Unavailable)

	w.Close()
	wantKind(t, w.Ping(t.Context()), uc.Unavailable)
}
