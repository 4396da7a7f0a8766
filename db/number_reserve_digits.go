package db

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// wanted is a number that an order asks for, and whether its date has passed.
type wanted struct {
	uc.Number
	Late bool
}

const wantedSQL = `SELECT ` + numberColumns + `, coalesce(until <= now(), false) AS late FROM numbers `

// reserveDigits is Reserve for the order that wants one number and no other.
func (d *DB) reserveDigits(ctx context.Context, r ReserveRequest, args pgx.NamedArgs) (Reservation, error) {
	for {
		var out Reservation
		late := false
		err := d.inTx(ctx, "reserve", func(tx pgx.Tx) error {
			n, err := d.lockWanted(ctx, tx, r)
			if err != nil || n.Late {
				late = n.Late
				return err
			}
			out, err = takeWanted(ctx, tx, r, n.Number, args)
			return err
		})
		switch {
		case violated(err, uniqueViolation) == "numbers_one_per_order":
			continue // another attempt of this order was faster: read what it took
		case err != nil:
			return Reservation{}, err
		case late:
			if _, err := d.thaw(ctx, r.Pool); err != nil {
				return Reservation{}, err
			}
			continue
		case !out.Made:
			return out, d.adopt(ctx, r, out.ID)
		}
		return out, nil
	}
}

// RehearseReserve fails as Reserve with Digits would at this moment, and reserves nothing.
func (d *DB) RehearseReserve(ctx context.Context, r ReserveRequest) error {
	const op = "rehearse reserve"
	for {
		late := false
		err := d.inTx(ctx, op, func(tx pgx.Tx) error {
			n, err := d.lockWanted(ctx, tx, r)
			if late = n.Late; err != nil || late {
				return err
			}
			_, err = takeWanted(ctx, tx, r, n.Number, pgx.NamedArgs{
				"order": r.OrderID, "user": r.UserID, "user_key": userKey(r.UserID),
			})
			if err == nil {
				err = errDryRun
			}
			return err
		})
		switch {
		case errors.Is(err, errDryRun):
			return nil
		case err != nil || !late:
			return err
		}
		if _, err := d.thaw(ctx, r.Pool); err != nil {
			return err
		}
	}
}

// lockWanted returns the number of the order, or locks the one it wants.
func (d *DB) lockWanted(ctx context.Context, tx pgx.Tx, r ReserveRequest) (wanted, error) {
	const op = "reserve"
	own, err := list[wanted](ctx, tx, op, wantedSQL+`WHERE order_id = @order AND order_id <> ''`, pgx.NamedArgs{"order": r.OrderID})
	if err != nil {
		return wanted{}, err
	}
	if len(own) == 1 {
		if own[0].Digits != r.Digits && own[0].E164 != r.Digits || own[0].Pool != r.Pool {
			return wanted{}, refuse(uc.Conflict, op, fmt.Sprintf("order %s has number %s already", r.OrderID, own[0].Directory()))
		}
		return own[0], nil
	}
	for _, form := range []string{"digits", "e164"} {
		found, err := list[wanted](ctx, tx, op, wantedSQL+`WHERE pool = @pool AND `+form+` = @digits FOR UPDATE`,
			pgx.NamedArgs{"pool": r.Pool, "digits": r.Digits})
		switch {
		case err != nil:
			return wanted{}, err
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return wanted{}, refuse(uc.Conflict, op, fmt.Sprintf(
				"%d numbers of pool %q are %s in E.164 form: ask for one as dialled inside", len(found), r.Pool, r.Digits))
		case !strings.HasPrefix(r.Digits, "+"):
			return wanted{}, notInPool(ctx, tx, r)
		}
	}
	return wanted{}, notInPool(ctx, tx, r)
}

// notInPool says that the pool does not have the number, and which one does.
func notInPool(ctx context.Context, tx pgx.Tx, r ReserveRequest) error {
	const op = "reserve"
	if _, err := getPool(ctx, tx, r.Pool); err != nil {
		return err
	}
	pools, err := column[string](ctx, tx, op, `SELECT DISTINCT pool FROM numbers WHERE digits = @digits ORDER BY pool`,
		pgx.NamedArgs{"digits": r.Digits})
	if err != nil {
		return err
	}
	fix := "it is in no pool: ask for another one, or import it"
	if len(pools) > 0 {
		fix = "name its pool: " + strings.Join(pools, ", ")
	}
	return refuse(uc.NotFound, op, fmt.Sprintf("number %q is not in pool %q; %s", r.Digits, r.Pool, fix))
}

// takeWanted gives the locked number to the order, or says why not.
func takeWanted(ctx context.Context, tx pgx.Tx, r ReserveRequest, n uc.Number, args pgx.NamedArgs) (Reservation, error) {
	const op = "reserve"
	theirs := n.UserID != "" && userKey(n.UserID) == userKey(r.UserID)
	var why string
	switch {
	case n.OrderID == r.OrderID && (n.State == uc.Reserved || n.State == uc.Assigned):
		return Reservation{n, true}, nil
	case n.State == uc.Assigned && theirs:
		return Reservation{n, false}, nil
	case n.State == uc.Available:
		why = "this number was asked for"
	case n.State == uc.Held && theirs:
		why = "held for this person"
	case n.State == uc.Cooling && theirs:
		why = "given back by this person, still cooling"
	default:
		return Reservation{}, refuse(uc.Conflict, op, fmt.Sprintf(
			"number %s is %s: ask for another one, or for any of the pool", n.Directory(), n.Standing()))
	}
	args["id"], args["why"] = n.ID, why
	return one[Reservation](ctx, tx, op, `WITH taken AS (
		UPDATE numbers n SET state = 'reserved', order_id = @order, user_id = @user, user_key = @user_key,
			turn = NULL, until = NULL, reason = '', changed_at = now(), prior_state = n.state, prior_until = n.until,
			prior_user_id = n.user_id, prior_user_key = n.user_key, prior_reason = n.reason
		WHERE n.id = @id
		RETURNING `+takenSQL+`, n.prior_state
	), event AS (
		INSERT INTO number_events (number_id, actor, order_id, user_id, from_state, to_state, reason)
		SELECT id, 'order', order_id, user_id, prior_state, 'reserved', @why FROM taken
	)
	SELECT `+numberColumns+`, true AS made FROM taken`, args)
}
