package uc

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
