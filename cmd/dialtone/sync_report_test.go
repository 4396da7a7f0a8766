package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/uc"
)

// A report and a comparison are whole for a program, and end for a reader.
func TestReportsAreWhole(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	first := c.synced("SEP0")
	var phones []string
	for i := range 260 {
		phones = append(phones, fmt.Sprintf("SEP%d", i))
	}
	second := c.synced(phones...)
	for args, want := range map[string][2]int{
		"": {259, 261}, "--limit=120": {120, 120}, "--limit=0": {259, 261},
	} {
		more := []string{"-o", "json"}
		if args != "" {
			more = append(more, args)
		}
		var r report
		if err := json.Unmarshal([]byte(c.ok(append([]string{"sync", "report", second}, more...)...)), &r); err != nil {
			t.Fatal(err)
		}
		var d api.SyncDiff
		if err := json.Unmarshal([]byte(c.ok(append([]string{"sync", "diff", first, second}, more...)...)), &d); err != nil {
			t.Fatal(err)
		}
		if len(r.Lines) != want[0] || len(d.Items) != want[1] || (r.Next == "") != (want[0] == 259) || (d.Next == "") != (want[1] == 261) {
			t.Errorf("%q: %d lines and %d differences", args, len(r.Lines), len(d.Items))
		}
		for _, l := range r.Lines {
			if l.What == "" || l.Why == "" || l.Do == "" || l.What == uc.WhatAdded && len(l.Properties) == 0 {
				t.Errorf("%+v", l)
			}
		}
	}
}

func TestValuesText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``: "",
		`{"model": {"old": "7841", "new": "8851"}, "name": {"new": "A"}}`:                                        "model: 7841 -> 8851, name: nothing -> A",
		`{"a": {"new": ""}, "b": {}, "c": {"new": 1}}`:                                                           "c: nothing -> 1",
		`{"by": "ann", "reason": "a site closed"}`:                                                               "by: ann, reason: a site closed",
		`{"lines": {"old": [{"uuid": "1", "index": "1"}], "new": [{"index": "1", "uuid": "1"}, {"uuid": "2"}]}}`: "lines: +uuid=2",
		`{"lines": {"old": [{"uuid": "1"}]}}`:                                                                    "lines: -uuid=1",
		`{"l": {"old": [{"u": "1"}, {"u": "2"}], "new": [{"u": "2"}, {"u": "1"}]}}`:                              `l: [{"u": "1"}, {"u": "2"}] -> [{"u": "2"}, {"u": "1"}]`,
		`{"l": {"old": [1], "new": [2]}}`:                                                                        "l: [1] -> [2]",
	} {
		if got := valuesText([]byte(text)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// What the guard asks, and what to do, is in a report once, also after somebody decided.
func TestReportOfAHeldSync(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.synced("SEP1", "SEP2", "SEP3")
	id := c.startSync("subscribers")
	c.stage(id, uc.PhoneKind)
	if out, err := c.DB.ApplySync(t.Context(), id, false); err != nil || !out.Held {
		t.Fatal(out, err)
	}
	const asks = "all 3 objects of kind IP Phone would be gone"
	if out := c.ok("sync", "report", id); strings.Count(out, asks) != 1 || strings.Contains(out, "What to do") {
		t.Errorf("with the guard's line: %s", out)
	}
	if out := c.ok("sync", "report", id, "--kind", "phones"); strings.Count(out, asks) != 1 || !strings.Contains(out, "What to do") {
		t.Errorf("without the guard's line: %s", out)
	}
	c.ok("sync", "approve", id, "--reason", "a site closed")
	out := c.ok("sync", "report", id)
	for _, once := range []string{asks, "a site closed", "by: admin"} {
		if strings.Count(out, once) != 1 {
			t.Errorf("after the decision %q is not there once: %s", once, out)
		}
	}
}
