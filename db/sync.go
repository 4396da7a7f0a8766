package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// NewSync is a sync that begins.
type NewSync struct {
	ID            string
	CallProcessor string
	Scope         uc.SyncScope
	Kinds         []uc.EstateKind // in the order in which they are read, relations too; nil = those of the scope
	Shrink        uc.ShrinkGuard  // what it leaves out is filled in
	CreatedBy     string
}

const syncColumns = `id, call_processor, scope, state, detail, shrink, created_by, created_at, applied_at, ended_at,
	NULL::jsonb AS kinds`

// OpenSync records the sync. The same id leads to the sync that was recorded first,
// and created is false. That one call processor has one sync at a time is not seen to
// here. Fails with Invalid without id, call processor or a known scope.
func (d *DB) OpenSync(ctx context.Context, n NewSync) (s uc.Sync, created bool, err error) {
	const op = "open sync"
	if n.ID == "" || n.CallProcessor == "" || !n.Scope.Valid() {
		return uc.Sync{}, false, refuse(uc.Invalid, op, "a sync needs an id, a call processor and infra, subscribers or all")
	}
	if n.Kinds == nil {
		n.Kinds = n.Scope.Kinds()
	}
	if err := d.dropEarlier(ctx, op, n.CallProcessor, n.ID); err != nil {
		return uc.Sync{}, false, err
	}
	err = d.inTx(ctx, op, func(tx pgx.Tx) error {
		numbers, err := column[int64](ctx, tx, op, `INSERT INTO syncs (id, call_processor, scope, shrink, created_by)
			VALUES (@id, @call_processor, @scope, @shrink, @by) ON CONFLICT (id) DO NOTHING RETURNING number`, pgx.NamedArgs{
			"id": n.ID, "call_processor": n.CallProcessor, "scope": n.Scope, "shrink": n.Shrink.WithDefaults(), "by": n.CreatedBy,
		})
		if created = len(numbers) == 1; err != nil || !created {
			return err
		}
		_, err = exec(ctx, tx, op, `INSERT INTO sync_kinds (sync_number, kind, place)
			SELECT @number, kind, place FROM unnest(@kinds::text[]) WITH ORDINALITY AS k(kind, place)`,
			pgx.NamedArgs{"number": numbers[0], "kinds": n.Kinds})
		if err != nil {
			return err
		}
		return openHidden(ctx, tx, op, numbers[0], n.CallProcessor)
	})
	if err != nil {
		return uc.Sync{}, false, err
	}
	s, err = d.GetSync(ctx, n.ID)
	return s, created, err
}

// GetSync returns the sync with its kinds. Fails with NotFound.
func (d *DB) GetSync(ctx context.Context, id string) (uc.Sync, error) {
	return getSync(ctx, d.pool, id)
}

func getSync(ctx context.Context, q querier, id string) (uc.Sync, error) {
	const op = "get sync"
	found, err := list[uc.Sync](ctx, q, op, `SELECT `+syncColumns+` FROM syncs WHERE id = @id`,
		pgx.NamedArgs{"id": id})
	if err != nil {
		return uc.Sync{}, err
	}
	if len(found) == 0 {
		return uc.Sync{}, noSync(op, id)
	}
	s := found[0]
	s.Kinds, err = list[uc.SyncKind](ctx, q, op, `SELECT kind, k.state, read, total, added, changed, gone, skipped,
			k.detail, `+waitColumns+`, started_at, updated_at
		FROM sync_kinds k JOIN syncs s ON s.number = k.sync_number WHERE s.id = @id ORDER BY place`, pgx.NamedArgs{"id": id})
	return s, err
}

func noSync(op, id string) error {
	return refuse(uc.NotFound, op, fmt.Sprintf("there is no sync %q", id))
}

// SyncFilter selects syncs; a zero field selects all.
type SyncFilter struct {
	CallProcessor string
	State         uc.SyncState
}

