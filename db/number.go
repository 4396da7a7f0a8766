package db

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// numberColumns are the columns of a uc.Number.
const numberColumns = `id, call_processor, partition, digits, e164, pool, state, user_id, order_id, until, reason, changed_at`

// takenSQL are the same columns, from the row n of an update.
const takenSQL = `n.id, n.call_processor, n.partition, n.digits, n.e164, n.pool, n.state, n.user_id, n.order_id,
	n.until, n.reason, n.changed_at`

// userKey is a user id as it is compared.
func userKey(userID string) string { return uc.User{ID: userID}.Key() }

// NumberHistory is a number and everything that happened to it, oldest first.
type NumberHistory struct {
	uc.Number
	Events []uc.NumberEvent `json:"events"`
}

// GetNumbers returns the numbers with these digits in every partition, with their
// histories: as dialled inside, with or without a leading plus, or in E.164 form.
// Fails with NotFound when there is none.
func (d *DB) GetNumbers(ctx context.Context, digits string) ([]NumberHistory, error) {
	const op = "get numbers"
	bare := strings.TrimPrefix(strings.ReplaceAll(digits, " ", ""), "+")
	numbers, err := list[uc.Number](ctx, d.pool, op, `SELECT `+numberColumns+` FROM numbers
		WHERE digits IN (@bare, @plus) OR e164 = @plus
		ORDER BY call_processor, partition, length(digits), digits`,
		pgx.NamedArgs{"bare": bare, "plus": "+" + bare})
	if err != nil {
		return nil, err
	}
	if len(numbers) == 0 {
		return nil, refuse(uc.NotFound, op, fmt.Sprintf("number %q is in no pool", digits))
	}
	out := make([]NumberHistory, len(numbers))
	for i, n := range numbers {
		events, err := d.numberEvents(ctx, n.ID)
		if err != nil {
			return nil, err
		}
		out[i] = NumberHistory{n, events}
	}
	return out, nil
}

// FindNumber returns the one number with these digits, written as GetNumbers reads
// them; an empty call processor or partition is any. Fails with NotFound when there
// is none, and with Conflict, which lists them, when there are several.
func (d *DB) FindNumber(ctx context.Context, n uc.DirectoryNumber) (uc.Number, error) {
	const op = "find number"
	bare := strings.TrimPrefix(strings.ReplaceAll(n.Digits, " ", ""), "+")
	found, err := list[uc.Number](ctx, d.pool, op, `SELECT `+numberColumns+` FROM numbers
		WHERE (digits IN (@bare, @plus) OR e164 = @plus)
			AND (@call_processor = '' OR call_processor = @call_processor) AND (@partition = '' OR partition = @partition)
		ORDER BY call_processor, partition, length(digits), digits`,
		numberArgs(n, pgx.NamedArgs{"bare": bare, "plus": "+" + bare}))
	if err != nil {
		return uc.Number{}, err
	}
	names := make([]string, len(found))
	for i, f := range found {
		if names[i] = f.Directory().String(); f.Directory() == n {
			return f, nil // named in full: another may have these digits as its E.164 form
		}
	}
	switch len(found) {
	case 0:
		where := ""
		if n.Partition != "" {
			where += " in " + n.Partition
		}
		if n.CallProcessor != "" {
			where += " on " + n.CallProcessor
		}
		return uc.Number{}, refuse(uc.NotFound, op, fmt.Sprintf("number %q%s is in no pool", n.Digits, where))
	case 1:
		return found[0], nil
	}
	return uc.Number{}, refuse(uc.Conflict, op, fmt.Sprintf("number %q may be any of these, name its call processor and partition: %s",
		n.Digits, strings.Join(names, "; ")))
}

func (d *DB) numberEvents(ctx context.Context, id int64) ([]uc.NumberEvent, error) {
	return list[uc.NumberEvent](ctx, d.pool, "get number events",
		`SELECT at, actor, order_id, user_id, coalesce(from_state::text, '') AS "from", to_state AS "to", reason
		FROM number_events WHERE number_id = @id ORDER BY id`, pgx.NamedArgs{"id": id})
}

// NumbersOf returns the numbers that stand to the person's name: reserved,
// assigned, held, and cooling ones that the person had last.
func (d *DB) NumbersOf(ctx context.Context, userID string) ([]uc.Number, error) {
	return list[uc.Number](ctx, d.pool, "numbers of", `SELECT `+numberColumns+` FROM numbers
		WHERE user_key = @user_key AND user_key <> '' ORDER BY id`, pgx.NamedArgs{"user_key": userKey(userID)})
}

// NumberFilter selects numbers; a zero field selects all.
type NumberFilter struct {
	Pool   string
	State  uc.NumberState
	UserID string
}

// ListNumbers returns at most limit numbers in order of their digits, as text, and
// the cursor of the next page, "" after the last one. Fails with Invalid when the
// cursor is not one of ours.
func (d *DB) ListNumbers(ctx context.Context, f NumberFilter, cursor string, limit int) ([]uc.Number, string, error) {
	const op = "list numbers"
	where := filter{}
	where.equal("pool", f.Pool)
	where.equal("state", string(f.State))
	where.equal("user_key", userKey(f.UserID))
	if cursor != "" {
		after, err := readCursor(op, cursor, 3)
		if err != nil {
			return nil, "", err
		}
		where.add("(digits, partition, call_processor) > (@after0, @after1, @after2)",
			pgx.NamedArgs{"after0": after[0], "after1": after[1], "after2": after[2]})
	}
	limit = pageSize(limit)
	numbers, err := list[uc.Number](ctx, d.pool, op, `SELECT `+numberColumns+` FROM numbers`+where.sql()+
		` ORDER BY digits, partition, call_processor LIMIT @limit`, where.limited(limit+1))
	if err != nil || len(numbers) <= limit {
		return numbers, "", err
	}
	last := numbers[limit-1]
	return numbers[:limit], writeCursor(last.Digits, last.Partition, last.CallProcessor), nil
}
