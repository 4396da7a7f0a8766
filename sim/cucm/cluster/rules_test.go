package cluster

import (
	"testing"

	"github.com/dialtone/dialtone/sim/cucm/schema"
)

// handledElsewhere are elements without a column and without a writer of their
// own, with who looks after them.
var handledElsewhere = map[string]string{
	"User.primaryExtension":                     "setPrimaryExtension, before the row",
	"User.ipccRoutePartition":                   "writeIPCC, with its sibling",
	"User.convertUserAccount":                   "checkOwnership",
	"Phone.versionStamp":                        "CUCM's own",
	"Phone.sshPwd":                              "a secret nothing reads",
	"PhoneButtonTemplate.basePhoneTemplateName": "fromBase",
}

// TestNothingIsAcceptedAndForgotten holds every element an add or update may carry
// against the code that keeps it.
func TestNothingIsAcceptedAndForgotten(t *testing.T) {
	t.Parallel()
	for _, o := range schema.Objects() {
		rl := rulesOf(o)
		for _, e := range o.Elements {
			if !e.Code || !e.In('a') && !e.In('u') || rl.write[e.Name] != nil {
				continue
			}
			if handledElsewhere[o.Op+"."+e.Name] == "" {
				t.Errorf("%s.%s is accepted and kept nowhere", o.Op, e.Name)
			}
		}
	}
}

func TestTrivialSecrets(t *testing.T) {
	t.Parallel()
	for secret, want := range map[string]bool{
		"11111": true, "12345": true, "98765": true, "1212": true, "123123": true, "48151": false, "12346": false, "11112": false, "13579": false,
	} {
		if got := isTrivial(secret); got != want {
			t.Errorf("isTrivial(%s) = %t", secret, got)
		}
	}
}

func TestNamesOfDevices(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		form string
		fits bool
	}{
		"SEP001122334455": {"SEP", true}, "SEP00112233445": {"SEP", false}, "SEP00112233445G": {"SEP", false},
		"CSFjdoe": {"CSF", true}, "CSF": {"CSF", false}, "CSFaveryveryverylong": {"CSF", false}, "CSFj doe": {"CSF", false},
		"TCTJDOE": {"TCT", true}, "TCTjdoe": {"TCT", false}, "BOTJ.DOE-1": {"BOT", true}, "TABJDOE_2": {"TAB", true}, "SEPJDOE": {"TAB", false},
		"CTIRD9377": {"CTIRD", true}, "UDP_jdoe 1": {"any", true}, "a/b": {"any", false},
	} {
		if got := nameFits(tc.form, name); got != tc.fits {
			t.Errorf("%s as %s: %t", name, tc.form, got)
		}
	}
}
