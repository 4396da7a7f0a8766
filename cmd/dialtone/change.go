package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

const changeHelp = `Starts a mover that stays: name, mail, department, title, class of service, attributes
or user id of the person change, and what follows from them on every system. Another
user id is a rename of the same person.

  --set firstName=Ann --set attributes.costCenter=4200 --set userId=ann.ray

An empty value takes it away: --set title= , and classOfService= goes back to what the
service area says.

A file has the column userId, and as needed newUserId, firstName, lastName, mail,
department, title, classOfService, voicemail (true or false) and attributes.NAME.` + clearHelp + bulkHelp

// changeForm are the columns of movers that stay.
var changeForm = peopleForm{
	columns: []string{
		"userId", "newUserId", "firstName", "lastName", "mail", "department", "title", "classOfService", "voicemail",
	},
	required: []string{"userId"}, attributes: "attributes.", empties: true,
	about:   []string{"employeeId"},
	example: []string{"abauer", "", "", "Bauer-Ray", "anna.bauer-ray@example.com", "", "", "international", "true"},
}

func newChangeCommand(a *app) *cobra.Command {
	var o bulkOptions
	var set []string
	cmd := &cobra.Command{
		Use:   "change USER --set KEY=VALUE... | -f FILE",
		Short: "Change people: name, mail, department, class of service, user id", Long: changeHelp,
		Example: "  dialtone change ann --set lastName=Ray --set mail=ann.ray@example.com --wait\n" +
			"  dialtone change -f changes.csv --dry-run",
		Args:              userOrFile(&o.file),
		ValidArgsFunction: a.userIDs(uc.Active),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			people, err := a.changes(args, set, o)
			if err != nil {
				return err
			}
			return a.bulk(ctx, c, moverAsks(people, ""), o)
		}),
	}
	a.bulkFlags(cmd, &o, changeForm, bulkParallel)
	cmd.Flags().StringArrayVar(&set, "set", nil, "`KEY=VALUE`: what changes; may be given several times")
	apart(cmd, fileSays, "set", "file")
	must(cmd.RegisterFlagCompletionFunc("set", completeSet))
	return a.clientFlags(cmd)
}

// changes reads the file, or makes one row of the flags.
func (a *app) changes(args, set []string, o bulkOptions) ([]personRow, error) {
	if o.file != "" {
		return a.people(o, changeForm)
	}
	if len(set) == 0 {
		return nil, usageError("say what changes with --set KEY=VALUE: " + strings.Join(setKeys(), ", "))
	}
	var row personRow
	row.add("userId", strings.TrimSpace(args[0]))
	for _, s := range set {
		key, value, written := strings.Cut(s, "=")
		column, err := setColumn(strings.TrimSpace(key))
		if err == nil && !written {
			err = usageError(fmt.Sprintf("--set %s: write it like %s=VALUE, with nothing after the sign to take the value away", s, key))
		}
		if err != nil {
			return nil, err
		}
		if value = strings.TrimSpace(value); value == "" {
			value = takeAway
		}
		row.add(column, value)
	}
	return []personRow{row}, nil
}

// setKeys are what --set can set.
func setKeys() []string {
	return []string{
		"firstName", "lastName", "mail", "department", "title", "classOfService", "voicemail", "userId", "attributes.NAME",
	}
}

// setColumn is the column of a key of --set.
func setColumn(key string) (string, error) {
	if strings.EqualFold(key, "userId") {
		return "newUserId", nil
	}
	column, err := changeForm.columnName(key)
	if err != nil || column == "" || column == "newUserId" {
		return "", usageError(fmt.Sprintf("--set %s: there is no such key; use %s", key, strings.Join(setKeys(), ", ")))
	}
	return column, nil
}

func completeSet(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var words []string
	for _, key := range setKeys() {
		if name, attribute := strings.CutSuffix(key, "NAME"); attribute {
			words = append(words, name)
		} else {
			words = append(words, key+"=")
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
