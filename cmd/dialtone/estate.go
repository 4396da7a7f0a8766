package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

func newEstateCommand(a *app) *cobra.Command {
	var q apiclient.EstateQuery
	cmd := &cobra.Command{
		Use: "estate [KIND]", Short: "Look at the copy of what call processors hold",
		Long: "Shows the objects of a kind in the copy that syncs make of call processors, and how old it is;\n" +
			"without a KIND, which kinds there are. KIND is singular or plural: users, phones, lines, css, device-pools.",
		ValidArgsFunction: estateKindWords, Args: someArgs("at most one KIND", func(n int) bool { return n < 2 }),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			if len(args) == 0 {
				return a.printEstate(ctx, c, q)
			}
			list, err := c.EstateObjects(ctx, args[0], q)
			if err != nil {
				return err
			}
			if a.output == formatTable {
				if err := a.printAges(list, time.Now()); err != nil {
					return err
				}
			}
			if err := a.print(list, estateListing(list)); err != nil {
				return err
			}
			return a.sayMore(list.Next)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&q.CallProcessor, "call-processor", "", "only of this call processor")
	flags.StringVar(&q.Name, "name", "", "only with this text in the name; with a * the whole name")
	flags.StringVar(&q.Partition, "partition", "", "only lines and other patterns of this partition")
	flags.StringVar(&q.User, "user", "", "only what this person uses or owns")
	flags.StringVar(&q.Cursor, "cursor", "", "go on after an earlier list")
	flags.IntVar(&q.Limit, "limit", 50, "at most so many")
	must(cmd.RegisterFlagCompletionFunc("call-processor", a.callProcessors()))
	return a.clientFlags(cmd)
}

// estateKindWords completes kinds of objects.
func estateKindWords(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var words []string
	for _, k := range uc.EstateKinds {
		words = append(words, string(k.Kind)+"\t"+k.Title)
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// printEstate shows which kinds the copies hold.
func (a *app) printEstate(ctx context.Context, c *apiclient.Client, q apiclient.EstateQuery) error {
	if q.Name != "" || q.Partition != "" || q.User != "" || q.Cursor != "" {
		return usageError("estate wants a KIND for these flags (see `dialtone estate --help`)")
	}
	o, err := c.Estate(ctx, q.CallProcessor)
	if err != nil {
		return err
	}
	l := listing{header: []string{"CALL PROCESSOR", "KIND", "TITLE", "GROUP", "OBJECTS", "READ AT", "FOLLOWED UNTIL", "SYNC"}}
	for _, i := range o.Items {
		l.add(i.CallProcessor, string(i.Kind), i.Title, string(i.Group), strconv.Itoa(i.Objects), moment(i.ReadAt), moment(i.LastChange), i.SyncID)
	}
	return a.print(o, l)
}

// printAges says how old the copy is.
func (a *app) printAges(list api.EstateList, now time.Time) error {
	if len(list.Ages)+len(list.NeverRead) == 0 {
		_, err := fmt.Fprintf(a.out, "%s: never read completely; `dialtone sync callprocessor` does\n", list.Title)
		return err
	}
	for _, age := range list.Ages {
		text := fmt.Sprintf("%s of %s: read %s (%s ago)", list.Title, plain(age.CallProcessor), moment(&age.ReadAt), ago(age.ReadAt, now))
		if age.LastChange != nil {
			text += fmt.Sprintf(", changes followed until %s (%s ago)", moment(age.LastChange), ago(*age.LastChange, now))
		}
		if _, err := fmt.Fprintln(a.out, text); err != nil {
			return err
		}
	}
	for _, name := range list.NeverRead {
		name = plain(name)
		if _, err := fmt.Fprintf(a.out, "%s of %s: never read completely; `dialtone sync callprocessor %s` does\n",
			list.Title, name, name); err != nil {
			return err
		}
	}
	return nil
}

// ago is the time since then, in the unit that people would use.
func ago(then, now time.Time) string {
	d := now.Sub(then)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

func estateListing(list api.EstateList) listing {
	l := listing{header: []string{"NAME", "PARTITION", "CALL PROCESSOR", "CHANGED AT", "UUID", "ATTRIBUTES"}}
	for _, o := range list.Items {
		l.add(o.Name, o.Partition, o.CallProcessor, moment(&o.ChangedAt), o.UUID, attributesText(o.Attributes))
	}
	return l
}

// attributesText shows the attributes that are a single value, and of lists the first
// names. The name, which has a column, and the ids of what others name are left out.
func attributesText(text json.RawMessage) string {
	var attributes map[string]any
	if json.Unmarshal(text, &attributes) != nil {
		return string(text)
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if name == "name" || strings.HasSuffix(name, "_uuid") || strings.HasSuffix(name, "Uuid") {
			continue
		}
		switch v := attributes[name].(type) {
		case nil:
		case []any:
			out = append(out, name+": "+listText(v))
		case map[string]any:
		case string:
			if v != "" {
				out = append(out, name+"="+v)
			}
		default:
			out = append(out, fmt.Sprintf("%s=%v", name, v))
		}
	}
	return strings.Join(out, " ")
}

// namedEntries is how many names of a list a table shows.
const namedEntries = 6

// listText shows the names in a list in its order, each once, and how long it is when it
// is longer or has none: "PT_Berlin, PT_Local".
func listText(entries []any) string {
	var names []string
	count := 0
	for _, e := range entries {
		object, _ := e.(map[string]any)
		name, named := object["name"].(string)
		if named && slices.Contains(names, name) {
			continue
		}
		if count++; named && len(names) < namedEntries {
			names = append(names, name)
		}
	}
	switch {
	case len(names) == 0:
		return strconv.Itoa(count)
	case len(names) < count:
		return fmt.Sprintf("%s, … (%d)", strings.Join(names, ", "), count)
	}
	return strings.Join(names, ", ")
}
