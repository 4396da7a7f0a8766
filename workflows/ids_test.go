package workflows_test

import (
	"strings"
	"testing"

	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

func TestStoryID(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ reason, user, want string }{
		"plain":         {"an id that people can read", "ann", "joiner/ann"},
		"case":          {"the same person whatever the case", "AnN", "joiner/ann"},
		"apostrophe":    {"every sign that a user id may hold stays", "o'brien_1.x@y-z", "joiner/o'brien_1.x@y-z"},
		"umlaut":        {"Temporal's client sends the id in a header of printable ASCII", "Jürgen", "joiner/j~fc~rgen"},
		"beyond BMP":    {"any letter", "𝔞", "joiner/~1d51e~"},
		"looks encoded": {"what stands between tildes is no user id of its own", "jfcrgen", "joiner/jfcrgen"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := workflows.StoryID(uc.JoinerOrder, c.user); got != c.want {
				t.Errorf("StoryID(%q) = %q, want %q: %s", c.user, got, c.want, c.reason)
			}
		})
	}
	if n := len(workflows.StoryID(uc.JoinerOrder, strings.Repeat("𝔞", 128))); n > 1000 {
		t.Errorf("the longest id has %d bytes, Temporal takes 1000", n)
	}
}
