package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/clients/axl/conformance"
)

func envelope(version, op, content string) []byte {
	return fmt.Appendf(nil, `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>`+
		`<axl:%[2]s xmlns:axl="http://www.cisco.com/AXL/API/%[1]s">%[3]s</axl:%[2]s></soap:Body></soap:Envelope>`, version, op, content)
}

var validations = map[string]struct {
	reason    string
	version   string
	envelopes [][]byte
	want      string // part of the error; "" = valid
}{
	"valid": {
		reason: "a correct request passes", version: "14.0",
		envelopes: [][]byte{envelope("14.0", "removeUser", "<userid>jdoe</userid>")},
	},
	"version question": {
		reason: "getCCMVersion is asked in 1.0 before there is a version", version: "12.5",
		envelopes: [][]byte{envelope("1.0", "getCCMVersion", "")},
	},
	"order": {
		reason: "AXL's element order counts", version: "15.0",
		envelopes: [][]byte{envelope("15.0", "updateUser", "<firstName>J</firstName><userid>jdoe</userid>")},
		want:      "001-updateUser.xml:1: element firstName",
	},
	"required": {
		reason: "a missing element is found", version: "15.0",
		envelopes: [][]byte{envelope("15.0", "addUser", "<user><userid>jdoe</userid></user>")},
		want:      "lastName",
	},
	"other version": {
		reason: "the namespace must be the version's", version: "15.0",
		envelopes: [][]byte{envelope("14.0", "removeUser", "<userid>jdoe</userid>")},
		want:      "This element is not expected",
	},
	"second of two": {
		reason: "every request is looked at", version: "15.0",
		envelopes: [][]byte{
			envelope("15.0", "removeUser", "<userid>jdoe</userid>"),
			envelope("15.0", "removePhone", "<userid>jdoe</userid>"),
		},
		want: "002-removePhone.xml",
	},
	"enumeration": {
		reason: "the schema takes any text, the enumeration does not", version: "15.0",
		envelopes: [][]byte{envelope("15.0", "addLine", "<line><pattern>4711</pattern><usage>Gadget</usage></line>")},
		want:      `addLine: element usage: XPatternUsage has no value "Gadget"`,
	},
	"unknown version": {
		reason: "only versions with a schema", version: "9.9",
		envelopes: [][]byte{envelope("9.9", "removeUser", "<userid>jdoe</userid>")},
		want:      `no AXL schema "9.9"`,
	},
	"nothing": {reason: "an empty record proves nothing", version: "15.0", want: "no requests"},
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, tc := range validations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := conformance.Validate(t.Context(), tc.version, tc.envelopes...)
			switch {
			case tc.want == "" && err != nil:
				t.Errorf("%s: %v", tc.reason, err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("%s: want an error with %q, got %v", tc.reason, tc.want, err)
			}
		})
	}
}
