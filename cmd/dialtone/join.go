package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

const joinHelp = `Starts a joiner for each person of a file, or for the one that the flags describe.

Every row has userId, lastName and serviceArea, and as needed firstName, mail,
employeeId, department, title, startAt, classOfService, deskPhone, numberWanted, voicemail; any
other column is an attribute that the rules of the domain can look at (a column
expect is ignored).` + bulkHelp

func newJoinCommand(a *app) *cobra.Command {
	o := bulkOptions{}
	cells := map[string]*string{} // by column
	cmd := &cobra.Command{
		Use:   "join -f FILE | --user USER --last-name NAME --service-area AREA",
		Short: "Start joiners: people get services", Long: joinHelp,
		Example: "  dialtone join -f joiners.csv --wait\n" +
			"  dialtone join --user ann --first-name Ann --last-name Lee --service-area berlin",
		Args: exactArgs(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, _ []string) error {
			rows, err := a.joinRows(o, cells)
			if err != nil {
				return err
			}
			asks := make([]ask, len(rows))
			for i, row := range rows {
				asks[i] = row.ask()
			}
			return a.bulk(ctx, c, asks, o)
		}),
	}
	a.bulkFlags(cmd, &o, joinForm, 1)
	flags := cmd.Flags()
	for _, f := range [][3]string{
		{"user", "userId", "user id"},
		{"first-name", "firstName", "first name"},
		{"last-name", "lastName", "last name"},
		{"service-area", "serviceArea", "service area"},
		{"mail", "mail", "mail address"},
		{"employee-id", "employeeId", "HR's key of the person"},
		{"department", "department", "department"},
		{"title", "title", "title"},
		{"start-at", "startAt", "start date"},
		{"class-of-service", "classOfService", "local, national, mobile or international"},
		{"desk-phone", "deskPhone", "MAC address of a given desk phone"},
		{"number-wanted", "numberWanted", "true: the person asks for a number"},
	} {
		cells[f[1]] = flags.String(f[0], "", f[2])
	}
	must(cmd.RegisterFlagCompletionFunc("service-area", a.serviceAreas()))
	must(cmd.RegisterFlagCompletionFunc("class-of-service", classesOfService))
	return a.clientFlags(cmd)
}

// joinRows reads the file, or makes one row of the flags.
func (a *app) joinRows(o bulkOptions, cells map[string]*string) ([]joinRow, error) {
	var row joinRow
	described := false
	for column, cell := range cells {
		row.set(column, strings.TrimSpace(*cell))
		described = described || *cell != ""
	}
	if described == (o.file != "") {
		return nil, usageError("give either -f FILE, or --user, --last-name and --service-area of one person" +
			" (see `dialtone join --help`)")
	}
	if described {
		return []joinRow{row.checked()}, nil
	}
	in, err := a.open(o.file)
	if err != nil {
		return nil, err
	}
	rows, err := parseJoiners(o.file, in)
	if cerr := in.Close(); err == nil {
		err = cerr
	}
	return rows, err
}

// ask asks for the joiner without a key: the same row leads to the order that is open,
// to the one that made what is there, and to a new one when the person has left
// meanwhile or the earlier order failed.
func (r joinRow) ask() ask {
	return ask{
		Row: r.Row, UserID: r.Joiner.User.ID, Body: r.Joiner, Problems: r.Problems,
		Send: func(ctx context.Context, c *apiclient.Client) (uc.Order, bool, error) {
			return c.CreateJoiner(ctx, r.Joiner, "")
		},
	}
}

// key is an idempotency key of the row: the same person written the same way is the
// same request, in whichever file and row.
func (r joinRow) key() (string, error) {
	text, err := json.Marshal(r.Joiner)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// joinOne sends one row under its key, whatever came of it meanwhile, and says on the
// error output what is wrong with it.
func (a *app) joinOne(ctx context.Context, c *apiclient.Client, row joinRow) sentRow {
	keyed := row.ask()
	keyed.Send = func(ctx context.Context, c *apiclient.Client) (uc.Order, bool, error) {
		key, err := row.key()
		if err != nil {
			return uc.Order{}, false, err
		}
		return c.CreateJoiner(ctx, row.Joiner, key)
	}
	out := send(ctx, c, keyed)
	if err := a.reportRow(out); err != nil {
		return out.rejected(exitFailed, append(out.texts, err.Error()))
	}
	return out
}
