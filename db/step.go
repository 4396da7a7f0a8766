package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// BeginStep says that an attempt of the step begins; saying it again for the same
// attempt changes nothing. Attempts count from 1, and from 1 again after a resume.
// Fails with NotFound when the order does not exist.
func (d *DB) BeginStep(ctx context.Context, ref uc.StepRef, name string, attempt int) error {
	const op = "begin step"
	_, err := exec(ctx, d.pool, op, `INSERT INTO order_steps AS s (order_id, name, item, undo, state, attempt, attempts, started_at)
		VALUES (@order, @name, @item, @undo, 'running', @attempt, 1, clock_timestamp())
		ON CONFLICT (order_id, name, item, undo) DO UPDATE SET state = 'running', attempt = @attempt,
			attempts = s.attempts + CASE WHEN s.state = 'running' AND s.attempt = @attempt THEN 0 ELSE 1 END,
			ended_at = NULL`,
		stepArgs(ref, name, attempt))
	return stepError(op, ref, err)
}

// EndStep says how an attempt of the step ended; a kind belongs to a failure, a detail
// to a failure or to what a done step left out. An attempt that is not the latest says
// nothing: a later one has begun. Fails with NotFound when the order does not exist.
func (d *DB) EndStep(ctx context.Context, ref uc.StepRef, name string, attempt int, state uc.StepState,
	kind uc.Kind, detail string,
) error {
	const op = "end step"
	args := stepArgs(ref, name, attempt)
	args["state"], args["kind"], args["detail"] = state, kind, detail
	_, err := exec(ctx, d.pool, op, `INSERT INTO order_steps AS s
			(order_id, name, item, undo, state, attempt, attempts, kind, detail, started_at, ended_at)
		VALUES (@order, @name, @item, @undo, @state, @attempt, 1, @kind, @detail, clock_timestamp(), clock_timestamp())
		ON CONFLICT (order_id, name, item, undo) DO UPDATE SET state = @state, kind = @kind, detail = @detail,
			ended_at = clock_timestamp()
		WHERE s.attempt = @attempt`, args)
	return stepError(op, ref, err)
}

func stepArgs(ref uc.StepRef, name string, attempt int) pgx.NamedArgs {
	return pgx.NamedArgs{"order": ref.OrderID, "name": name, "item": ref.Item, "undo": ref.Undo, "attempt": attempt}
}

func stepError(op string, ref uc.StepRef, err error) error {
	if violated(err, foreignKeyViolation) != "" {
		return noOrder(op, ref.OrderID)
	}
	return err
}
