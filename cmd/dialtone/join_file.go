package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/uc"
)

// joinRow is one joiner of a file, or what is wrong with the row.
type joinRow struct {
	Row      int // line of a CSV, place in a list; 0 = from the command line
	Joiner   uc.Joiner
	Problems []uc.Problem
}

// joinForm are the columns of joiners; any other column is an attribute.
var joinForm = peopleForm{
	columns: []string{
		"userId", "employeeId", "directoryId", "firstName", "lastName", "mail", "department", "title",
		"serviceArea", "startAt", "classOfService", "deskPhone", "numberWanted", "voicemail",
	},
	required: []string{"userId", "lastName", "serviceArea"},
	example: []string{
		"abauer", "E1001", "", "Anna", "Bauer", "anna.bauer@example.com", "Sales", "",
		"berlin", "2027-03-01", "national", "", "", "",
	},
	nested: "user",
}

// parseJoiners reads joiners from a file.
func parseJoiners(name string, in io.Reader) ([]joinRow, error) {
	people, err := parsePeople(name, in, joinForm)
	if err != nil {
		return nil, err
	}
	rows := make([]joinRow, len(people))
	for i, p := range people {
		if rows[i], err = newJoinRow(p); err != nil {
			return nil, usageError(fmt.Sprintf("%s: person %d: %v", name, i+1, err))
		}
	}
	return rows, nil
}

// newJoinRow reads one row. Fails when an object is not written like the API's.
func newJoinRow(p personRow) (joinRow, error) {
	row := joinRow{Row: p.Row, Problems: p.Problems}
	if p.Nested != nil {
		strict := json.NewDecoder(bytes.NewReader(p.Nested))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&row.Joiner); err != nil {
			return row, listError(err)
		}
	}
	for _, c := range p.Cells {
		row.set(c.Column, c.Text)
	}
	return row.checked(), nil
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
			r.wrong(column, cell, dateFix)
		}
		j.StartAt = at
	case column == "numberWanted":
		j.NumberWanted = r.yesOrNo(column, cell)
	case column == "voicemail":
		on := r.yesOrNo(column, cell)
		j.Voicemail = &on
	default:
		if j.Attributes == nil {
			j.Attributes = map[string]string{}
		}
		j.Attributes[column] = cell
	}
}

// yesOrNo reads a cell that says yes or no.
func (r *joinRow) yesOrNo(column, cell string) bool {
	yes, known := yesOrNo(cell)
	if !known {
		r.wrong(column, cell, "use true or false")
	}
	return yes
}

// yesOrNo reads true, yes or 1, and false, no or 0.
func yesOrNo(text string) (yes, known bool) {
	word := strings.ToLower(text)
	yes = slices.Contains([]string{"true", "yes", "1"}, word)
	return yes, yes || slices.Contains([]string{"false", "no", "0"}, word)
}

// dateFix says how a date is written.
const dateFix = "write it like 2006-01-02 or 2006-01-02T08:00:00+01:00"

func (r *joinRow) wrong(column, cell, fix string) {
	r.Problems = append(r.Problems, uc.Problem{Field: column, Value: cell, Fix: fix})
}

// checked adds what the joiner itself shows to be wrong.
func (r joinRow) checked() joinRow {
	r.Problems = append(r.Problems, r.Joiner.Problems()...)
	return r
}
