package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// PersonFilter selects people; a zero field selects all.
type PersonFilter struct {
	Domain      string
	ServiceArea string
	State       uc.PersonState
	EmployeeID  string
}

// ListPeople returns at most limit people by user id without its case, and the cursor
// of the next page, "" after the last one. Fails with Invalid when the cursor is not
// one of ours.
func (d *DB) ListPeople(ctx context.Context, f PersonFilter, cursor string, limit int) ([]uc.Person, string, error) {
	const op = "list people"
	where := filter{}
	where.equal("domain", f.Domain)
	where.equal("service_area", f.ServiceArea)
	where.equal("state", string(f.State))
	where.equal("employee_id", f.EmployeeID)
	if cursor != "" {
		after, err := readCursor(op, cursor, 1)
		if err != nil {
			return nil, "", err
		}
		where.add("user_key > @after", pgx.NamedArgs{"after": after[0]})
	}
	limit = pageSize(limit)
	found, err := list[uc.Person](ctx, d.pool, op, `SELECT `+personColumns+` FROM people`+where.sql()+
		` ORDER BY user_key LIMIT @limit`, where.limited(limit+1))
	if err != nil || len(found) <= limit {
		return found, "", err
	}
	return found[:limit], writeCursor(userKey(found[limit-1].UserID)), nil
}
