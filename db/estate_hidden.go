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

// ownHidden fails when the estate has not got what the sync brought to it any more.
func ownHidden(ctx context.Context, tx pgx.Tx, op, syncID string, number int64) error {
	mine, err := column[int64](ctx, tx, op, `SELECT sync_number FROM estate_hidden WHERE sync_number = @number`,
		pgx.NamedArgs{"number": number})
	if err == nil && len(mine) == 0 {
		err = lostRows(op, syncID)
	}
	return err
}

func lostRows(op, syncID string) error {
	return refuse(uc.Conflict, op, fmt.Sprintf("another sync has begun and sync %s has lost what it read: start it again", syncID))
}

// openHidden makes the sync one that brings its rows to the estate, when the copy of the
// call processor has nobody yet. What an earlier one brought there is deleted: one sync
// reads a call processor at a time.
func openHidden(ctx context.Context, tx pgx.Tx, op string, number int64, callProcessor string) error {
	args := pgx.NamedArgs{"number": number, "call_processor": callProcessor, "kinds": peopleKinds()}
	// Whoever deletes the number first has the rows: it is applied, or they go.
	earlier, err := column[int64](ctx, tx, op, `DELETE FROM estate_hidden WHERE call_processor = @call_processor
		RETURNING sync_number`, args)
	if err != nil {
		return err
	}
	if err := deleteRows(ctx, tx, op, earlier, nil); err != nil {
		return err
	}
	_, err = exec(ctx, tx, op, `WITH empty AS (
			UPDATE syncs SET direct = true WHERE number = @number AND NOT EXISTS (
				SELECT FROM estate_kinds WHERE call_processor = @call_processor AND kind = ANY (@kinds))
			RETURNING number
		)
		INSERT INTO estate_hidden (sync_number, call_processor) SELECT number, @call_processor FROM empty`, args)
	return err
}

// deleteRows takes what syncs wrote to the estate out of it, of these kinds or, nil, of all.
func deleteRows(ctx context.Context, tx pgx.Tx, op string, numbers []int64, kinds []uc.EstateKind) error {
	if len(numbers) == 0 {
		return nil
	}
	for _, table := range []string{"estate_object", "estate_relation"} {
		_, err := exec(ctx, tx, op, estateIn(`DELETE FROM {estate} WHERE sync_number = ANY (@numbers)
			AND (@kinds::text[] IS NULL OR kind = ANY (@kinds))`, table), pgx.NamedArgs{"numbers": numbers, "kinds": kinds})
		if err != nil {
			return err
		}
	}
	return nil
}

// dropHidden deletes what a sync that was not applied brought to the estate.
func (d *DB) dropHidden(ctx context.Context, op string, number int64) error {
	return d.inTx(ctx, op, func(tx pgx.Tx) error {
		args := pgx.NamedArgs{"number": number}
		n, err := exec(ctx, tx, op, `DELETE FROM estate_hidden WHERE sync_number = @number`, args)
		if err != nil || n == 0 {
			return err
		}
		return deleteRows(ctx, tx, op, []int64{number}, nil)
	})
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
	return deleteRows(ctx, a.tx, a.op, []int64{a.number}, unread)
}
