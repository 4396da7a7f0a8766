package uc

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a span of time written as people write it: "72h", "30d", "0".
// A day is 24 hours.
type Duration time.Duration

const (
	day = 24 * time.Hour
	// maxDays is how many days fit into a duration, some 292 years.
	maxDays = int(math.MaxInt64 / day)
)

// ParseDuration reads "72h", "1h30m" or "30d". Fails with Invalid.
func ParseDuration(s string) (Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err == nil && n >= 0 && n <= maxDays {
			return Duration(time.Duration(n) * day), nil
		}
	} else if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return Duration(d), nil
	}
	return 0, &Error{Kind: Invalid, Detail: fmt.Sprintf("duration %q: write it like 72h or 30d, not negative", s)}
}

// String writes whole days as "30d", all else as "1h30m", "90ms" or "0s": nothing that
// is zero follows what is not.
func (d Duration) String() string {
	t := time.Duration(d)
	if t > 0 && t%day == 0 {
		return strconv.Itoa(int(t/day)) + "d"
	}
	text := t.String()
	if whole, ok := strings.CutSuffix(text, "m0s"); ok {
		text = whole + "m"
	}
	if whole, ok := strings.CutSuffix(text, "h0m"); ok {
		text = whole + "h"
	}
	return text
}

// MarshalJSON writes the String form.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads what ParseDuration reads.
func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return &Error{Kind: Invalid, Detail: "duration " + string(b) + ": write it as a string like \"72h\" or \"30d\""}
	}
	v, err := ParseDuration(s)
	*d = v
	return err
}
