package uc

// LeaverPolicy says what becomes of a person's services when the person leaves, and
// when. The zero policy removes everything at once.
type LeaverPolicy struct {
	After   Duration `json:"after,omitempty"`   // from the leave to the removal; 0 = at once
	Forward string   `json:"forward,omitempty"` // of the person's lines until the removal: "voicemail", digits, "" = none

	KeepSignIn             bool `json:"keepSignIn,omitempty"`             // a user that stays may still sign in
	KeepUser               bool `json:"keepUser,omitempty"`               // of local users; one from LDAP always stays
	KeepGroups             bool `json:"keepGroups,omitempty"`             // a user that stays keeps the template's groups
	KeepProfile            bool `json:"keepProfile,omitempty"`            // device profiles stay the user's, without the line
	KeepPhones             bool `json:"keepPhones,omitempty"`             // phones stay, of nobody and without the line
	KeepRemoteDestinations bool `json:"keepRemoteDestinations,omitempty"` // with their profiles

	Line      LineFate    `json:"line,omitempty"`      // of lines that nobody else uses; "" = remove
	Directory LeaverStage `json:"directory,omitempty"` // when the number goes from the directory; "" = removal
	HR        LeaverStage `json:"hr,omitempty"`        // when HR is told; "" = removal
}

// LineFate is what becomes of a line that nobody else uses.
type LineFate string

// The fates of a line.
const (
	LineRemoved LineFate = "remove" // "" too
	LineParked  LineFate = "park"   // inactive, without names and forwards, described as free
	LineKept    LineFate = "keep"   // as it is
)

// LeaverStage is a part of a leaver's order.
type LeaverStage string

// The stages: a recall is possible until the removal.
const (
	AtLeave   LeaverStage = "leave"
	AtRemoval LeaverStage = "removal"
)

// String is the stage in words.
func (s LeaverStage) String() string {
	if s == AtLeave {
		return "at leave"
	}
	return string(AtRemoval)
}

// voicemail is the forward to voicemail, as templates and policies write it.
const voicemail = "voicemail"

// ForwardTo is the forward of the person's lines until the removal; the zero Forward
// for none.
func (p LeaverPolicy) ForwardTo() Forward {
	if p.Forward == voicemail {
		return Forward{Voicemail: true}
	}
	return Forward{Destination: p.Forward}
}

// problems are the policy's own; local says that the service area's users come from
// no directory.
func (p LeaverPolicy) problems(at string, local bool) []Problem {
	var out []Problem
	add := func(field, value, fix string) { out = append(out, Problem{at + "." + field, value, fix}) }
	if p.Forward != "" && p.Forward != voicemail && !digitsForm.MatchString(p.Forward) {
		add("forward", p.Forward, "use voicemail, digits like 4711, or leave it out")
	}
	if p.Forward != "" && p.After == 0 {
		add("forward", p.Forward, "set after too: lines that are removed at once are forwarded nowhere")
	}
	switch p.Line {
	case "", LineRemoved, LineParked, LineKept:
	default:
		add("line", string(p.Line), "use remove, park or keep")
	}
	for _, s := range []struct {
		field string
		stage LeaverStage
	}{{"directory", p.Directory}, {"hr", p.HR}} {
		if s.stage != "" && s.stage != AtLeave && s.stage != AtRemoval {
			add(s.field, string(s.stage), "use leave or removal")
		}
	}
	// What stays of a user who is gone stands in the way when the person is hired again.
	if local && !p.KeepUser && (p.KeepProfile || p.KeepRemoteDestinations) {
		add("keepUser", "", "set it too: a profile stays only with its user")
	}
	return out
}
