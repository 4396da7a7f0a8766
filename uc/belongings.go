package uc

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Belongings is what one call processor has of a person.
type Belongings struct {
	CallProcessor string
	UserID        string // as the call processor spells it, when it has the user
	Exists        bool   // the user; who is gone may have left devices behind
	LDAP          string // the agreement that owns the user; "" = a local user
	LoggedIn      []string
	Phones        []Belonging
	Profiles      []Belonging // device profiles
	Destinations  []string    // remote destinations
	Carriers      []Belonging // remote destination profiles
	Lines         []BelongingLine
}

// Belonging is one device or profile of a person.
type Belonging struct {
	Name    string
	Owner   string            // of a phone; "" = nobody
	Ours    bool              // of a phone: an order gave it to the person; of a profile: more than controlled
	Users   []string          // other users who control it or have it
	Adopted bool              // it stood there before the person's first order
	Had     []DirectoryNumber // the lines that an adopted one had then
}

// BelongingLine is one line that is, or may be, only the person's.
type BelongingLine struct {
	Number      DirectoryNumber
	Uses        []LineUse
	LineGroups  []string // "LG_Sales (hunt list HL_Sales)"
	PickupGroup string
	Holder      string // who else has the number in the ledger; "" = nobody
	Adopted     bool   // it stood there before the person's first order
}

// LineUse is a device that a line is on.
type LineUse struct{ Device, Owner string }

// String is "SEP001122334455 of bob".
func (u LineUse) String() string {
	if u.Owner == "" {
		return u.Device
	}
	return u.Device + " of " + u.Owner
}

// Plan is what a leaver's order does to the belongings, in the order in which it does
// it. What others use stays, and the plan says whose it is.
func (b Belongings) Plan(p LeaverPolicy) []PlannedObject {
	plan := planning{Belongings: b, policy: p}
	for _, phone := range b.LoggedIn {
		plan.add(PlannedObject{Type: PlannedLogin, Key: phone, Action: PlanChange, Stage: AtLeave, Why: "extension mobility is logged out"})
	}
	if p.After > 0 {
		plan.atLeave()
	}
	if b.Exists && b.stays(p) {
		plan.add(plan.user())
	}
	plan.destinations()
	for _, phone := range b.Phones {
		plan.add(plan.phone(phone))
	}
	for _, profile := range b.Profiles {
		plan.add(plan.profile(profile))
	}
	for _, line := range b.Lines {
		plan.add(plan.line(line))
	}
	if b.Exists && !b.stays(p) {
		plan.add(plan.user())
	}
	return plan.objects
}

// stays reports whether the user itself is kept.
func (b Belongings) stays(p LeaverPolicy) bool { return b.LDAP != "" || p.KeepUser }

// planning is a plan that is being made.
type planning struct {
	Belongings
	policy  LeaverPolicy
	objects []PlannedObject
}

func (p *planning) add(o PlannedObject) {
	o.System = p.CallProcessor
	if o.Stage == "" && o.Action != PlanKeep {
		o.Stage = AtRemoval
	}
	p.objects = append(p.objects, o)
}

// atLeave plans what is done until the removal and taken back by a recall.
func (p *planning) atLeave() {
	if to := p.policy.Forward; to != "" {
		for _, line := range p.Lines {
			if len(p.others(line)) == 0 && line.Holder == "" {
				p.add(PlannedObject{
					Type: PlannedForward, Key: line.Number.Digits, Partition: line.Number.Partition,
					Action: PlanChange, Stage: AtLeave, Why: "all calls go to " + to + " until the removal",
				})
			}
		}
	}
	if p.Exists && !p.policy.KeepSignIn {
		p.add(PlannedObject{Type: PlannedSignIn, Key: p.UserID, Action: PlanChange, Stage: AtLeave, Why: "the user can sign in no more"})
	}
}

func (p *planning) user() PlannedObject {
	o := PlannedObject{Type: PlannedUser, Key: p.UserID, Action: PlanRemove, Why: "a local user"}
	switch {
	case p.LDAP != "":
		o.Action, o.Why = PlanChange, fmt.Sprintf("loses devices, profiles and extension, and is left to LDAP agreement %s", p.LDAP)
	case p.policy.KeepUser:
		o.Action, o.Why = PlanChange, "loses devices, profiles and extension, and is kept by policy"
	}
	return o
}

