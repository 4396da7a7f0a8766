package api

import (
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/zap"
)

// What a schema refuses is told as one sentence: the field, its value, what to write.
func TestViolations(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		message, location string
		value             any
		want              string
	}{
		"too small":     {"expected number >= 1", "query.limit", 0, `limit "0": write 1 or more`},
		"too large":     {"expected number <= 500", "query.limit", 501, `limit "501": write 500 or less`},
		"no number":     {"invalid integer", "query.limit", "x", `limit "x": write a whole number`},
		"a word":        {`expected value to be one of "infra, subscribers, all"`, "body.scope", "people", `scope "people": write one of infra, subscribers, all`},
		"blank":         {`expected string to match pattern \S`, "body.callProcessor", " ", "callProcessor is missing: write something, not only blanks"},
		"blanks":        {`expected string to match pattern ^\S+$`, "body.userId", "a b", `userId "a b": write it without blanks`},
		"digits":        {`expected string to match pattern ^\+?[0-9]{1,23}$`, "path.digits", "47x", `digits "47x": write 1 to 23 digits, with a plus before them or without`},
		"left out":      {"expected required property cron to be present", "body", map[string]any{}, "cron is missing: write it, for it is required"},
		"left out deep": {"expected required property lastName to be present", "body.user", map[string]any{}, "user.lastName is missing: write it, for it is required"},
		"no parameter":  {"required query parameter is missing", "query.user", "", "user is missing: write it, for it is required"},
		"empty":         {"expected length >= 1", "query.user", "", "user is missing: write at least this many characters: 1"},
		"long":          {"expected length <= 3", "body.name", "abcd", `name "abcd": it is too long: write 3 characters at most`},
		"not known":     {"unexpected property", "body.when", map[string]any{}, "when: the field is not known: take it out, or write its name as /v1/openapi.yaml does"},
		"a text":        {"expected string", "body.user.userId", 7, `user.userId "7": write a text in quotes: "…"`},
		"a moment":      {"expected string to be RFC 3339 date-time", "body.startAt", "soon", `startAt "soon": write a moment such as 2027-03-31T08:00:00Z`},
		"an object":     {"expected object", "body", []any{}, "the body: write an object: {…}"},
		"another":       {"nobody knows this one", "body.x", "y", `x "y": nobody knows this one`},
	}
	for name, c := range cases {
		v := violationOf(&huma.ErrorDetail{Message: c.message, Location: c.location, Value: c.value})
		if v.Message != c.want {
			t.Errorf("%s: %q, want %q", name, v.Message, c.want)
		}
	}
}

// Every pattern of the document has words that say what to write.
func TestPatternsHaveWords(t *testing.T) {
	t.Parallel()
	_, doc := build(Options{Log: zap.NewNop()})
	check := func(at string, s *huma.Schema) {
		if s != nil && s.Pattern != "" && strings.Contains(patternFix(s.Pattern), s.Pattern) {
			t.Errorf("%s: nothing says in words what %s is", at, s.Pattern)
		}
	}
	for name, s := range doc.Components.Schemas.Map() {
		check(name, s)
		for field, p := range s.Properties {
			check(name+"."+field, p)
		}
	}
	for path, item := range doc.Paths {
		for _, o := range []*huma.Operation{item.Get, item.Put, item.Post, item.Delete} {
			if o == nil {
				continue
			}
			for _, p := range o.Parameters {
				check(path+" "+p.Name, p.Schema)
			}
		}
	}
}

// The library's own words do not come through, whatever is wrong.
func TestRequestProblems(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"request body is required":                   "the body is missing: send one, as /v1/openapi.yaml describes it",
		"request body is too large limit=1024 bytes": "the body is too large: send less than 1024 bytes",
		"validation failed":                          "validation failed",
	}
	for message, want := range cases {
		if got := huma.NewError(400, message).Error(); got != want {
			t.Errorf("%s: %q, want %q", message, got, want)
		}
	}
}
