package axl

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

// shape is what a caller sees of a failure.
type shape struct {
	Kind       uc.Kind
	Op, Detail string
	RetryAfter time.Duration
}

func shapeOf(t *testing.T, err error) shape {
	t.Helper()
	var e *uc.Error
	if !errors.As(err, &e) {
		t.Fatalf("want a *uc.Error, got %v", err)
	}
	if e.System != "cucm" {
		t.Errorf("system is %q", e.System)
	}
	return shape{e.Kind, e.Op, e.Detail, e.RetryAfter}
}

// knownFaults are the files of testdata/faults and what becomes of them.
var knownFaults = map[string]struct {
	reason string
	want   shape
}{
	"target-absent": {
		"the object of the operation is absent",
		shape{Kind: uc.NotFound, Detail: "lisbon: Item not valid: The specified User was not found (5007)"},
	},
	"reference-absent": {
		"a referenced object is absent, and named",
		shape{Kind: uc.NotFound, Detail: "lisbon: Item not valid: The specified Lisbon_XX was not found (5007)"},
	},
	"queue-id": {
		"5007 has a third meaning",
		shape{Kind: uc.Invalid, Detail: "lisbon: The queueId value does not match the server. This indicates that it is either incorrect or the server restarted and a full sync is needed. (5007)"},
	},
	"absent-5003": {"some updates use 5003", shape{Kind: uc.NotFound, Detail: "lisbon: The specified Line was not found (5003)"}},
	"rank": {
		"5003 is a missing right too",
		shape{Kind: uc.Denied, Detail: "lisbon: You do not have the privilege to remove this End User as you have lower User Rank (5003)"},
	},
	"duplicate": {
		"it exists",
		shape{Kind: uc.Conflict, Detail: "lisbon: Could not insert new row - duplicate value in a UNIQUE INDEX column (Unique Index:x_device_name). (-239)"},
	},
	"pattern-taken": {
		"the number is taken, by whatever type; 0 is no code",
		shape{Kind: uc.Conflict, Detail: "lisbon: Cannot insert or update pattern. A DN (Hunt Pilot) exists with the same pattern and partition."},
	},
	"still-referenced": {
		"it is in use",
		shape{Kind: uc.Conflict, Detail: "lisbon: Key value for constraint (informix.pk_routepartition_pkid) is still being referenced. (-692)"},
	},
	"missing-key": {
		"a bad reference in SQL",
		shape{Kind: uc.Invalid, Detail: "lisbon: Missing key in referenced table for referential constraint (informix.fk_device_fkdevicepool). (-691)"},
	},
	"null":   {"a required value is missing", shape{Kind: uc.Invalid, Detail: "lisbon: Cannot insert a null into column (device.name). (-391)"}},
	"syntax": {"our SQL is wrong", shape{Kind: uc.Invalid, Detail: "lisbon: A syntax error has occurred. (201)"}},
	"too-large": {
		"the same question cannot succeed",
		shape{Kind: uc.Invalid, Detail: "lisbon: Query request too large. Total rows matched: 12345 rows. Suggestive Row Fetch: less than 9876 rows (-1)"},
	},
	"memory": {
		"other answers fill the memory",
		shape{Kind: uc.Throttled, RetryAfter: 5 * time.Second, Detail: "lisbon: Maximum AXL Memory Allocation Consumed. Please retry once requests in progress have completed (-1)"},
	},
	"locked": {
		"another writer was faster",
		shape{Kind: uc.Throttled, RetryAfter: 5 * time.Second, Detail: "lisbon: ISAM error: record is locked. (-107)"},
	},
	"name-format": {
		"a name that the product does not allow",
		shape{Kind: uc.Invalid, Detail: "lisbon: The specified name has invalid characters or is not formatted correctly for this device type. (5000)"},
	},
	"security-profile": {
		"a profile of another product",
		shape{Kind: uc.Invalid, Detail: "lisbon: The specified Security Profile is not valid for this device type (model and protocol). (5000)"},
	},
	"plus-sign": {"a bare plus", shape{Kind: uc.Invalid, Detail: "lisbon: The first character cannot be a plus sign (5000)"}},
	"unknown": {
		"what nobody knows does not succeed by repeating; the name is not doubled",
		shape{Kind: uc.Invalid, Detail: "lisbon: Something nobody has written down (4711)"},
	},
	"no-operation": {
		"a version that lacks the operation says so without a code",
		shape{Kind: uc.NotFound, Detail: "lisbon: The endpoint reference (EPR) for the Operation not found is https://cucm-pub.example.test:8443/axl/services/AXLAPIService and the WSA Action = CUCM:DB ver=15.0 listUniversalLineTemplate"},
	},
	"no-detail":  {"a fault of the SOAP layer", shape{Kind: uc.Invalid, Detail: "lisbon: Element 'gadget' is not expected"}},
	"echoed-pin": {"a PIN in the server's words is masked", shape{Kind: uc.Invalid, Detail: "lisbon: The pin ***** is trivial (5000)"}},
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for file, tc := range knownFaults {
		for _, status := range []int{http.StatusInternalServerError, http.StatusOK} {
			t.Run(file+" "+http.StatusText(status), func(t *testing.T) {
				t.Parallel()
				body, err := os.ReadFile(filepath.Join("testdata", "faults", file+".xml"))
				if err != nil {
					t.Fatal(err)
				}
				c := newServer(t, func(w http.ResponseWriter, _ request) {
					write(w, status, "text/xml;charset=UTF-8", string(body))
				}).client(t)
				want := tc.want
				want.Op = "updateUser"
				err = c.UpdateUser(t.Context(), User{UserID: "jdoe", PIN: Set("48201")})
				if diff := cmp.Diff(want, shapeOf(t, err)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
				}
			})
		}
	}
}