func (p *planning) destinations() {
	action, why := PlanRemove, ""
	if p.policy.KeepRemoteDestinations {
		action, why = PlanKeep, byPolicy
	}
	for _, d := range p.Destinations {
		p.add(PlannedObject{Type: PlannedRemoteDestination, Key: d, Action: action, Why: why})
	}
	for _, c := range p.Carriers {
		p.add(PlannedObject{Type: PlannedDestinationProfile, Key: c.Name, Action: action, Why: why})
	}
}

func (p *planning) phone(b Belonging) PlannedObject {
	o := PlannedObject{Type: PlannedPhone, Key: b.Name}
	switch {
	case !p.owns(b) && b.Owner == "":
		o.Action, o.Why = PlanKeep, "it is nobody's: the user only loses control of it"
	case !p.owns(b):
		o.Action, o.Why = PlanKeep, "it is "+b.Owner+"'s: the user only loses control of it"
	case b.Adopted:
		o.Action, o.Why = PlanChange, "it stood there before the person: owner and line are taken off"
	case p.policy.KeepPhones:
		o.Action, o.Why = PlanChange, "kept by policy: owner and line are taken off"
	default:
		o.Action, o.Affects = PlanRemove, affected("controlled by ", b.Users)
	}
	return o
}

// owns reports whether the phone is the person's: its owner is, or an order gave it
// to the person and it is nobody's now.
func (p *planning) owns(phone Belonging) bool {
	return strings.EqualFold(phone.Owner, p.UserID) || phone.Owner == "" && phone.Ours
}

func (p *planning) profile(b Belonging) PlannedObject {
	o := PlannedObject{Type: PlannedProfile, Key: b.Name}
	switch {
	case !b.Ours:
		o.Action, o.Why = PlanKeep, "the user only loses control of it"
	case len(b.Users) > 0:
		o.Action, o.Why, o.Affects = PlanKeep, "others have it too: the user only loses it", affected("profile of ", b.Users)
	case b.Adopted:
		o.Action, o.Why = PlanChange, "it stood there before the person: the line is taken off"
	case p.policy.KeepProfile:
		o.Action, o.Why = PlanChange, "kept by policy: the line is taken off"
	default:
		o.Action = PlanRemove
	}
	return o
}

func affected(how string, users []string) []string {
	var out []string
	for _, u := range users {
		out = append(out, how+u)
	}
	return out
}

func (p *planning) line(l BelongingLine) PlannedObject {
	o := PlannedObject{Type: PlannedLine, Key: l.Number.Digits, Partition: l.Number.Partition}
	for _, use := range p.others(l) {
		o.Affects = append(o.Affects, use.String())
	}
	for _, group := range l.LineGroups {
		o.Affects = append(o.Affects, "line group "+group)
	}
	switch {
	case len(o.Affects) > 0:
		o.Action, o.Why = PlanKeep, "it is in use besides"
		return o
	case l.Holder != "":
		o.Action, o.Why = PlanKeep, "the number is "+l.Holder+"'s"
		return o
	}
	switch fate := cmp.Or(p.policy.Line, LineRemoved); {
	case fate == LineKept:
		o.Action, o.Why = PlanKeep, byPolicy
		return o
	case fate == LineParked:
		o.Action, o.Why = PlanChange, "parked: inactive, without names and forwards"
	case l.Adopted:
		o.Action, o.Why = PlanChange, "it stood there before the person: as it was then"
	default:
		o.Action = PlanRemove
	}
	if l.PickupGroup != "" {
		o.Why = strings.TrimPrefix(o.Why+"; it leaves call pickup group "+l.PickupGroup, "; ")
	}
	return o
}

// others are the uses of a line that remain when the person's devices are gone or
// without it.
func (p *planning) others(l BelongingLine) []LineUse {
	return slices.DeleteFunc(slices.Clone(l.Uses), func(u LineUse) bool {
		return slices.ContainsFunc(p.own(), func(b Belonging) bool {
			return strings.EqualFold(b.Name, u.Device) && (!b.Adopted || !slices.Contains(b.Had, l.Number))
		})
	})
}

// own are the devices and profiles that are the person's alone.
func (p *planning) own() []Belonging {
	out := slices.Clone(p.Carriers)
	for _, b := range p.Phones {
		if p.owns(b) {
			out = append(out, b)
		}
	}
	for _, b := range p.Profiles {
		if b.Ours && len(b.Users) == 0 {
			out = append(out, b)
		}
	}
	return out
}
