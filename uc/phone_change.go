package uc

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// PhoneAction is what is done to a phone of a person.
type PhoneAction string

// The actions.
const (
	PhoneAssign PhoneAction = "assign" // the person gets the phone with the line
	PhoneSwap   PhoneAction = "swap"   // another desk phone takes the place of a broken one
	PhoneRemove PhoneAction = "remove" // the person loses the phone
)

// PhoneChange is the input of one change of a person's phones.
type PhoneChange struct {
	UserID string      `json:"userId"`
	Action PhoneAction `json:"action"`
	Phone  string      `json:"phone"`         // SEP name or MAC of a desk phone, or the name of a soft phone
	New    string      `json:"new,omitempty"` // of a swap: SEP name or MAC of the phone that comes
}

// Problems lists what is wrong with the change on its own; nil when nothing is.
func (c PhoneChange) Problems() []Problem {
	out := userProblems(c.UserID)
	add := func(field, value, fix string) { out = append(out, Problem{field, value, fix}) }
	if c.Action != PhoneAssign && c.Action != PhoneSwap && c.Action != PhoneRemove {
		add("action", string(c.Action), "use assign, swap or remove")
	}
	if c.Phone == "" {
		add("phone", "", "give the MAC address of a desk phone or the name of a soft phone")
	}
	switch {
	case c.Action == PhoneSwap && !macForm.MatchString(DeskPhoneName(c.New)):
		add("new", c.New, "write the MAC address (12 hex digits) or SEP and the MAC address")
	case c.Action != PhoneSwap && c.New != "":
		add("new", c.New, "leave it out: only a swap has a new phone")
	}
	return out
}

// FindPhone is the one of the phones that people mean by a name: the name itself, a
// MAC address, or the three letters that a soft phone's name begins with ("csf"), when
// only one begins so.
func FindPhone(phones []Phone, name string) (phone Phone, found bool) {
	word := strings.ToUpper(strings.TrimSpace(name))
	i := slices.IndexFunc(phones, func(p Phone) bool {
		return strings.EqualFold(p.Name, word) || p.Desk && strings.EqualFold(p.Name, DeskPhoneName(word))
	})
	if i >= 0 {
		return phones[i], true
	}
	for _, p := range phones {
		if p.Desk || len(word) != softPhonePrefix || !strings.HasPrefix(strings.ToUpper(p.Name), word) {
			continue
		}
		if found {
			return Phone{}, false
		}
		phone, found = p, true
	}
	return phone, found
}

// softPhonePrefix is how many letters tell the type of a soft phone: CSF, BOT, TCT, TAB.
const softPhonePrefix = 3

// PlanPhone is the phone that a person gets who is assigned one: a desk phone by its
// MAC address, which stands on the call processor, or one of the template's soft
// phones. The person must have a number. Fails with NotFound, naming what there is,
// when it is neither.
func PlanPhone(name string, who Person, p Placement) (Phone, error) {
	if desk := DeskPhoneName(strings.TrimSpace(name)); macForm.MatchString(desk) {
		return Phone{Name: desk, Desk: true}, nil
	}
	all, err := PlanServices(who.Joiner, p.Area, p.Template, p.Pool, who.Number().Digits)
	if err != nil {
		return Phone{}, err
	}
	soft := slices.DeleteFunc(all.Phones, func(p Phone) bool { return p.Desk })
	if phone, found := FindPhone(soft, name); found {
		return phone, nil
	}
	return Phone{}, &Error{Kind: NotFound, Detail: fmt.Sprintf(
		"%q is no MAC address, and no soft phone of template %s: %s", name, p.Template.Name, namesOf(soft, "it has none"))}
}

// PhoneOf is the phone of the person. Fails with NotFound, naming those that the
// person has.
func (p Person) PhoneOf(name string) (Phone, error) {
	var has []Phone
	if p.Services != nil {
		has = p.Services.Phones
	}
	if phone, found := FindPhone(has, name); found {
		return phone, nil
	}
	return Phone{}, &Error{Kind: NotFound, Detail: fmt.Sprintf(
		"%q is no phone of user %s, who has %s", name, p.UserID, namesOf(has, "none"))}
}

// SwapOf is the phone of the person that is swapped; done says that the new one has
// taken its place already. Fails with NotFound, naming what the person has, when it is
// not the person's, and with Invalid when it is a soft phone.
func (p Person) SwapOf(c PhoneChange) (old Phone, done bool, err error) {
	old, err = p.PhoneOf(c.Phone)
	if err != nil {
		if _, has := p.PhoneOf(c.New); has == nil {
			return Phone{Name: DeskPhoneName(c.Phone), Desk: true}, true, nil
		}
		return Phone{}, false, err
	}
	if !old.Desk {
		return Phone{}, false, &Error{Kind: Invalid, Detail: fmt.Sprintf(
			"%s is a soft phone: remove it and assign another one, only desk phones are swapped", old.Name)}
	}
	if same := DeskPhoneName(c.New); same == old.Name {
		return Phone{}, false, &Error{Kind: Invalid, Detail: fmt.Sprintf("%s is the phone that the person has: name another one", same)}
	}
	return old, false, nil
}

// Keeping is the services with the phones that the person has besides: those that were
// assigned after the person had joined. It takes had nil for nothing.
func (s Services) Keeping(had *Services) Services {
	if had == nil {
		return s
	}
	s.Phones = slices.Clone(s.Phones)
	for _, p := range had.Phones {
		if !slices.ContainsFunc(s.Phones, func(has Phone) bool { return has.Name == p.Name }) {
			s.Phones = append(s.Phones, p)
		}
	}
	return s
}

// NeedsNumber is what to do about a person who wants a phone and has no number.
func NeedsNumber(userID string) string {
	return fmt.Sprintf("user %s has no number, and a phone needs one: request it first (dialtone number request %s)", userID, userID)
}

func namesOf(phones []Phone, none string) string {
	names := make([]string, len(phones))
	for i, p := range phones {
		names[i] = p.Name
	}
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ", ")
}

// WithPhones is the person with these phones and no others. The desk phone that the
// person joined with stays so while it is among them; otherwise the first desk phone
// takes its place.
func (p Person) WithPhones(phones []Phone) Person {
	services := *p.Services
	services.Phones = phones
	p.Services = &services
	given, first := false, ""
	for _, phone := range phones {
		if !phone.Desk {
			continue
		}
		given = given || p.Joiner.DeskPhone != "" && phone.Name == DeskPhoneName(p.Joiner.DeskPhone)
		first = cmp.Or(first, phone.Name)
	}
	if !given {
		p.Joiner.DeskPhone = first
	}
	return p
}
