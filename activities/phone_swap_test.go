package activities_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// What is on the old phone is on the new one, and nobody has the old one.
func TestSwapCarriesOver(t *testing.T) {
	t.Parallel()
	r := equipped(t)
	spareAs(t, r, cucm.Phone{ButtonTemplate: "Standard 8845 SIP EM"})
	r.order = "order-2"
	r.openPhone(t)
	old, err := r.axl.GetPhone(t.Context(), desk)
	must(t, err)
	all(t, swapOf(t, r, false).forward)
	got, err := r.axl.GetPhone(t.Context(), next)
	must(t, err)
	bare, err := r.axl.GetPhone(t.Context(), desk)
	must(t, err)
	if diff := cmp.Diff([]any{old.Lines, old.Buttons, old.Services, old.EnableEM, old.OwnerUser, old.ButtonTemplate},
		[]any{got.Lines, got.Buttons, got.Services, got.EnableEM, got.OwnerUser, got.ButtonTemplate}); diff != "" {
		t.Errorf("the new phone differs from the old one (-old +new):\n%s", diff)
	}
	if *bare.OwnerUser != "" || len(*bare.Lines)+len(*bare.SpeedDials)+len(*bare.BusyLampFields) > 0 {
		t.Errorf("the old phone has %+v of %q", *bare.Lines, *bare.OwnerUser)
	}
	user, err := r.axl.GetUser(t.Context(), "ann")
	must(t, err)
	if slices.Contains(*user.AssociatedDevices, desk) || !slices.Contains(*user.AssociatedDevices, next) || user.PrimaryExtension.Pattern != "4700" {
		t.Errorf("the user controls %v with primary extension %s", *user.AssociatedDevices, user.PrimaryExtension.Pattern)
	}
	if logins, err := r.axl.LoginsAt(t.Context(), old.UUID); err != nil || len(logins) > 0 {
		t.Errorf("on the old phone there is still %v (%v)", logins, err)
	}
}

// A phone with fewer buttons gets what it has buttons for, the person's line always,
// and says what it has none for.
func TestSwapSaysWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	r := equipped(t)
	spareAs(t, r, cucm.Phone{Product: "Cisco 7821", ButtonTemplate: "Standard 7821 SIP"})
	in := r.replaced(false, "")
	out, err := r.cucm.ReplacePhone(t.Context(), in)
	must(t, err)
	if diff := cmp.Diff([]string{
		"line 4999 in PT_Berlin", "a button for speed dial 2 (4712)", "busy lamp field 1 (Reception)", "a button for service EM",
	}, out.Left); diff != "" {
		t.Errorf("what did not fit (-want +got):\n%s", diff)
	}
	got, err := r.axl.GetPhone(t.Context(), next)
	must(t, err)
	if len(*got.Lines) != 1 || (*got.Lines)[0].Pattern != "4700" || (*got.Lines)[0].Index != 1 || len(*got.SpeedDials) != 2 {
		t.Errorf("the new phone has %+v and %v", *got.Lines, *got.SpeedDials)
	}
}

