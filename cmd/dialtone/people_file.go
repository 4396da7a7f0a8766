package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"sigs.k8s.io/yaml"

	"github.com/dialtone/dialtone/uc"
)

// peopleForm is what the rows of a file of people may say.
type peopleForm struct {
	columns    []string // as they are written
	required   []string // without which no row can be right
	attributes string   // before the name of an attribute's column; "-" = a row has none
	about      []string // columns that describe the person and are passed over
	example    []string // of one row, by columns
	nested     string   // a field by which an object is known to be written like the API's; "" = none is
	empties    bool     // a cell with a dash takes the value away
}

// personRow is one person of a file, or what is wrong with the row.
type personRow struct {
	Row      int // line of a CSV, place in a list; 0 = from the command line
	Cells    []personCell
	Nested   json.RawMessage // an object written like the API's, instead of cells
	Problems []uc.Problem
}

// personCell is one value and what it is.
type personCell struct{ Column, Text string }

// takeAway is the cell that empties a value; an empty one leaves it as it is.
const takeAway = "-"

// ignoredColumn says what a demonstration expects of a row.
const ignoredColumn = "expect"

// parsePeople reads people from a CSV, JSON or YAML file, by the ending of its name. A
// row that is wrong carries its problems; only a file that cannot be read as a whole
// is an error.
func parsePeople(name string, in io.Reader, form peopleForm) ([]personRow, error) {
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(text) {
		return nil, usageError(name + ": the text is not UTF-8, and names would be damaged: " +
			"save the file as UTF-8 (in Excel \"CSV UTF-8\")")
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var rows []personRow
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json", ".yaml", ".yml":
		rows, err = form.parseList(text)
	default:
		rows, err = form.parseCSV(text)
	}
	if err == nil && len(rows) == 0 {
		err = errors.New("nobody is in it")
	}
	if err != nil {
		return nil, usageError(fmt.Sprintf("%s: %v", name, err))
	}
	return rows, nil
}

// idle reports whether a line says nothing: it is empty, or a comment.
func idle(record []string) bool {
	filled := slices.IndexFunc(record, func(s string) bool { return strings.TrimSpace(s) != "" })
	return filled < 0 || filled == 0 && strings.HasPrefix(strings.TrimSpace(record[0]), "#")
}

func (f peopleForm) parseCSV(text []byte) ([]personRow, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord = separator(text), -1
	var columns []string
	var rows []personRow
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, csvError(err)
		}
		if idle(record) {
			continue
		}
		if columns == nil {
			if columns, err = f.columnNames(record); err != nil {
				return nil, err
			}
			continue
		}
		line, _ := r.FieldPos(0)
		rows = append(rows, csvRow(line, columns, record))
	}
}

// csvError says where a CSV cannot be read on, and how it is mended.
func csvError(err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return err
	}
	const fix = `put the whole cell in quotes, and write "" for a quote within it`
	if errors.Is(p.Err, csv.ErrBareQuote) {
		return fmt.Errorf("row %d, place %d of the line: a quote stands within a text: %s", p.StartLine, p.Column, fix)
	}
	return fmt.Errorf("row %d: a quote is not closed, or text follows it: %s", p.StartLine, fix)
}

func csvRow(line int, columns, record []string) personRow {
	row := personRow{Row: line}
	if len(record) > len(columns) {
		row.Problems = append(row.Problems, uc.Problem{
			Field: "-", Value: record[len(columns)],
			Fix: "the row has more cells than the header: put texts with separators in quotes",
		})
	}
	for i, cell := range record[:min(len(record), len(columns))] {
		row.add(columns[i], unsafeCell(strings.TrimSpace(cell)))
	}
	return row
}

// add puts a value into the row; what is empty or of no column says nothing.
func (r *personRow) add(column, text string) {
	if text != "" && column != "" {
		r.Cells = append(r.Cells, personCell{column, text})
	}
}

// separator is the one that the header uses most: comma, semicolon or tab.
func separator(text []byte) rune {
	head := ""
	for line := range strings.Lines(string(text)) {
		if head = line; !idle([]string{line}) {
			break
		}
	}
	best := ','
	for _, c := range ";\t" {
		if strings.Count(head, string(c)) > strings.Count(head, string(best)) {
			best = c
		}
	}
	return best
}

