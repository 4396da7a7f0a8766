package activities

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// SurveyIn is the input of SurveyLeaver.
type SurveyIn struct {
	On
	UserID  string               `json:"userId"`
	Has     *uc.Services         `json:"has,omitempty"` // what orders gave; nil when no order knows the person
	Numbers []uc.DirectoryNumber `json:"numbers"`       // the person's in the ledger
	Policy  uc.LeaverPolicy      `json:"policy"`
}

// SurveyLeaver looks at everything that the call processor has of a person, whoever
// made it, and plans what becomes of it. It changes nothing.
func (a *CallProcessor) SurveyLeaver(ctx context.Context, in SurveyIn) (uc.LeaverPlan, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return uc.LeaverPlan{}, err
	}
	if in.Has != nil && in.Has.CallProcessor != in.CallProcessor {
		in.Has = nil
	}
	s := &survey{a: a, c: c, in: in, b: uc.Belongings{CallProcessor: in.CallProcessor, UserID: in.UserID}}
	if s.known, err = a.origins(ctx, in.UserID, in.CallProcessor); err != nil {
		return uc.LeaverPlan{}, err
	}
	for _, look := range []func(context.Context) error{s.user, s.phones, s.profiles, s.destinations, s.lines} {
		if err := look(ctx); err != nil {
			return uc.LeaverPlan{}, err
		}
	}
	return uc.LeaverPlan{UserID: s.b.UserID, CallProcessor: in.CallProcessor, Objects: s.b.Plan(in.Policy)}, nil
}

// survey is what was seen so far.
type survey struct {
	a     *CallProcessor
	c     *axl.Client
	in    SurveyIn
	known origins
	have  axl.User // the zero User when there is none
	b     uc.Belongings
	found []uc.DirectoryNumber // lines that are, or may be, only the person's
}

