package db

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// ImportRow is what came of one row of an import.
type ImportRow struct {
	Line     int    `json:"line"`
	Text     string `json:"text"`
	Added    int    `json:"added"`
	Existing int    `json:"existing"`          // numbers that were in the pool before, or in an earlier row
	Problem  string `json:"problem,omitempty"` // one sentence; "" = none
}

// ImportReport is what came of an import, row by row in their order.
type ImportReport struct {
	Rows     []ImportRow `json:"rows"`
	Added    int         `json:"added"`
	Existing int         `json:"existing"`
	Rejected int         `json:"rejected"` // rows with a problem
}

// ImportNumbers adds numbers to the pool, available at once. A row is its line
// number and its text: one number or a range, "4711", "4700-4999",
// "+49301234700-+49301234999". What cannot be read, or belongs to another pool, is
// reported with its row and the rest goes on; importing again adds nothing. It is
// one transaction, and takes memory for the rows but not for the numbers of their
// ranges. Fails with NotFound when the pool does not exist.
func (d *DB) ImportNumbers(ctx context.Context, pool string, rows iter.Seq2[int, string], actor string) (ImportReport, error) {
	var report ImportReport
	err := d.inTx(ctx, "import numbers", func(tx pgx.Tx) (err error) {
		p, err := getPool(ctx, tx, pool)
		if err != nil {
			return err
		}
		report, err = importNumbers(ctx, tx, p, rows, actor)
		return err
	})
	if err != nil {
		return ImportReport{}, err
	}
	return report, nil
}

func importNumbers(ctx context.Context, tx pgx.Tx, p uc.NumberPool, rows iter.Seq2[int, string], actor string) (ImportReport, error) {
	const op = "import numbers"
	report := ImportReport{Rows: []ImportRow{}}
	_, err := exec(ctx, tx, op, `CREATE TEMPORARY TABLE wanted (
		row int NOT NULL, digits text COLLATE "C" NOT NULL, e164 text NOT NULL) ON COMMIT DROP`, nil)
	if err != nil {
		return report, err
	}
	next, stop := iter.Pull(report.read(p, rows))
	defer stop()
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"wanted"}, []string{"row", "digits", "e164"},
		pgx.CopyFromFunc(func() ([]any, error) {
			w, ok := next()
			if !ok {
				return nil, nil
			}
			return []any{w.row, w.digits, w.e164}, nil
		}))
	if err != nil {
		return report, fail(op, err)
	}
	counts, err := list[importCount](ctx, tx, op, importSQL, pgx.NamedArgs{
		"pool": p.Name, "call_processor": p.CallProcessor, "partition": p.Partition, "actor": actor,
	})
	if err != nil {
		return report, err
	}
	report.count(counts)
	return report, nil
}

// wantedNumber is one number of a row.
type wantedNumber struct {
	row          int // index in the report
	digits, e164 string
}

// read yields the numbers of the rows and notes each row in the report.
func (r *ImportReport) read(p uc.NumberPool, rows iter.Seq2[int, string]) iter.Seq[wantedNumber] {
	return func(yield func(wantedNumber) bool) {
		for line, text := range rows {
			row := ImportRow{Line: line, Text: text}
			numbers, err := uc.ParseNumberRange(text)
			if err != nil {
				row.Problem = problem(err)
			}
			r.Rows = append(r.Rows, row)
			if err != nil {
				continue
			}
			for digits := range numbers.All() {
				if !yield(wantedNumber{len(r.Rows) - 1, digits, p.E164(digits)}) {
					return
				}
			}
		}
	}
}

func problem(err error) string {
	var e *uc.Error
	if errors.As(err, &e) {
		return e.Detail
	}
	return err.Error()
}

// importSQL adds what is wanted and counts per row. Rows are inserted in order of
// their digits, so that two imports of the same numbers cannot block each other.
const importSQL = `WITH first AS (
	SELECT digits, min(e164) AS e164, min(row) AS row FROM wanted GROUP BY digits
), added AS (
	INSERT INTO numbers (call_processor, partition, digits, e164, pool, state, turn)
	SELECT @call_processor, @partition, digits, e164, @pool, 'available', '-infinity' FROM first ORDER BY digits
	ON CONFLICT (digits, partition, call_processor) DO NOTHING
	RETURNING id, digits
), event AS (
	INSERT INTO number_events (number_id, actor, from_state, to_state, reason)
	SELECT id, @actor, NULL, 'available', 'added to pool ' || @pool FROM added
)
SELECT wanted.row, count(*) AS total,
	count(added.id) FILTER (WHERE first.row = wanted.row) AS added,
	count(other.id) AS elsewhere, coalesce(min(other.pool), '') AS pool
FROM wanted JOIN first USING (digits)
LEFT JOIN added USING (digits)
LEFT JOIN numbers other ON other.digits = wanted.digits AND other.partition = @partition
	AND other.call_processor = @call_processor AND other.pool <> @pool
GROUP BY wanted.row`

type importCount struct {
	Row, Total, Added, Elsewhere int
	Pool                         string // one that has them
}

func (r *ImportReport) count(counts []importCount) {
	for _, c := range counts {
		row := &r.Rows[c.Row]
		row.Added, row.Existing = c.Added, c.Total-c.Added-c.Elsewhere
		if c.Elsewhere > 0 {
			row.Problem = fmt.Sprintf("%d of %d belong to pool %q: a number is in one pool only", c.Elsewhere, c.Total, c.Pool)
		}
	}
	for _, row := range r.Rows {
		r.Added += row.Added
		r.Existing += row.Existing
		if row.Problem != "" {
			r.Rejected++
		}
	}
}
