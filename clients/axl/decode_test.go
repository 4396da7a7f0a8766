package axl

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// answering is a client of a server that answers every request with a file.
func answering(t *testing.T, file string) *Client {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "answers", file))
	if err != nil {
		t.Fatal(err)
	}
	return newServer(t, func(w http.ResponseWriter, _ request) {
		write(w, http.StatusOK, "text/xml;charset=UTF-8", string(body))
	}).client(t)
}

type getCase struct {
	reason string
	file   string
	call   func(context.Context, *Client) (any, error)
	want   any
}

func gets() map[string]getCase {
	full := fullUser()
	full.UUID, full.LDAPDirectory, full.Status = testUUID, "AD Lisbon", "1"
	full.PIN, full.PINMustChange, full.RemoteDestinationProfiles = nil, nil, []string{"mueller-rdp"}
	line := fullLine()
	line.UUID, line.Usage, line.AssociatedDevices = testUUID, "Device", []string{"mueller-em", "SEP001122334455"}
	phone := fullPhone()
	phone.UUID = testUUID
	destinations, destination := fullRemoteDestinationProfile(), fullRemoteDestination()
	destinations.UUID, destination.UUID = testUUID, testUUID
	destination.DualModeDevice, destination.CTIRemoteDevice = Set(""), Set("")
	return map[string]getCase{
		"user": {
			"every field comes back, in any order, in any version's namespace, however the reference is empty", "getUser.xml",
			func(ctx context.Context, c *Client) (any, error) { return c.GetUser(ctx, "mueller") }, full,
		},
		"line": {
			"the escaped plus is unescaped", "getLine.xml",
			func(ctx context.Context, c *Client) (any, error) { return c.GetLine(ctx, "+351211234001", "Lisbon_PT") }, line,
		},
		"phone": {
			"lines, services and vendor config come back whole", "getPhone.xml",
			func(ctx context.Context, c *Client) (any, error) { return c.GetPhone(ctx, "SEP001122334455") }, phone,
		},
		"device profile": {
			"as a phone", "getDeviceProfile.xml",
			func(ctx context.Context, c *Client) (any, error) { return c.GetDeviceProfile(ctx, "mueller-em") },
			DeviceProfile{
				UUID: testUUID, Name: "mueller-em", Description: Set("Jürgen O'Müller"), Product: "Cisco 8845", Protocol: "SIP",
				ButtonTemplate: Set("Standard 8845 SIP"), SoftkeyTemplate: Set(""), UserLocale: Set(""),
				Lines: &[]LineAppearance{appearance()}, Services: &[]Service{{Service: "Extension Mobility", Name: "Extension Mobility", Label: "Login"}},
				Buttons: buttons(), VendorConfig: Set("<webAccess>0</webAccess>"), Kept: Kept{"dndOption": "Call Reject", "dndStatus": "true"},
			},
		},
		"button template": {
			"the buttons in their order, however they come", "getPhoneButtonTemplate.xml",
			func(ctx context.Context, c *Client) (any, error) {
				return c.GetButtonTemplate(ctx, "Standard 8845 SIP")
			},
			ButtonTemplate{UUID: testUUID, Name: "Standard 8845 SIP", Features: []string{"Line", "Line", "Speed Dial BLF", "Privacy"}},
		},
		"remote destination profile": {
			"as a phone", "getRemoteDestinationProfile.xml",
			func(ctx context.Context, c *Client) (any, error) {
				return c.GetRemoteDestinationProfile(ctx, "mueller-rdp")
			}, destinations,
		},
		"remote destination": {
			"what Dialtone does not own comes back too", "getRemoteDestination.xml",
			func(ctx context.Context, c *Client) (any, error) { return c.GetRemoteDestination(ctx, "0911234001") }, destination,
		},
		"remote destinations": {
			"LIKE found more than the profile", "listRemoteDestination.xml",
			func(ctx context.Context, c *Client) (any, error) { return c.ListRemoteDestinations(ctx, "mueller_rdp") },
			[]string{"0911234001", "0911234002"},
		},
		"route plan": {
			"only the exact pattern in the partition, whatever its type", "listRoutePlan.xml",
			func(ctx context.Context, c *Client) (any, error) { return c.ListRoutePlan(ctx, "4711", "Lisbon_PT") },
			[]RoutePlanEntry{{UUID: testUUID, Pattern: "4711", Partition: "lisbon_pt", Type: "Hunt Pilot", Detail: "Sales"}},
		},
		"exists": {
			"LIKE found more than the name", "listDevicePool.xml",
			func(ctx context.Context, c *Client) (any, error) { return c.Exists(ctx, ObjectDevicePool, "Lisbon_DP") }, true,
		},
		"exists not": {
			"a name that only LIKE matches is not the name", "listDevicePool.xml",
			func(ctx context.Context, c *Client) (any, error) { return c.Exists(ctx, ObjectDevicePool, "lisbon_dp") }, false,
		},
		"exists by service name": {
			"IP phone services have no name", "listIpPhoneServices.xml",
			func(ctx context.Context, c *Client) (any, error) {
				return c.Exists(ctx, ObjectIPPhoneService, "Extension Mobility")
			}, true,
		},
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	for name, tc := range gets() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tc.call(t.Context(), answering(t, tc.file))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// TestGetFillsEveryField holds for an answer with nothing but the key: callers
// compare fields without asking whether they are there.
func TestGetFillsEveryField(t *testing.T) {
	t.Parallel()
	c := newServer(t, agreeable).client(t)
	user, err := c.GetUser(t.Context(), "jdoe")
	if err != nil {
		t.Fatal(err)
	}
	line, err := c.GetLine(t.Context(), "4711", "")
	if err != nil {
		t.Fatal(err)
	}
	phone, err := c.GetPhone(t.Context(), "SEP001122334455")
	if err != nil {
		t.Fatal(err)
	}
	profile, err := c.GetDeviceProfile(t.Context(), "jdoe-em")
	if err != nil {
		t.Fatal(err)
	}
	destinations, err := c.GetRemoteDestinationProfile(t.Context(), "jdoe-rdp")
	if err != nil {
		t.Fatal(err)
	}
	destination, err := c.GetRemoteDestination(t.Context(), "0911234001")
	if err != nil {
		t.Fatal(err)
	}
	writeOnly := map[string]bool{
		"NewUserID": true, "PIN": true, "PINMustChange": true, "NewName": true, "NewDestination": true, "NewPattern": true, "NewPartition": true,
	}
	for _, object := range []any{user, line, phone, phone.Buttons, profile, profile.Buttons, destinations, destination} {
		v := reflect.ValueOf(object)
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Type.Kind() == reflect.Pointer && v.Field(i).IsNil() != writeOnly[f.Name] {
				t.Errorf("%s.%s: nil is %t", v.Type().Name(), f.Name, v.Field(i).IsNil())
			}
		}
	}
}

func TestLDAPSyncStatus(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]LDAPSync{
		"Sync is initiated":               LDAPRunning,
		"Sync is currently under process": LDAPRunning,
		"Sync is performed successfully":  LDAPDone,
		"SYNC IS PERFORMED SUCCESSFULLY":  LDAPDone,
		"Sync failed":                     LDAPFailed,
		"Sync is not performed":           LDAPIdle,
		"Never Synced":                    LDAPIdle,
		"Sync is cancelled":               LDAPIdle,
		"":                                LDAPIdle,
		"Gone fishing":                    LDAPUnknown,
	} {
		if got := readLDAPSync(text); got != want {
			t.Errorf("%q: want %s, got %s", text, want, got)
		}
	}
}
