package db

import (
	"encoding/base64"
	"maps"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// The size of a page: what is taken when the caller names none, and the most.
const (
	defaultPage = 50
	maxPage     = 1000
)

func pageSize(limit int) int {
	if limit <= 0 {
		return defaultPage
	}
	return min(limit, maxPage)
}

// filter collects the conditions of a list and their arguments. Conditions that
// are not asked for are left out, so that the planner sees what is.
type filter struct {
	conditions []string
	args       pgx.NamedArgs
}

func (f *filter) add(condition string, args pgx.NamedArgs) {
	f.conditions = append(f.conditions, condition)
	if f.args == nil {
		f.args = pgx.NamedArgs{}
	}
	maps.Copy(f.args, args)
}

// equal adds column = value unless the value is empty.
func (f *filter) equal(column, value string) {
	if value != "" {
		f.add(column+" = @"+column, pgx.NamedArgs{column: value})
	}
}

func (f *filter) sql() string {
	if len(f.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(f.conditions, " AND ")
}

// limited are the arguments with @limit.
func (f *filter) limited(limit int) pgx.NamedArgs {
	out := pgx.NamedArgs{"limit": limit}
	maps.Copy(out, f.args)
	return out
}

const cursorSeparator = "\x1f"

// writeCursor makes the cursor of the page after the row with these keys.
func writeCursor(keys ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(keys, cursorSeparator)))
}

// readCursor returns the n keys of a cursor. Fails with Invalid.
func readCursor(op, cursor string, n int) ([]string, error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	keys := strings.Split(string(text), cursorSeparator)
	if err != nil || len(keys) != n || strings.Contains(string(text), "\x00") {
		return nil, badCursor(op)
	}
	return keys, nil
}

func badCursor(op string) error {
	return refuse(uc.Invalid, op, "the cursor is not one that a list returned: leave it out")
}
