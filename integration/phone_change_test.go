package integration

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

const (
	deskPhone   = "SEP001122334455"
	sparePhone  = "SEPAABBCCDDEEFF"
	thirdPhone  = "SEP665544332211"
	phoneWithin = time.Minute
)

// phone asks for a change of a person's phones and waits until it is done.
func (p *product) phone(t *testing.T, action uc.PhoneAction, user, phone, next string) uc.Order {
	t.Helper()
	o, _, err := p.api.CreatePhoneChange(t.Context(), uc.PhoneChange{UserID: user, Action: action, Phone: phone, New: next}, "")
	if err != nil {
		t.Fatal(err)
	}
	return p.until(t, o.ID, phoneWithin, uc.Done)
}

// phones changes everything that can be changed of a person's phones: at the end there
// are thirdPhone and the soft phone.
func (p *product) phones(t *testing.T, user string) {
	t.Helper()
	p.phone(t, uc.PhoneAssign, user, deskPhone, "")
	p.phone(t, uc.PhoneSwap, user, deskPhone, sparePhone)  // there: carried over
	p.phone(t, uc.PhoneSwap, user, sparePhone, thirdPhone) // not there: renamed
	p.phone(t, uc.PhoneRemove, user, "csf", "")
	p.phone(t, uc.PhoneAssign, user, "csf", "")
}

// A person's phones change again and again, and when the person leaves, the desk
// phones stand there bare and everything else is as it was before the joiner.
func TestPhonesOfALife(t *testing.T) {
	t.Parallel()
	p := start(t, world.Options{})
	p.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	p.work(t)
	for _, name := range []string{deskPhone, sparePhone} {
		if err := p.CUCM.AddPhone(t.Context(), cucm.Phone{Name: name, Description: "desk"}); err != nil {
			t.Fatal(err)
		}
	}
	before := p.state(t)
	p.until(t, p.join(t, p.Person(t, "ann", world.Berlin)).ID, time.Minute, uc.Done)
	p.phones(t, "ann")
	person, err := p.DB.GetPerson(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	var has []string
	for _, phone := range person.Services.Phones {
		has = append(has, phone.Name)
	}
	slices.Sort(has)
	if got := strings.Join(has, " "); got != "CSFANN "+thirdPhone || person.Joiner.DeskPhone != thirdPhone {
		t.Fatalf("ann has %s and joined with %s", got, person.Joiner.DeskPhone)
	}
	p.until(t, p.leave(t, "ann").ID, 2*time.Minute, uc.Done)
	var differs []string
	for _, line := range before.Diff(p.state(t)) {
		if !strings.Contains(line, sparePhone) && !strings.Contains(line, thirdPhone) {
			differs = append(differs, line) // the one is called like the other now
		}
	}
	if len(differs) > 0 {
		t.Errorf("after the leaver the call processor differs:\n%s", strings.Join(differs, "\n"))
	}
}

func (p *product) state(t *testing.T) cucm.Snapshot {
	t.Helper()
	s, err := p.CUCM.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}
