package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// The effects of a leaver with everything, in their order: those that are taken back,
// and those after which there is no way back.
var (
	leaveSteps = []string{
		"ReadLeaver", "PassGuard", "FindPerson", "SurveyLeaver", "SavePlan", "SetPersonState", "LogOut", "ForwardLine", "EndSignIn",
	}
	removalSteps = []string{
		"ClearUser", "RetireRemoteDestination", "RetireRemoteDestinationProfile", "RetirePhone", "RetireProfile",
		"RetireLine", "RetireUser", "ReleaseNumber", "ClearDirectory", "RevokeHR", "SavePerson",
	}
)

// wait is how long after the leave everything is removed.
const wait = 30 * 24 * time.Hour

// leaverWorld is a world whose leavers go in two stages.
func leaverWorld(t *testing.T) *world.World {
	t.Helper()
	w := world.New(t, world.Options{})
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4799"})
	policy(t, w, world.Berlin, uc.LeaverPolicy{After: uc.Duration(wait), Forward: "voicemail"})
	place, err := w.DB.GetPlacement(t.Context(), world.Berlin)
	must(t, err)
	place.Domain.Guard.Window = 1 // many leave in this test, and the guard has its own
	_, err = w.DB.ApplyCatalog(t.Context(), uc.Catalog{Domains: []uc.Domain{place.Domain}}, false)
	must(t, err)
	return w
}

// settled joins a person and gives it what an administrator may add: a remote
// destination, and a login to the phone in the lobby.
func settled(t *testing.T, w *world.World, user string) (before cucm.Snapshot) {
	t.Helper()
	ctx := t.Context()
	phone := "SEP" + strings.ToUpper(fmt.Sprintf("%x", user+"000000")[:12])
	must(t, w.CUCM.AddPhone(ctx, cucm.Phone{Name: phone, ExtensionMobility: true}))
	_, before = joined(t, w, user, world.Berlin, nil)
	c := callProcessor(t, w)
	must(t, c.DeviceLogin(ctx, phone, user+"-em", user))
	reach(t, w, user)
	return before
}

// reach gives the person a remote destination.
func reach(t *testing.T, w *world.World, user string) {
	t.Helper()
	ctx := t.Context()
	c := callProcessor(t, w)
	have, err := c.GetUser(ctx, user)
	must(t, err)
	must(t, c.UpdateUser(ctx, axl.User{UserID: user, EnableMobility: axl.Set(true)}))
	profile := "RDP" + strings.ToUpper(user)
	_, err = c.AddRemoteDestinationProfile(ctx, axl.RemoteDestinationProfile{
		Name: profile, User: axl.Set(user), DevicePool: axl.Set("DP_Berlin"),
		Lines: &[]axl.LineAppearance{{Index: 1, Pattern: have.PrimaryExtension.Pattern, Partition: have.PrimaryExtension.Partition}},
	})
	must(t, err)
	_, err = c.AddRemoteDestination(ctx, axl.RemoteDestination{
		Destination: "0171" + have.PrimaryExtension.Pattern, Name: axl.Set(user + " mobile"), Owner: axl.Set(user), Profile: axl.Set(profile),
		Lines: &[]axl.Extension{*have.PrimaryExtension},
	})
	must(t, err)
}

// The two lists are what a leaver with everything does, and the order of both.
func TestLeaverInTwoStages(t *testing.T) {
	t.Parallel()
	w := leaverWorld(t)
	before := settled(t, w, "ann")
	f := &trouble{}
	e := leaveEnv(t, w, uc.Leaver{UserID: "ann"}, f)
	e.RegisterDelayedCallback(func() {
		o := e.get(t)
		if o.State != uc.Waiting || o.Stage != "at leave" || !strings.HasPrefix(o.Detail, "removal on ") || o.Plan == nil {
			t.Errorf("between the stages the order is %s in stage %q: %q", o.State, o.Stage, o.Detail)
		}
		if p, err := w.DB.GetPerson(t.Context(), "ann"); err != nil || p.State != uc.Leaving {
			t.Errorf("between the stages the person is %s, %v", p.State, err)
		}
		suspended(t, w)
	}, wait/2)
	o := e.leave(t)
	checkGone(t, w, o, before)
	if o.Stage != "removal" {
		t.Errorf("the last stage is %q", o.Stage)
	}
	var did []string
	for _, s := range o.Steps {
		name, _, _ := strings.Cut(s.Name, " ")
		did = append(did, name)
	}
	steps := slices.Concat(leaveSteps, removalSteps)
	did = slices.DeleteFunc(did, func(s string) bool { return !slices.Contains(steps, s) })
	var want []string
	for _, s := range steps {
		if !f.seen[s] {
			t.Errorf("%s did not run", s)
		}
		if slices.Contains(did, s) {
			want = append(want, s)
		}
	}
	if diff := cmp.Diff(want, did); diff != "" {
		t.Errorf("the steps differ from the lists that the other tests go through (-want +got):\n%s", diff)
	}
}

