package integration

import (
	"fmt"
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

// kill -9 of a worker before and after each step of a swap: everybody has the new phone
// with the line, and nobody the old one.
func TestKillAtEveryStepOfASwap(t *testing.T) {
	t.Parallel()
	p, _ := startFull(t)
	desks := map[string][2]string{}
	orders := p.killed(t, "s", func(user string) uc.Order {
		pair := [2]string{fmt.Sprintf("SEP0000000000%02X", len(desks)), fmt.Sprintf("SEPFFFFFFFFFF%02X", len(desks))}
		desks[user] = pair
		for _, name := range pair {
			if err := p.CUCM.AddPhone(t.Context(), cucm.Phone{Name: name}); err != nil {
				t.Fatal(err)
			}
		}
		p.phone(t, uc.PhoneAssign, user, pair[0], "")
		o, _, err := p.api.CreatePhoneChange(t.Context(),
			uc.PhoneChange{UserID: user, Action: uc.PhoneSwap, Phone: pair[0], New: pair[1]}, "")
		if err != nil {
			t.Fatal(err)
		}
		return o
	})
	clients, err := p.Endpoints.Clients(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.CUCM.Close()
	for user, pair := range desks {
		old, err := clients.CUCM.GetPhone(t.Context(), pair[0])
		if err != nil {
			t.Fatal(err)
		}
		next, err := clients.CUCM.GetPhone(t.Context(), pair[1])
		if err != nil {
			t.Fatal(err)
		}
		if *old.OwnerUser != "" || len(*old.Lines) != 0 || *next.OwnerUser != user || len(*next.Lines) != 1 {
			t.Errorf("%s is %q's with %d lines, %s is %q's with %d", pair[0], *old.OwnerUser, len(*old.Lines),
				pair[1], *next.OwnerUser, len(*next.Lines))
		}
	}
	if len(orders) == 0 {
		t.Error("no worker was to be killed")
	}
}

// kill -9 of a worker before and after a PIN is set and delivered: the last PIN that
// the person was told is the one that counts.
func TestKillAtAPINReset(t *testing.T) {
	t.Parallel()
	p, _ := startFull(t)
	var users []string
	p.killed(t, "r", func(user string) uc.Order {
		users = append(users, user)
		o, _, err := p.api.CreatePINReset(t.Context(), uc.PINReset{UserID: user}, "")
		if err != nil {
			t.Fatal(err)
		}
		return o
	})
	clients, err := p.Endpoints.Clients(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.CUCM.Close()
	for _, user := range users {
		m, _ := p.SMS.Message(user)
		if ok, err := clients.CUCM.AuthenticateUser(t.Context(), user, m.PIN); err != nil || !ok {
			t.Errorf("the PIN that %s was told is not the one that counts (%v)", user, err)
		}
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
