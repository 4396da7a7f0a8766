package workflows

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// LeaverInput is the input of a leaver's story.
type LeaverInput struct {
	OrderID string    `json:"orderId"`
	Leaver  uc.Leaver `json:"leaver"`
}

// leaver is the state of one leaver's story.
type leaver struct {
	story
	in   LeaverInput
	who  activities.LeaverOut
	plan uc.LeaverPlan

	number uc.DirectoryNumber // the person's, as directory and HR know it; zero = none
	e164   string

	directoryID string // of the person's entry, once it was found; "" = there is none
	reason      string // of a release: why
	stays       bool   // the person stays: only the number goes, with what belongs to it

	kept   []string // what others use and is there still, a sentence each
	detail string   // of the order, once it is done
}

// Leaver takes away what a person has, as the service area's policy says. Until the
// removal begins a cancellation, or the same person hired again, puts everything back;
// from then on the story only goes forward.
func Leaver(ctx workflow.Context, in LeaverInput) error {
	l := &leaver{story: story{orderID: in.OrderID, kind: uc.LeaverOrder}, in: in}
	err := l.run(ctx)
	return l.end(ctx, l.done(), err)
}

func (l *leaver) run(ctx workflow.Context) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	if l.who.Left() {
		l.detail = fmt.Sprintf("user %s has left already", l.who.UserID)
		return nil
	}
	if err := l.passGuard(ctx, uc.GuardLeaver, l.who.Place.Domain, l.in.Leaver.Batch); err != nil {
		return err
	}
	if err := l.survey(ctx); err != nil {
		return err
	}
	for _, stage := range []func(workflow.Context) error{l.atLeave, l.awaitRemoval} {
		if err := stage(ctx); err != nil {
			return err
		}
	}
	// No way back: not by a cancellation, and not by undo after a failure.
	ctx, done := workflow.NewDisconnectedContext(ctx)
	defer done()
	ctx, forget := l.bind(ctx)
	defer forget()
	return l.remove(ctx)
}

// begin waits until the person leaves and the person's earlier orders have ended. Who
// it is is read after that: orders that came before may have changed it.
func (l *leaver) begin(ctx workflow.Context) error {
	l.startOver = func(ctx workflow.Context) error {
		in := l.in
		in.Leaver.LeaveAt = time.Time{}
		return workflow.NewContinueAsNewError(ctx, Leaver, in)
	}
	if at := l.in.Leaver.LeaveAt; at.After(workflow.Now(ctx)) {
		if err := l.await(ctx, at); err != nil {
			return err
		}
	}
	if err := l.takeTurn(ctx); err != nil {
		return err
	}
	if err := l.withdrawJoiner(ctx); err != nil {
		return err
	}
	if err := l.set(ctx, running()); err != nil {
		return err
	}
	return l.step(ctx, "ReadLeaver", l.read)
}

// withdrawJoiner ends the joiner of somebody who has nothing yet and leaves before the
// start date: otherwise the person would join after having left.
func (l *leaver) withdrawJoiner(ctx workflow.Context) error {
	for looks := 0; ; looks++ {
		joiner, err := local(ctx, inventory.ScheduledJoiner, activities.TurnIn{OrderID: l.orderID})
		if err != nil || joiner.OrderID == "" {
			return err
		}
		if err := l.giveWay(ctx, joiner); err != nil {
			return err
		}
		if err := l.waitForTurn(ctx, looks); err != nil {
			return err
		}
	}
}

// read reads who leaves.
func (l *leaver) read(ctx workflow.Context) (err error) {
	l.who, err = local(ctx, inventory.ReadLeaver, activities.LeaverIn{
		OrderID: l.orderID, UserID: l.in.Leaver.UserID, ServiceArea: l.in.Leaver.ServiceArea,
	})
	if err != nil {
		return err
	}
	switch has := l.who.Person.Services; {
	case has != nil:
		l.number, l.e164 = has.Number, has.E164
	case len(l.who.Numbers) > 0:
		l.number, l.e164 = l.who.Numbers[0].Directory(), l.who.Numbers[0].E164
	}
	return nil
}

// survey finds everything of the person and keeps the plan.
func (l *leaver) survey(ctx workflow.Context) error {
	if l.writesBack() {
		err := l.step(ctx, "FindPerson", l.findPerson)
		if err != nil {
			return err
		}
	}
	l.plan = uc.LeaverPlan{UserID: l.who.UserID, CallProcessor: l.callProcessors()[0]}
	for _, name := range l.callProcessors() {
		err := l.step(ctx, "SurveyLeaver", func(ctx workflow.Context) error { return l.look(ctx, name) })
		if err != nil {
			return err
		}
	}
	l.complete()
	err := l.step(ctx, "SavePlan", func(ctx workflow.Context) error {
		return record(ctx, inventory.SavePlan, activities.PlanIn{StepRef: l.ref(), Plan: l.plan})
	})
	if err != nil || l.number.Digits == "" {
		return err
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, numberAttribute.ValueSet(l.number.Digits)); err != nil {
		return err
	}
	return l.set(ctx, uc.OrderChange{Number: &l.number.Digits, E164: &l.e164})
}

