package world

import (
	"fmt"
	"iter"
	"testing"
	"time"

	simdirectory "github.com/dialtone/dialtone/sim/directory"
	"github.com/dialtone/dialtone/uc"
)

// The service areas and pools of the catalog.
const (
	Berlin     = "Berlin"    // local users, soft phone, voicemail
	Lisbon     = "Lisbon"    // users from the LDAP agreement
	Broken     = "Broken"    // its device pool does not exist
	OnDemand   = "On Demand" // a number only for those who ask
	E164Area   = "E164"      // +E.164 directory numbers
	BerlinPool = "berlin"
	LisbonPool = "lisbon"
	E164Pool   = "e164"
)

// Catalog is the catalog that most tests use.
func Catalog() uc.Catalog {
	area := func(name, pool, devicePool string) uc.ServiceArea {
		return uc.ServiceArea{
			Name: name, Domain: "corp", CallProcessor: CUCM, Pool: pool, Template: "standard",
			DevicePool: devicePool, DeviceCSS: "CSS_Devices", ClassOfService: uc.National, Voicemail: "VM_Default",
			LineCSS: map[uc.ClassOfService]string{
				uc.Local: "CSS_Berlin_Local", uc.National: "CSS_Berlin_National",
				uc.Mobile: "CSS_Berlin_Mobile", uc.International: "CSS_Berlin_International",
			},
		}
	}
	berlin, lisbon := area(Berlin, BerlinPool, "DP_Berlin"), area(Lisbon, LisbonPool, "DP_Lisbon")
	berlin.PickupGroup = "Pickup_Berlin"
	lisbon.LDAPAgreement = ldapGroup
	onDemand := area(OnDemand, BerlinPool, "DP_Berlin")
	onDemand.OnDemandOnly = true
	return uc.Catalog{
		Domains: []uc.Domain{{
			Name: "corp", Directory: Directory, HR: HR, LeadTime: uc.Duration(48 * time.Hour),
			NumberRules: []uc.NumberRule{{
				Name: "externals", When: map[string]uc.Values{"employeeType": {"external"}},
				Number: uc.Never,
			}},
			WriteBack: []uc.WriteBack{
				{Attribute: "telephoneNumber", Value: uc.FormE164},
				{Attribute: "ipPhone", Value: uc.FormDigits},
			},
		}},
		Pools: []uc.NumberPool{
			{
				Name: BerlinPool, CallProcessor: CUCM, Partition: "PT_Berlin", Retention: uc.Duration(30 * 24 * time.Hour),
				E164Mask: "+4930123XXXX",
			},
			{Name: LisbonPool, CallProcessor: CUCM, Partition: "PT_Lisbon", E164Mask: "+35121123XXXX"},
			{Name: E164Pool, CallProcessor: CUCM, Partition: "PT_E164"},
		},
		Templates: []uc.Template{{
			Name: "standard",
			DeviceProfile: uc.DeviceProfileTemplate{
				Name: "{user}-em", Product: "Cisco 8845", Protocol: "SIP",
				ButtonTemplate: "Standard 8845 SIP", Service: "Extension Mobility",
			},
			SoftPhones: []uc.PhoneTemplate{{
				Name: "CSF{USER}", Product: "Cisco Unified Client Services Framework",
				Protocol: "SIP", ButtonTemplate: "Standard Client Services Framework",
				SecurityProfile: "Cisco Unified Client Services Framework - Standard SIP Non-Secure Profile",
				SIPProfile:      "Standard SIP Profile",
			}},
			Line: uc.LineTemplate{ForwardBusy: "voicemail", ForwardNoAnswer: "voicemail", ForwardCSS: "CSS_Berlin_Local"},
			User: uc.UserTemplate{
				Groups: []string{"Standard CCM End Users"}, ServiceProfile: "SP_Default",
				SelfService: "{number}", CTI: true, IMPresence: true,
			},
		}},
		ServiceAreas: []uc.ServiceArea{
			berlin, lisbon, area(Broken, BerlinPool, "DP_Nowhere"), onDemand,
			area(E164Area, E164Pool, "DP_Berlin"),
		},
	}
}

// Apply stores the catalog and the numbers; a pool without numbers stays empty.
func (w *World) Apply(t testing.TB, numbers map[string]string) {
	t.Helper()
	if _, err := w.DB.ApplyCatalog(t.Context(), Catalog(), false); err != nil {
		t.Fatal(err)
	}
	for pool, text := range numbers {
		w.Import(t, pool, text)
	}
}

// Import adds numbers to a pool.
func (w *World) Import(t testing.TB, pool, text string) {
	t.Helper()
	one := iter.Seq2[int, string](func(yield func(int, string) bool) { yield(1, text) })
	report, err := w.DB.ImportNumbers(t.Context(), pool, one, "test")
	if err != nil || report.Rejected > 0 {
		t.Fatalf("importing %s into %s: %+v, %v", text, pool, report, err)
	}
}

// Person is a joiner of the area who is in the directory.
func (w *World) Person(t testing.TB, userID, area string) uc.Joiner {
	t.Helper()
	p := simdirectory.Person{UserID: userID, GivenName: "Ann", Surname: "Smith-" + userID, EmployeeID: "E-" + userID}
	if err := w.Directory.Add(p); err != nil {
		t.Fatal(err)
	}
	return uc.Joiner{ServiceArea: area, User: uc.User{
		ID: userID, EmployeeID: p.EmployeeID, FirstName: p.GivenName,
		LastName: p.Surname, Mail: fmt.Sprintf("%s@example.com", userID),
	}}
}

// Secrets are the passwords and keys of the world: none may be found anywhere.
func Secrets() []string { return []string{password, hrSecret, smsSecret} }
