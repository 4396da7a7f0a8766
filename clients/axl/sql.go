package axl

import (
	"context"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// QuerySQL calls row for every row of a read-only SQL query while the answer
// arrives: memory does not grow with the answer. Columns are named in lower
// case; object ids in SQL have the form of UUID. An error of row ends the call
// and comes back as it is. Fails with uc.Invalid when the statement is wrong or
// its answer exceeds 8 MB (errors.As finds a *LimitError), and with
// uc.Unavailable when the answer broke off: rows already seen are not taken back.
//
// Source: AXL 15.0 executeSQLQuery.
func (c *Client) QuerySQL(ctx context.Context, sql string, row func(Row) error) error {
	return c.stream(ctx, "executeSQLQuery", &gen.ExecuteSQLQuery{Sql: sql}, eachRow(row).read)
}
