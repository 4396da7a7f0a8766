package uc_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

func TestWatchThen(t *testing.T) {
	t.Parallel()
	at := func(minute int) *time.Time {
		moment := time.Date(2026, 11, 22, 3, minute, 0, 0, time.UTC)
		return &moment
	}
	var w uc.Watch
	for minute, c := range []struct {
		reason              string
		next                uc.Watch
		followedAt, changed *time.Time
	}{
		{"nothing was followed yet", uc.Watch{State: uc.WatchLost}, nil, nil},
		{"changes", uc.Watch{State: uc.WatchFollowing, Seen: 2}, at(1), at(1)},
		{"no change", uc.Watch{State: uc.WatchFollowing}, at(2), at(1)},
		{"no answer", uc.Watch{State: uc.WatchFailing}, at(2), at(1)},
	} {
		c.next.LookedAt = *at(minute)
		want := c.next
		want.FollowedAt, want.ChangedAt = c.followedAt, c.changed
		if w = w.Then(c.next); !cmp.Equal(want, w) {
			t.Errorf("%s: %s", c.reason, cmp.Diff(want, w))
		}
	}
}
