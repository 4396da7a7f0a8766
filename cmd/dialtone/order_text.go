package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/uc"
)

// orderText is the order in words.
func orderText(o uc.Order) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-15s %s\n", name, plain(value))
		}
	}
	line("Order", o.ID)
	line("Person", o.UserID)
	if o.Joiner != nil {
		line("Name", o.Joiner.User.Name())
	}
	line("Service area", o.ServiceArea)
	line("What", kindText(o))
	line("State", stateText(o))
	line("Stage", o.Stage)
	number, e164 := heldNumber(o)
	line("Number", number)
	line("E.164", e164)
	if o.State != uc.Failed && o.State != uc.Cancelled {
		line("Device profile", o.DeviceProfile)
	}
	line("Begins", moment(o.StartAt))
	line("Asked for by", o.CreatedBy+", "+moment(&o.CreatedAt))
	line("Ended", moment(o.EndedAt))
	line("Why", o.Detail)
	line("What to do", advice(o))
	return b.String()
}

// kindText says what was ordered when that is no joiner.
func kindText(o uc.Order) string {
	switch {
	case o.Leaver != nil && o.Leaver.LeaveAt.IsZero():
		return "leaves"
	case o.Leaver != nil && o.StartAt != nil:
		return "leaves " + moment(o.StartAt) // the date may have changed since it was asked for
	case o.Leaver != nil:
		return "leaves " + moment(&o.Leaver.LeaveAt)
	case o.Mover != nil:
		return "changes: " + strings.Join(changesOf(*o.Mover), ", ")
	case o.NumberRequest != nil && o.NumberRequest.Number != "":
		return "asks for the number " + o.NumberRequest.Number
	case o.NumberRequest != nil:
		return "asks for a number"
	case o.Kind == uc.JoinerOrder:
		return ""
	}
	return strings.ReplaceAll(string(o.Kind), "_", " ")
}

func stateText(o uc.Order) string {
	switch {
	case o.State == uc.Waiting && o.WaitingStep != "":
		return fmt.Sprintf("waiting at %s (%s)", o.WaitingStep, o.FailureKind)
	case o.State == uc.Failed && o.FailureKind != "":
		return fmt.Sprintf("failed (%s), %s", o.FailureKind, undoText(o.Steps))
	case o.State == uc.Done && o.Outcome == uc.NumberUnmade:
		return "done, no number"
	}
	return string(o.State)
}

// undoText says whether the steps that take something back did.
func undoText(steps []uc.Step) string {
	for _, s := range steps {
		if s.Undo && s.State != uc.StepDone {
			return "not everything it made could be undone: see the steps"
		}
	}
	return "everything it made was undone"
}

// changesOf lists what a mover changes, by the columns of its file.
func changesOf(m uc.Mover) []string {
	var out []string
	add := func(name string, value *string) {
		if value != nil {
			out = append(out, name+"="+*value)
		}
	}
	if m.ServiceArea != "" {
		out = append(out, "serviceArea="+m.ServiceArea)
	}
	if m.Number != uc.NumberAuto {
		out = append(out, "number="+string(m.Number))
	}
	if m.NewUserID != "" {
		out = append(out, "userId="+m.NewUserID)
	}
	add("firstName", m.FirstName)
	add("lastName", m.LastName)
	add("mail", m.Mail)
	add("department", m.Department)
	add("title", m.Title)
	add("classOfService", (*string)(m.ClassOfService))
	if m.Voicemail != nil {
		out = append(out, fmt.Sprintf("voicemail=%t", *m.Voicemail))
	}
	for _, name := range slices.Sorted(maps.Keys(m.Attributes)) {
		out = append(out, "attributes."+name+"="+m.Attributes[name])
	}
	return out
}

// commandOf is the command that orders a kind.
func commandOf(k uc.OrderKind) string {
	switch k {
	case uc.LeaverOrder:
		return "leave"
	case uc.MoverOrder:
		return "move` or `dialtone change"
	case uc.NumberRequestOrder:
		return "number request"
	case uc.NumberReleaseOrder:
		return "number release"
	case uc.PhoneOrder:
		return "phone"
	case uc.PINOrder:
		return "pin reset"
	case uc.JoinerOrder:
	}
	return "join"
}

// advice is what a person can do about an order that waits or failed, in the words
// of docs/errors.md.
func advice(o uc.Order) string {
	if o.State != uc.Waiting && o.State != uc.Failed {
		return ""
	}
	again := "then send the person again with `dialtone " + commandOf(o.Kind) + "`"
	if o.State == uc.Waiting {
		again = "then `dialtone order resume " + o.ID + "`"
	}
	switch o.FailureKind {
	case uc.Exhausted:
		return "add numbers with `dialtone pool import`; the order goes on by itself"
	case uc.Denied:
		return "put the account or its rights on that system in order, then `dialtone order resume " + o.ID + "`"
	case uc.Invalid:
		return "correct the request, the catalog or the template, " + again
	case uc.NotFound:
		return "make what is missing, or correct its name in the catalog, " + again
	case uc.Conflict:
		return "clear what stands in the way on that system, " + again
	case uc.Throttled, uc.Unavailable:
		return "nothing: it is tried again by itself; look at that system when it lasts"
	case uc.Internal:
		return "look at the worker's log under this order, then `dialtone order resume " + o.ID + "`"
	}
	return ""
}
