package axl_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

func sampleUser() axl.User {
	return axl.User{
		UserID: "mueller", FirstName: axl.Set("Jürgen"), LastName: axl.Set("O'Müller"), DisplayName: axl.Set("Jürgen O'Müller"),
		MailID: axl.Set("mueller@example.org"), Department: axl.Set("R&D <Süd>"), Title: axl.Set("Engineer"),
		TelephoneNumber: axl.Set("+351211234001"),
	}
}

func TestUserLife(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"11.5", "15.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			_, c := cluster(t, cucm.Options{Version: version})
			schema, _, err := c.Version(ctx)
			must(t, "version", err)
			same(t, "negotiated", version, schema)

			_, err = c.GetUser(ctx, "mueller")
			wantKind(t, "get before add", uc.NotFound, err)
			id, err := c.AddUser(ctx, sampleUser())
			must(t, "add", err)
			_, err = c.AddUser(ctx, sampleUser())
			wantKind(t, "add again", uc.Conflict, err)
			got, err := c.GetUser(ctx, "mueller")
			must(t, "get", err)
			same(t, "what was added is there",
				[]any{id, "R&D <Süd>", "Standard Presence group"}, []any{got.UUID, *got.Department, *got.PresenceGroup})

			userUpdates(t, c)

			must(t, "rename", c.UpdateUser(ctx, axl.User{UserID: "mueller", NewUserID: axl.Set("omueller")}))
			must(t, "remove", c.RemoveUser(ctx, "omueller"))
			wantKind(t, "remove again", uc.NotFound, c.RemoveUser(ctx, "omueller"))
		})
	}
}

// userUpdates goes through the three states of a field.
func userUpdates(t *testing.T, c *axl.Client) {
	t.Helper()
	ctx := t.Context()
	must(t, "update", c.UpdateUser(ctx, axl.User{
		UserID: "mueller", Title: axl.Clear[string](), EnableMobility: axl.Set(true), HomeCluster: axl.Clear[bool](),
		Groups: axl.Set([]string{"Standard CCM End Users", "Standard CTI Enabled"}), ServiceProfile: axl.Set("SP_Default"),
		SelfService: axl.Set("4001"),
	}))
	got, err := c.GetUser(ctx, "mueller")
	must(t, "get after update", err)
	slices.Sort(*got.Groups)
	same(t, "cleared", "", *got.Title)
	same(t, "not sent", "Jürgen", *got.FirstName)
	same(t, "set", []bool{true, false}, []bool{*got.EnableMobility, *got.HomeCluster})
	same(t, "groups", []string{"Standard CCM End Users", "Standard CTI Enabled"}, *got.Groups)
	same(t, "service profile", "SP_Default", *got.ServiceProfile)

	must(t, "empty", c.UpdateUser(ctx, axl.User{
		UserID: "mueller", Groups: axl.Clear[[]string](), ServiceProfile: axl.Clear[string](), SelfService: axl.Clear[string](),
	}))
	got, err = c.GetUser(ctx, "mueller")
	must(t, "get after clear", err)
	same(t, "emptied", []any{0, "", ""}, []any{len(*got.Groups), *got.ServiceProfile, *got.SelfService})
	wantKind(t, "unknown reference", uc.NotFound, c.UpdateUser(ctx, axl.User{UserID: "mueller", ServiceProfile: axl.Set("SP_None")}))
}

func TestPIN(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, c := cluster(t, cucm.Options{})
	_, err := c.AddUser(ctx, sampleUser())
	must(t, "add", err)
	must(t, "set PIN", c.UpdateUser(ctx, axl.User{UserID: "mueller", PIN: axl.Set("48201"), PINMustChange: axl.Set(true)}))
	right, err := c.AuthenticateUser(ctx, "mueller", "48201")
	must(t, "authenticate", err)
	wrong, err := c.AuthenticateUser(ctx, "mueller", "48202")
	must(t, "authenticate with another PIN", err)
	same(t, "the PIN is the one that was set", []bool{true, false}, []bool{right, wrong})
}

func TestLDAPSync(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, c := cluster(t, cucm.Options{LDAP: map[string]cucm.LDAPAgreement{
		"AD Lisbon": {Users: []cucm.LDAPUser{{UserID: "asilva", FirstName: "Ana", LastName: "Silva"}}},
	}})
	_, err := c.GetUser(ctx, "asilva")
	wantKind(t, "before the sync", uc.NotFound, err)
	wantKind(t, "no such agreement", uc.NotFound, c.StartLDAPSync(ctx, "AD Nowhere"))
	must(t, "start", c.StartLDAPSync(ctx, "AD Lisbon"))
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for state := axl.LDAPRunning; state != axl.LDAPDone; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the sync does not end")
		}
		state, err = c.LDAPSyncStatus(ctx, "AD Lisbon")
		must(t, "status", err)
		if state != axl.LDAPRunning && state != axl.LDAPDone {
			t.Fatalf("the sync is %s", state)
		}
	}
	user, err := c.GetUser(ctx, "asilva")
	must(t, "get", err)
	same(t, "the agreement owns the user", []string{"AD Lisbon", "1"}, []string{user.LDAPDirectory, user.Status})
	if err := c.UpdateUser(ctx, axl.User{UserID: "asilva", Department: axl.Set("Sales")}); err == nil || errors.Is(err, uc.Unavailable) {
		t.Errorf("a field of the directory cannot be written, got %v", err)
	}
	must(t, "a field of the call processor can", c.UpdateUser(ctx, axl.User{UserID: "asilva", EnableCTI: axl.Set(true)}))
}
