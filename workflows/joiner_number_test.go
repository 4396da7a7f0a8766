package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

func TestJoinerGoesOnWhenNumbersAreImported(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, nil)
	e := newEnv(t, w, w.Person(t, "ann", world.Berlin), &trouble{})
	e.RegisterDelayedCallback(func() {
		if o := e.get(t); o.State != uc.Waiting || o.FailureKind != uc.Exhausted || o.WaitingStep != "ReserveNumber" {
			t.Errorf("with an empty pool the order is %s (%s at %q), want waiting", o.State, o.FailureKind, o.WaitingStep)
		}
		w.Import(t, world.BerlinPool, "4700")
	}, 10*time.Minute)
	checkDone(t, w, e.run(t))
}

func TestJoinerSkipsANumberInUseOnTheCallProcessor(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4702"})
	ctx := t.Context()
	// 4700 rings at somebody's phone, 4701 is a hunt pilot; the same digits in
	// another partition are no obstacle.
	must(t, w.CUCM.AddPhone(ctx, cucm.Phone{
		Name:  "SEP001122334455",
		Lines: []cucm.Line{{Pattern: "4700", Partition: "PT_Berlin"}},
	}))
	must(t, w.CUCM.AddHuntPilot(ctx, "4701", "PT_Berlin"))
	must(t, w.CUCM.AddLine(ctx, cucm.Line{Pattern: "4702", Partition: "PT_Lisbon"}))
	o := newEnv(t, w, w.Person(t, "ann", world.Berlin), &trouble{}).run(t)
	checkDone(t, w, o)
	if o.Number != "4702" {
		t.Errorf("the number is %s, want 4702", o.Number)
	}
	for _, digits := range []string{"4700", "4701"} {
		history, err := w.DB.GetNumbers(ctx, digits)
		if err != nil || len(history) != 1 || history[0].State != uc.Foreign || history[0].Reason == "" {
			t.Errorf("number %s is %+v, %v: want foreign with a reason", digits, history, err)
		}
	}
}

// A second joiner of a person who has everything changes nothing.
func TestJoinerTwice(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4709"})
	j := w.Person(t, "ann", world.Berlin)
	first := newEnv(t, w, j, &trouble{}).run(t)
	checkDone(t, w, first)
	before := snapshot(t, w)
	e := newEnvAs(t, w, j, &trouble{}, "order-2")
	second := e.run(t)
	checkDone(t, w, second)
	if second.Number != first.Number {
		t.Errorf("the second order gave %s, the first %s", second.Number, first.Number)
	}
	if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("the second joiner changed the call processor:\n%s", strings.Join(diff, "\n"))
	}
	if mails := w.Mail.Find(j.User.Mail); len(mails) != 1 {
		t.Errorf("%d mails were sent, want 1", len(mails))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
