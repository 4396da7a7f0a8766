package uc

import (
	"errors"
	"fmt"
	"testing"
)

func TestKinds(t *testing.T) {
	t.Parallel()
	cases := map[Kind]Disposition{
		Invalid: Fail, NotFound: Fail, Conflict: Fail,
		Exhausted: Park, Denied: Park, Internal: Park,
		Throttled: Retry, Unavailable: Retry,
		"unheard of": Park,
	}
	for kind, want := range cases {
		if got := kind.Disposition(); got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
	}
}

func TestErrorIs(t *testing.T) {
	t.Parallel()
	cause := errors.New("no route")
	err := fmt.Errorf("reading: %w", &Error{Kind: Unavailable, System: "cucm", Op: "getPhone", Detail: "no answer", Err: cause})
	if !errors.Is(err, Unavailable) || errors.Is(err, Denied) || !errors.Is(err, cause) {
		t.Errorf("%v has lost its kind or its cause", err)
	}
	cases := map[string]struct {
		reason string
		err    error
		want   Kind
		text   string
	}{
		"nil":       {"no failure", nil, "", ""},
		"wrapped":   {"at any depth", err, Unavailable, "reading: cucm getPhone: unavailable: no answer"},
		"foreign":   {"nobody said what it is", cause, Internal, "no route"},
		"bare":      {"a kind is an error", Denied, Denied, "denied"},
		"wrap bare": {"at any depth", fmt.Errorf("x: %w", Denied), Denied, "x: denied"},
		"outermost": {"the first in the chain counts", &Error{Kind: Conflict, Err: &Error{Kind: Denied}}, Conflict, "conflict"},
		"joined":    {"the first of several", errors.Join(&Error{Kind: NotFound}, Denied), NotFound, "not_found\ndenied"},
		"our rules": {"no system, no operation", &Error{Kind: Invalid, Detail: "no name"}, Invalid, "invalid: no name"},
		"no detail": {"no sentence", &Error{Kind: Denied, System: "mail"}, Denied, "mail: denied"},
	}
	for name, c := range cases {
		if got := KindOf(c.err); got != c.want {
			t.Errorf("%s (%s): %q, want %q", name, c.reason, got, c.want)
		}
		if c.err != nil && c.err.Error() != c.text {
			t.Errorf("%s (%s): %q, want %q", name, c.reason, c.err, c.text)
		}
	}
}
