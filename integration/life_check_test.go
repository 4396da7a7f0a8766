package integration

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/uc"
)

// settle lets every order come to its end: what waits is told to go on.
func (l *lives) settle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute+time.Duration(*lifeEvents)*time.Second)
	defer cancel()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		open := l.open(ctx, t)
		if len(open) == 0 {
			return
		}
		for _, o := range open {
			if o.State != uc.Waiting || o.FailureKind == "" {
				continue
			}
			if _, err := l.api.Resume(ctx, o.ID); err != nil && !errors.Is(err, uc.Conflict) && !errors.Is(err, uc.Unavailable) {
				t.Error(err)
			}
		}
		select {
		case <-ctx.Done():
			o, err := l.DB.GetOrder(t.Context(), open[0].ID)
			t.Fatalf("%d orders are open still; %s of %s is %s at %s: %s %v%s\n%s", len(open), o.Kind, o.UserID, o.State,
				o.WaitingStep, o.Detail, err, describe(o.Steps), l.history(t, o.WorkflowID))
		case <-ticker.C:
		}
	}
}

func (l *lives) open(ctx context.Context, t *testing.T) []uc.Order {
	t.Helper()
	var out []uc.Order
	for _, state := range []uc.OrderState{uc.Scheduled, uc.Running, uc.Waiting} {
		orders, _, err := l.DB.ListOrders(ctx, db.OrderFilter{State: state}, "", 500)
		if err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		out = append(out, orders...)
	}
	return out
}

// holding is what one system says that people hold: digits by user id.
type holding map[string]string

// check compares what every system says.
func (l *lives) check(t *testing.T, before map[string]string) {
	t.Helper()
	people, ledger := l.saved(t), l.assigned(t)
	compare(t, "the ledger", people, ledger)
	compare(t, "the directory", people, l.listed())
	compare(t, "HR", people, l.told())
	compare(t, "the call processor", people, l.extensions(t, people))
	after := l.counts(t)
	for kind, extra := range map[string]int{
		"lines": len(people), "phones": len(people), "device profiles": len(people), "users": len(people),
	} {
		if gained := number(t, after[kind]) - number(t, before[kind]); gained != extra {
			t.Errorf("the call processor gained %d of %s, and %d people have a number", gained, kind, extra)
		}
	}
	l.checkHistories(t)
}

func compare(t *testing.T, system string, want, got holding) {
	t.Helper()
	for user, digits := range want {
		if got[user] != digits {
			t.Errorf("%s says that %s has %q, the person %q", system, user, got[user], digits)
		}
	}
	for user, digits := range got {
		if _, known := want[user]; !known && digits != "" {
			t.Errorf("%s says that %s has %q, the person has nothing", system, user, digits)
		}
	}
}

// saved is what the people are known to have.
func (l *lives) saved(t *testing.T) holding {
	t.Helper()
	out := holding{}
	for _, j := range l.people {
		p, err := l.DB.GetPerson(t.Context(), j.User.ID)
		if errors.Is(err, uc.NotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.State == uc.Leaving {
			t.Errorf("%s is leaving, and no order is open", p.UserID)
		}
		if p.State == uc.Active && p.Services != nil {
			out[p.UserID] = p.Services.Number.Digits
		}
	}
	return out
}

// assigned is what the ledger says.
func (l *lives) assigned(t *testing.T) holding {
	t.Helper()
	out := holding{}
	for _, state := range []uc.NumberState{uc.Assigned, uc.Reserved} {
		cursor := ""
		for {
			numbers, next, err := l.DB.ListNumbers(t.Context(), db.NumberFilter{State: state}, cursor, 500)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range numbers {
				if out[n.UserID] != "" || state == uc.Reserved {
					t.Errorf("%s is %s, and %s has %q", n.Digits, state, n.UserID, out[n.UserID])
				}
				out[n.UserID] = n.Digits
			}
			if cursor = next; next == "" {
				break
			}
		}
	}
	return out
}

// listed is what the directory says.
func (l *lives) listed() holding {
	out := holding{}
	for _, j := range l.people {
		if p, known := l.Directory.Person(j.User.ID); known && p.IPPhone != "" {
			out[j.User.ID] = p.IPPhone
		}
	}
	return out
}

// told is what HR was told.
func (l *lives) told() holding {
	out := holding{}
	for user, r := range l.HR.Records() {
		out[user] = r.Number
	}
	return out
}

// extensions are the primary extensions of the users that the call processor has,
// each on a line with a device profile and a phone.
func (l *lives) extensions(t *testing.T, people holding) holding {
	t.Helper()
	clients, err := l.Endpoints.Clients(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.CUCM.Close()
	out := holding{}
	for _, j := range l.people {
		u, err := clients.CUCM.GetUser(t.Context(), j.User.ID)
		if errors.Is(err, uc.NotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		out[j.User.ID] = "nothing"
		if u.PrimaryExtension == nil || u.PrimaryExtension.Pattern == "" {
			continue
		}
		line, err := clients.CUCM.GetLine(t.Context(), u.PrimaryExtension.Pattern, u.PrimaryExtension.Partition)
		if err != nil {
			t.Errorf("the line of %s: %v", j.User.ID, err)
			continue
		}
		out[j.User.ID] = line.Pattern
		if _, has := people[j.User.ID]; has && len(line.AssociatedDevices) != 2 {
			t.Errorf("the line of %s is on %v, want the device profile and the soft phone", j.User.ID, line.AssociatedDevices)
		}
	}
	return out
}

// checkHistories reads every number's history: one holder at a time, and after it
// was given back nobody else before its time.
func (l *lives) checkHistories(t *testing.T) {
	t.Helper()
	cooling := map[string]time.Duration{}
	for _, p := range world.Catalog().Pools {
		cooling[p.Name] = time.Duration(p.Retention)
	}
	for _, j := range l.people {
		numbers, err := l.DB.NumbersOf(t.Context(), j.User.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range numbers {
			histories, err := l.DB.GetNumbers(t.Context(), n.Digits)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range histories {
				if wrong := judge(h.Events, cooling[h.Pool]); wrong != "" {
					t.Errorf("number %s: %s: %+v", h.Digits, wrong, h.Events)
				}
			}
		}
	}
}

// judge says what is wrong with a number's history; "" for nothing.
func judge(events []uc.NumberEvent, cooling time.Duration) string {
	holder, last := "", ""
	var back time.Time
	for _, e := range events {
		switch e.To {
		case uc.Reserved:
			if holder != "" {
				return fmt.Sprintf("%s gets it while %s has it", e.UserID, holder)
			}
			if last != "" && last != e.UserID && e.At.Before(back.Add(cooling)) {
				return fmt.Sprintf("%s gets it %s after %s gave it back", e.UserID, e.At.Sub(back), last)
			}
			holder = e.UserID
		case uc.Assigned:
			if holder != e.UserID {
				return fmt.Sprintf("%s has it, and %q had reserved it", e.UserID, holder)
			}
		default:
			if e.From == uc.Assigned {
				last, back = holder, e.At
			}
			holder = ""
		}
	}
	return ""
}
