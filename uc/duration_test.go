package uc

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		text   string
		want   time.Duration
		shown  string // "" = refused
	}{
		"hours":       {"as Go writes it", "72h", 72 * time.Hour, "3d"},
		"days":        {"as people write it", "30d", 720 * time.Hour, "30d"},
		"mixed":       {"hours and minutes", "1h30m", 90 * time.Minute, "1h30m"},
		"whole hours": {"no minutes of nothing", "12h0m0s", 12 * time.Hour, "12h"},
		"minutes":     {"no seconds of nothing", "15m", 15 * time.Minute, "15m"},
		"tens":        {"a zero that counts", "10m10s", 610 * time.Second, "10m10s"},
		"h and s":     {"a zero between", "1h0m5s", time.Hour + 5*time.Second, "1h0m5s"},
		"zero":        {"none", "0", 0, "0s"},
		"zero days":   {"none", "0d", 0, "0s"},
		"empty":       {"nothing", "", 0, ""},
		"negative":    {"time does not go back", "-1h", 0, ""},
		"negative d":  {"time does not go back", "-1d", 0, ""},
		"no unit":     {"of what?", "72", 0, ""},
		"words":       {"not a duration", "soon", 0, ""},
		"part of d":   {"days are whole", "1.5d", 0, ""},
		"d alone":     {"how many?", "d", 0, ""},
		"mixed d":     {"days stand alone", "1d12h", 0, ""},
		"too long":    {"longer than 292 years does not fit", "200000d", 0, ""},
		"just too":    {"the first day that does not fit", "106752d", 0, ""},
		"longest":     {"the last day that fits", "106751d", 106751 * 24 * time.Hour, "106751d"},
	}
	for name, c := range cases {
		got, err := ParseDuration(c.text)
		if c.shown == "" {
			if !errors.Is(err, Invalid) || !strings.Contains(err.Error(), "72h or 30d") {
				t.Errorf("%s (%s): %v, %v", name, c.reason, got, err)
			}
			continue
		}
		if err != nil || time.Duration(got) != c.want || got.String() != c.shown {
			t.Errorf("%s (%s): %v, %v", name, c.reason, got, err)
		}
	}
}

func TestDurationJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := Duration(rapid.Int64Min(0).Draw(t, "d"))
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var got Duration
		if err := json.Unmarshal(b, &got); err != nil || got != d {
			t.Fatalf("%s is read as %s: %v", b, got, err)
		}
	})
	for _, text := range []string{`3600`, `"soon"`, `{}`, `true`} {
		d := Duration(1)
		if err := json.Unmarshal([]byte(text), &d); !errors.Is(err, Invalid) {
			t.Errorf("%s: %v, %v", text, d, err)
		}
	}
}
