package main

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

const moveHelp = `Starts a mover: the person goes to another service area, on the same call processor or
on another one, and gets what that one's template says. The number is kept where that
is possible; --keep-number fails where it is not, --new-number gives another one.

A file has the columns userId and serviceArea, and as needed number (keep or new) and
those of change.` + clearHelp + bulkHelp

// clearHelp says how values of a file are taken away.
const clearHelp = ` What is empty stays as it is; a dash alone takes the value away.`

// moveForm are the columns of movers that go somewhere.
var moveForm = peopleForm{
	columns:  append([]string{"userId", "serviceArea", "number"}, changeForm.columns[1:]...),
	required: []string{"userId", "serviceArea"}, attributes: changeForm.attributes, empties: true,
	about:   changeForm.about,
	example: append([]string{"abauer", "lisbon", "new"}, "", "", "", "", "Sales Portugal", "", "", ""),
}

// moveOptions are the flags of move.
type moveOptions struct {
	bulkOptions
	area             string
	keep, new, again bool
}

func newMoveCommand(a *app) *cobra.Command {
	var o moveOptions
	cmd := &cobra.Command{
		Use:   "move USER --service-area AREA [--keep-number | --new-number] | -f FILE",
		Short: "Start movers: people go to another service area", Long: moveHelp,
		Example: "  dialtone move ann --service-area lisbon --new-number --wait\n" +
			"  dialtone move -f movers.csv --dry-run",
		Args:              userOrFile(&o.file),
		ValidArgsFunction: a.userIDs(uc.Active),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			asks, err := a.moves(args, o)
			if err != nil {
				return err
			}
			return a.bulk(ctx, c, asks, o.bulkOptions)
		}),
	}
	a.bulkFlags(cmd, &o.bulkOptions, moveForm, bulkParallel)
	flags := cmd.Flags()
	flags.StringVar(&o.area, "service-area", "", "where to")
	flags.BoolVar(&o.keep, "keep-number", false, "fail when the number cannot be kept")
	flags.BoolVar(&o.new, "new-number", false, "give another number")
	flags.BoolVar(&o.again, "again", false, "give another number even when the last order did just that")
	apart(cmd, keepOne, "keep-number", "new-number")
	for _, flag := range []string{"service-area", "keep-number", "new-number", "again"} {
		apart(cmd, fileSays, flag, "file")
	}
	must(cmd.RegisterFlagCompletionFunc("service-area", a.serviceAreas()))
	return a.clientFlags(cmd)
}

// moves reads the file, or makes one mover of the flags.
func (a *app) moves(args []string, o moveOptions) ([]ask, error) {
	if o.file != "" {
		people, err := a.people(o.bulkOptions, moveForm)
		if err != nil {
			return nil, err
		}
		return moverAsks(people, ""), nil
	}
	if o.area == "" && !o.new {
		return nil, usageError("say where to with --service-area AREA, or give another number with --new-number" +
			" (see `dialtone move --help`)")
	}
	var row personRow
	row.add("userId", strings.TrimSpace(args[0]))
	row.add("serviceArea", strings.TrimSpace(o.area))
	key := ""
	switch {
	case o.keep:
		row.add("number", string(uc.NumberKeep))
	case o.new:
		row.add("number", string(uc.NumberNew))
	}
	if o.again {
		key = uuid.NewString()
	}
	return moverAsks([]personRow{row}, key), nil
}

// moverAsks reads the rows. Those of one file come together: the guard sees them as
// one burst.
func moverAsks(people []personRow, key string) []ask {
	asks := make([]ask, len(people))
	movers := make([]uc.Mover, len(people))
	together := 0
	for i, p := range people {
		m := &movers[i]
		asks[i] = ask{Row: p.Row, Problems: p.Problems}
		for _, cell := range p.Cells {
			asks[i].Problems = append(asks[i].Problems, setMover(m, cell)...)
		}
		asks[i].UserID, asks[i].Body = m.UserID, *m
		asks[i].Problems = append(asks[i].Problems, m.Problems()...)
		if len(asks[i].Problems) == 0 {
			together++
		}
	}
	for i := range asks {
		if len(asks) > 1 {
			movers[i].Batch = together
		}
		asks[i].Send = func(ctx context.Context, c *apiclient.Client) (uc.Order, bool, error) {
			return c.CreateMover(ctx, movers[i], key)
		}
	}
	return asks
}

// setMover puts one value where it belongs, or says what is wrong with it; a dash alone
// takes it away.
func setMover(m *uc.Mover, cell personCell) []uc.Problem {
	text := cell.Text
	if text == takeAway {
		text = ""
	}
	switch cell.Column {
	case "userId":
		m.UserID = cell.Text
	case "serviceArea":
		m.ServiceArea = cell.Text
	case "number":
		m.Number = uc.NumberChoice(strings.ToLower(cell.Text))
	case "newUserId":
		m.NewUserID = cell.Text
	case "firstName":
		m.FirstName = &text
	case "lastName":
		m.LastName = &text
	case "mail":
		m.Mail = &text
	case "department":
		m.Department = &text
	case "title":
		m.Title = &text
	case "classOfService":
		class := uc.ClassOfService(strings.ToLower(text))
		m.ClassOfService = &class
	case "voicemail":
		on, known := yesOrNo(text)
		if !known {
			return []uc.Problem{{Field: cell.Column, Value: cell.Text, Fix: "use true or false"}}
		}
		m.Voicemail = &on
	default:
		if m.Attributes == nil {
			m.Attributes = map[string]string{}
		}
		m.Attributes[strings.TrimPrefix(cell.Column, changeForm.attributes)] = text
	}
	return nil
}