func (s *survey) user(ctx context.Context) (err error) {
	s.numbers(s.in.Numbers...)
	if s.in.Has != nil {
		s.numbers(s.in.Has.Number)
	}
	s.have, err = s.c.GetUser(ctx, s.in.UserID)
	if errors.Is(err, uc.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	s.b.Exists, s.b.UserID, s.b.LDAP = true, s.have.UserID, s.have.LDAPDirectory
	if e := val(s.have.PrimaryExtension); e.Pattern != "" {
		s.numbers(s.number(e.Pattern, e.Partition))
	}
	logins, err := s.c.LoggedIn(ctx, s.have.UUID)
	for _, l := range logins {
		s.b.LoggedIn = append(s.b.LoggedIn, l.Phone)
	}
	return err
}

func (s *survey) number(pattern, partition string) uc.DirectoryNumber {
	return uc.DirectoryNumber{CallProcessor: s.in.CallProcessor, Partition: partition, Digits: pattern}
}

// numbers remembers numbers of this call processor, each once.
func (s *survey) numbers(numbers ...uc.DirectoryNumber) {
	for _, n := range numbers {
		if n.CallProcessor == s.in.CallProcessor && !slices.ContainsFunc(s.found, func(f uc.DirectoryNumber) bool {
			return f.Digits == n.Digits && same(f.Partition, n.Partition)
		}) {
			s.found = append(s.found, n)
		}
	}
}

func (s *survey) appearances(lines *[]axl.LineAppearance) []uc.DirectoryNumber {
	var out []uc.DirectoryNumber
	for _, l := range val(lines) {
		out = append(out, s.number(l.Pattern, l.Partition))
	}
	return out
}

// phones looks at what the user owns, what orders gave, and what the user controls.
func (s *survey) phones(ctx context.Context) error {
	var names []string
	if s.b.Exists {
		owned, err := s.c.PhonesOf(ctx, s.have.UUID)
		if err != nil {
			return err
		}
		for _, d := range owned {
			names = append(names, d.Name)
		}
	}
	if s.in.Has != nil {
		for _, p := range s.in.Has.Phones {
			if !contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	for _, name := range names {
		if err := s.phone(ctx, name); err != nil {
			return err
		}
	}
	return s.controlled(ctx, names)
}

// phone looks at a phone that is, or was, the person's.
func (s *survey) phone(ctx context.Context, name string) error {
	have, err := s.c.GetPhone(ctx, name)
	if err != nil {
		return gone(err)
	}
	p := uc.Belonging{Name: have.Name, Owner: val(have.OwnerUser), Ours: s.gave(name)}
	if p.Users, err = otherUsers(ctx, s.c, have.UUID, s.b.UserID); err != nil {
		return err
	}
	var before axl.Phone
	if p.Adopted, err = s.known.adopted(objectPhone, name, &before); err != nil {
		return err
	}
	p.Had = s.appearances(before.Lines)
	own := same(p.Owner, s.b.UserID) || p.Owner == "" && p.Ours
	if own && !p.Adopted && !s.in.Policy.KeepPhones {
		s.numbers(s.appearances(have.Lines)...)
	}
	s.b.Phones = append(s.b.Phones, p)
	return nil
}

// gave reports whether an order gave the phone to the person.
func (s *survey) gave(phone string) bool {
	return s.in.Has != nil && slices.ContainsFunc(s.in.Has.Phones, func(p uc.Phone) bool { return same(p.Name, phone) })
}

// controlled adds the devices that the user only controls.
func (s *survey) controlled(ctx context.Context, seen []string) error {
	if !s.b.Exists || len(val(s.have.AssociatedDevices)) == 0 {
		return nil
	}
	devices, err := s.c.ControlledBy(ctx, s.have.UUID)
	for _, d := range devices {
		if !contains(seen, d.Name) {
			s.b.Phones = append(s.b.Phones, uc.Belonging{Name: d.Name, Owner: d.Owner})
		}
	}
	return err
}

func (s *survey) profiles(ctx context.Context) error {
	names := slices.Clone(val(s.have.PhoneProfiles))
	if s.in.Has != nil && s.in.Has.DeviceProfile.Name != "" && !contains(names, s.in.Has.DeviceProfile.Name) {
		names = append(names, s.in.Has.DeviceProfile.Name)
	}
	for _, name := range names {
		if err := s.profile(ctx, name); err != nil {
			return err
		}
	}
	for _, name := range val(s.have.CTIControlledDeviceProfiles) {
		if !contains(names, name) {
			s.b.Profiles = append(s.b.Profiles, uc.Belonging{Name: name})
		}
	}
	return nil
}

func (s *survey) profile(ctx context.Context, name string) error {
	have, err := s.c.GetDeviceProfile(ctx, name)
	if err != nil {
		return gone(err)
	}
	p := uc.Belonging{Name: have.Name, Ours: true}
	if p.Users, err = otherUsers(ctx, s.c, have.UUID, s.b.UserID); err != nil {
		return err
	}
	var before axl.DeviceProfile
	if p.Adopted, err = s.known.adopted(objectProfile, name, &before); err != nil {
		return err
	}
	p.Had = s.appearances(before.Lines)
	if len(p.Users) == 0 && !p.Adopted && !s.in.Policy.KeepProfile {
		s.numbers(s.appearances(have.Lines)...)
	}
	s.b.Profiles = append(s.b.Profiles, p)
	return nil
}

func (s *survey) destinations(ctx context.Context) error {
	if !s.b.Exists {
		return nil
	}
	destinations, err := s.c.RemoteDestinationsOf(ctx, s.have.UUID)
	if err != nil {
		return err
	}
	for _, d := range destinations {
		s.b.Destinations = append(s.b.Destinations, d.Destination)
	}
	carriers, err := s.c.RemoteDestinationProfilesOf(ctx, s.have.UUID)
	if err != nil {
		return err
	}
	for _, d := range carriers {
		have, err := s.c.GetRemoteDestinationProfile(ctx, d.Name)
		if err != nil {
			return err
		}
		s.b.Carriers = append(s.b.Carriers, uc.Belonging{Name: have.Name, Ours: true})
		if !s.in.Policy.KeepRemoteDestinations {
			s.numbers(s.appearances(have.Lines)...)
		}
	}
	return nil
}

func (s *survey) lines(ctx context.Context) error {
	for _, n := range s.found {
		if err := s.line(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// line looks who uses a line, and in which groups it is.
func (s *survey) line(ctx context.Context, n uc.DirectoryNumber) error {
	have, err := s.c.GetLine(ctx, n.Digits, n.Partition)
	if err != nil {
		return gone(err)
	}
	l := uc.BelongingLine{Number: n}
	if l.Uses, err = lineUses(ctx, s.c, have.UUID); err != nil {
		return err
	}
	groups, err := s.c.LineGroupsOf(ctx, have.UUID)
	if err != nil {
		return err
	}
	for _, g := range groups {
		l.LineGroups = append(l.LineGroups, groupName(g))
	}
	l.PickupGroup = val(have.CallPickupGroup)
	if l.Holder, err = s.a.holder(ctx, n, s.in.UserID); err != nil {
		return err
	}
	l.Adopted, err = s.known.adopted(objectLine, n.Partition+"/"+n.Digits, &axl.Line{})
	s.b.Lines = append(s.b.Lines, l)
	return err
}

// lineUses are the devices that the line is on, and whose they are.
func lineUses(ctx context.Context, c *axl.Client, line axl.UUID) ([]uc.LineUse, error) {
	devices, err := c.DevicesOf(ctx, line)
	if err != nil {
		return nil, err
	}
	uses := make([]uc.LineUse, 0, len(devices))
	for _, d := range devices {
		use := uc.LineUse{Device: d.Name, Owner: d.Owner}
		if d.Class == axl.ClassDeviceProfile {
			users, err := c.UsersOf(ctx, d.UUID)
			if err != nil {
				return nil, err
			}
			var names []string
			for _, u := range users {
				names = append(names, u.UserID)
			}
			use.Owner = cmp.Or(use.Owner, strings.Join(names, ", "))
		}
		uses = append(uses, use)
	}
	return uses, nil
}
