package api

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
)

const (
	importID      = "import-numbers"
	maxImport     = 10 << 20 // bytes of one import
	maxImportRows = 100_000  // a row may be a range of a million numbers
)

// importIn keeps the body as a stream: it is never held as a whole.
type importIn struct {
	Name        string `path:"name" maxLength:"128"`
	ContentType string `header:"Content-Type" hidden:"true"`

	body io.Reader
}

// Resolve takes the body before the handler runs.
func (in *importIn) Resolve(ctx huma.Context) []error {
	c := humaecho.Unwrap(ctx)
	in.body = http.MaxBytesReader(c.Response(), c.Request().Body, maxImport)
	return nil
}

// ImportReport says what became of each row of an import.
type ImportReport struct {
	Added    int         `json:"added" doc:"Numbers that are new"`
	Existing int         `json:"existing" doc:"Numbers that were there before"`
	Rejected int         `json:"rejected" doc:"Rows that could not be read"`
	Rows     []ImportRow `json:"rows"`
}

// ImportRow is what became of one row.
type ImportRow struct {
	Line     int    `json:"line" doc:"Line of the CSV, or place in the JSON list, from 1"`
	Text     string `json:"text"`
	Added    int    `json:"added"`
	Existing int    `json:"existing"`
	Problem  string `json:"problem,omitempty" doc:"Why the row was rejected"`
}

type importOut struct{ Body ImportReport }

// importNumbers reads rows as they arrive. A bad row is reported and the rest go
// on; a body that cannot be read at all changes nothing.
func (s *server) importNumbers(ctx context.Context, in *importIn) (*importOut, error) {
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	rows, err := in.rows(func(err error) { abort(bodyProblem(err)) })
	if err != nil {
		return nil, err
	}
	report, err := s.db.ImportNumbers(ctx, in.Name, rows, callerOf(ctx).name)
	var unreadable *Problem
	if errors.As(context.Cause(ctx), &unreadable) {
		return nil, unreadable
	}
	if err != nil {
		return nil, err
	}
	out := &importOut{ImportReport{
		Added: report.Added, Existing: report.Existing, Rejected: report.Rejected,
		Rows: make([]ImportRow, len(report.Rows)),
	}}
	for i, r := range report.Rows {
		out.Body.Rows[i] = ImportRow(r)
	}
	s.wake(ctx, in.Name, report.Added)
	return out, nil
}

// rows yields line and text of each row. When the body breaks, it calls abort
// before it ends, so that nothing of the import is kept.
func (in *importIn) rows(abort func(error)) (iter.Seq2[int, string], error) {
	media, _, err := mime.ParseMediaType(in.ContentType)
	if err != nil && in.ContentType != "" {
		return nil, statusProblem(http.StatusUnsupportedMediaType, "send application/json or text/csv")
	}
	var read func(io.Reader, func(int, string) bool) error
	switch media {
	case "", "application/json":
		read = readJSONRows
	case "text/csv", "text/plain":
		read = readCSVRows
	default:
		return nil, statusProblem(http.StatusUnsupportedMediaType, "send application/json or text/csv")
	}
	return func(yield func(int, string) bool) {
		n := 0
		err := read(in.body, func(line int, text string) bool {
			if n++; n > maxImportRows {
				abort(fmt.Errorf("one import takes %d rows at most: split it, or write ranges", maxImportRows))
				return false
			}
			return yield(line, text)
		})
		if err != nil {
			abort(err)
		}
	}, nil
}

// bodyProblem is why a body could not be read to its end.
func bodyProblem(err error) *Problem {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return statusProblem(http.StatusRequestEntityTooLarge,
			fmt.Sprintf("one import takes %d MB at most: split it, or write ranges", maxImport>>20))
	}
	return invalid(Violation{Location: "body", Message: err.Error()})
}

// readJSONRows reads {"numbers": ["4711", "4700-4999"]} value by value.
func readJSONRows(body io.Reader, yield func(int, string) bool) error {
	const form = `write {"numbers": ["4711", "4700-4999"]}`
	d := json.NewDecoder(body)
	for _, want := range []any{json.Delim('{'), "numbers", json.Delim('[')} {
		got, err := d.Token()
		if err != nil {
			return jsonError(err, form)
		}
		if got != want {
			return fmt.Errorf("unexpected %v: %s", got, form)
		}
	}
	for line := 1; d.More(); line++ {
		got, err := d.Token()
		if err != nil {
			return jsonError(err, form)
		}
		text, ok := got.(string)
		if !ok {
			return fmt.Errorf("number %d is not a string: %s", line, form)
		}
		if !yield(line, text) {
			return nil
		}
	}
	for _, want := range []any{json.Delim(']'), json.Delim('}')} {
		got, err := d.Token()
		if err != nil {
			return jsonError(err, form)
		}
		if got != want {
			return fmt.Errorf("unexpected %v: %s", got, form)
		}
	}
	return nil
}

func jsonError(err error, form string) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return fmt.Errorf("the body is no complete JSON: %s", form)
}

// readCSVRows reads the column called number, or the first one when no header
// names it. Commas, semicolons and tabs separate; a byte order mark, empty lines
// and the apostrophe before a number that spreadsheets need are accepted.
func readCSVRows(body io.Reader, yield func(int, string) bool) error {
	text := bufio.NewReader(body)
	if mark, err := text.Peek(3); err == nil && string(mark) == "\ufeff" {
		if _, err := text.Discard(3); err != nil {
			return err
		}
	}
	head, err := text.Peek(text.Size())
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return err
	}
	r := csv.NewReader(text)
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = separator(string(head)), -1, true, true
	column := 0
	for first := true; ; first = false {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if first {
			if i := slices.IndexFunc(record, isNumberHeader); i >= 0 {
				column = i
				continue
			}
		}
		if column >= len(record) || strings.TrimSpace(record[column]) == "" {
			continue
		}
		line, _ := r.FieldPos(column)
		if !yield(line, strings.TrimPrefix(strings.TrimSpace(record[column]), "'")) {
			return nil
		}
	}
}

func isNumberHeader(cell string) bool { return strings.EqualFold(strings.TrimSpace(cell), "number") }

// separator is the one that the first line uses most.
func separator(text string) rune {
	line, _, _ := strings.Cut(text, "\n")
	best := ','
	for _, c := range ";\t" {
		if strings.Count(line, string(c)) > strings.Count(line, string(best)) {
			best = c
		}
	}
	return best
}

// describeImport documents the body, which the operation reads as a stream.
func describeImport(doc *huma.OpenAPI) {
	op := doc.Paths["/v1/pools/{name}/numbers"].Post
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{
			Type: huma.TypeObject, Required: []string{"numbers"}, AdditionalProperties: false,
			Properties: map[string]*huma.Schema{"numbers": {
				Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString},
				Description: "Single numbers and ranges",
				Examples:    []any{[]any{"4711", "4700-4999", "+49301234700-+49301234999"}},
			}},
		}},
		"text/csv": {Schema: &huma.Schema{
			Type: huma.TypeString, Description: "The column number, or the first one, holds single numbers and ranges.",
		}},
	}}
}
