package db

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// A reading of people of whom the estate has nobody yet goes to the estate as it is read,
// once and not twice. Nobody sees its rows before the sync is applied: estate_hidden has
// its number until then, and the views leave out what these wrote.

// peopleKinds are the kinds of a reading of people that no other reading has.
func peopleKinds() []uc.EstateKind {
	var out []uc.EstateKind
	for _, k := range uc.EstateKinds {
		if k.Group == uc.SubscriberGroup && !k.Both {
			out = append(out, k.Kind)
		}
	}
	return out
}

// goesDirect reports whether rows of the kind may go to the estate as they are read.
func goesDirect(kind uc.EstateKind) bool {
	info, _ := kind.Info()
	return slices.Contains(peopleKinds(), kind) || kind.IsRelation() && info.Group == uc.SubscriberGroup
}

// ownHidden fails when the estate has not got what the sync brought to it any more, and
// keeps it there to the end of the transaction.
func ownHidden(ctx context.Context, tx pgx.Tx, op, syncID string, number int64) error {
	mine, err := column[int64](ctx, tx, op, `SELECT sync_number FROM estate_hidden
		WHERE sync_number = @number AND NOT dead FOR SHARE`, pgx.NamedArgs{"number": number})
	if err == nil && len(mine) == 0 {
		err = lostRows(op, syncID)
	}
	return err
}

func lostRows(op, syncID string) error {
	return refuse(uc.Conflict, op, fmt.Sprintf("another sync has begun and sync %s has lost what it read: start it again", syncID))
}

// openHidden makes the sync one that brings its rows to the estate, when the copy of the
// call processor has nobody yet.
func openHidden(ctx context.Context, tx pgx.Tx, op string, number int64, callProcessor string) error {
	_, err := exec(ctx, tx, op, `WITH empty AS (
			UPDATE syncs SET direct = true WHERE number = @number AND NOT EXISTS (
				SELECT FROM estate_kinds WHERE call_processor = @call_processor AND kind = ANY (@kinds))
			RETURNING number
		)
		INSERT INTO estate_hidden (sync_number, call_processor) SELECT number, @call_processor FROM empty`,
		pgx.NamedArgs{"number": number, "call_processor": callProcessor, "kinds": peopleKinds()})
	return err
}

// dropEarlier deletes what syncs before the one with the id brought to the estate and did
// not apply: one sync reads a call processor at a time.
func (d *DB) dropEarlier(ctx context.Context, op, callProcessor, id string) error {
	earlier, err := column[int64](ctx, d.pool, op, `SELECT h.sync_number FROM estate_hidden h JOIN syncs s ON s.number = h.sync_number
		WHERE h.call_processor = @call_processor AND s.id <> @id`, pgx.NamedArgs{"call_processor": callProcessor, "id": id})
	for _, number := range earlier {
		if err == nil {
			err = d.dropHidden(ctx, op, number)
		}
	}
	return err
}

// deletedRows are deleted at a time: who is interrupted goes on from there.
const deletedRows = 20_000

// dropHidden deletes what a sync that will not be applied brought to the estate. Nobody
// sees any of it meanwhile, and a page of it that is under way is the last one.
func (d *DB) dropHidden(ctx context.Context, op string, number int64) error {
	args := pgx.NamedArgs{"number": number, "most": deletedRows}
	n, err := exec(ctx, d.pool, op, `UPDATE estate_hidden SET dead = true WHERE sync_number = @number`, args)
	if err != nil || n == 0 {
		return err
	}
	for _, table := range []string{"estate_object", "estate_relation"} {
		for n = deletedRows; n == deletedRows; {
			n, err = exec(ctx, d.pool, op, estateIn(`DELETE FROM {estate} WHERE ctid = ANY (ARRAY(
				SELECT ctid FROM {estate} WHERE sync_number = @number LIMIT @most))`, table), args)
			if err != nil {
				return err
			}
		}
	}
	_, err = exec(ctx, d.pool, op, `DELETE FROM estate_hidden WHERE sync_number = @number`, args)
	return err
}

// showHidden makes what the sync brought to the estate visible at the end of the
// transaction; of kinds that were not read completely it is deleted.
func (a *apply) showHidden(ctx context.Context) error {
	if !a.direct {
		return nil
	}
	args := pgx.NamedArgs{"number": a.number, "read": a.read}
	unread, err := column[uc.EstateKind](ctx, a.tx, a.op, `SELECT kind FROM sync_kinds
		WHERE sync_number = @number AND hidden > 0 AND NOT kind = ANY (@read)`, args)
	if err != nil {
		return err
	}
	shown, err := exec(ctx, a.tx, a.op, `DELETE FROM estate_hidden WHERE sync_number = @number`, args)
	if err != nil {
		return err
	}
	if shown == 0 {
		return lostRows(a.op, a.id)
	}
	if len(unread) == 0 {
		return nil
	}
	args["unread"] = unread
	for _, table := range []string{"estate_object", "estate_relation"} {
		_, err := exec(ctx, a.tx, a.op, estateIn(`DELETE FROM {estate} WHERE sync_number = @number AND kind = ANY (@unread)`, table), args)
		if err != nil {
			return err
		}
	}
	return nil
}
