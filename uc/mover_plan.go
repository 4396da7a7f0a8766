package uc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// MovePlan is what a move makes of a person.
type MovePlan struct {
	Person   Person // as it stands before
	From, To Placement

	Joiner Joiner // the person after the move
	Gets   bool   // the person has a number afterwards
	Keeps  bool   // and it is the one from before
	Far    bool   // everything is made on another call processor
	Why    string // no number: the rule that says so
}

// PlanMove decides what becomes of the number of a person who moves: kept where the
// new service area's numbers stand in the same partition of the same call processor,
// which needs no pool; another one elsewhere, and where one is asked for. A person
// without services gets what the rules say now. Fails with Conflict when the number
// is to be kept and cannot be.
func PlanMove(p Person, m Mover, from, to Placement) (MovePlan, error) {
	plan := MovePlan{Person: p, From: from, To: to, Joiner: m.Apply(p.Joiner)}
	if p.Services == nil {
		plan.Gets, plan.Why = DecideNumber(to.Domain, to.Area, plan.Joiner)
		return plan, nil
	}
	has := p.Services.Number
	plan.Gets, plan.Far = true, p.Services.CallProcessor != to.Area.CallProcessor
	fits := has.CallProcessor == to.Pool.CallProcessor && has.Partition == to.Pool.Partition
	plan.Keeps = fits && m.Number != NumberNew
	if m.Number == NumberKeep && !fits {
		return MovePlan{}, &Error{Kind: Conflict, Detail: fmt.Sprintf(
			"number %s cannot be kept: the numbers of service area %s stand in %s on %s",
			has, to.Area.Name, to.Pool.Partition, to.Pool.CallProcessor)}
	}
	if plan.Far {
		plan.Joiner.DeskPhone = "" // it stands on the other call processor
	}
	return plan, nil
}

// Another reports whether the order must not be given the number that the person has
// in the pool, nor one that the person gave back to it.
func (p MovePlan) Another() bool {
	return p.Person.Services != nil && !p.Keeps && p.Person.Services.Number.CallProcessor == p.To.Pool.CallProcessor &&
		p.Person.Services.Number.Partition == p.To.Pool.Partition
}

// Services is what the person, as given, shall have at the new place with the number:
// what the new template says, and on the same call processor the phones that the
// person has besides the old template's. A soft phone of the old template that the
// person does not have is not made again. Fails with Invalid when a name cannot be
// built.
func (p MovePlan) Services(j Joiner, n DirectoryNumber, e164 string) (Services, error) {
	s, err := planServices(j, p.To.Area, p.To.Template, n, e164)
	if err != nil || p.Far || p.Person.Services == nil {
		return s, err
	}
	has := p.Person.Services
	// A template that builds no names any more built none of these phones.
	before, err := planServices(p.Person.Joiner, p.From.Area, p.From.Template, has.Number, has.E164)
	if err != nil {
		before = Services{}
	}
	for _, b := range before.Phones {
		if phoneNamed(has.Phones, b.Name) < 0 {
			s.Phones = slices.DeleteFunc(s.Phones, func(made Phone) bool {
				return strings.EqualFold(made.Name, b.Name) || !b.Desk && made.Product == b.Product
			})
		}
	}
	for _, phone := range has.Phones {
		if phoneNamed(before.Phones, phone.Name) >= 0 || phoneNamed(s.Phones, phone.Name) >= 0 {
			continue
		}
		if !phone.Desk {
			place := softPhone(j, p.To.Area)
			phone.Description, phone.DevicePool = place.Description, place.DevicePool
			phone.Location, phone.CSS = place.Location, place.CSS
		}
		s.Phones = append(s.Phones, phone)
	}
	return s, nil
}

// Nothing reports whether the person is as the move wants it already: s is what the
// person shall have, if the person has services.
func (p MovePlan) Nothing(s Services) bool {
	switch {
	case !sameJSON(p.Person.Joiner, p.Joiner):
		return false
	case p.Person.Services == nil:
		return !p.Gets
	}
	return p.Keeps && sameJSON(*p.Person.Services, s)
}

// sameJSON compares what is stored and sent: there, nil and empty are the same.
func sameJSON(a, b any) bool {
	//workflowcheck:ignore The keys of maps are sorted.
	x, errX := json.Marshal(a)
	//workflowcheck:ignore The same.
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// phoneNamed is the place of the phone, -1 for none. Names are compared without case.
func phoneNamed(phones []Phone, name string) int {
	return slices.IndexFunc(phones, func(p Phone) bool { return strings.EqualFold(p.Name, name) })
}

// PhonePair is a phone that stays, under its name or another.
type PhonePair struct{ Old, New Phone }

// DeviceMoves is what becomes of a person's devices on one call processor.
type DeviceMoves struct {
	NewProfile bool        // the profile is made anew and the old one retired; otherwise it stays, renamed or not
	Stay       []PhonePair // renamed where the names differ
	Made       []Phone
	Retired    []Phone
}

// PlanDevices pairs what the person has with what it shall have: a phone of the same
// name, or else a soft phone of the same product and protocol, which is renamed.
// Fails with Conflict when a device would have to become another product under the
// same name.
func PlanDevices(has, wants Services) (DeviceMoves, error) {
	var moves DeviceMoves
	old, made := has.DeviceProfile, wants.DeviceProfile
	moves.NewProfile = old.Product != made.Product || old.Protocol != made.Protocol
	if moves.NewProfile && strings.EqualFold(old.Name, made.Name) {
		return DeviceMoves{}, otherProduct("device profile", made.Name,
			old.Product+" "+old.Protocol, made.Product+" "+made.Protocol)
	}
	left := slices.Clone(has.Phones)
	pair := func(phone Phone, at int) {
		moves.Stay = append(moves.Stay, PhonePair{Old: left[at], New: phone})
		left = slices.Delete(left, at, at+1)
	}
	var unpaired []Phone
	for _, phone := range wants.Phones {
		at := phoneNamed(left, phone.Name)
		if at < 0 {
			unpaired = append(unpaired, phone)
			continue
		}
		if !phone.Desk && !left[at].Desk && !sameProduct(left[at], phone) {
			return DeviceMoves{}, otherProduct("phone", phone.Name,
				left[at].Product+" "+left[at].Protocol, phone.Product+" "+phone.Protocol)
		}
		pair(phone, at)
	}
	for _, phone := range unpaired {
		at := slices.IndexFunc(left, func(o Phone) bool { return !o.Desk && !phone.Desk && sameProduct(o, phone) })
		if at < 0 {
			moves.Made = append(moves.Made, phone)
			continue
		}
		pair(phone, at)
	}
	moves.Retired = left
	return moves, nil
}

func sameProduct(a, b Phone) bool { return a.Product == b.Product && a.Protocol == b.Protocol }

func otherProduct(what, name, is, wants string) error {
	return &Error{Kind: Conflict, Detail: fmt.Sprintf(
		"%s %s is a %s and cannot become a %s: let the new template name it otherwise", what, name, is, wants)}
}
