package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// LineIn is the input of the effects on a line.
type LineIn struct {
	On
	Line    uc.Line  `json:"line"`
	Devices []string `json:"devices"`          // of the same order: the only ones that may carry it
	Theirs  bool     `json:"theirs,omitempty"` // the line was the person's before: others may share it
}

// CheckOut says whether a number is free on the call processor.
type CheckOut struct {
	Free   bool   `json:"free"`
	Reason string `json:"reason,omitempty"` // why not: one sentence
}

// CheckNumber asks the call processor whether the number is free in its partition:
// nothing there, or a line that no device, line group or hunt list uses. The same
// digits in another partition are no obstacle. It changes nothing.
func (a *CallProcessor) CheckNumber(ctx context.Context, in LineIn) (CheckOut, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return CheckOut{}, err
	}
	n := in.Line.Number
	entries, err := c.ListRoutePlan(ctx, n.Digits, n.Partition)
	if err != nil {
		return CheckOut{}, err
	}
	for _, e := range entries {
		if e.Type != deviceUsage {
			return CheckOut{Reason: fmt.Sprintf("%s is a %s", n, strings.ToLower(e.Type))}, nil
		}
	}
	if len(entries) == 0 {
		return CheckOut{Free: true}, nil
	}
	line, err := c.GetLine(ctx, n.Digits, n.Partition)
	if errors.Is(err, uc.NotFound) {
		return CheckOut{Free: true}, nil
	}
	if err != nil {
		return CheckOut{}, err
	}
	if others := foreignDevices(line, in.Devices); len(others) > 0 {
		return CheckOut{Reason: fmt.Sprintf("%s is in use on %s", n, strings.Join(others, ", "))}, nil
	}
	grouped, err := inLineGroup(ctx, c, line.UUID)
	if err != nil || grouped {
		return CheckOut{Reason: fmt.Sprintf("%s is a member of a line group", n)}, err
	}
	return CheckOut{Free: true}, nil
}

// deviceUsage is what the route plan calls a directory number.
const deviceUsage = "Device"

func foreignDevices(line axl.Line, own []string) []string {
	return slices.DeleteFunc(slices.Clone(line.AssociatedDevices), func(d string) bool { return contains(own, d) })
}

// inLineGroup asks the database, for no operation of the API tells it of a line.
// The statement holds nothing but the line's own key, which is hex digits and
// hyphens by type.
//
// Source: CUCM data dictionary, linegroupnumplanmap.
func inLineGroup(ctx context.Context, c *axl.Client, line axl.UUID) (bool, error) {
	if !line.Valid() {
		return false, &uc.Error{
			Kind: uc.Internal, System: "cucm", Op: "getLine",
			Detail: fmt.Sprintf("the key of the line is %q", line),
		}
	}
	grouped := false
	err := c.QuerySQL(ctx, "SELECT FIRST 1 fklinegroup FROM linegroupnumplanmap WHERE fknumplan = '"+string(line)+"'",
		func(axl.Row) error { grouped = true; return nil })
	return grouped, err
}

// EnsureLine makes the line with all its attributes. A line that is there and that
// no other device uses is taken and reset completely, every forward included: a
// reused number keeps nothing of its last owner. One that was the person's before may
// be shared, and goes on forwarding all calls where it does. Fails with Conflict when
// another device carries another line, NotFound when a named object is missing.
func (a *CallProcessor) EnsureLine(ctx context.Context, in LineIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	n := in.Line.Number
	m := a.mark(in.On, objectLine, n.Partition+"/"+n.Digits)
	have, err := c.GetLine(ctx, n.Digits, n.Partition)
	if errors.Is(err, uc.NotFound) {
		if err := m.absent(ctx); err != nil {
			return err
		}
		_, err = c.AddLine(ctx, toLine(in.Line))
		if !errors.Is(err, uc.Conflict) {
			return err
		}
		have, err = taken(err, func() (axl.Line, error) { return c.GetLine(ctx, n.Digits, n.Partition) })
	}
	if err != nil {
		return err
	}
	if others := foreignDevices(have, in.Devices); len(others) > 0 && !in.Theirs {
		return &uc.Error{Kind: uc.Conflict, System: "cucm", Op: "getLine", Detail: fmt.Sprintf(
			"line %s is in use on %s", n, strings.Join(others, ", "))}
	}
	if _, err := m.found(ctx, have, same(val(have.Description), in.Line.Description)); err != nil {
		return err
	}
	want := toLine(in.Line)
	if in.Theirs {
		want.ForwardAll = nil // the person's own wish
	}
	if !sameLine(want, have) {
		return c.UpdateLine(ctx, want)
	}
	return nil
}

