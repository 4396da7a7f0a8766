package axl

import (
	"context"
	"strings"
	"time"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// RemoteDestination is a number outside that rings with a user's lines. A nil
// field is not sent, see Clear. GetRemoteDestination fills every field but
// NewDestination.
type RemoteDestination struct {
	UUID           UUID    // read only
	Destination    string  // the number as dialled; the key of every operation
	NewDestination *string // update only: changes the number
	Name           *string
	Owner          *string // user id; required to add, mobility must be enabled

	// What carries it: exactly one, and an empty one is never sent.
	Profile         *string // remote destination profile: single number reach
	DualModeDevice  *string // phone of a mobile client: mobile identity
	CTIRemoteDevice *string

	Lines *[]Extension // of the carrier; replaced whole, never empty in an update

	// Whole milliseconds; nil = AXL's default in an add.
	AnswerTooSoon, AnswerTooLate, DelayBeforeRinging *time.Duration

	MobilePhone   *bool
	MobileConnect *bool // calls to the lines ring here

	Kept *KeptRemoteDestination // nil for a new remote destination
}

// KeptRemoteDestination is what else the server knows of a remote destination.
// Dialtone does not own it; it is only read and sent back. "" is not sent.
type KeptRemoteDestination struct {
	TimeZone, SingleNumberReachVoicemail, ReverseVoicemail string
	TimeOfDayAccess, MobilityProfile, AccessList           string
	Ring                                                   []RingPeriod
}

// RingPeriod is when calls ring a remote destination, in AXL's words: "Monday",
// "08:00". Source: AXL 15.0 XRingingSchedule.
type RingPeriod struct{ StartDay, EndDay, StartTime, EndTime string }

// What a new remote destination gets. Source: AXL 15.0 XRemoteDestination.
const (
	answerTooSoon      = 1500 * time.Millisecond
	answerTooLate      = 19 * time.Second
	delayBeforeRinging = 4 * time.Second

	dualModeRequiredBefore = "12.5"
)

// GetRemoteDestination returns the remote destination as the server has it.
// Fails with uc.NotFound when there is none.
//
// Source: AXL 15.0 getRemoteDestination, RRemoteDestination.
func (c *Client) GetRemoteDestination(ctx context.Context, destination string) (RemoteDestination, error) {
	const op = "getRemoteDestination"
	if destination == "" {
		return RemoteDestination{}, c.invalid(op, "the destination is missing")
	}
	var out gen.GetRemoteDestinationResponse
	if err := c.call(ctx, op, &gen.GetRemoteDestination{Destination: destination}, &out); err != nil {
		return RemoteDestination{}, err
	}
	if out.Return_ == nil || out.Return_.RemoteDestination == nil {
		return RemoteDestination{}, c.empty(op)
	}
	return readRemoteDestination(out.Return_.RemoteDestination), nil
}

// ListRemoteDestinations returns the numbers of the remote destinations that
// the profile carries, none when there is no such profile.
//
// Source: AXL 15.0 listRemoteDestination.
func (c *Client) ListRemoteDestinations(ctx context.Context, profile string) ([]string, error) {
	const op = "listRemoteDestination"
	if profile == "" {
		return nil, c.invalid(op, "the profile is missing")
	}
	var found []string
	list := eachRow(func(r Row) error {
		// The name is a LIKE pattern for AXL and may match more than itself.
		if strings.EqualFold(strings.TrimSpace(r.Get("remoteDestinationProfileName")), profile) {
			found = append(found, r.Get("destination"))
		}
		return nil
	})
	err := c.stream(ctx, op, &gen.ListRemoteDestination{
		SearchCriteria: &gen.RemoteDestinationCriteria{RemoteDestinationProfileName: &profile},
		ReturnedTags:   &gen.RemoteDestinationTag{Destination: Set(""), RemoteDestinationProfileName: fk(Set(""))},
	}, list.read)
	return found, err
}

// AddRemoteDestination creates the remote destination and returns its id. Its
// lines must be on the carrier already. Fails with uc.Conflict when the number
// is a remote destination already, uc.NotFound when something it names does not
// exist, uc.Invalid when the owner has no mobility or the carrier is not one.
//
// Source: AXL 15.0 addRemoteDestination, XRemoteDestination.
func (c *Client) AddRemoteDestination(ctx context.Context, d RemoteDestination) (UUID, error) {
	const op = "addRemoteDestination"
	switch {
	case d.Destination == "" || *value(d.Owner) == "":
		return "", c.invalid(op, "destination and owner must be given")
	case carriers(d) != 1:
		return "", c.invalid(op, "exactly one of profile, dual mode device and CTI remote device must be given")
	case d.NewDestination != nil:
		return "", c.invalid(op, "a new remote destination cannot be renumbered")
	}
	w := wireRemoteDestination(d)
	schema, err := c.schema(ctx)
	if err != nil {
		return "", err
	}
	if olderThan(schema, dualModeRequiredBefore) {
		// Required there, and refused beside a profile later: defect CSCvq98025.
		for _, f := range []**gen.Fk{&w.RemoteDestinationProfileName, &w.DualModeDeviceName} {
			if *f == nil {
				*f = fk(Set(""))
			}
		}
	}
	var out gen.AddRemoteDestinationResponse
	return c.create(ctx, op, &gen.AddRemoteDestination{RemoteDestination: w}, &out, &out.Return_)
}

// UpdateRemoteDestination changes the fields that are not nil. Sending the same
// again changes nothing. Fails with uc.Invalid for an empty list of lines,
// which AXL has no word for, uc.NotFound when the remote destination or
// something it names does not exist, uc.Conflict when NewDestination is taken.
//
// Source: AXL 15.0 updateRemoteDestination.
func (c *Client) UpdateRemoteDestination(ctx context.Context, d RemoteDestination) error {
	const op = "updateRemoteDestination"
	if d.Destination == "" {
		return c.invalid(op, "the destination is missing")
	}
	if d.Lines != nil && len(*d.Lines) == 0 {
		return c.invalid(op, "an empty list of lines cannot be sent")
	}
	if carriers(d) > 1 {
		return c.invalid(op, "a remote destination has one carrier")
	}
	return c.call(ctx, op, wireRemoteDestinationUpdate(d), &gen.UpdateRemoteDestinationResponse{})
}

// RemoveRemoteDestination deletes the remote destination. Fails with
// uc.NotFound when there is none.
//
// Source: AXL 15.0 removeRemoteDestination.
func (c *Client) RemoveRemoteDestination(ctx context.Context, destination string) error {
	const op = "removeRemoteDestination"
	if destination == "" {
		return c.invalid(op, "the destination is missing")
	}
	return c.call(ctx, op, &gen.RemoveRemoteDestination{Destination: destination}, &gen.RemoveRemoteDestinationResponse{})
}

func carriers(d RemoteDestination) int {
	n := 0
	for _, name := range []*string{d.Profile, d.DualModeDevice, d.CTIRemoteDevice} {
		if *value(name) != "" {
			n++
		}
	}
	return n
}
