package integration

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/uc"
)

// The walk of docs/walk.md: one request, and what every system says afterwards.
func TestOneJoiner(t *testing.T) {
	t.Parallel()
	p := start(t, world.Options{})
	p.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	p.work(t)
	j := p.Person(t, "ann", world.Berlin)
	j.User.FirstName, j.User.LastName = "Änne", "O'Brien-Müller"
	o := p.until(t, p.join(t, j).ID, time.Minute, uc.Done)
	clients, err := p.Endpoints.Clients(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.CUCM.Close()
	line, err := clients.CUCM.GetLine(t.Context(), o.Number, "PT_Berlin")
	if err != nil {
		t.Fatal(err)
	}
	if got := *line.AlertingName + "|" + *line.ASCIIAlertingName; got != "Änne O'Brien-Müller|Aenne O'Brien-Mueller" {
		t.Errorf("the line's names are %s", got)
	}
	if len(line.AssociatedDevices) != 2 {
		t.Errorf("the line is on %v, want the device profile and the soft phone", line.AssociatedDevices)
	}
	user, err := clients.CUCM.GetUser(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	if user.PrimaryExtension == nil || user.PrimaryExtension.Pattern != o.Number {
		t.Errorf("the primary extension is %+v, want %s", user.PrimaryExtension, o.Number)
	}
	person, _ := p.Directory.Person("ann")
	if person.TelephoneNumber != "+4930123"+o.Number {
		t.Errorf("the directory has %q", person.TelephoneNumber)
	}
	if mails := p.Mail.Find(j.User.Mail); len(mails) != 1 {
		t.Errorf("%d mails, want 1", len(mails))
	}
	checkSteps(t, o)
}

func checkSteps(t *testing.T, o uc.Order) {
	t.Helper()
	for _, s := range o.Steps {
		if s.State != uc.StepDone || s.Attempts != 1 || s.EndedAt == nil {
			t.Errorf("step %s is %s after %d attempts, want done after 1", s.Name, s.State, s.Attempts)
		}
	}
	if len(o.Steps) < 15 {
		t.Errorf("%d steps were recorded: %s", len(o.Steps), describe(o.Steps))
	}
}

// 200 people, 150 numbers: 150 are done with numbers of their own, 50 wait, and go
// on by themselves when numbers are imported.
func TestMorePeopleThanNumbers(t *testing.T) {
	t.Parallel()
	const people, numbers = 200, 150
	p := start(t, world.Options{})
	p.Apply(t, map[string]string{world.BerlinPool: fmt.Sprintf("4000-%d", 4000+numbers-1)})
	p.work(t)
	var joiners sync.WaitGroup
	for i := range people {
		j := p.Person(t, fmt.Sprintf("u%03d", i), world.Berlin)
		joiners.Go(func() {
			if _, _, err := p.api.CreateJoiner(t.Context(), j, "key-"+j.User.ID); err != nil {
				t.Error(err)
			}
		})
	}
	joiners.Wait()
	p.states(t, 4*time.Minute, map[uc.OrderState]int{uc.Done: numbers, uc.Waiting: people - numbers})
	p.distinct(t, numbers)
	p.importHTTP(t, world.BerlinPool, fmt.Sprintf("%d-%d", 4000+numbers, 4000+people-1))
	p.states(t, 4*time.Minute, map[uc.OrderState]int{uc.Done: people})
	p.distinct(t, people)
}