// suspended fails unless ann can neither be called nor sign in.
func suspended(t *testing.T, w *world.World) {
	t.Helper()
	c := callProcessor(t, w)
	user, err := c.GetUser(t.Context(), "ann")
	must(t, err)
	if *user.HomeCluster || *user.EnableCTI || *user.IMPresence || *user.EnableMobility {
		t.Error("the user may still sign in")
	}
	line, err := c.GetLine(t.Context(), user.PrimaryExtension.Pattern, user.PrimaryExtension.Partition)
	must(t, err)
	if !line.ForwardAll.ToVoiceMail {
		t.Errorf("the line is forwarded to %+v, want voicemail", line.ForwardAll)
	}
	logins, err := c.LoggedIn(t.Context(), user.UUID)
	if err != nil || len(logins) > 0 {
		t.Errorf("the user is logged in at %v, %v", logins, err)
	}
}

// Every step, every kind of failure, all in one story: what never succeeds is told
// apart below. Before the removal, and in it, the order waits and goes on, or tries
// again; nothing is put back.
func TestLeaverSurvivesEveryFailureOfEveryStep(t *testing.T) {
	t.Parallel()
	for _, kind := range []uc.Kind{
		uc.Invalid, uc.NotFound, uc.Conflict, uc.Exhausted, uc.Denied, uc.Throttled, uc.Unavailable, uc.Internal,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := leaverWorld(t)
			fresh := settled(t, w, "ann")
			steps := removalSteps
			if kind.Disposition() == uc.Fail {
				failBeforeRemoval(t, w, kind)
			} else {
				steps = slices.Concat(leaveSteps, removalSteps)
			}
			f := &trouble{kind: kind, each: map[string]int{}}
			for _, step := range steps {
				f.each[step] = times(kind)
			}
			e := leaveEnv(t, w, uc.Leaver{UserID: "ann"}, f)
			waited := e.resumeAll(t, kind)
			checkLeft(t, w, e.leave(t), fresh, string(kind))
			for _, step := range steps {
				// What is exhausted is looked at again without a resume.
				if kind.Disposition() != uc.Retry && kind != uc.Exhausted && !waited[step] {
					t.Errorf("%s at %s: the order did not wait", kind, step)
				}
			}
		})
	}
}

// resumeAll resumes the order whenever it waits, and tells at which steps it did.
func (e *env) resumeAll(t *testing.T, kind uc.Kind) map[string]bool {
	t.Helper()
	waited := map[string]bool{}
	look := func() {
		if o := e.get(t); o.State == uc.Waiting && o.FailureKind == kind {
			waited[o.WaitingStep] = true
			e.SignalWorkflow("resume", nil)
		}
	}
	for hour := range 2 * (len(leaveSteps) + len(removalSteps)) {
		at := time.Duration(hour) * time.Hour
		e.RegisterDelayedCallback(look, at)
		e.RegisterDelayedCallback(look, wait+at+30*time.Minute)
	}
	return waited
}

// failBeforeRemoval lets every step until the removal fail for good: the order fails,
// and everything is as it was.
func failBeforeRemoval(t *testing.T, w *world.World, kind uc.Kind) {
	t.Helper()
	before, people := snapshot(t, w), w.Directory.Snapshot()
	for _, step := range leaveSteps {
		if step == "FindPerson" && kind == uc.NotFound {
			continue // an entry that is gone is no failure
		}
		f := &trouble{step: step, kind: kind, times: 1}
		o := leaveEnvAs(t, w, uc.Leaver{UserID: "ann"}, f, "leave-"+step).leave(t)
		if o.State != uc.Failed || o.FailureKind != kind || !strings.Contains(o.Detail, "made to fail") {
			t.Errorf("%s at %s: the order is %s (%s: %s), want failed", kind, step, o.State, o.FailureKind, o.Detail)
		}
		checkBack(t, w, "ann", step, before, people)
	}
}

