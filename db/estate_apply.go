package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// ApplyOut is what became of a sync.
type ApplyOut struct {
	Held   bool          // the guard asks: nothing was changed
	Detail string        // of held: what the guard asks, one sentence
	Kinds  []uc.SyncKind // with what was added, changed and gone; of held: what would be
}

// ApplySync makes what the sync has read visible, all of it at once: readers see the
// estate as it was, or as it was read. Kinds that were not read completely stay as they
// were, relations too. An object that a refresh read later than the sync did is left
// alone. What is gone, changed and added
// is told in the report. When more would be gone than the sync's guard allows, nothing
// is changed, the sync waits and the answer says so, until it is called with approved.
// Applying again returns what it did. Fails with Conflict when the sync has ended,
// Internal when staged rows are missing, and NotFound.
func (d *DB) ApplySync(ctx context.Context, syncID string, approved bool) (ApplyOut, error) {
	const op = "apply sync"
	var out ApplyOut
	// Outside of the transaction, which would hold its lock to the end.
	if err := d.countRows(ctx, op, syncID); err != nil {
		return ApplyOut{}, err
	}
	err := d.inTx(ctx, op, func(tx pgx.Tx) error {
		a, err := newApply(ctx, tx, syncID)
		if err != nil || a.applied {
			return err
		}
		if err := a.compare(ctx); err != nil {
			return err
		}
		if out.Detail, err = a.guard(ctx); err != nil {
			return err
		}
		if out.Held = out.Detail != "" && !approved; out.Held {
			return a.hold(ctx, out.Detail)
		}
		out.Detail = ""
		return a.write(ctx)
	})
	if err != nil {
		return ApplyOut{}, err
	}
	s, err := d.GetSync(ctx, syncID)
	out.Kinds = s.Kinds
	return out, err
}

// countRows tells the planner about how many rows there are, of tables that grew just now.
func (d *DB) countRows(ctx context.Context, op, syncID string) error {
	return d.inTx(ctx, op, func(tx pgx.Tx) error {
		direct, err := column[bool](ctx, tx, op, `SELECT direct AND applied_at IS NULL FROM syncs WHERE id = @id`,
			pgx.NamedArgs{"id": syncID})
		if err != nil {
			return err
		}
		tables := `estate_stage (sync_number, kind)`
		if first(direct) {
			tables += `, estate_object (call_processor, kind, uuid, sync_number),
				estate_relation (call_processor, kind, uuid, from_uuid, to_uuid, sync_number)`
		}
		for _, sql := range []string{`SET LOCAL default_statistics_target = 10`, `ANALYZE ` + tables} {
			if _, err := exec(ctx, tx, op, sql, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// apply is a transaction that brings staged rows to the estate.
type apply struct {
	tx      pgx.Tx
	op      string
	id      string
	cp      string
	number  int64
	shrink  uc.ShrinkGuard
	applied bool
	direct  bool            // it has brought rows to the estate that nobody sees yet
	read    []uc.EstateKind // completely, objects and relations
}

func newApply(ctx context.Context, tx pgx.Tx, syncID string) (*apply, error) {
	const op = "apply sync"
	type row struct {
		Number        int64
		CallProcessor string
		State         uc.SyncState
		Shrink        uc.ShrinkGuard
		Direct        bool
		AppliedAt     *time.Time
	}
	found, err := list[row](ctx, tx, op, `SELECT number, call_processor, state, shrink, direct, applied_at
		FROM syncs WHERE id = @id FOR NO KEY UPDATE`, pgx.NamedArgs{"id": syncID})
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, noSync(op, syncID)
	case found[0].AppliedAt == nil && found[0].State.Final():
		return nil, refuse(uc.Conflict, op, fmt.Sprintf("sync %s has ended (%s): start another one", syncID, found[0].State))
	}
	r := found[0]
	a := &apply{
		tx: tx, op: op, id: syncID, cp: r.CallProcessor, number: r.Number, shrink: r.Shrink, direct: r.Direct,
		applied: r.AppliedAt != nil,
	}
	if a.applied {
		return a, nil
	}
	if err := a.all(ctx, []string{lockEstateSQL}); err != nil {
		return nil, err
	}
	s, err := getSync(ctx, tx, syncID)
	for _, k := range s.Kinds {
		if k.State == uc.KindRead {
			a.read = append(a.read, k.Kind)
		}
	}
	return a, err
}

// lockEstateSQL makes writers of the estate of a call processor come one after the
// other, until the end of the transaction.
const lockEstateSQL = `SELECT pg_advisory_xact_lock(hashtextextended('estate/' || @call_processor, 0))`

// all runs the statements one after the other.
func (a *apply) all(ctx context.Context, statements []string) error {
	for _, sql := range statements {
		_, err := exec(ctx, a.tx, a.op, sql, pgx.NamedArgs{"number": a.number, "call_processor": a.cp})
		if err != nil {
			return err
		}
	}
	return nil
}

// objects lists the kinds of objects that were read completely and are compared.
func (a *apply) objects() []uc.EstateKind {
	return slices.DeleteFunc(slices.Clone(a.read), func(k uc.EstateKind) bool {
		return k.IsRelation()
	})
}
