package uc_test

import (
	"testing"

	"github.com/dialtone/dialtone/uc"
)

func TestShrinkGuard(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason           string
		guard            uc.ShrinkGuard
		had, gone, added int
		stops            bool
	}{
		"nothing":  {"nothing is gone", uc.ShrinkGuard{}, 0, 0, 0, false},
		"fifty":    {"fifty may always be gone", uc.ShrinkGuard{}, 60, 50, 0, false},
		"more":     {"51 of few", uc.ShrinkGuard{}, 60, 51, 0, true},
		"percent":  {"5 % of many", uc.ShrinkGuard{}, 100_000, 5_000, 0, false},
		"too many": {"more than 5 %", uc.ShrinkGuard{}, 100_000, 5_001, 0, true},
		"replaced": {"new ones make up for nothing: it may be another cluster", uc.ShrinkGuard{}, 1000, 1000, 1000, true},
		"empty":    {"never empty unasked", uc.ShrinkGuard{}, 2, 2, 0, true},
		"last":     {"the only one may go", uc.ShrinkGuard{}, 1, 1, 0, false},
		"few new":  {"few may be replaced", uc.ShrinkGuard{}, 2, 2, 2, false},
		"loose":    {"a setting", uc.ShrinkGuard{Percent: 50}, 1000, 500, 0, false},
		"strict":   {"a setting", uc.ShrinkGuard{Percent: 1, Least: 1}, 100, 2, 0, true},
	}
	for name, c := range cases {
		if got := c.guard.Stops(c.had, c.gone, c.added); got != c.stops {
			t.Errorf("%s: %s: stops %v", name, c.reason, got)
		}
	}
}

func TestSyncSummary(t *testing.T) {
	t.Parallel()
	kinds := func(states ...any) (out []uc.SyncKind) {
		for i := 0; i < len(states); i += 2 {
			out = append(out, uc.SyncKind{Kind: uc.EstateKind(states[i].(string)), State: states[i+1].(uc.SyncKindState)})
		}
		return out
	}
	cases := map[string]struct {
		reason string
		kinds  []uc.SyncKind
		want   string
	}{
		"all": {"what the call processor lacks is no failure", kinds("user", uc.KindRead, "gatekeeper", uc.KindSkipped), "Completed."},
		"as ever": {
			"the words of the guide",
			kinds("phoneSecurityProfile", uc.KindFailed, "dialPlanTag", uc.KindFailed, "user", uc.KindRead, "sipTrunk", uc.KindFailed,
				"phoneButtonTemplate", uc.KindFailed, "ddi", uc.KindFailed),
			"Completed. But the following objects could not be synchronized: " +
				"[SecurityProfile, DialPlanTag, SIPTrunk, PhoneTemplate, DigitDiscardInstruction]",
		},
		"relation": {
			"a relation is told by its objects, once", kinds("user", uc.KindFailed, "rel_user_group", uc.KindFailed),
			"Completed. But the following objects could not be synchronized: [User]",
		},
	}
	for name, c := range cases {
		if got := uc.SyncSummary(c.kinds); got != c.want {
			t.Errorf("%s: %s: %q", name, c.reason, got)
		}
	}
}

func TestSyncStates(t *testing.T) {
	t.Parallel()
	for state, final := range map[uc.SyncState]bool{
		uc.SyncRunning: false, uc.SyncWaiting: false, uc.SyncDone: true, uc.SyncFailed: true, uc.SyncCancelled: true,
	} {
		if state.Final() != final {
			t.Errorf("%s is final: %v", state, !final)
		}
	}
	if uc.SyncScope("some").Valid() || !uc.SyncInfra.Valid() {
		t.Error("scopes")
	}
}
