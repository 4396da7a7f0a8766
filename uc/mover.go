package uc

import "maps"

// NumberChoice says what a move does to the number.
type NumberChoice string

// The choices.
const (
	NumberAuto NumberChoice = ""     // keep it where that is possible, another one otherwise
	NumberKeep NumberChoice = "keep" // or fail
	NumberNew  NumberChoice = "new"
)

// Mover is the input of one mover: what changes of a person's place, name or
// service. What is nil or empty stays as it is.
type Mover struct {
	UserID         string            `json:"userId"`
	ServiceArea    string            `json:"serviceArea,omitempty"` // where to; "" = stays
	Number         NumberChoice      `json:"number,omitempty"`
	NewUserID      string            `json:"newUserId,omitempty"` // the person is renamed
	FirstName      *string           `json:"firstName,omitempty"`
	LastName       *string           `json:"lastName,omitempty"`
	Mail           *string           `json:"mail,omitempty"`
	Department     *string           `json:"department,omitempty"`
	Title          *string           `json:"title,omitempty"`
	ClassOfService *ClassOfService   `json:"classOfService,omitempty"`
	Voicemail      *bool             `json:"voicemail,omitempty"`  // false: none; true = as the service area says
	Attributes     map[string]string `json:"attributes,omitempty"` // HR attributes to set; "" removes one
	Batch          int               `json:"batch,omitempty"`      // how many movers came together with this one; 0 = alone
}

// Apply is the joiner as it stands after the move.
func (m Mover) Apply(j Joiner) Joiner {
	text := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	if m.NewUserID != "" {
		j.User.ID = m.NewUserID
	}
	if m.ServiceArea != "" {
		j.ServiceArea = m.ServiceArea
	}
	text(&j.User.FirstName, m.FirstName)
	text(&j.User.LastName, m.LastName)
	text(&j.User.Mail, m.Mail)
	text(&j.User.Department, m.Department)
	text(&j.User.Title, m.Title)
	if m.ClassOfService != nil {
		j.ClassOfService = *m.ClassOfService
	}
	if m.Voicemail != nil {
		j.Voicemail = m.Voicemail
		if *m.Voicemail {
			j.Voicemail = nil // what nobody decides is the service area's
		}
	}
	attributes := maps.Clone(j.Attributes)
	if attributes == nil {
		attributes = map[string]string{}
	}
	//workflowcheck:ignore Each name is set or removed, whichever comes first.
	for name, value := range m.Attributes {
		if value == "" {
			delete(attributes, name)
		} else {
			attributes[name] = value
		}
	}
	j.Attributes = nil
	if len(attributes) > 0 {
		j.Attributes = attributes
	}
	return j
}

// Problems lists what is wrong with the mover on its own; nil when nothing is.
func (m Mover) Problems() []Problem {
	out := userProblems(m.UserID)
	if m.NewUserID != "" && !userIDForm.MatchString(m.NewUserID) {
		out = append(out, Problem{"newUserId", m.NewUserID, "use letters, digits and . _ @ ' - only, 128 at most"})
	}
	if m.Number != NumberAuto && m.Number != NumberKeep && m.Number != NumberNew {
		out = append(out, Problem{"number", string(m.Number), "use keep or new, or leave it out"})
	}
	m.NewUserID = ""
	// What the move leaves as it is was looked at when the person joined.
	probe := m.Apply(Joiner{User: User{ID: "x", LastName: "x"}, ServiceArea: "x"})
	return append(out, probe.Problems()...)
}
