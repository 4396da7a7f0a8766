package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// RetireLineIn is the input of RetireLine.
type RetireLineIn struct {
	On
	Number  uc.DirectoryNumber `json:"number"`
	UserID  string             `json:"userId"`         // whose it was
	Devices []string           `json:"devices"`        // the person's that may still carry it
	Park    bool               `json:"park,omitempty"` // the line stays, inactive
	At      time.Time          `json:"at"`             // since when a parked one is free
}

// RetireLine removes the person's line, from every device that may still carry it, or
// parks it: inactive, without names and forwards, described as free. A line that stood
// there before the person becomes again what it was then. One that another device or a
// line group uses, or whose number is somebody else's in the ledger, stays as it is.
func (a *CallProcessor) RetireLine(ctx context.Context, in RetireLineIn) (Retired, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return Retired{}, err
	}
	n := in.Number
	var before axl.Line
	known, err := a.origins(ctx, in.UserID, in.CallProcessor)
	if err != nil {
		return Retired{}, err
	}
	adopted, err := known.adopted(objectLine, n.Partition+"/"+n.Digits, &before)
	if err != nil {
		return Retired{}, err
	}
	retake := a.mark(in.On, objectRetake, n.Partition+"/"+n.Digits)
	have, err := c.GetLine(ctx, n.Digits, n.Partition)
	if errors.Is(err, uc.NotFound) {
		return Retired{}, retakeLine(ctx, c, retake, before)
	}
	if err != nil {
		return Retired{}, err
	}
	if use, err := a.lineUse(ctx, c, in, have); err != nil || use != "" {
		leftOut(ctx, use)
		return Retired{Kept: use}, err
	}
	switch {
	case in.Park:
		return Retired{}, parkLine(ctx, c, have, in.At)
	case adopted:
		return Retired{}, lineBack(ctx, c, retake, before, have)
	}
	return Retired{}, gone(c.RemoveLine(ctx, n.Digits, n.Partition))
}

// lineUse says who else uses the line; "" for nobody.
func (a *CallProcessor) lineUse(ctx context.Context, c *axl.Client, in RetireLineIn, line axl.Line) (string, error) {
	uses, err := lineUses(ctx, c, line.UUID)
	if err != nil {
		return "", err
	}
	var others []string
	for _, u := range uses {
		if !contains(in.Devices, u.Device) {
			others = append(others, u.String())
		}
	}
	groups, err := c.LineGroupsOf(ctx, line.UUID)
	if err != nil {
		return "", err
	}
	for _, g := range groups {
		others = append(others, "line group "+groupName(g))
	}
	if len(others) > 0 {
		return fmt.Sprintf("line %s is used by %s", in.Number.Digits, strings.Join(others, ", ")), nil
	}
	holder, err := a.holder(ctx, in.Number, in.UserID)
	if err != nil || holder == "" {
		return "", err
	}
	return fmt.Sprintf("number %s is %s's", in.Number.Digits, holder), nil
}

func groupName(g axl.LineGroup) string {
	if len(g.HuntLists) == 0 {
		return g.Name
	}
	return g.Name + " (hunt list " + strings.Join(g.HuntLists, ", ") + ")"
}

// holder is who has the number in the ledger, if somebody else than the user does.
func (a *CallProcessor) holder(ctx context.Context, n uc.DirectoryNumber, userID string) (string, error) {
	found, err := a.DB.FindNumber(ctx, n)
	switch {
	case errors.Is(err, uc.NotFound) || errors.Is(err, uc.Conflict):
		return "", nil // it is in no pool
	case err != nil:
		return "", err
	case found.Directory() != n || found.State != uc.Assigned && found.State != uc.Reserved || same(found.UserID, userID):
		return "", nil
	}
	return found.UserID, nil
}

// parkLine leaves the line as one that can be given to somebody new.
func parkLine(ctx context.Context, c *axl.Client, line axl.Line, since time.Time) error {
	none := func() *axl.Forward { return &axl.Forward{} }
	return gone(c.UpdateLine(ctx, axl.Line{
		Pattern: line.Pattern, Partition: line.Partition, Active: axl.Set(false),
		Description:  axl.Set("free since " + since.UTC().Format(time.DateOnly)),
		AlertingName: axl.Set(""), ASCIIAlertingName: axl.Set(""), CallPickupGroup: axl.Set(""),
		ForwardAll: none(), ForwardBusy: none(), ForwardBusyInt: none(), ForwardNoAnswer: none(), ForwardNoAnswerInt: none(),
		ForwardNoCoverage: none(), ForwardNoCoverageInt: none(), ForwardOnFailure: none(),
		ForwardNotRegistered: none(), ForwardNotRegisteredInt: none(),
	}))
}
