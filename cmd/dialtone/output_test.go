package main

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSafeCell(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ reason, cell, want string }{
		"plain":        {"nothing to do", "Ann Lee", "Ann Lee"},
		"empty":        {"nothing to do", "", ""},
		"phone number": {"digits after a plus cannot be run", "+493012344711", "+493012344711"},
		"formula":      {"it would run", "=1+1", "'=1+1"},
		"command":      {"it would run", "+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"},
		"minus":        {"it would run", "-1+1", "'-1+1"},
		"at":           {"it would run", "@SUM(A1)", "'@SUM(A1)"},
		"tab":          {"a spreadsheet looks behind it", "\t=1", "'\t=1"},
		"plus alone":   {"no phone number", "+", "'+"},
		"inside":       {"only the beginning counts", "a=1", "a=1"},
	}
	for name, c := range cases {
		if got := safeCell(c.cell); got != c.want {
			t.Errorf("%s (%s): %q, want %q", name, c.reason, got, c.want)
		}
		if back := unsafeCell(safeCell(c.cell)); back != c.cell {
			t.Errorf("%s: read back as %q", name, back)
		}
	}
}

// What is written as CSV is read by any reader as it was, but for formulas.
func TestWriteCSV(t *testing.T) {
	t.Parallel()
	l := listing{header: []string{"USER", "SERVICE AREA"}}
	l.add(`O"Neil, "Bob"`, "line\nbreak")
	l.add("short")
	l.add("=1", "+4930")
	var out bytes.Buffer
	if err := writeCSV(&out, l); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"user", "serviceArea"}, {`O"Neil, "Bob"`, "line\nbreak"}, {"short", ""}, {"'=1", "+4930"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A name from HR must not be able to steer the terminal.
func TestTableShowsControlCharactersAsNothing(t *testing.T) {
	t.Parallel()
	l := listing{header: []string{"USER", "DETAIL"}}
	l.add("\x1b[2Jann", "a\nb\tc\u202e\u0007\u009b31m")
	var out bytes.Buffer
	if err := writeTable(&out, l); err != nil {
		t.Fatal(err)
	}
	if want := "USER    DETAIL\n[2Jann  a b c31m\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

func TestTableAligns(t *testing.T) {
	t.Parallel()
	l := listing{header: []string{"USER", "STATE", "NUMBER", "DETAIL"}}
	l.add("jürgen", "done", "4711")
	l.add("bob", "", "", "scheduled for later")
	l.add("cleo")
	var out bytes.Buffer
	if err := writeTable(&out, l); err != nil {
		t.Fatal(err)
	}
	want := "USER    STATE  NUMBER  DETAIL\njürgen  done   4711\nbob     -      -       scheduled for later\ncleo\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestProgressOnTerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := newProgress(&out)
	p.terminal = true
	many := make([]string, 40)
	for i := range many {
		many[i] = strings.Repeat("x", 200)
	}
	text := p.draw(many, "")
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != 22 || p.drawn != 22 || !strings.Contains(lines[21], "19 more") {
		t.Errorf("%d lines, drawn %d, last %q", len(lines), p.drawn, lines[len(lines)-1])
	}
	for _, line := range lines {
		if len([]rune(line)) >= 80 {
			t.Errorf("a line of %d characters wraps", len([]rune(line)))
		}
	}
	if got := p.erase(); got != "\x1b[22A\x1b[J" || p.drawn != 0 {
		t.Errorf("erase %q", got)
	}
	text = p.draw(many, "12 of 1000")
	if p.drawn != 22 || !strings.Contains(text, "20 more\n12 of 1000\n") {
		t.Errorf("with a last line %d lines: %q", p.drawn, text[len(text)-60:])
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		args []string
		says string
	}{
		"unknown command":   {[]string{"onboard"}, `unknown command "onboard"`},
		"unknown below":     {[]string{"order", "delete"}, `unknown command "delete"`},
		"unknown flag":      {[]string{"order", "list", "--all"}, "unknown flag --all: dialtone order list has none"},
		"unknown format":    {[]string{"order", "list", "-o", "xml"}, "use table, json, yaml or csv"},
		"missing argument":  {[]string{"order", "get"}, "dialtone order get wants ORDER"},
		"too many":          {[]string{"person", "get", "a", "b"}, "wants USER"},
		"missing flag":      {[]string{"token", "create", "x"}, "--role (hr, admin or viewer"},
		"no role":           {[]string{"token", "create", "x", "--role", "root"}, "use hr, admin or viewer"},
		"nothing to watch":  {[]string{"order", "watch"}, "wants one or more ORDERs, or --all"},
		"watch both":        {[]string{"order", "watch", "x", "--all"}, "wants one or more ORDERs, or --all"},
		"nothing to import": {[]string{"pool", "import", "berlin"}, "either numbers or -f FILE"},
		"import both":       {[]string{"pool", "import", "berlin", "1", "-f", "x"}, "either numbers or -f FILE"},
		"nothing to apply":  {[]string{"apply"}, "--file ("},
		"no API":            {[]string{"--data", "/nonexistent", "order", "list"}, "no API is known"},
		"bad address":       {[]string{"--url", "ftp://x", "order", "list"}, "write it like https://"},
		"bad CA file":       {[]string{"--url", "https://x", "--ca-file", "/nonexistent.pem", "order", "list"}, "CA file"},
		"no date":           {[]string{"order", "reschedule", "x"}, "--start-at and --leave-at are missing: give one"},
		"no user":           {[]string{"leave"}, "either one USER or -f FILE"},
		"user and file":     {[]string{"move", "ann", "-f", "x"}, "either one USER or -f FILE"},
		"two users":         {[]string{"change", "ann", "bob", "--set", "title=Dr"}, "either one USER or -f FILE"},
		"plan and cancel":   {[]string{"leave", "ann", "--plan", "--cancel"}, "--plan and --cancel do not go together: give one"},
		"both numbers":      {[]string{"move", "ann", "--keep-number", "--new-number"}, "--keep-number and --new-number do not go together"},
		"bad date":          {[]string{"--url", "http://127.0.0.1:1", "order", "reschedule", "x", "--start-at", "soon"}, `date "soon"`},
	}
	for name, c := range cases {
		var out, errOut bytes.Buffer
		args := c.args
		if i := len(args); i > 0 && args[0] == "--url" { // a flag of the commands below
			args = append(append([]string{}, args[2:]...), args[:2]...)
		}
		code := newApp(strings.NewReader(""), &out, &errOut).run(t.Context(), args)
		if code != exitUsage || !strings.Contains(errOut.String(), c.says) || strings.Count(errOut.String(), "\n") != 1 {
			t.Errorf("%s: code %d says %q, want %d and %q", name, code, errOut.String(), exitUsage, c.says)
		}
	}
}

// A row that would take three lines of a narrow terminal is a block; a long text in the
// last column is no reason, nor is a listing that is read by a program.
func TestTableOnNarrowTerminal(t *testing.T) {
	t.Parallel()
	l := listing{header: []string{"ORDER", "USER", "NUMBER", "DETAIL"}}
	id := strings.Repeat("0", 36)
	l.add(id, strings.Repeat("a", 40), "", "no answer")
	l.add(id, "bob")
	blocks := "ORDER   " + id + "\nUSER    " + strings.Repeat("a", 40) + "\nDETAIL  no answer\n\nORDER   " + id + "\nUSER    bob\n\n"
	for limit, want := range map[int]string{40: blocks, 80: "", 0: ""} {
		var out bytes.Buffer
		if err := writeTableWithin(&out, l, limit); err != nil {
			t.Fatal(err)
		}
		if want == "" && strings.HasPrefix(out.String(), "ORDER  ") && strings.Count(out.String(), "\n") == 3 {
			continue
		}
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("%d columns: %s", limit, diff)
		}
	}
}
