package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sigs.k8s.io/yaml"

	"github.com/dialtone/dialtone/uc"
)

// The formats of the output.
const (
	formatTable = "table"
	formatJSON  = "json"
	formatYAML  = "yaml"
	formatCSV   = "csv"
)

var formats = []string{formatTable, formatJSON, formatYAML, formatCSV}

// checkOutput refuses an unknown format.
func (a *app) checkOutput() error {
	if slices.Contains(formats, a.output) {
		return nil
	}
	return usageError(fmt.Sprintf("output format %q is unknown: use table, json, yaml or csv", a.output))
}

// listing is what tables and CSV show of a result.
type listing struct {
	header []string
	rows   [][]string
}

func (l *listing) add(cells ...string) { l.rows = append(l.rows, cells) }

// print writes the result in the format that was asked for: JSON and YAML hold all
// of it, tables and CSV the listing.
func (a *app) print(result any, l listing) error {
	if a.output == formatTable {
		return writeTable(a.out, l)
	}
	if a.output == formatCSV {
		return writeCSV(a.out, l)
	}
	return a.printData(result)
}

// printData writes the result as YAML when that was asked for, as JSON otherwise.
func (a *app) printData(result any) error {
	text, err := json.MarshalIndent(result, "", "  ")
	if a.output == formatYAML {
		text, err = yaml.Marshal(result)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, strings.TrimRight(string(text), "\n"))
	return err
}

// writeTable aligns the columns; an empty listing says so. Empty cells show a dash,
// but not at the end of a row. On a terminal that is far too narrow each row becomes
// a block of lines.
func writeTable(to io.Writer, l listing) error {
	limit := 0
	if isTerminal(to) {
		limit, _ = terminalSize(to)
	}
	return writeTableWithin(to, l, limit)
}

// writeTableWithin writes the table for a terminal of that many columns; 0 = no limit.
func writeTableWithin(to io.Writer, l listing, limit int) error {
	if len(l.rows) == 0 {
		_, err := fmt.Fprintln(to, "none")
		return err
	}
	width := make([]int, len(l.header))
	rows := append([][]string{l.header}, l.rows...)
	for i, row := range rows {
		rows[i] = shownRow(row)
		for column, cell := range rows[i] {
			width[column] = max(width[column], utf8.RuneCountInString(cell))
		}
	}
	before := 0 // the last column, whose texts may be long
	for _, w := range width[:len(width)-1] {
		before += w + 2
	}
	if limit > 0 && before > 2*limit {
		return writeBlocks(to, rows)
	}
	return writeRows(to, rows, width)
}

// writeBlocks writes a line for each cell that is not empty, and an empty line after
// each row.
func writeBlocks(to io.Writer, rows [][]string) error {
	widest := 0
	for _, name := range rows[0] {
		widest = max(widest, utf8.RuneCountInString(name))
	}
	w := bufio.NewWriter(to)
	for _, row := range rows[1:] {
		for column, cell := range row {
			if cell == "-" {
				continue
			}
			if _, err := fmt.Fprintf(w, "%-*s  %s\n", widest, rows[0][column], cell); err != nil {
				return err
			}
		}
		if err := w.WriteByte('\n'); err != nil {
			return err
		}
	}
	return w.Flush()
}

func writeRows(to io.Writer, rows [][]string, width []int) error {
	w := bufio.NewWriter(to)
	for _, row := range rows {
		for column, cell := range row {
			if column < len(row)-1 {
				cell += strings.Repeat(" ", width[column]-utf8.RuneCountInString(cell)+2)
			}
			if _, err := w.WriteString(cell); err != nil {
				return err
			}
		}
		if err := w.WriteByte('\n'); err != nil {
			return err
		}
	}
	return w.Flush()
}

func shownRow(cells []string) []string {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	shown := make([]string, len(cells))
	for i, c := range cells {
		if shown[i] = plain(c); c == "" {
			shown[i] = "-"
		}
	}
	return shown
}

// plain takes out what a terminal would obey instead of show.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' {
			return ' '
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
}

// writeCSV writes every cell in quotes, the header in the words of JSON.
func writeCSV(to io.Writer, l listing) error {
	w := bufio.NewWriter(to)
	header := make([]string, len(l.header))
	for i, h := range l.header {
		header[i] = csvName(h)
	}
	for _, row := range append([][]string{header}, l.rows...) {
		cells := make([]string, len(l.header))
		for i := range cells {
			if i < len(row) {
				cells[i] = row[i]
			}
			cells[i] = `"` + strings.ReplaceAll(safeCell(cells[i]), `"`, `""`) + `"`
		}
		if _, err := w.WriteString(strings.Join(cells, ",") + "\r\n"); err != nil {
			return err
		}
	}
	return w.Flush()
}

// csvName is the header of a table as a column name: SERVICE AREA is serviceArea.
func csvName(header string) string {
	words := strings.Fields(strings.ToLower(header))
	for i := range words {
		if i > 0 {
			words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
		}
	}
	return strings.Join(words, "")
}

var phoneNumber = regexp.MustCompile(`^\+[0-9]{1,23}$`)

// safeCell keeps a spreadsheet from running a cell as a formula: an apostrophe goes
// before what begins with = + - @ or a control character. A plus with digits only is a phone number,
// which no spreadsheet can run, and stays as scripts and imports need it.
func safeCell(s string) string {
	if s == "" || phoneNumber.MatchString(s) || !strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return s
	}
	return "'" + s
}

// unsafeCell takes the apostrophe of safeCell away again.
func unsafeCell(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@\t\r\n", rune(s[1])) {
		return s[1:]
	}
	return s
}

// span shows how long something takes, in whole seconds: "1h30m", "15m", "40s".
func span(d time.Duration) string { return uc.Duration(d.Round(time.Second)).String() }

// moment shows a time in the local zone; "" for none.
func moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05")
}
