package uc

import (
	"testing"
	"time"
)

func TestGuardAllowed(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		limit  GuardLimit
		people int
		want   int
	}{
		"large":       {"the count", GuardLimit{}, 10_000, 50},
		"middle":      {"the percentage", GuardLimit{}, 240, 12},
		"small":       {"never less than five", GuardLimit{}, 20, 5},
		"nobody":      {"people that no order knows", GuardLimit{}, 0, 5},
		"strict":      {"the count may be less than five", GuardLimit{Count: 1}, 20, 1},
		"percent":     {"its own", GuardLimit{Percent: 0.5}, 2000, 10},
		"as many":     {"as it likes", GuardLimit{Count: 1000, Percent: 100}, 700, 700},
		"rounds down": {"not half a person", GuardLimit{}, 139, 6},
	}
	for name, c := range cases {
		if got := c.limit.Allowed(c.people); got != c.want {
			t.Errorf("%s (%s): %d, want %d", name, c.reason, got, c.want)
		}
	}
	if got, want := (GuardLimit{}).WithDefaults(), (GuardLimit{50, 5, Duration(24 * time.Hour)}); got != want {
		t.Errorf("defaults %+v, want %+v", got, want)
	}
}

func TestGuardText(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"51 people of domain corp would leave within 1d and the guard allows 50":        GuardText(GuardLeaver, "corp", 51, 50, Duration(24*time.Hour)),
		"6 numbers of domain corp would be given back within 1h and the guard allows 5": GuardText(GuardRelease, "corp", 6, 5, Duration(time.Hour)),
		"6 people of domain corp would move within 2d and the guard allows 5":           GuardText(GuardMove, "corp", 6, 5, Duration(48*time.Hour)),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
