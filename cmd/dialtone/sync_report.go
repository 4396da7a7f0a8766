package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

func newSyncReportCommand(a *app) *cobra.Command {
	var q apiclient.ReportQuery
	limit := 0
	var cmd *cobra.Command
	cmd = &cobra.Command{
		Use: "report SYNC", Short: "Show what a sync found: what, why, the values, and what to do",
		Args: exactArgs("SYNC"), ValidArgsFunction: first(a.syncIDs(isAnySync)),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			s, err := c.Sync(ctx, args[0])
			if err != nil {
				return err
			}
			var lines []uc.SyncLine
			err = pages(a.most(cmd, limit), func(most int) (more bool, err error) {
				q.Limit = most
				page, err := c.SyncReport(ctx, s.ID, q)
				lines, q.Cursor = append(lines, page.Items...), page.Next
				return page.Next != "", err
			})
			if err != nil {
				return err
			}
			return a.printReport(s, lines, q.Cursor)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&q.Kind, "kind", "", "only lines about this kind of object: phones")
	flags.StringVar((*string)(&q.Severity), "severity", "", "only lines of this severity: info, warning, error")
	flags.StringVar((*string)(&q.Class), "class", "", "only lines with this cause: network, configuration, data, guard")
	flags.StringVar(&q.Cursor, "cursor", "", "go on after an earlier report")
	flags.IntVar(&limit, "limit", 200, linesHelp)
	must(cmd.RegisterFlagCompletionFunc("kind", estateKindWords))
	return cmd
}

const linesHelp = "at most so many; 0 = all, as in JSON, YAML and CSV without this flag"

// most is how many lines are shown: as many as were asked for, or else what fits a
// table, or everything that a program reads.
func (a *app) most(cmd *cobra.Command, limit int) int {
	if a.output != formatTable && !cmd.Flags().Changed("limit") {
		return 0
	}
	return limit
}

// pages asks for one part after the other, of at most so many lines each, until there
// are no more or these are enough; 0 = all.
func pages(limit int, ask func(most int) (more bool, err error)) error {
	for left := limit; ; left -= maxPage {
		most := maxPage
		if limit > 0 {
			most = min(left, maxPage)
		}
		more, err := ask(most)
		if err != nil || !more || limit > 0 && left <= maxPage {
			return err
		}
	}
}

// report is a sync and the lines of its report.
type report struct {
	Sync  uc.Sync       `json:"sync"`
	Lines []uc.SyncLine `json:"lines"`
	Next  string        `json:"next,omitempty"`
}

func (a *app) printReport(s uc.Sync, lines []uc.SyncLine, next string) error {
	l := listing{header: lineHeader}
	for _, line := range lines {
		l.add(lineCells(line)...)
	}
	if a.output != formatTable {
		return a.print(report{s, lines, next}, l)
	}
	if _, err := fmt.Fprintln(a.out, syncText(s, lines...)); err != nil {
		return err
	}
	if err := writeTable(a.out, l); err != nil {
		return err
	}
	return a.sayMore(next)
}

var lineHeader = []string{"SEVERITY", "CLASS", "KIND", "OBJECT", "WHAT", "WHY", "VALUES", "DO"}

func lineCells(l uc.SyncLine) []string {
	return []string{string(l.Severity), string(l.Class), l.Kind.Title(), l.Object, l.What, l.Why, valuesText(l.Properties), l.Do}
}

// valuesText shows the exact values of a line: "model: 7841 -> 8851, owner: ann".
func valuesText(properties json.RawMessage) string {
	var values map[string]json.RawMessage
	if len(properties) == 0 || json.Unmarshal(properties, &values) != nil {
		return string(properties)
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		var change struct{ Old, New json.RawMessage }
		text := bare(values[name])
		if err := json.Unmarshal(values[name], &change); err == nil && (change.Old != nil || change.New != nil) {
			was, is := bare(change.Old), bare(change.New)
			if was == is {
				continue // one side says "", the other one nothing: JSON has it
			}
			if text = listChange(change.Old, change.New); text == "" {
				text = was + " -> " + is
			}
		} else if text == "{}" {
			continue
		}
		out = append(out, name+": "+text)
	}
	return strings.Join(out, ", ")
}

// listChange is what a list of related objects has no more, and what it has now:
// "-index=1 uuid=… +index=2 uuid=…"; "" when it is no change of such a list.
func listChange(before, after json.RawMessage) string {
	var lists [2][]map[string]any
	for i, text := range []json.RawMessage{before, after} {
		if len(text) > 0 && json.Unmarshal(text, &lists[i]) != nil {
			return ""
		}
	}
	var out []string
	for i, sign := range []string{"-", "+"} {
		for _, entry := range lists[i] {
			if !slices.ContainsFunc(lists[1-i], func(other map[string]any) bool { return reflect.DeepEqual(entry, other) }) {
				var members []string
				for _, name := range slices.Sorted(maps.Keys(entry)) {
					members = append(members, fmt.Sprintf("%s=%v", name, entry[name]))
				}
				out = append(out, sign+strings.Join(members, " "))
			}
		}
	}
	return strings.Join(out, ", ")
}

// bare is a value as people write it: a text without quotes, nothing as "nothing".
func bare(value json.RawMessage) string {
	var text string
	switch {
	case len(value) == 0 || string(value) == "null" || string(value) == `""`:
		return "nothing"
	case json.Unmarshal(value, &text) == nil:
		return text
	}
	return string(value)
}

func newSyncDiffCommand(a *app) *cobra.Command {
	cursor, limit := "", 0
	var cmd *cobra.Command
	cmd = &cobra.Command{
		Use: "diff SYNC OTHER", Short: "Show what only one of two reports says",
		Args: exactArgs("SYNC", "OTHER"), ValidArgsFunction: a.syncIDs(isAnySync),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			var d api.SyncDiff
			err := pages(a.most(cmd, limit), func(most int) (more bool, err error) {
				page, err := c.DiffSyncs(ctx, args[0], args[1], cursor, most)
				page.Items = append(d.Items, page.Items...)
				d, cursor = page, page.Next
				return page.Next != "", err
			})
			if err != nil {
				return err
			}
			l := listing{header: append([]string{"IN"}, lineHeader...)}
			for _, i := range d.Items {
				l.add(append([]string{i.In}, lineCells(i.Line)...)...)
			}
			if a.output != formatTable {
				return a.print(d, l)
			}
			for name, s := range []uc.Sync{d.A, d.B} {
				if _, err := fmt.Fprintf(a.out, "%c  %s %s %s, %s: %s\n", 'a'+name, s.ID, plain(s.CallProcessor), s.Scope,
					moment(&s.CreatedAt), countText(s)); err != nil {
					return err
				}
			}
			if _, err := fmt.Fprintf(a.out, "%d lines are in both\n\n", d.Same); err != nil {
				return err
			}
			if err := writeTable(a.out, l); err != nil {
				return err
			}
			return a.sayMore(d.Next)
		}),
	}
	cmd.Flags().StringVar(&cursor, "cursor", "", "go on after an earlier comparison")
	cmd.Flags().IntVar(&limit, "limit", 200, linesHelp)
	return cmd
}
