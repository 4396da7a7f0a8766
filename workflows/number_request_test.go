package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// requestSteps are all effects of a number request, in their order.
var requestSteps = append([]string{"ReadPerson"}, append(steps, "SavePerson")...)

func requestEnv(t *testing.T, w *world.World, id string, r uc.NumberRequest, f *trouble) *env {
	t.Helper()
	return newEnvOf(t, w, db.NewOrder{
		ID: id, Kind: uc.NumberRequestOrder, UserID: r.UserID, NumberRequest: &r, ServiceArea: world.OnDemand,
	}, f)
}

// numberless is a person of the on-demand area whose joiner ended without a number.
func numberless(t *testing.T, w *world.World, userID string) {
	t.Helper()
	o := newEnv(t, w, w.Person(t, userID, world.OnDemand), &trouble{}).run(t)
	if o.State != uc.Done || o.Outcome != uc.NumberUnmade {
		t.Fatalf("the joiner of %s is %s/%s (%s), want done without a number", userID, o.State, o.Outcome, o.Detail)
	}
}

func requestWorld(t *testing.T) *world.World {
	t.Helper()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4799", world.LisbonPool: "4700-4709"})
	return w
}

func TestNumberRequestGivesANumberAndAPhone(t *testing.T) {
	t.Parallel()
	w := requestWorld(t)
	numberless(t, w, "ann")
	f := &trouble{}
	o := requestEnv(t, w, "order-2", uc.NumberRequest{UserID: "ann"}, f).run(t)
	checkDone(t, w, o)
	var ran []string
	for _, step := range requestSteps {
		if f.seen[step] {
			ran = append(ran, step)
		}
	}
	if diff := cmp.Diff(requestSteps, ran); diff != "" {
		t.Errorf("the steps that ran differ from the list that the other tests go through (-want +got):\n%s", diff)
	}
	p, err := w.DB.GetPerson(t.Context(), "ann")
	must(t, err)
	if p.Services == nil || p.Number().Digits != o.Number || !p.Joiner.NumberWanted || p.State != uc.Active {
		t.Errorf("the person is %+v, want active with number %s, which was asked for", p, o.Number)
	}
	// Asked again there is nothing to do.
	before := snapshot(t, w)
	again := requestEnv(t, w, "order-3", uc.NumberRequest{UserID: "ann"}, &trouble{}).run(t)
	checkDone(t, w, again)
	if again.Number != o.Number || !strings.Contains(again.Detail, "already") {
		t.Errorf("the second request gave %s (%s), want %s, which the person has", again.Number, again.Detail, o.Number)
	}
	if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("the second request changed the call processor:\n%s", strings.Join(diff, "\n"))
	}
}

func TestNumberRequestIsHonouredOrRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason string
		ask    uc.NumberRequest
		before func(*testing.T, *world.World)
		number string
		detail string // of a refusal
	}{
		"this number":       {"it is free", uc.NumberRequest{Number: "4742"}, nil, "4742", ""},
		"another pool":      {"on the same call processor", uc.NumberRequest{Pool: world.LisbonPool}, nil, "4700", ""},
		"outside":           {"the pool lacks it", uc.NumberRequest{Number: "9999"}, nil, "", "not in pool"},
		"no such pool":      {"nobody made it", uc.NumberRequest{Pool: "porto"}, nil, "", `"porto"`},
		"far pool":          {"the person has no service there", uc.NumberRequest{Pool: "far"}, farPool, "", "cucm-9"},
		"somebody's":        {"a colleague has it", uc.NumberRequest{Number: "4700"}, colleague, "", "assigned"},
		"has another":       {"a person has one number", uc.NumberRequest{Number: "4742"}, itself, "", "already"},
		"has this":          {"nothing to do", uc.NumberRequest{Number: "4700"}, itself, "4700", ""},
		"has it, as +E.164": {"nothing to do", uc.NumberRequest{Number: "+49301234700"}, itself, "4700", ""},
		"a hunt pilot's":    {"the call processor knows better", uc.NumberRequest{Number: "4742"}, pilot, "", "hunt pilot"},
		"a stranger":        {"no order knows the person", uc.NumberRequest{UserID: "bob"}, nil, "", "joins first"},
		"gone":              {"the person has left", uc.NumberRequest{}, left, "", "has left"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := requestWorld(t)
			numberless(t, w, "ann")
			if tt.ask.UserID == "" {
				tt.ask.UserID = "ann"
			}
			if tt.before != nil {
				tt.before(t, w)
			}
			before, people := snapshot(t, w), w.Directory.Snapshot()
			o := requestEnv(t, w, "order-2", tt.ask, &trouble{}).run(t)
			if tt.number != "" {
				checkDone(t, w, o)
				if o.Number != tt.number {
					t.Errorf("the number is %s, want %s: %s", o.Number, tt.number, tt.reason)
				}
				return
			}
			if o.State != uc.Failed || !strings.Contains(o.Detail, tt.detail) {
				t.Fatalf("the order is %s (%s: %s), want failed with %q: %s", o.State, o.FailureKind, o.Detail, tt.detail, tt.reason)
			}
			if name != "has another" {
				checkNothingLeft(t, w, o, name, before, people)
			}
		})
	}
}

