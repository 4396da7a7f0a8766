package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

const personColumns = `user_id, domain, state, joiner, services, order_id, updated_at`

// GetPerson returns the person of the user id, in any case. Fails with NotFound.
func (d *DB) GetPerson(ctx context.Context, userID string) (uc.Person, error) {
	return d.person(ctx, "get person", `user_key = @key`, userKey(userID),
		fmt.Sprintf("no order has made anything for a person %q", userID))
}

// PersonOfEmployee returns the person of the employee id who has not left. Fails with
// NotFound.
func (d *DB) PersonOfEmployee(ctx context.Context, employeeID string) (uc.Person, error) {
	return d.person(ctx, "person of employee", `employee_id = @key AND employee_id <> '' AND state <> 'left'`, employeeID,
		fmt.Sprintf("nobody has the employee id %q", employeeID))
}

func (d *DB) person(ctx context.Context, op, where, key, missing string) (uc.Person, error) {
	found, err := list[uc.Person](ctx, d.pool, op, `SELECT `+personColumns+` FROM people WHERE `+where,
		pgx.NamedArgs{"key": key})
	if err == nil && len(found) == 0 {
		err = refuse(uc.NotFound, op, missing)
	}
	return first(found), err
}

// SavePerson writes what the person has now, for everybody to see. It is idempotent.
// Fails with Conflict when another person has the employee id.
func (d *DB) SavePerson(ctx context.Context, p uc.Person) error {
	const op = "save person"
	_, err := exec(ctx, d.pool, op, `INSERT INTO people (user_key, user_id, employee_id, domain, service_area, state, joiner,
			services, order_id, updated_at)
		VALUES (@user_key, @user, @employee, @domain, @service_area, @state, @joiner, @services, @order, now())
		ON CONFLICT (user_key) DO UPDATE SET user_id = excluded.user_id, employee_id = excluded.employee_id,
			domain = excluded.domain, service_area = excluded.service_area, state = excluded.state,
			joiner = excluded.joiner, services = excluded.services, order_id = excluded.order_id, updated_at = now()`,
		pgx.NamedArgs{
			"user_key": userKey(p.UserID), "user": p.UserID, "employee": p.Joiner.User.EmployeeID, "domain": p.Domain,
			"service_area": p.Joiner.ServiceArea, "state": p.State, "joiner": p.Joiner, "services": p.Services,
			"order": p.OrderID,
		})
	if violated(err, uniqueViolation) == "people_one_per_employee" {
		return refuse(uc.Conflict, op, fmt.Sprintf("employee id %s of user %s is another person's already",
			p.Joiner.User.EmployeeID, p.UserID))
	}
	return err
}

// SetPersonState says where the person stands; a person that is not known stays
// unknown. It is idempotent.
func (d *DB) SetPersonState(ctx context.Context, userID string, s uc.PersonState) error {
	_, err := exec(ctx, d.pool, "set person state",
		`UPDATE people SET state = @state, updated_at = now() WHERE user_key = @user_key AND state <> @state`,
		pgx.NamedArgs{"user_key": userKey(userID), "state": s})
	return err
}

// RenamePerson gives the person another user id everywhere: the person, the numbers
// and every order, so that the history goes along. It is idempotent: when nobody has
// the old user id, nothing is done. Fails with Conflict when another person has the
// new one.
func (d *DB) RenamePerson(ctx context.Context, from, to string) error {
	const op = "rename person"
	args := pgx.NamedArgs{"from": userKey(from), "to_key": userKey(to), "to": to}
	return d.inTx(ctx, op, func(tx pgx.Tx) error {
		for _, id := range []string{min(userKey(from), userKey(to)), max(userKey(from), userKey(to))} {
			if err := lockPerson(ctx, tx, op, id); err != nil {
				return err
			}
		}
		taken, err := column[bool](ctx, tx, op, `SELECT @from <> @to_key AND EXISTS (SELECT FROM people WHERE user_key = @from)
			AND (EXISTS (SELECT FROM people WHERE user_key = @to_key AND state <> 'left')
				OR EXISTS (SELECT FROM orders WHERE user_key = @to_key AND state IN ('scheduled', 'running', 'waiting')))`, args)
		if err != nil {
			return err
		}
		if first(taken) {
			return refuse(uc.Conflict, op, fmt.Sprintf("user id %s is another person's already", to))
		}
		for _, sql := range []string{
			`DELETE FROM people WHERE user_key = @to_key AND @from <> @to_key AND EXISTS (SELECT FROM people WHERE user_key = @from)`,
			`UPDATE people SET user_key = @to_key, user_id = @to, updated_at = now() WHERE user_key = @from`,
			`UPDATE numbers SET user_key = @to_key, user_id = @to WHERE user_key = @from`,
			`UPDATE numbers SET prior_user_key = @to_key, prior_user_id = @to WHERE prior_user_key = @from`,
			`UPDATE number_adoptions SET user_key = @to_key WHERE user_key = @from`,
			`UPDATE orders SET user_key = @to_key, user_id = @to WHERE user_key = @from`,
		} {
			if _, err := exec(ctx, tx, op, sql, args); err != nil {
				return err
			}
		}
		return nil
	})
}

// CountPeople returns how many people of the domain have not left.
func (d *DB) CountPeople(ctx context.Context, domain string) (int, error) {
	n, err := column[int](ctx, d.pool, "count people", `SELECT count(*) FROM people WHERE domain = @domain AND state <> 'left'`,
		pgx.NamedArgs{"domain": domain})
	return first(n), err
}

// SavePlan keeps what a leaver's order will change and remove. The first plan of an
// order stays: what was shown is what is done.
func (d *DB) SavePlan(ctx context.Context, orderID string, p uc.LeaverPlan) error {
	_, err := exec(ctx, d.pool, "save plan", `UPDATE orders SET plan = @plan WHERE id = @id AND plan IS NULL`,
		pgx.NamedArgs{"id": orderID, "plan": p})
	return err
}