// RemoveLine takes back EnsureLine: removed when this order made it, put back as it
// was when it was there before. A line that another device has come to use is left.
// Absent is success.
func (a *CallProcessor) RemoveLine(ctx context.Context, in LineIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	n := in.Line.Number
	var before axl.Line
	fate, err := a.mark(in.On, objectLine, n.Partition+"/"+n.Digits).fate(ctx, &before)
	if err != nil || fate == leave {
		return err
	}
	now, err := c.GetLine(ctx, n.Digits, n.Partition)
	retake := a.mark(in.On, objectRetake, n.Partition+"/"+n.Digits)
	if errors.Is(err, uc.NotFound) {
		return retakeLine(ctx, c, retake, before)
	}
	if err != nil {
		return err
	}
	if len(foreignDevices(now, in.Devices)) > 0 && !in.Theirs {
		return nil
	}
	if fate == remove {
		return gone(c.RemoveLine(ctx, n.Digits, n.Partition))
	}
	return lineBack(ctx, c, retake, before, now)
}

// lineBack makes the line what it was before. On a device that had no lines it cannot
// stay: an adopted profile had none, and a list cannot be emptied by an update. Removing
// the line takes it off, adding it again makes it unassigned as before.
func lineBack(ctx context.Context, c *axl.Client, retake mark, before, now axl.Line) error {
	if len(before.AssociatedDevices) > 0 || len(now.AssociatedDevices) == 0 {
		return c.UpdateLine(ctx, before)
	}
	if err := retake.absent(ctx); err != nil {
		return err
	}
	if err := gone(c.RemoveLine(ctx, before.Pattern, before.Partition)); err != nil {
		return err
	}
	return retakeLine(ctx, c, retake, before)
}

// retakeLine adds the line again that undo has removed to take it off a device. A
// line that is gone for another reason stays gone.
func retakeLine(ctx context.Context, c *axl.Client, m mark, before axl.Line) error {
	_, removed, err := m.db.ObjectOf(ctx, m.ref)
	if err != nil || !removed {
		return err
	}
	_, err = c.AddLine(ctx, before)
	return err
}

// toLine is the wire form of the line with every attribute that we own set or
// cleared, so that a reused line keeps nothing.
func toLine(l uc.Line) axl.Line {
	forward := func(f uc.Forward) *axl.Forward {
		out := &axl.Forward{ToVoiceMail: f.Voicemail, Destination: f.Destination, CSS: l.ForwardCSS}
		if f.Seconds > 0 {
			out.Duration = strconv.Itoa(f.Seconds)
		}
		return out
	}
	none := &axl.Forward{}
	return axl.Line{
		Pattern: l.Number.Digits, Partition: l.Number.Partition, Description: axl.Set(l.Description),
		AlertingName: axl.Set(l.AlertingName), ASCIIAlertingName: axl.Set(ascii(l.AlertingName, alertingASCIIMax)),
		CSS: axl.Set(l.CSS), VoiceMailProfile: axl.Set(l.VoicemailProfile), CallPickupGroup: axl.Set(l.PickupGroup),
		PresenceGroup: axl.Set(l.PresenceGroup), Active: axl.Set(true),
		ForwardAll: none, ForwardBusy: forward(l.ForwardBusy), ForwardBusyInt: forward(l.ForwardBusy),
		ForwardNoAnswer: forward(l.ForwardNoAnswer), ForwardNoAnswerInt: forward(l.ForwardNoAnswer),
		ForwardNoCoverage: none, ForwardNoCoverageInt: none, ForwardOnFailure: none,
		ForwardNotRegistered: forward(l.ForwardUnreachable), ForwardNotRegisteredInt: forward(l.ForwardUnreachable),
	}
}

// sameLine reports whether the fields that we own are as wanted.
func sameLine(want, have axl.Line) bool {
	text := [][2]*string{
		{want.Description, have.Description},
		{want.AlertingName, have.AlertingName},
		{want.ASCIIAlertingName, have.ASCIIAlertingName},
		{want.CSS, have.CSS},
		{want.VoiceMailProfile, have.VoiceMailProfile},
		{want.CallPickupGroup, have.CallPickupGroup},
		{want.PresenceGroup, have.PresenceGroup},
	}
	forwards := [][2]*axl.Forward{
		{want.ForwardAll, have.ForwardAll},
		{want.ForwardBusy, have.ForwardBusy},
		{want.ForwardBusyInt, have.ForwardBusyInt},
		{want.ForwardNoAnswer, have.ForwardNoAnswer},
		{want.ForwardNoAnswerInt, have.ForwardNoAnswerInt},
		{want.ForwardNoCoverage, have.ForwardNoCoverage},
		{want.ForwardNoCoverageInt, have.ForwardNoCoverageInt},
		{want.ForwardOnFailure, have.ForwardOnFailure},
		{want.ForwardNotRegistered, have.ForwardNotRegistered},
		{want.ForwardNotRegisteredInt, have.ForwardNotRegisteredInt},
	}
	for _, t := range text {
		if differs(t[0], t[1]) {
			return false
		}
	}
	for _, f := range forwards {
		if differs(f[0], f[1]) {
			return false
		}
	}
	return !differs(want.Active, have.Active)
}
