package integration

import (
	"errors"
	"testing"
	"time"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/uc"
)

// A number is released: it cools, nothing of it is left on any system, and the person,
// who stays, asks for a number again and gets the same.
func TestNumberRelease(t *testing.T) {
	t.Parallel()
	p := start(t, world.Options{})
	p.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	p.work(t)
	before := p.counts(t)
	digits := p.until(t, p.join(t, p.Person(t, "ann", world.Berlin)).ID, 3*time.Minute, uc.Done).Number
	why := api.NumberGiveBack{NumberReason: api.NumberReason{Reason: "works without a phone"}}
	o, _, err := p.api.ReleaseNumber(t.Context(), digits, why, "")
	if err != nil {
		t.Fatal(err)
	}
	p.until(t, o.ID, 3*time.Minute, uc.Done)
	checkGained(t, p, before, map[string]int{})
	p.checkNumbers(t, map[uc.NumberState]int{uc.Cooling: 1, uc.Assigned: 0})
	if entry, _ := p.Directory.Person("ann"); entry.TelephoneNumber+entry.IPPhone != "" {
		t.Errorf("the directory has %q and %q still", entry.TelephoneNumber, entry.IPPhone)
	}
	if n := p.HR.Records()["ann"].Number; n != "" {
		t.Errorf("HR has %q still", n)
	}
	person, err := p.DB.GetPerson(t.Context(), "ann")
	if err != nil || person.State != uc.Active || person.Services != nil {
		t.Errorf("the person is %s and has %v, %v", person.State, person.Services, err)
	}
	history, err := p.DB.GetNumbers(t.Context(), digits)
	if err != nil {
		t.Fatal(err)
	}
	events := history[0].Events
	if last := events[len(events)-1]; last.Reason != "works without a phone" || last.OrderID != o.ID {
		t.Errorf("the number's history ends with %+v", last)
	}
	if _, _, err := p.api.ReleaseNumber(t.Context(), digits, why, ""); !errors.Is(err, uc.Conflict) {
		t.Errorf("a number that nobody has: %v, want a conflict", err)
	}
	again, _, err := p.api.CreateNumberRequest(t.Context(), uc.NumberRequest{UserID: "ann"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := p.until(t, again.ID, 3*time.Minute, uc.Done).Number; got != digits {
		t.Errorf("ann gets %s, want %s which she gave back", got, digits)
	}
}
