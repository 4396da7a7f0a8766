package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
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

// joinRow is one person of a file, or what is wrong with the row.
type joinRow struct {
	Row      int // line of a CSV, place in a list; 0 = from the command line
	Joiner   uc.Joiner
	Problems []uc.Problem
}

// key is the idempotency key of the row: the same person written the same way is
// the same request, in whichever file and row.
func (r joinRow) key() (string, error) {
	text, err := json.Marshal(r.Joiner)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// joinColumns are the columns that are not attributes, as they are written.
var joinColumns = []string{
	"userId", "employeeId", "directoryId", "firstName", "lastName", "mail", "department", "title",
	"serviceArea", "startAt", "classOfService", "deskPhone", "numberWanted",
}

// requiredColumns are those without which no row can be right.
var requiredColumns = []string{"userId", "lastName", "serviceArea"}

// ignoredColumn says what a demonstration expects of a row; it is no attribute.
const ignoredColumn = "expect"

// parseJoiners reads people from a CSV, JSON or YAML file, by the ending of its
// name. A row that is wrong carries its problems; only a file that cannot be read
// as a whole is an error.
func parseJoiners(name string, in io.Reader) ([]joinRow, error) {
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(text) {
		return nil, usageError(name + ": the text is not UTF-8, and names would be damaged: " +
			"save the file as UTF-8 (in Excel \"CSV UTF-8\")")
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var rows []joinRow
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json", ".yaml", ".yml":
		rows, err = parseJoinerList(text)
	default:
		rows, err = parseJoinerCSV(text)
	}
	if err == nil && len(rows) == 0 {
		err = errors.New("nobody is in it")
	}
	if err != nil {
		return nil, usageError(fmt.Sprintf("%s: %v", name, err))
	}
	return rows, nil
}

func parseJoinerCSV(text []byte) ([]joinRow, error) {
	head, _, _ := strings.Cut(string(text), "\n")
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord = separator(head), -1
	first, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	columns, err := columnNames(first)
	if err != nil {
		return nil, err
	}
	var rows []joinRow
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(record, func(s string) bool { return strings.TrimSpace(s) != "" }) {
			continue
		}
		line, _ := r.FieldPos(0)
		row := joinRow{Row: line}
		if len(record) > len(columns) {
			row.Problems = append(row.Problems, uc.Problem{
				Field: "-", Value: record[len(columns)],
				Fix: "the row has more cells than the header: put texts with separators in quotes",
			})
		}
		for i, cell := range record[:min(len(record), len(columns))] {
			row.set(columns[i], unsafeCell(strings.TrimSpace(cell)))
		}
		rows = append(rows, row.checked())
	}
}

// separator is the one that the header uses most: comma, semicolon or tab.
func separator(head string) rune {
	best := ','
	for _, c := range ";\t" {
		if strings.Count(head, string(c)) > strings.Count(head, string(best)) {
			best = c
		}
	}
	return best
}

// columnNames reads the header in any case. Fails when a column comes twice or one
// is missing that every row needs.
func columnNames(header []string) ([]string, error) {
	out := make([]string, len(header))
	for i, h := range header {
		out[i] = strings.TrimSpace(h)
		for _, known := range joinColumns {
			if strings.EqualFold(out[i], known) {
				out[i] = known
			}
		}
		if out[i] != "" && slices.Contains(out[:i], out[i]) {
			return nil, fmt.Errorf("column %s comes twice", out[i])
		}
	}
	for _, c := range requiredColumns {
		if !slices.Contains(out, c) {
			return nil, fmt.Errorf("column %s is missing: the first line names the columns %s",
				c, strings.Join(joinColumns, ", "))
		}
	}
	return out, nil
}

// set puts one cell where it belongs.
func (r *joinRow) set(column, cell string) {
	if cell == "" {
		return
	}
	j := &r.Joiner
	texts := map[string]*string{
		"userId": &j.User.ID, "employeeId": &j.User.EmployeeID, "directoryId": &j.User.DirectoryID,
		"firstName": &j.User.FirstName, "lastName": &j.User.LastName, "mail": &j.User.Mail,
		"department": &j.User.Department, "title": &j.User.Title, "serviceArea": &j.ServiceArea,
		"classOfService": (*string)(&j.ClassOfService), "deskPhone": &j.DeskPhone,
	}
	switch to := texts[column]; {
	case to != nil:
		*to = cell
	case column == "startAt":
		at, err := parseStart(cell)
		if err != nil {
			r.wrong(column, cell, "write it like 2006-01-02 or 2006-01-02T08:00:00+01:00")
		}
		j.StartAt = at
	case column == "numberWanted":
		word := strings.ToLower(cell)
		j.NumberWanted = slices.Contains([]string{"true", "yes", "1"}, word)
		if !j.NumberWanted && !slices.Contains([]string{"false", "no", "0"}, word) {
			r.wrong(column, cell, "use true or false")
		}
	case column == "" || strings.EqualFold(column, ignoredColumn):
	default:
		if j.Attributes == nil {
			j.Attributes = map[string]string{}
		}
		j.Attributes[column] = cell
	}
}

func (r *joinRow) wrong(column, cell, fix string) {
	r.Problems = append(r.Problems, uc.Problem{Field: column, Value: cell, Fix: fix})
}

// checked adds what the joiner itself shows to be wrong.
func (r joinRow) checked() joinRow {
	r.Problems = append(r.Problems, r.Joiner.Problems()...)
	return r
}

// parseJoinerList reads a list of people, or one, written like the API's joiners or
// flat like the columns of a CSV.
func parseJoinerList(text []byte) ([]joinRow, error) {
	var items []json.RawMessage
	for _, document := range documents(text) {
		text, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return nil, err
		}
		var some []json.RawMessage
		if err := json.Unmarshal(text, &some); err != nil {
			some = []json.RawMessage{text}
		}
		items = append(items, some...)
	}
	var rows []joinRow
	for i, item := range items {
		row, err := parseJoinerItem(item)
		if err != nil {
			return nil, fmt.Errorf("person %d: %w", i+1, err)
		}
		row.Row = i + 1
		rows = append(rows, row.checked())
	}
	return rows, nil
}

func parseJoinerItem(item json.RawMessage) (joinRow, error) {
	var row joinRow
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(item))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return row, errors.New("write an object with userId, lastName, serviceArea, …")
	}
	if _, nested := fields["user"]; nested {
		strict := json.NewDecoder(bytes.NewReader(item))
		strict.DisallowUnknownFields()
		return row, strict.Decode(&row.Joiner)
	}
	if attributes, ok := fields["attributes"].(map[string]any); ok {
		delete(fields, "attributes")
		maps.Copy(fields, attributes)
	}
	for name, value := range fields {
		switch value.(type) {
		case nil:
		case string, bool, json.Number:
			row.set(name, strings.TrimSpace(fmt.Sprint(value)))
		default:
			return row, fmt.Errorf("%s is not a text", name)
		}
	}
	return row, nil
}