func TestTooLargeSaysHowMuch(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile(filepath.Join("testdata", "faults", "too-large.xml"))
	if err != nil {
		t.Fatal(err)
	}
	c := newServer(t, func(w http.ResponseWriter, _ request) {
		write(w, http.StatusInternalServerError, "text/xml", string(body))
	}).client(t)
	err = c.QuerySQL(t.Context(), "SELECT pkid FROM device", func(Row) error { return nil })
	var big *LimitError
	if !errors.As(err, &big) || *big != (LimitError{Total: 12345, Suggested: 9876}) {
		t.Errorf("want 12345 rows, fewer than 9876 at once; got %v", err)
	}
}

func TestWrongPINIsAnAnswer(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile(filepath.Join("testdata", "faults", "wrong-pin.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string]func(w http.ResponseWriter, r request){
		"fault": func(w http.ResponseWriter, _ request) {
			write(w, http.StatusInternalServerError, "text/xml", string(body))
		},
		"answer": func(w http.ResponseWriter, r request) {
			ok(w, r.version, r.op, "<userAuthenticated>false</userAuthenticated><code>1</code>")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same, err := newServer(t, answer).client(t).AuthenticateUser(t.Context(), "jdoe", "48201")
			if same || err != nil {
				t.Errorf("want false and no error, got %t, %v", same, err)
			}
		})
	}
}

const loginPage = `<html><head><title>x</title><style>p{}</style></head><body><h1>HTTP Status</h1><p>Nothing &amp; nobody</body>`

func TestStatuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reason     string
		status     int
		retryAfter string
		body       string
		want       shape
	}{
		"401": {
			"a web page is quoted, never parsed", 401, "", loginPage,
			shape{Kind: uc.Denied, Detail: "lisbon: user name or password refused, or no right to write (HTTP 401): HTTP Status Nothing & nobody"},
		},
		"403": {"no role", 403, "", "", shape{Kind: uc.Denied, Detail: "lisbon: the user lacks the role Standard AXL API Access (HTTP 403)"}},
		"404": {
			"the service may be starting", 404, "", "",
			shape{Kind: uc.Unavailable, Detail: "lisbon: wrong path, or the Cisco AXL Web Service is not running on this node (HTTP 404)"},
		},
		"400": {"the request is wrong", 400, "", "", shape{Kind: uc.Invalid, Detail: "lisbon: no AXL answer (HTTP 400)"}},
		"302": {"a redirect is not followed", 302, "", "", shape{Kind: uc.Unavailable, Detail: "lisbon: no AXL answer (HTTP 302)"}},
		"503": {
			"the write throttle", 503, "", "Service Unavailable",
			shape{Kind: uc.Throttled, RetryAfter: 5 * time.Second, Detail: "lisbon: the server asks to slow down (HTTP 503): Service Unavailable"},
		},
		"503 with time": {
			"the server says when", 503, "17", "",
			shape{Kind: uc.Throttled, RetryAfter: 17 * time.Second, Detail: "lisbon: the server asks to slow down (HTTP 503)"},
		},
		"500 page": {"a 500 without a fault", 500, "", loginPage, shape{
			Kind: uc.Unavailable, Detail: "lisbon: no AXL answer (HTTP 500): HTTP Status Nothing & nobody",
		}},
		"502":      {"a proxy", 502, "", "", shape{Kind: uc.Unavailable, Detail: "lisbon: no AXL answer (HTTP 502)"}},
		"200 page": {"a login page with status 200", 200, "", loginPage, shape{Kind: uc.Unavailable, Detail: "lisbon: no AXL answer (HTTP 200): HTTP Status Nothing & nobody"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(w http.ResponseWriter, _ request) {
				if tc.retryAfter != "" {
					w.Header().Set("Retry-After", tc.retryAfter)
				}
				write(w, tc.status, "text/html;charset=utf-8", tc.body)
			})
			tc.want.Op = "removeUser"
			err := s.client(t).RemoveUser(t.Context(), "jdoe")
			if diff := cmp.Diff(tc.want, shapeOf(t, err)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if n := len(s.requests()); n != 1 {
				t.Errorf("one call is one request, saw %d", n)
			}
		})
	}
}
