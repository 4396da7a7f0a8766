package uc

import (
	"cmp"
	"strings"
)

// Services is everything that a joiner makes on a call processor, derived from
// the person, the service area, the template and the number. It is the desired
// state: activities compare the call processor with it.
type Services struct {
	CallProcessor string          `json:"callProcessor"`
	User          UserService     `json:"user"`
	Number        DirectoryNumber `json:"number"`
	E164          string          `json:"e164"`
	DeviceProfile DeviceProfile   `json:"deviceProfile"`
	Line          Line            `json:"line"`
	Phones        []Phone         `json:"phones"`
}

// UserService is what the person's user object shall hold.
type UserService struct {
	User           User     `json:"user"`
	LDAPAgreement  string   `json:"ldapAgreement,omitempty"` // "" = a local user
	Locale         string   `json:"locale,omitempty"`
	Groups         []string `json:"groups,omitempty"`
	ServiceProfile string   `json:"serviceProfile,omitempty"`
	PresenceGroup  string   `json:"presenceGroup"`
	CTI            bool     `json:"cti,omitempty"`
	Mobility       bool     `json:"mobility,omitempty"`
	IMPresence     bool     `json:"imPresence,omitempty"`
	SelfService    string   `json:"selfService,omitempty"`
	PINDigits      int      `json:"pinDigits"`
}

// DeviceProfile is an extension-mobility profile.
type DeviceProfile struct {
	Name            string `json:"name"`
	Description     string `json:"description"`
	Product         string `json:"product"`
	Protocol        string `json:"protocol"`
	ButtonTemplate  string `json:"buttonTemplate"`
	SoftkeyTemplate string `json:"softkeyTemplate,omitempty"`
	Service         string `json:"service,omitempty"`
}

// Forward is where calls go in one case; the zero Forward is none.
type Forward struct {
	Voicemail   bool   `json:"voicemail,omitempty"`
	Destination string `json:"destination,omitempty"`
	Seconds     int    `json:"seconds,omitempty"` // of no answer; 0 = the cluster's
}

// Line is a directory number on a call processor and how it looks on devices.
type Line struct {
	Number             DirectoryNumber `json:"number"`
	Description        string          `json:"description"`
	AlertingName       string          `json:"alertingName"`
	Display            string          `json:"display"`
	ExternalMask       string          `json:"externalMask,omitempty"`
	CSS                string          `json:"css,omitempty"`
	VoicemailProfile   string          `json:"voicemailProfile,omitempty"`
	PickupGroup        string          `json:"pickupGroup,omitempty"`
	PresenceGroup      string          `json:"presenceGroup"`
	ForwardCSS         string          `json:"forwardCss,omitempty"`
	ForwardBusy        Forward         `json:"forwardBusy,omitzero"`
	ForwardNoAnswer    Forward         `json:"forwardNoAnswer,omitzero"`
	ForwardUnreachable Forward         `json:"forwardUnreachable,omitzero"`
	MaxCalls           int             `json:"maxCalls"`
	BusyTrigger        int             `json:"busyTrigger"`
}

// Phone is one device of the person. A desk phone may stand on the call processor
// already; a soft phone is made.
type Phone struct {
	Name            string `json:"name"`
	Desk            bool   `json:"desk,omitempty"`
	Description     string `json:"description"`
	Product         string `json:"product,omitempty"` // of a soft phone
	Protocol        string `json:"protocol,omitempty"`
	ButtonTemplate  string `json:"buttonTemplate,omitempty"`
	SecurityProfile string `json:"securityProfile,omitempty"`
	SIPProfile      string `json:"sipProfile,omitempty"`
	DevicePool      string `json:"devicePool,omitempty"`
	Location        string `json:"location,omitempty"`
	CSS             string `json:"css,omitempty"`
}

// Lengths of the call processor's fields, in characters.
const (
	alertingMax    = 50
	displayMax     = 50
	descriptionMax = 128
)

// PlanServices derives the desired state. Fails with Invalid when a name cannot be
// built.
func PlanServices(j Joiner, a ServiceArea, t Template, p NumberPool, digits string) (Services, error) {
	return planServices(j, a, t, DirectoryNumber{p.CallProcessor, p.Partition, digits}, p.E164(digits))
}

