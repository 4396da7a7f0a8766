package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// GuardRequest is an order that wants to pass the guard before its first write.
type GuardRequest struct {
	OrderID string
	Kind    uc.GuardKind
	Domain  string
	Limit   uc.GuardLimit // what it leaves out is filled in
	People  int           // how many people the domain has
	Batch   int           // how many orders came together with this one, itself included; 0 = alone
}

// GuardAnswer says whether the order may go on.
type GuardAnswer struct {
	Passed   bool
	HoldID   int64  // of an order that is or was held; 0 = it never was
	Rejected bool   // somebody decided against it: it never will pass
	Detail   string // why it did not pass, and what to do: one sentence
}

// PassGuard lets the order pass, or holds it. Of the orders of a kind in a domain no
// more pass within the window than the limit allows, however many ask at once. The
// order that would exceed it, and the first of a batch that would, opens a hold;
// while that is open every later order of the kind in the domain is held, too. Held
// orders pass when their hold is approved, and then do not count: an approval raises
// no limit. Asking again is safe: an order that passed passes, one that is held is
// not counted twice. Orders with the same Batch are taken for one batch until that
// is complete. Fails with Invalid without order, domain or a known kind, and
// NotFound when there is no such order.
func (d *DB) PassGuard(ctx context.Context, r GuardRequest) (GuardAnswer, error) {
	const op = "pass guard"
	if r.OrderID == "" || r.Domain == "" || !r.Kind.Valid() {
		return GuardAnswer{}, refuse(uc.Invalid, op, "the guard needs an order, a domain and leaver, release or move")
	}
	r.Limit, r.Batch = r.Limit.WithDefaults(), max(1, r.Batch)
	var out GuardAnswer
	err := d.inTx(ctx, op, func(tx pgx.Tx) error {
		if err := lockGuard(ctx, tx, r.Kind, r.Domain); err != nil {
			return err
		}
		hold, asked, err := heldBy(ctx, tx, r)
		if err != nil {
			return err
		}
		if !asked {
			if hold, err = r.decide(ctx, tx); err != nil {
				return err
			}
		}
		out, err = answer(ctx, tx, hold)
		return err
	})
	if violated(err, foreignKeyViolation) != "" {
		return GuardAnswer{}, noOrder(op, r.OrderID)
	}
	return out, err
}

// lockGuard makes the orders of the kind in the domain come one after the other,
// until the end of the transaction.
func lockGuard(ctx context.Context, tx pgx.Tx, kind uc.GuardKind, domain string) error {
	const op = "lock guard"
	args := pgx.NamedArgs{"kind": kind, "domain": domain}
	for _, sql := range []string{
		`INSERT INTO guards (domain, kind) VALUES (@domain, @kind) ON CONFLICT DO NOTHING`,
		`SELECT FROM guards WHERE domain = @domain AND kind = @kind FOR UPDATE`,
	} {
		if _, err := exec(ctx, tx, op, sql, args); err != nil {
			return err
		}
	}
	return nil
}

// heldBy tells whether the order asked before, and which hold it has; 0 = none.
func heldBy(ctx context.Context, tx pgx.Tx, r GuardRequest) (hold int64, asked bool, err error) {
	holds, err := column[int64](ctx, tx, "pass guard", `SELECT coalesce(hold_id, 0) FROM guard_orders
		WHERE order_id = @order AND kind = @kind`, pgx.NamedArgs{"order": r.OrderID, "kind": r.Kind})
	return first(holds), len(holds) > 0, err
}

// decide writes what becomes of an order that asks for the first time and returns
// its hold, 0 when it passes.
func (r GuardRequest) decide(ctx context.Context, tx pgx.Tx) (hold int64, err error) {
	const op = "pass guard"
	args := pgx.NamedArgs{
		"order": r.OrderID, "kind": r.Kind, "domain": r.Domain, "batch": r.Batch,
		"window": int64(r.Limit.Window), "allowed": r.Limit.Allowed(r.People),
	}
	open, err := column[int64](ctx, tx, op, `SELECT id FROM guard_holds
		WHERE domain = @domain AND kind = @kind AND state = 'open'`, args)
	if err != nil {
		return 0, err
	}
	if hold = first(open); hold == 0 {
		type counts struct{ Passed, SameBatch int }
		c, err := one[counts](ctx, tx, op, `SELECT count(*) AS passed,
				count(*) FILTER (WHERE batch = @batch) AS same_batch
			FROM guard_orders WHERE domain = @domain AND kind = @kind AND hold_id IS NULL
				AND passed_at > now() - @window::bigint / 1000 * interval '1 microsecond'`, args)
		if err != nil {
			return 0, err
		}
		// Of its batch so many have yet to come, this one included.
		coming := r.Batch - c.SameBatch%r.Batch
		if c.Passed+coming > r.Limit.Allowed(r.People) {
			args["passed"] = c.Passed
			made, err := column[int64](ctx, tx, op, `INSERT INTO guard_holds (domain, kind, passed, allowed, in_window)
				VALUES (@domain, @kind, @passed, @allowed, @window::bigint) RETURNING id`, args)
			if err != nil {
				return 0, err
			}
			hold = first(made)
		}
	}
	args["hold"] = hold
	_, err = exec(ctx, tx, op, `INSERT INTO guard_orders (order_id, kind, domain, batch, hold_id, passed_at)
		VALUES (@order, @kind, @domain, @batch, nullif(@hold::bigint, 0), CASE WHEN @hold::bigint = 0 THEN now() END)`, args)
	return hold, err
}

// answer is what an order with this hold, 0 for none, is told.
func answer(ctx context.Context, tx pgx.Tx, hold int64) (GuardAnswer, error) {
	if hold == 0 {
		return GuardAnswer{Passed: true}, nil
	}
	found, err := guardHolds(ctx, tx, `WHERE h.id = @id`, pgx.NamedArgs{"id": hold})
	if err != nil {
		return GuardAnswer{}, err
	}
	h := first(found)
	out := GuardAnswer{HoldID: hold, Passed: h.State == uc.GuardApproved, Rejected: h.State == uc.GuardRejected}
	switch h.State {
	case uc.GuardOpen:
		out.Detail = fmt.Sprintf("%s: approve with `dialtone guard approve %d --reason TEXT`", h.Detail, hold)
	case uc.GuardRejected:
		out.Detail = fmt.Sprintf("%s: %s rejected it (%s)", h.Detail, h.DecidedBy, h.Reason)
	case uc.GuardApproved:
	}
	return out, nil
}
