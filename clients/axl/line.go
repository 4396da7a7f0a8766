package axl

import (
	"context"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// Forward is one of a line's call forwards. Sending one replaces it whole; the
// zero value turns it off.
type Forward struct {
	ToVoiceMail  bool
	Destination  string // digits, a leading + allowed
	CSS          string
	SecondaryCSS string // of ForwardAll only
	Duration     string // seconds of ringing; of the two NoAnswer only, "" = the cluster's default
}

// Line is a directory number in a partition. A nil field is not sent, see
// Clear. GetLine fills every field but NewPattern and NewPartition.
type Line struct {
	UUID      UUID   // read only
	Pattern   string // with Partition the key of every operation; "+49…" without backslash
	Partition string // "" = none
	Usage     string // read only: "Device"

	NewPattern, NewPartition *string // update only: renumbers the line where it stands

	Description, AlertingName, ASCIIAlertingName *string

	CSS *string // what the line may call; AXL's shareLineAppearanceCssName

	VoiceMailProfile, CallPickupGroup, PresenceGroup *string

	Active *bool

	ForwardAll, ForwardBusy, ForwardBusyInt, ForwardNoAnswer, ForwardNoAnswerInt, ForwardNoCoverage,
	ForwardNoCoverageInt, ForwardOnFailure, ForwardNotRegistered, ForwardNotRegisteredInt *Forward

	AssociatedDevices []string // read only: phones and device profiles that have the line
}

const usageDevice = "Device"

// GetLine returns the line as the server has it. Fails with uc.NotFound when
// there is none.
//
// Source: AXL 15.0 getLine, RLine.
func (c *Client) GetLine(ctx context.Context, pattern, partition string) (Line, error) {
	if pattern == "" {
		return Line{}, c.invalid("getLine", "the pattern is missing")
	}
	var out gen.GetLineResponse
	err := c.call(ctx, "getLine", &gen.GetLine{Pattern: wirePattern(pattern), RoutePartitionName: fk(&partition)}, &out)
	if err != nil {
		return Line{}, err
	}
	if out.Return_ == nil || out.Return_.Line == nil {
		return Line{}, c.empty("getLine")
	}
	return readLine(out.Return_.Line), nil
}

// AddLine creates the line and returns its id. Fails with uc.Conflict when any
// pattern of the same digits is in the partition, uc.NotFound when something
// it names does not exist.
//
// Source: AXL 15.0 addLine, XLine.
func (c *Client) AddLine(ctx context.Context, l Line) (UUID, error) {
	if err := c.checkLine("addLine", l); err != nil {
		return "", err
	}
	if l.NewPattern != nil || l.NewPartition != nil {
		return "", c.invalid("addLine", "a new line cannot be renumbered")
	}
	w := wireLine(l)
	var out gen.AddLineResponse
	return c.create(ctx, "addLine", &gen.AddLine{Line: w}, &out, &out.Return_)
}

// UpdateLine changes the fields that are not nil. Sending the same again
// changes nothing. Fails with uc.NotFound when the line or something it names
// does not exist, uc.Conflict when the new number is taken in its partition.
//
// Source: AXL 15.0 updateLine.
func (c *Client) UpdateLine(ctx context.Context, l Line) error {
	if err := c.checkLine("updateLine", l); err != nil {
		return err
	}
	w := wireLine(l)
	return c.call(ctx, "updateLine", &gen.UpdateLine{
		Pattern: w.Pattern, RoutePartitionName: w.RoutePartitionName, NewPattern: newPattern(l.NewPattern),
		Description: w.Description, NewRoutePartitionName: fk(l.NewPartition),
		CallForwardAll: w.CallForwardAll, CallForwardBusy: w.CallForwardBusy, CallForwardBusyInt: w.CallForwardBusyInt,
		CallForwardNoAnswer: w.CallForwardNoAnswer, CallForwardNoAnswerInt: w.CallForwardNoAnswerInt,
		CallForwardNoCoverage: w.CallForwardNoCoverage, CallForwardNoCoverageInt: w.CallForwardNoCoverageInt,
		CallForwardOnFailure: w.CallForwardOnFailure, CallForwardNotRegistered: w.CallForwardNotRegistered,
		CallForwardNotRegisteredInt: w.CallForwardNotRegisteredInt,
		CallPickupGroupName:         w.CallPickupGroupName, AlertingName: w.AlertingName, AsciiAlertingName: w.AsciiAlertingName,
		PresenceGroupName: w.PresenceGroupName, ShareLineAppearanceCssName: w.ShareLineAppearanceCssName,
		VoiceMailProfileName: w.VoiceMailProfileName, Active: w.Active,
	}, &gen.UpdateLineResponse{})
}

// RemoveLine deletes the line, from every device that has it too: look at
// AssociatedDevices first. Fails with uc.NotFound when there is none.
//
// Source: AXL 15.0 removeLine.
func (c *Client) RemoveLine(ctx context.Context, pattern, partition string) error {
	if pattern == "" {
		return c.invalid("removeLine", "the pattern is missing")
	}
	return c.call(ctx, "removeLine",
		&gen.RemoveLine{Pattern: wirePattern(pattern), RoutePartitionName: fk(&partition)}, &gen.RemoveLineResponse{})
}

// checkLine refuses what AXL has no element for and would be lost unseen.
func (c *Client) checkLine(op string, l Line) error {
	if l.Pattern == "" {
		return c.invalid(op, "the pattern is missing")
	}
	if l.ForwardAll != nil && l.ForwardAll.Duration != "" {
		return c.invalid(op, "forward all has no duration")
	}
	for _, f := range []*Forward{l.ForwardNoAnswer, l.ForwardNoAnswerInt} {
		if f != nil && f.SecondaryCSS != "" {
			return c.invalid(op, "only forward all has a secondary calling search space")
		}
	}
	for _, f := range []*Forward{
		l.ForwardBusy, l.ForwardBusyInt, l.ForwardNoCoverage, l.ForwardNoCoverageInt,
		l.ForwardOnFailure, l.ForwardNotRegistered, l.ForwardNotRegisteredInt,
	} {
		switch {
		case f == nil:
		case f.SecondaryCSS != "":
			return c.invalid(op, "only forward all has a secondary calling search space")
		case f.Duration != "":
			return c.invalid(op, "only forward no answer has a duration")
		}
	}
	return nil
}