func farPool(t *testing.T, w *world.World) {
	t.Helper()
	must(t, w.DB.SavePool(t.Context(), uc.NumberPool{Name: "far", CallProcessor: "cucm-9", Partition: "PT_Far"}))
}

func colleague(t *testing.T, w *world.World) {
	t.Helper()
	checkDone(t, w, newEnv(t, w, w.Person(t, "cid", world.Berlin), &trouble{}).run(t))
}

func itself(t *testing.T, w *world.World) {
	t.Helper()
	checkDone(t, w, requestEnv(t, w, "order-1", uc.NumberRequest{UserID: "ann"}, &trouble{}).run(t))
}

func pilot(t *testing.T, w *world.World) {
	t.Helper()
	must(t, w.CUCM.AddHuntPilot(t.Context(), "4742", "PT_Berlin"))
}

func left(t *testing.T, w *world.World) {
	t.Helper()
	must(t, w.DB.SetPersonState(t.Context(), "ann", uc.Left))
}

// A number that the call processor refuses is known from then on, and no other is
// taken instead.
func TestNumberRequestMarksANumberInUse(t *testing.T) {
	t.Parallel()
	w := requestWorld(t)
	numberless(t, w, "ann")
	must(t, w.CUCM.AddPhone(t.Context(), cucm.Phone{
		Name:  "SEP001122334455",
		Lines: []cucm.Line{{Pattern: "4742", Partition: "PT_Berlin"}},
	}))
	o := requestEnv(t, w, "order-2", uc.NumberRequest{UserID: "ann", Number: "4742"}, &trouble{}).run(t)
	if o.State != uc.Failed || o.FailureKind != uc.Conflict || !strings.Contains(o.Detail, "SEP001122334455") {
		t.Errorf("the order is %s (%s: %s), want a conflict that names the phone", o.State, o.FailureKind, o.Detail)
	}
	history, err := w.DB.GetNumbers(t.Context(), "4742")
	if err != nil || len(history) != 2 && len(history) != 1 || history[0].State != uc.Foreign {
		t.Errorf("number 4742 is %+v, %v: want foreign", history, err)
	}
}

// Every step of a number request that fails for good leaves nothing behind, and the
// person is as before.
func TestNumberRequestSurvivesEveryFailureOfEveryStep(t *testing.T) {
	t.Parallel()
	for _, kind := range []uc.Kind{uc.Conflict, uc.Denied, uc.Unavailable} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := requestWorld(t)
			for i, step := range requestSteps {
				user := "ann" + string(rune('a'+i))
				numberless(t, w, user)
				before, people := snapshot(t, w), w.Directory.Snapshot()
				f := &trouble{step: step, kind: kind, times: 1}
				e := requestEnv(t, w, "request-"+user, uc.NumberRequest{UserID: user}, f)
				e.RegisterDelayedCallback(func() { e.SignalWorkflow("resume", nil) }, 30*time.Second)
				o := e.run(t)
				if kind.Disposition() != uc.Fail {
					checkDone(t, w, o)
					continue
				}
				if o.State != uc.Failed || o.FailureKind != kind {
					t.Errorf("%s at %s: the order is %s (%s: %s), want failed", kind, step, o.State, o.FailureKind, o.Detail)
				}
				checkNothingLeft(t, w, o, step, before, people)
				if p, err := w.DB.GetPerson(t.Context(), user); err != nil || p.Services != nil || p.Joiner.NumberWanted {
					t.Errorf("%s at %s: the person is %+v, %v, want as before", kind, step, p, err)
				}
			}
		})
	}
}