func TestReadSwap(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason  string
		prepare func(*testing.T, *rig)
		rename  bool
		kind    uc.Kind
		says    string
	}{
		"absent":   {"the old one gets its name", nil, true, "", ""},
		"spare":    {"it registered by itself", func(t *testing.T, r *rig) { spareAs(t, r, cucm.Phone{}) }, false, "", ""},
		"own":      {"the person's second one", func(t *testing.T, r *rig) { spareAs(t, r, cucm.Phone{Owner: "ann"}) }, false, "", ""},
		"somebody": {"a colleague's", withColleague, false, uc.Conflict, "belongs to user bob"},
		"controlled": {
			"a lobby phone with an operator", func(t *testing.T, r *rig) {
				spareAs(t, r, cucm.Phone{})
				must(t, r.CUCM.AddUser(t.Context(), cucm.User{UserID: "bob", LastName: "Bobson", Devices: []string{next}}))
			}, false, uc.Conflict, "controlled by bob",
		},
		"shared": {
			"its line rings elsewhere too", func(t *testing.T, r *rig) {
				shared := []cucm.Line{{Pattern: "4998", Partition: "PT_Berlin"}}
				spareAs(t, r, cucm.Phone{Lines: shared})
				must(t, r.CUCM.AddPhone(t.Context(), cucm.Phone{Name: "SEP0000000000AA", Lines: shared}))
			}, false, uc.Conflict, "SEP0000000000AA",
		},
		"hunted": {
			"its line is hunted", func(t *testing.T, r *rig) {
				spareAs(t, r, cucm.Phone{Lines: []cucm.Line{{Pattern: "4998", Partition: "PT_Berlin"}}})
				must(t, r.CUCM.AddLineGroup(t.Context(), cucm.LineGroup{Name: "LG_X", Lines: []cucm.Line{{Pattern: "4998", Partition: "PT_Berlin"}}}))
			}, false, uc.Conflict, "line group",
		},
		"taken": {
			"the old one is a colleague's by now", func(t *testing.T, r *rig) {
				must(t, r.CUCM.AddUser(t.Context(), cucm.User{UserID: "bob", LastName: "Bobson"}))
				must(t, r.axl.UpdatePhone(t.Context(), axl.Phone{Name: desk, OwnerUser: axl.Set("bob")}))
			}, false, uc.Conflict, "belongs to user bob",
		},
		"gone": {
			"the old one is not there any more", func(t *testing.T, r *rig) { must(t, r.axl.RemovePhone(t.Context(), desk)) },
			false, uc.NotFound, "assign " + next,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := equipped(t)
			if c.prepare != nil {
				c.prepare(t, r)
			}
			before := r.snapshot(t)
			out, err := r.cucm.ReadSwap(t.Context(), r.replaced(false, ""))
			if uc.KindOf(err) != c.kind || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%s: %v, want %q saying %q", c.reason, err, c.kind, c.says)
			}
			if err == nil && (out.Rename != c.rename || out.LoggedIn != "ann" || out.Product != "Cisco 8845") {
				t.Errorf("%s: %+v", c.reason, out)
			}
			r.unchanged(t, before, "after a look")
		})
	}
}

func withColleague(t *testing.T, r *rig) {
	t.Helper()
	must(t, r.CUCM.AddUser(t.Context(), cucm.User{UserID: "bob", LastName: "Bobson"}))
	spareAs(t, r, cucm.Phone{Owner: "bob"})
}

// A phone that comes up between the look and the rename is not overwritten.
func TestSwapWithAPhoneThatComesUp(t *testing.T) {
	t.Parallel()
	r := equipped(t)
	old, err := r.axl.GetPhone(t.Context(), desk)
	must(t, err)
	spareAs(t, r, cucm.Phone{})
	before := r.snapshot(t)
	in := r.replaced(true, old.UUID)
	wantKind(t, r.execute(r.cucm.ReplacePhone, in), uc.Conflict, "come up", "again")
	must(t, r.execute(r.cucm.ReplacePhoneBack, in))
	r.unchanged(t, before, "after a refused rename")
}

// What orders recorded of a phone goes with its name: a leaver still knows that it
// stood there before the person.
func TestARenamedPhoneKeepsItsOrigin(t *testing.T) {
	t.Parallel()
	r := equipped(t)
	r.order = "order-2"
	r.openPhone(t)
	all(t, swapOf(t, r, true).forward)
	done := uc.Done
	must(t, r.DB.SetOrder(t.Context(), r.order, uc.OrderChange{State: &done}))
	r.open(t, "order-3")
	_, err := r.cucm.RetirePhone(t.Context(), activities.RetirePhoneIn{
		On: r.on(), Name: next, UserID: "ann", Lines: []uc.DirectoryNumber{r.services.Number},
	})
	must(t, err)
	got, err := r.axl.GetPhone(t.Context(), next)
	must(t, err)
	if *got.OwnerUser != "" || len(*got.Lines) != 1 || (*got.Lines)[0].Pattern != "4999" {
		t.Errorf("the phone has %+v of %q, want the reception's line and no owner", *got.Lines, *got.OwnerUser)
	}
}
