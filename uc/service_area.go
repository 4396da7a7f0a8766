package uc

// ClassOfService is what a line may call.
type ClassOfService string

// The classes, each including the ones before it.
const (
	Local         ClassOfService = "local"
	National      ClassOfService = "national"
	Mobile        ClassOfService = "mobile"
	International ClassOfService = "international"
)

// Valid reports whether the class is one of the four.
func (c ClassOfService) Valid() bool {
	return c == Local || c == National || c == Mobile || c == International
}

// Domain groups service areas under one directory and one set of number rules.
type Domain struct {
	Name        string       `json:"name"`
	Directory   string       `json:"directory,omitempty"`   // a directory of the configuration; "" = none is written
	LeadTime    Duration     `json:"leadTime,omitempty"`    // how long before the start date a joiner begins
	NumberRules []NumberRule `json:"numberRules,omitempty"` // first match wins; none matches = always
	WriteBack   []WriteBack  `json:"writeBack,omitempty"`   // what the directory is told of a number
	HR          string       `json:"hr,omitempty"`          // an HR receiver of the configuration; "" = none is told
	Guard       GuardLimit   `json:"guard,omitzero"`        // how many leavers, releases or moves pass without an approval
}

// WriteBack is one directory attribute and what goes into it.
type WriteBack struct {
	Attribute string     `json:"attribute"` // "telephoneNumber", "ipPhone", …
	Value     NumberForm `json:"value"`
}

// Of is the value that the attribute gets of a number.
func (w WriteBack) Of(digits, e164 string) string {
	if w.Value == FormE164 && e164 != "" {
		return e164
	}
	return digits
}

// NumberForm is a way to write a number.
type NumberForm string

// The forms.
const (
	FormDigits NumberForm = "digits" // as dialled inside
	FormE164   NumberForm = "e164"   // +493012344711; the digits when the pool has no E.164 mask
)

// ServiceArea is where and how people get service.
type ServiceArea struct {
	Name           string                    `json:"name"`
	Domain         string                    `json:"domain"`
	CallProcessor  string                    `json:"callProcessor"` // a call processor of the configuration
	Pool           string                    `json:"pool"`          // the number pool
	Template       string                    `json:"template"`
	DevicePool     string                    `json:"devicePool"`
	Location       string                    `json:"location,omitempty"`      // "" = Hub_None
	DeviceCSS      string                    `json:"deviceCss,omitempty"`     // calling search space of phones
	LineCSS        map[ClassOfService]string `json:"lineCss,omitempty"`       // calling search space of lines by class
	ClassOfService ClassOfService            `json:"classOfService"`          // of people who name none
	LDAPAgreement  string                    `json:"ldapAgreement,omitempty"` // users come from this agreement; "" = local users
	OnDemandOnly   bool                      `json:"onDemandOnly,omitempty"`  // a number only for those who ask for one
	PickupGroup    string                    `json:"pickupGroup,omitempty"`
	Voicemail      string                    `json:"voicemailProfile,omitempty"`
	UserLocale     string                    `json:"userLocale,omitempty"`
	Leaver         LeaverPolicy              `json:"leaver,omitzero"` // what is removed when a person leaves, and when
}

// Template says what a person of a service area gets. Names and texts may hold
// {user} {USER} {first} {last} {number} {e164}.
type Template struct {
	Name          string                `json:"name"`
	DeviceProfile DeviceProfileTemplate `json:"deviceProfile"`
	SoftPhones    []PhoneTemplate       `json:"softPhones,omitempty"`
	Line          LineTemplate          `json:"line"`
	User          UserTemplate          `json:"user"`
}

// DeviceProfileTemplate is the extension-mobility profile of a person.
type DeviceProfileTemplate struct {
	Name            string `json:"name"`                  // "{user}-em"
	Description     string `json:"description,omitempty"` // "" = "{first} {last}"
	Product         string `json:"product"`               // "Cisco 8845"
	Protocol        string `json:"protocol"`              // "SIP"
	ButtonTemplate  string `json:"buttonTemplate"`
	SoftkeyTemplate string `json:"softkeyTemplate,omitempty"`
	Service         string `json:"service,omitempty"` // IP phone service for extension mobility; "" = none
}

// PhoneTemplate is one soft phone of a person.
type PhoneTemplate struct {
	Name            string `json:"name"` // "CSF{USER}": 15 characters at most when expanded
	Product         string `json:"product"`
	Protocol        string `json:"protocol"`
	ButtonTemplate  string `json:"buttonTemplate"`
	SecurityProfile string `json:"securityProfile"`
	SIPProfile      string `json:"sipProfile,omitempty"`
}

// LineTemplate is the look and the forwards of a line.
type LineTemplate struct {
	Display            string `json:"display,omitempty"`         // "" = "{first} {last}"
	ExternalMask       string `json:"externalMask,omitempty"`    // "" = "{e164}"
	ForwardBusy        string `json:"forwardBusy,omitempty"`     // "voicemail", digits, "" = none
	ForwardNoAnswer    string `json:"forwardNoAnswer,omitempty"` // the same
	ForwardUnreachable string `json:"forwardNotReach,omitempty"` // not registered: the same
	ForwardCSS         string `json:"forwardCss,omitempty"`      // calling search space of the forwards
	NoAnswerSeconds    int    `json:"noAnswerSeconds,omitempty"` // 0 = the cluster's default
	MaxCalls           int    `json:"maxCalls,omitempty"`        // 0 = 4
	BusyTrigger        int    `json:"busyTrigger,omitempty"`     // 0 = 2
	AlertingName       string `json:"alertingName,omitempty"`    // "" = the display
	PresenceGroup      string `json:"presenceGroup,omitempty"`   // "" = "Standard Presence group"
}

// UserTemplate is what a user is given besides devices.
type UserTemplate struct {
	Groups         []string `json:"groups,omitempty"` // access control groups
	ServiceProfile string   `json:"serviceProfile,omitempty"`
	PresenceGroup  string   `json:"presenceGroup,omitempty"` // "" = "Standard Presence group"
	CTI            bool     `json:"cti,omitempty"`
	Mobility       bool     `json:"mobility,omitempty"`
	IMPresence     bool     `json:"imPresence,omitempty"`
	SelfService    string   `json:"selfService,omitempty"` // "{number}"; "" = none
	PINDigits      int      `json:"pinDigits,omitempty"`   // 0 = 8
}

// Catalog is what `dialtone apply` sends: each list may be partial, an object
// that is not named stays as it is.
type Catalog struct {
	Domains      []Domain      `json:"domains,omitempty"`
	Pools        []NumberPool  `json:"pools,omitempty"`
	Templates    []Template    `json:"templates,omitempty"`
	ServiceAreas []ServiceArea `json:"serviceAreas,omitempty"`
}
