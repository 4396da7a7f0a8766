package uc

import (
	"regexp"
	"strings"
	"time"
)

// Schedule starts syncs of a call processor again and again. A sync that still runs is
// joined, and a time that passes while the one before runs is left out.
type Schedule struct {
	Name          string    `json:"name"`
	CallProcessor string    `json:"callProcessor"`
	Scope         SyncScope `json:"scope"`
	Cron          string    `json:"cron"`             // "30 2 * * 1-5": minute, hour, day, month, day of the week; or "@daily"
	TimeZone      string    `json:"timeZone"`         // of the cron: "Europe/Lisbon"; "" = UTC
	Jitter        Duration  `json:"jitter,omitempty"` // it starts so much later at most, by chance
	Paused        bool      `json:"paused"`
	Note          string    `json:"note,omitempty"` // why it is paused, or what it is for
	CreatedBy     string    `json:"createdBy,omitempty"`
}

// ScheduleStatus is a schedule with its times.
type ScheduleStatus struct {
	Schedule
	Next []time.Time `json:"next"`           // the next starts, none when it is paused
	Last []time.Time `json:"last"`           // the latest starts, newest last
	Held *HeldSync   `json:"held,omitempty"` // the sync of the call processor that waits for a decision: starts that pass meanwhile read nothing
}

// HeldSync is a sync that the guard holds until somebody decides.
type HeldSync struct {
	ID    string    `json:"id"`
	Since time.Time `json:"since"`
}

var (
	scheduleName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)
	cronField    = regexp.MustCompile(`^[0-9A-Za-z*/,-]+$`)
	cronWord     = regexp.MustCompile(`^@(yearly|monthly|weekly|daily|hourly)$`)
)

const longestJitter = 24 * time.Hour

// Problems lists everything that is wrong with the schedule as written.
func (s Schedule) Problems() []Problem {
	var out []Problem
	add := func(field, value, fix string) { out = append(out, Problem{Field: field, Value: value, Fix: fix}) }
	if !scheduleName.MatchString(s.Name) {
		add("name", s.Name, "use letters, digits and . _ - only, 63 at most")
	}
	if s.CallProcessor == "" {
		add("callProcessor", "", "name a call processor of the settings")
	}
	if !s.Scope.Valid() {
		add("scope", string(s.Scope), "use infra, subscribers or all")
	}
	if !s.cron() {
		add("cron", s.Cron, "write minute, hour, day, month and day of the week, such as 30 2 * * 1-5, or @daily")
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "Local" {
		add("timeZone", s.TimeZone, "write a name such as Europe/Lisbon; empty = UTC")
	}
	if d := time.Duration(s.Jitter); d < 0 || d > longestJitter {
		add("jitter", d.String(), "write a duration up to 24h, such as 15m")
	}
	return out
}

// cron reports whether the expression has the form of one; what the numbers mean is for
// the engine to say.
func (s Schedule) cron() bool {
	if cronWord.MatchString(s.Cron) {
		return true
	}
	fields := strings.Fields(s.Cron)
	for _, f := range fields {
		if !cronField.MatchString(f) {
			return false
		}
	}
	return len(fields) == 5
}