// look surveys one call processor.
func (l *leaver) look(ctx workflow.Context, name string) error {
	in := activities.SurveyIn{
		On: l.on(name, ""), UserID: l.who.UserID, Has: l.who.Person.Services, Policy: l.who.Place.Area.Leaver,
	}
	for _, n := range l.who.Numbers {
		in.Numbers = append(in.Numbers, n.Directory())
	}
	seen, err := call(l.remote(ctx, name, in.UserID), callProcessors.SurveyLeaver, in)
	l.plan.Objects = append(l.plan.Objects, seen.Objects...)
	return err
}

// callProcessors are where the person has, or had, something: first of all where the
// person's services are.
func (l *leaver) callProcessors() []string {
	names := []string{l.who.Place.Area.CallProcessor}
	if has := l.who.Person.Services; has != nil {
		names[0] = has.CallProcessor
	}
	for _, n := range l.who.Numbers {
		if !slices.Contains(names, n.CallProcessor) {
			names = append(names, n.CallProcessor)
		}
	}
	return names
}

// complete adds to the plan what is on no call processor, and puts what happens at
// leave first.
func (l *leaver) complete() {
	for _, n := range l.who.Numbers {
		l.plan.Objects = append(l.plan.Objects, uc.PlannedObject{
			System: n.CallProcessor, Type: uc.PlannedNumber, Key: n.Digits, Partition: n.Partition,
			Action: uc.PlanChange, Stage: uc.AtRemoval, Why: "given back to pool " + n.Pool,
		})
	}
	policy, domain := l.who.Place.Area.Leaver, l.who.Place.Domain
	if l.directoryID != "" {
		var attributes []string
		for _, w := range domain.WriteBack {
			attributes = append(attributes, w.Attribute)
		}
		l.plan.Objects = append(l.plan.Objects, uc.PlannedObject{
			System: domain.Directory, Type: uc.PlannedPerson, Key: l.who.UserID, Action: uc.PlanChange,
			Stage: cmp.Or(policy.Directory, uc.AtRemoval), Why: "the number is cleared from " + strings.Join(attributes, ", "),
		})
	}
	if domain.HR != "" && l.number.Digits != "" {
		l.plan.Objects = append(l.plan.Objects, uc.PlannedObject{
			System: domain.HR, Type: uc.PlannedEvent, Key: l.number.Digits, Partition: l.number.Partition,
			Action: uc.PlanChange, Stage: cmp.Or(policy.HR, uc.AtRemoval), Why: "HR is told that the number is withdrawn",
		})
	}
	slices.SortStableFunc(l.plan.Objects, func(a, b uc.PlannedObject) int {
		return cmp.Compare(last(a), last(b))
	})
}

// last is 0 for what happens at leave and 1 for the rest.
func last(o uc.PlannedObject) int {
	if o.Stage == uc.AtLeave {
		return 0
	}
	return 1
}

// awaitRemoval waits for the removal; a cancellation until then recalls the person.
func (l *leaver) awaitRemoval(ctx workflow.Context) error {
	after := time.Duration(l.who.Place.Area.Leaver.After)
	if after <= 0 {
		return ctx.Err()
	}
	at := workflow.Now(ctx).Add(after).UTC()
	state, detail, none := uc.Waiting, "removal on "+at.Format("2006-01-02 15:04 MST")+"; until then cancel the order to recall the person", ""
	if err := l.set(ctx, uc.OrderChange{State: &state, Detail: &detail, WaitingStep: &none}); err != nil {
		return err
	}
	workflow.SetCurrentDetails(ctx, "Waiting: "+detail)
	timer := workflow.NewTimerWithOptions(ctx, after, workflow.TimerOptions{Summary: detail})
	if err := timer.Get(ctx, nil); err != nil {
		return err
	}
	return l.set(ctx, running())
}

// done is the order's end when the story succeeded.
func (l *leaver) done() uc.OrderChange {
	state, kind, none := uc.Done, uc.Kind(""), ""
	detail := l.detail
	if len(l.kept) > 0 {
		detail = "kept: " + strings.Join(l.kept, "; ")
	}
	return uc.OrderChange{State: &state, Detail: &detail, FailureKind: &kind, WaitingStep: &none}
}

func (l *leaver) ref() uc.StepRef { return uc.StepRef{OrderID: l.orderID} }

// remote is for one effect on a call processor.
func (l *leaver) remote(ctx workflow.Context, callProcessor, summary string) workflow.Context {
	return remote(ctx, CallProcessorQueue(callProcessor), summary)
}

func (l *leaver) on(callProcessor, item string) activities.On {
	on := activities.On{StepRef: l.ref(), CallProcessor: callProcessor}
	on.Item = item
	return on
}