// ListSyncs returns at most limit syncs without their kinds, newest first, and the
// cursor of the next page, "" after the last one. Fails with Invalid when the cursor
// is not one of ours.
func (d *DB) ListSyncs(ctx context.Context, f SyncFilter, cursor string, limit int) ([]uc.Sync, string, error) {
	const op = "list syncs"
	where := filter{}
	where.equal("call_processor", f.CallProcessor)
	where.equal("state", string(f.State))
	if cursor != "" {
		after, err := readCursor(op, cursor, 2)
		if err != nil {
			return nil, "", err
		}
		at, err := time.Parse(time.RFC3339Nano, after[0])
		if err != nil {
			return nil, "", badCursor(op)
		}
		where.add("(created_at, id) < (@after_at, @after_id)", pgx.NamedArgs{"after_at": at, "after_id": after[1]})
	}
	limit = pageSize(limit)
	found, err := list[uc.Sync](ctx, d.pool, op, `SELECT `+syncColumns+` FROM syncs`+where.sql()+
		` ORDER BY created_at DESC, id DESC LIMIT @limit`, where.limited(limit+1))
	if err != nil || len(found) <= limit {
		return found, "", err
	}
	last := found[limit-1]
	return found[:limit], writeCursor(last.CreatedAt.Format(time.RFC3339Nano), last.ID), nil
}

// EndSync closes the sync. A sync that has ended stays as it ended. Fails with
// Conflict when it should be done and was not applied, Invalid when the state is not
// final and NotFound.
func (d *DB) EndSync(ctx context.Context, id string, state uc.SyncState, detail string) error {
	const op = "end sync"
	if !state.Final() {
		return refuse(uc.Invalid, op, "a sync ends done, failed or cancelled")
	}
	args := pgx.NamedArgs{"id": id, "state": state, "detail": detail}
	n, err := exec(ctx, d.pool, op, `UPDATE syncs SET state = @state, detail = @detail, ended_at = now()
		WHERE id = @id AND ended_at IS NULL AND (@state <> 'done' OR applied_at IS NOT NULL)`, args)
	if err != nil || n == 1 {
		return err
	}
	s, err := d.GetSync(ctx, id)
	if err == nil && !s.State.Final() {
		return refuse(uc.Conflict, op, fmt.Sprintf("sync %s was not applied", id))
	}
	return err
}

// KindEnd is how the reading of a kind ended other than with its last page.
type KindEnd struct {
	SyncID string
	Kind   uc.EstateKind
	State  uc.SyncKindState // failed or skipped
	Detail string           // one sentence, the fault's text
	Line   uc.SyncLine      // for the report; its kind and at are filled in
}

// EndSyncKind records that the kind could not be read: its objects stay as they were.
// One that was read, or has ended so, stays as it is. Fails with Invalid when the state
// is neither failed nor skipped, and NotFound when the sync does not read the kind.
func (d *DB) EndSyncKind(ctx context.Context, e KindEnd) error {
	const op = "end sync kind"
	if e.State != uc.KindFailed && e.State != uc.KindSkipped {
		return refuse(uc.Invalid, op, "a kind that is not read ends failed or skipped")
	}
	return d.inTx(ctx, op, func(tx pgx.Tx) error {
		p, err := progressOf(ctx, tx, e.SyncID, e.Kind)
		if err != nil {
			return err
		}
		n, err := exec(ctx, tx, op, `UPDATE sync_kinds SET state = @state, detail = @detail, updated_at = now(),`+notWaiting+`
			WHERE sync_number = @number AND kind = @kind AND state IN ('pending', 'reading')`, pgx.NamedArgs{
			"number": p.Number, "kind": e.Kind, "state": e.State, "detail": e.Detail,
		})
		if err != nil || n == 0 {
			return err
		}
		e.Line.Kind = e.Kind
		return addLines(ctx, tx, p.Number, e.Line)
	})
}