// checkLeft fails unless nothing of the person is anywhere; phones in the lobby that
// others use stay.
func checkLeft(t *testing.T, w *world.World, o uc.Order, fresh cucm.Snapshot, step string) {
	t.Helper()
	if o.State != uc.Done {
		t.Fatalf("with trouble at %s the order is %s (%s: %s), want done", step, o.State, o.FailureKind, o.Detail)
	}
	if diff := fresh.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("with trouble at %s the call processor differs in the end:\n%s", step, strings.Join(diff, "\n"))
	}
	checkReleased(t, w, o.UserID)
}

// checkBack fails unless everything is as it was before the leaver.
func checkBack(t *testing.T, w *world.World, user, step string, before cucm.Snapshot, people map[string]map[string][]string) {
	t.Helper()
	if diff := before.Diff(snapshot(t, w)); len(diff) > 0 {
		t.Errorf("after a recall at %s the call processor differs:\n%s", step, strings.Join(diff, "\n"))
	}
	if diff := cmp.Diff(telephone(people), telephone(w.Directory.Snapshot())); diff != "" {
		t.Errorf("after a recall at %s the directory differs (-before +after):\n%s", step, diff)
	}
	if p, err := w.DB.GetPerson(t.Context(), user); err != nil || p.State != uc.Active || p.Services == nil {
		t.Errorf("after a recall at %s the person is %s, %v", step, p.State, err)
	}
	numbers, err := w.DB.NumbersOf(t.Context(), user)
	if err != nil || len(numbers) != 1 || numbers[0].State != uc.Assigned {
		t.Errorf("after a recall at %s the numbers are %+v, %v", step, numbers, err)
	}
}

// Every write whose answer is lost is found done.
func TestLeaverSurvivesALostAnswerOfEveryStep(t *testing.T) {
	t.Parallel()
	w := leaverWorld(t)
	fresh := settled(t, w, "ann")
	f := &trouble{after: true, each: map[string]int{}}
	for _, step := range slices.Concat(leaveSteps, removalSteps) {
		f.each[step] = 2
	}
	checkLeft(t, w, leaveEnv(t, w, uc.Leaver{UserID: "ann"}, f).leave(t), fresh, "every step")
}

// A leaver cancelled at any step until the removal, or while it waits for it, puts
// everything back.
func TestLeaverCancelledBeforeTheRemoval(t *testing.T) {
	t.Parallel()
	w := leaverWorld(t)
	settled(t, w, "ann")
	before, people := snapshot(t, w), w.Directory.Snapshot()
	for _, step := range append(slices.Clone(leaveSteps), "the wait") {
		e := leaveEnvAs(t, w, uc.Leaver{UserID: "ann"}, &trouble{step: step, kind: uc.Denied, times: 1}, "leave-"+step)
		e.RegisterDelayedCallback(e.CancelWorkflow, wait/2)
		if o := e.leave(t); o.State != uc.Cancelled {
			t.Errorf("cancelled at %s: the order is %s (%s)", step, o.State, o.Detail)
		}
		checkBack(t, w, "ann", step, before, people)
	}
}

// A leaver cancelled at any step of the removal goes on to the end.
func TestLeaverCancelledInTheRemoval(t *testing.T) {
	t.Parallel()
	for _, step := range []string{removalSteps[0], removalSteps[len(removalSteps)-1]} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			w := leaverWorld(t)
			fresh := settled(t, w, "ann")
			e := leaveEnv(t, w, uc.Leaver{UserID: "ann"}, &trouble{step: step, kind: uc.Denied, times: 2})
			for _, after := range []time.Duration{time.Hour, 3 * time.Hour} {
				e.RegisterDelayedCallback(e.CancelWorkflow, wait+after)
				e.RegisterDelayedCallback(func() { e.SignalWorkflow("resume", nil) }, wait+after+time.Hour)
			}
			checkLeft(t, w, e.leave(t), fresh, step)
		})
	}
}
