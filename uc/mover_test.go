package uc

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMoverApply(t *testing.T) {
	t.Parallel()
	no, yes := false, true
	empty, title := "", "Boss"
	mobile := Mobile
	with := func(change func(*Joiner)) Joiner { j := ann(); change(&j); return j }
	cases := map[string]struct {
		reason string
		mover  Mover
		want   Joiner
	}{
		"nothing":      {"what is not named stays", Mover{UserID: "x", Number: NumberNew}, ann()},
		"title":        {"set", Mover{Title: &title}, with(func(j *Joiner) { j.User.Title = "Boss" })},
		"no title":     {"cleared", Mover{Title: &empty}, with(func(j *Joiner) { j.User.Title = "" })},
		"renamed":      {"another user id", Mover{NewUserID: "ann.smith"}, with(func(j *Joiner) { j.User.ID = "ann.smith" })},
		"class":        {"of service", Mover{ClassOfService: &mobile}, with(func(j *Joiner) { j.ClassOfService = Mobile })},
		"no voicemail": {"kept by the person", Mover{Voicemail: &no}, with(func(j *Joiner) { j.Voicemail = &no })},
		"voicemail":    {"as everybody", Mover{Voicemail: &yes}, ann()},
		"attributes": {"one set, one removed", Mover{Attributes: map[string]string{"a": "1", "b": ""}}, with(func(j *Joiner) {
			j.Attributes = map[string]string{"a": "1"}
		})},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := ann()
			if d := cmp.Diff(c.want, c.mover.Apply(from)); d != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, d)
			}
			if d := cmp.Diff(ann(), from); d != "" {
				t.Errorf("what was before has changed:\n%s", d)
			}
		})
	}
}

func TestMoverProblems(t *testing.T) {
	t.Parallel()
	bad, long, mail, class := "a\nb", strings.Repeat("x", 65), "nobody", ClassOfService("galactic")
	cases := map[string]struct {
		reason string
		mover  Mover
		fields []string
	}{
		"nothing":  {"a move of nothing is done, not wrong", Mover{UserID: "ann"}, nil},
		"nobody":   {"who moves is missing", Mover{}, []string{"userId"}},
		"user id":  {"it could be on no system", Mover{UserID: "ann", NewUserID: "a b"}, []string{"newUserId"}},
		"number":   {"another word", Mover{UserID: "ann", Number: "maybe"}, []string{"number"}},
		"texts":    {"as of a joiner", Mover{UserID: "ann", FirstName: &bad, Department: &long, Mail: &mail}, []string{"mail", "firstName", "department"}},
		"class":    {"as of a joiner", Mover{UserID: "ann", ClassOfService: &class}, []string{"classOfService"}},
		"no name":  {"the call processor requires one", Mover{UserID: "ann", LastName: new(string)}, []string{"lastName"}},
		"no title": {"it may be cleared", Mover{UserID: "ann", Title: new(string)}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range c.mover.Problems() {
				got = append(got, p.Field)
			}
			if d := cmp.Diff(c.fields, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, d)
			}
		})
	}
}