// columnNames reads the header in any case. Fails when a column comes twice, is not
// known, or is missing and every row needs it.
func (f peopleForm) columnNames(header []string) ([]string, error) {
	out := make([]string, len(header))
	for i, h := range header {
		name, err := f.columnName(strings.TrimSpace(h))
		if err != nil {
			return nil, err
		}
		if out[i] = name; name != "" && slices.Contains(out[:i], name) {
			return nil, fmt.Errorf("column %s comes twice", name)
		}
	}
	for _, c := range f.required {
		if !slices.Contains(out, c) {
			return nil, fmt.Errorf("column %s is missing: the first line names the columns %s",
				c, strings.Join(f.columns, ", "))
		}
	}
	return out, nil
}

// columnName is the column as it is written; "" for one that is passed over. Fails
// when it is not known: a typing error must not be dropped in silence.
func (f peopleForm) columnName(name string) (string, error) {
	same := func(known string) bool { return strings.EqualFold(name, known) }
	if i := slices.IndexFunc(f.columns, same); i >= 0 {
		return f.columns[i], nil
	}
	switch attribute, prefixed := strings.CutPrefix(name, f.attributes); {
	case name == "" || same(ignoredColumn) || slices.ContainsFunc(f.about, same):
		return "", nil
	case f.attributes != "-" && prefixed && attribute != "":
		return name, nil
	}
	return "", fmt.Errorf("%s is not known: use %s", name, f.known())
}

// known lists what a row can say.
func (f peopleForm) known() string {
	all := strings.Join(f.columns, ", ")
	if f.attributes != "-" {
		all += ", " + f.attributes + "NAME for an attribute"
	}
	return all
}

// parseList reads a list of people, or one.
func (f peopleForm) parseList(text []byte) ([]personRow, error) {
	var items []json.RawMessage
	for _, document := range documents(text) {
		text, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return nil, listError(err)
		}
		var some []json.RawMessage
		if err := json.Unmarshal(text, &some); err != nil {
			some = []json.RawMessage{text}
		}
		items = append(items, some...)
	}
	var rows []personRow
	for i, item := range items {
		row, err := f.parseItem(item)
		if err != nil {
			return nil, fmt.Errorf("person %d: %w", i+1, err)
		}
		row.Row = i + 1
		rows = append(rows, row)
	}
	return rows, nil
}

// listError says what is wrong with a YAML or JSON text, and how it is mended: the
// libraries' sentences say only where they stumbled.
func listError(err error) error {
	text := err.Error()
	for _, begin := range []string{"error converting YAML to JSON: ", "error unmarshaling JSON: ", "while decoding JSON: ", string(uc.Invalid) + ": "} {
		text = strings.TrimPrefix(text, begin)
	}
	if field, ok := strings.CutPrefix(text, "json: unknown field "); ok {
		return fmt.Errorf("field %s is not known: take it out, or write its name as /v1/openapi.yaml does", field)
	}
	if about, ok := strings.CutPrefix(text, "yaml: "); ok {
		return fmt.Errorf("it is neither YAML nor JSON (%s): mend it there, or in the line before", about)
	}
	return errors.New(text)
}

func (f peopleForm) parseItem(item json.RawMessage) (personRow, error) {
	var row personRow
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(item))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return row, fmt.Errorf("write an object with %s, …", strings.Join(f.required, ", "))
	}
	if _, nested := fields[f.nested]; nested && f.nested != "" {
		row.Nested = item
		return row, nil
	}
	if attributes, ok := fields["attributes"].(map[string]any); ok {
		delete(fields, "attributes")
		for name, value := range attributes {
			fields[strings.TrimPrefix(f.attributes, "-")+name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		column, err := f.columnName(name)
		if err != nil {
			return row, err
		}
		switch value := fields[name].(type) {
		case nil:
		case string, bool, json.Number:
			text := strings.TrimSpace(fmt.Sprint(value))
			if text == "" && f.empties {
				text = takeAway
			}
			row.add(column, text)
		default:
			return row, fmt.Errorf("%s is not a text", name)
		}
	}
	return row, nil
}
