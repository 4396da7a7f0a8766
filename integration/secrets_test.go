package integration

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/enums/v1"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// No PIN, password or token is in Temporal's histories, in any table, in the logs
// or in a mail; not even when PINs are reset and brought to people. The PINs are
// learnt on the wire of the call processor, also those of attempts that failed.
func TestNoSecretIsKept(t *testing.T) {
	t.Parallel()
	pins := make(chan string, 100)
	p := start(t, world.Options{PINs: func(pin string) { pins <- pin }})
	p.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	var logs bytes.Buffer
	p.log = zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()),
		zapcore.Lock(zapcore.AddSync(&logs)), zap.DebugLevel))
	p.CUCM.Faults().Add(fault.Rule{Op: "updateUser", Every: 3, Kind: fault.AfterCommit})
	p.CUCM.Faults().Add(fault.Rule{
		Op: "updateUser", Every: 4, Kind: fault.Fault, Code: -1,
		Text: "Maximum AXL Memory Allocation Consumed. Please retry once requests in progress have completed",
	})
	p.work(t)
	users := []string{"ann", "bob", "eve"}
	var secrets []string
	for _, user := range users {
		p.until(t, p.join(t, p.Person(t, user, world.Berlin)).ID, 2*time.Minute, uc.Done)
	}
	p.SMS.Faults().Add(fault.Rule{Op: "events", Nth: 1, Kind: fault.AfterCommit})
	p.SMS.Faults().Add(fault.Rule{Op: "events", Nth: 3, Kind: fault.Status, Status: 503})
	for _, user := range users {
		p.resetPIN(t, user)
	}
	for range len(pins) {
		secrets = append(secrets, <-pins)
	}
	if len(secrets) < 2*len(users) {
		t.Fatalf("%d PINs were seen on the wire, want %d at least", len(secrets), 2*len(users))
	}
	secrets = append(secrets, world.Secrets()...)
	places := map[string]string{"the log": logs.String(), "the database": dump(t, p.Endpoints.Database)}
	for _, user := range users {
		places["the history of "+user] = p.history(t, workflows.StoryID(uc.JoinerOrder, user))
		places["the history of the PIN reset of "+user] = p.history(t, workflows.StoryID(uc.PINOrder, user))
		for _, m := range p.Mail.Find(user + "@example.com") {
			places["the mail to "+user] = string(m.Raw)
		}
	}
	for place, text := range places {
		for _, secret := range secrets {
			// A PIN is digits: only a run of exactly these counts.
			if regexp.MustCompile(`(^|[^0-9A-Za-z])` + regexp.QuoteMeta(secret) + `([^0-9A-Za-z]|$)`).MatchString(text) {
				t.Errorf("%s holds a secret", place)
			}
		}
	}
}

// resetPIN asks for a new PIN and checks that the one the person was told last is the
// one that counts, and must be changed.
func (p *product) resetPIN(t *testing.T, user string) uc.Order {
	t.Helper()
	o, _, err := p.api.CreatePINReset(t.Context(), uc.PINReset{UserID: user}, "")
	if err != nil {
		t.Fatal(err)
	}
	o = p.until(t, o.ID, 2*time.Minute, uc.Done)
	m, found := p.SMS.Message(user)
	if !found || m.OrderID != o.ID {
		t.Fatalf("user %s was told nothing of order %s", user, o.ID)
	}
	clients, err := p.Endpoints.Clients(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.CUCM.Close()
	if ok, err := clients.CUCM.AuthenticateUser(t.Context(), user, m.PIN); err != nil || !ok {
		t.Errorf("the PIN that %s was told is not the one that counts (%v)", user, err)
	}
	s, err := p.CUCM.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range s.Objects {
		if row.Table == "credential" && strings.Contains(row.Key, user) && row.Fields["usermustchange"] == "t" {
			return o
		}
	}
	t.Errorf("the PIN of %s need not be changed", user)
	return o
}

// history is the workflow's history as JSON, payloads decoded.
func (p *product) history(t *testing.T, id string) string {
	t.Helper()
	var out strings.Builder
	events := p.temporal.GetWorkflowHistory(t.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		b, err := protojson.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
		for _, payload := range payloads(event) {
			out.WriteByte('\n')
			out.Write(payload)
		}
	}
	return out.String()
}

// dump is every row of every table of the product's database.
func dump(t *testing.T, url string) string {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	rows, err := c.Query(ctx, `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, table := range tables {
		rows, err := c.Query(ctx, `SELECT t::text FROM `+pgx.Identifier{table}.Sanitize()+` t`)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString(strings.Join(lines, "\n"))
	}
	return out.String()
}
