package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

const oldDesk, newDesk = "SEP001122334455", "SEPAABBCCDDEEFF"

// equipped makes somebody who joined and has a number, a soft phone and a desk phone.
func (c *cli) equipped(user string) {
	c.t.Helper()
	c.person(user, "berlin")
	p, err := c.DB.GetPerson(c.t.Context(), user)
	if err != nil {
		c.t.Fatal(err)
	}
	p.Services = &uc.Services{
		CallProcessor: "cucm-1", Number: uc.DirectoryNumber{CallProcessor: "cucm-1", Partition: "PT_Berlin", Digits: "4711"},
		Phones: []uc.Phone{{Name: "CSFANN"}, {Name: oldDesk, Desk: true}},
	}
	if err := c.DB.SavePerson(c.t.Context(), p); err != nil {
		c.t.Fatal(err)
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	for user, k := range map[string]struct {
		args []string
		want uc.PhoneChange
	}{
		"ann": {[]string{"assign", "ann", "aa:bb:cc:dd:ee:ff"}, uc.PhoneChange{Action: uc.PhoneAssign, Phone: "aa:bb:cc:dd:ee:ff"}},
		"bob": {[]string{"swap", "bob", oldDesk, newDesk}, uc.PhoneChange{Action: uc.PhoneSwap, Phone: oldDesk, New: newDesk}},
		"eve": {[]string{"remove", " eve", "csf"}, uc.PhoneChange{Action: uc.PhoneRemove, Phone: "csf"}},
	} {
		c.equipped(user)
		k.want.UserID = user
		c.ok(append([]string{"phone"}, k.args...)...)
		o := c.asked(user)
		if diff := cmp.Diff(&k.want, o.PhoneChange); diff != "" || o.Kind != uc.PhoneOrder {
			t.Errorf("%v: an order of kind %s: %s", k.args, o.Kind, diff)
		}
	}
	c.equipped("max")
	golden(t, "phone-swap", c.ok("phone", "swap", "bob", oldDesk, newDesk))
	for name, k := range map[string]struct {
		args []string
		code int
		says string
	}{
		"nothing": {[]string{"assign", "ann"}, exitUsage, "wants USER and MAC|NAME"},
		"not own": {[]string{"remove", "max", newDesk}, exitNotFound, oldDesk},
		"no MAC":  {[]string{"swap", "ann", oldDesk, "csf"}, exitUsage, "MAC address"},
		"nobody":  {[]string{"assign", "dan", oldDesk}, exitNotFound, "dan"},
		"no such": {[]string{"paint", "ann"}, exitUsage, "unknown command"},
		"dry run": {[]string{"remove", "ann", "csf", "--dry-run"}, exitConflict, "is running"},
	} {
		if r := c.run(append([]string{"phone"}, k.args...)...); r.code != k.code || !strings.Contains(r.err, k.says) {
			t.Errorf("%s: code %d, want %d; says %q, want %q", name, r.code, k.code, r.err, k.says)
		}
	}
}

func TestPhoneCompletion(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.equipped("ann")
	for name, k := range map[string]struct {
		args []string
		want string
	}{
		"people":      {[]string{"remove", ""}, "ann\tAnn Lee\n:4\n"},
		"own phones":  {[]string{"remove", "ann", ""}, "CSFANN\n" + oldDesk + "\n:4\n"},
		"desk phones": {[]string{"swap", "ann", ""}, oldDesk + "\n:4\n"},
		"a new one":   {[]string{"swap", "ann", oldDesk, ""}, ":4\n"},
		"nobody's":    {[]string{"remove", "dan", ""}, ":4\n"},
	} {
		if got := c.ok(append([]string{"__complete", "phone"}, k.args...)...); got != k.want {
			t.Errorf("%s: %q, want %q", name, got, k.want)
		}
	}
}

func TestPINReset(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.equipped("ann")
	golden(t, "pin-reset", c.ok("pin", "reset", "ann"))
	if o := c.asked("ann"); o.Kind != uc.PINOrder || o.WorkflowID != "pin_reset/ann" {
		t.Errorf("an order of kind %s in %s", o.Kind, o.WorkflowID)
	}
	c.person("bob", "berlin")
	for user, code := range map[string]int{"dan": exitNotFound, "bob": exitConflict, "": exitUsage} {
		if r := c.run("pin", "reset", user); r.code != code {
			t.Errorf("%q: code %d, want %d: %s", user, r.code, code, r.err)
		}
	}
}