func planServices(j Joiner, a ServiceArea, t Template, number DirectoryNumber, e164 string) (Services, error) {
	expand := vars(j.User, number.Digits, e164)
	s := Services{CallProcessor: a.CallProcessor, Number: number, E164: e164}
	s.User = planUser(j, a, t.User, expand)
	s.DeviceProfile = DeviceProfile{
		Name:        expand.Replace(t.DeviceProfile.Name),
		Description: clip(expand.Replace(cmp.Or(t.DeviceProfile.Description, "{first} {last}")), descriptionMax),
		Product:     t.DeviceProfile.Product, Protocol: t.DeviceProfile.Protocol,
		ButtonTemplate:  t.DeviceProfile.ButtonTemplate,
		SoftkeyTemplate: t.DeviceProfile.SoftkeyTemplate, Service: t.DeviceProfile.Service,
	}
	s.Line = planLine(j, a, t.Line, number, expand)
	for _, rule := range t.SoftPhones {
		name, err := softPhoneName(rule.Name, expand)
		if err != nil {
			return Services{}, err
		}
		phone := softPhone(j, a)
		phone.Name, phone.Product, phone.Protocol = name, rule.Product, rule.Protocol
		phone.ButtonTemplate, phone.SecurityProfile, phone.SIPProfile = rule.ButtonTemplate, rule.SecurityProfile, rule.SIPProfile
		s.Phones = append(s.Phones, phone)
	}
	if j.DeskPhone != "" {
		s.Phones = append(s.Phones, Phone{Name: DeskPhoneName(j.DeskPhone), Desk: true})
	}
	return s, nil
}

// softPhone is what the person and the service area say of a soft phone.
func softPhone(j Joiner, a ServiceArea) Phone {
	return Phone{
		Description: clip(j.User.Name(), descriptionMax),
		DevicePool:  a.DevicePool, Location: cmp.Or(a.Location, "Hub_None"), CSS: a.DeviceCSS,
	}
}

const presenceGroup = "Standard Presence group"

func planUser(j Joiner, a ServiceArea, t UserTemplate, expand *strings.Replacer) UserService {
	return UserService{
		User: j.User, LDAPAgreement: a.LDAPAgreement, Locale: a.UserLocale, Groups: t.Groups,
		ServiceProfile: t.ServiceProfile, PresenceGroup: cmp.Or(t.PresenceGroup, presenceGroup),
		CTI: t.CTI, Mobility: t.Mobility, IMPresence: t.IMPresence,
		SelfService: expand.Replace(t.SelfService), PINDigits: cmp.Or(t.PINDigits, 8),
	}
}

func planLine(j Joiner, a ServiceArea, t LineTemplate, n DirectoryNumber, expand *strings.Replacer) Line {
	display := clip(strings.TrimSpace(expand.Replace(cmp.Or(t.Display, "{first} {last}"))), displayMax)
	mailbox := a.Voicemail
	none := j.Voicemail != nil && !*j.Voicemail
	if none {
		mailbox = ""
	}
	forward := func(to string) Forward {
		if to == voicemail {
			return Forward{Voicemail: !none}
		}
		return Forward{Destination: expand.Replace(to)}
	}
	l := Line{
		Number: n, Description: clip(display, descriptionMax), Display: display,
		AlertingName:     clip(expand.Replace(cmp.Or(t.AlertingName, display)), alertingMax),
		ExternalMask:     expand.Replace(cmp.Or(t.ExternalMask, "{e164}")),
		CSS:              a.LineCSS[cmp.Or(j.ClassOfService, a.ClassOfService)],
		VoicemailProfile: mailbox, PickupGroup: a.PickupGroup,
		PresenceGroup: cmp.Or(t.PresenceGroup, presenceGroup), ForwardCSS: t.ForwardCSS,
		ForwardBusy: forward(t.ForwardBusy), ForwardNoAnswer: forward(t.ForwardNoAnswer),
		ForwardUnreachable: forward(t.ForwardUnreachable),
		MaxCalls:           cmp.Or(t.MaxCalls, 4), BusyTrigger: cmp.Or(t.BusyTrigger, 2),
	}
	l.ForwardNoAnswer.Seconds = t.NoAnswerSeconds
	return l
}
