package directory

import (
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"
)

// TestModifySemantics is the table of what a guarded write must expect.
func TestModifySemantics(t *testing.T) {
	t.Parallel()
	const old = "+49 30 1234-700"
	type step struct {
		op   string
		attr string
		vals []string
	}
	tests := map[string]struct {
		reason    string
		user      string
		steps     []step
		ad, samba int
		after     string // telephoneNumber, "" when it must be as before
	}{
		"swap":          {"the guarded write", "anna", []step{{"delete", "telephoneNumber", []string{old}}, {"add", "telephoneNumber", []string{"4711"}}}, 0, 0, "4711"},
		"swapCase":      {"attribute names have no case", "anna", []step{{"delete", "TELEPHONENUMBER", []string{old}}, {"add", "telephonenumber", []string{"4711"}}}, 0, 0, "4711"},
		"wrongOld":      {"somebody else wrote meanwhile", "anna", []step{{"delete", "telephoneNumber", []string{"4000"}}, {"add", "telephoneNumber", []string{"4711"}}}, 16, 16, ""},
		"oldLessSpaces": {"values are exact in AD, spaces and hyphens count", "anna", []step{{"delete", "telephoneNumber", []string{"+49301234700"}}, {"add", "telephoneNumber", []string{"4711"}}}, 16, 16, ""},
		"addTaken":      {"expects empty, is not", "anna", []step{{"add", "telephoneNumber", []string{"4711"}}}, 20, 20, ""},
		"addSame":       {"the value is there already", "anna", []step{{"add", "telephoneNumber", []string{old}}}, 20, 20, ""},
		"addEmpty":      {"expects empty, is", "bert", []step{{"add", "telephoneNumber", []string{"4711"}}}, 0, 0, "4711"},
		"addTwo":        {"two values at once", "bert", []step{{"add", "telephoneNumber", []string{"1", "2"}}}, 19, 20, ""},
		"replaceTwo":    {"two values at once", "anna", []step{{"replace", "telephoneNumber", []string{"1", "2"}}}, 19, 20, ""},
		"tooLong":       {"65 characters", "bert", []step{{"replace", "ipPhone", []string{strings.Repeat("1", 65)}}}, 19, 21, ""},
		"longest":       {"64 characters, of two bytes each", "bert", []step{{"replace", "telephoneNumber", []string{strings.Repeat("ü", 64)}}}, 0, 0, strings.Repeat("ü", 64)},
		"empty":         {"an empty value is no value", "anna", []step{{"replace", "telephoneNumber", []string{""}}}, 21, 21, ""},
		"clear":         {"replace by nothing clears", "anna", []step{{"replace", "telephoneNumber", nil}}, 0, 0, "cleared"},
		"clearAbsent":   {"replace by nothing of nothing succeeds", "bert", []step{{"replace", "telephoneNumber", nil}}, 0, 0, ""},
		"deleteAll":     {"delete without values", "anna", []step{{"delete", "telephoneNumber", nil}}, 0, 0, "cleared"},
		"deleteAbsent":  {"nothing to delete", "bert", []step{{"delete", "telephoneNumber", nil}}, 16, 16, ""},
		"unknown":       {"not in the base schema", "anna", []step{{"replace", "msRTCSIP-Line", []string{"tel:+1"}}}, 16, 16, ""},
		"mayNot":        {"not delegated", "anna", []step{{"replace", "department", []string{"x"}}}, 50, 50, ""},
		"systemGuard":   {"uSNChanged is no guard", "anna", []step{{"delete", "uSNChanged", []string{"1"}}, {"replace", "telephoneNumber", []string{"1"}}}, 19, 19, ""},
		"atomic":        {"the second change fails, the first did not happen", "anna", []step{{"replace", "telephoneNumber", []string{"1"}}, {"delete", "ipPhone", []string{"2"}}}, 16, 16, ""},
		"multi":         {"otherTelephone holds many", "anna", []step{{"add", "otherTelephone", []string{"1", "2"}}, {"delete", "otherTelephone", []string{"1"}}}, 0, 0, ""},
		"multiTwice":    {"a value cannot be there twice", "anna", []step{{"add", "otherTelephone", []string{"1", "1"}}}, 20, 20, ""},
	}
	for name, tc := range tests {
		for _, flavor := range []Flavor{AD, Samba} {
			t.Run(name+"/"+string(flavor), func(t *testing.T) {
				t.Parallel()
				w := start(t, func(o *Options) { o.Flavor = flavor })
				before := w.Snapshot()
				was := w.person(tc.user)
				m := ldap.NewModifyRequest(was.DN, nil)
				for _, s := range tc.steps {
					map[string]func(string, []string){"add": m.Add, "delete": m.Delete, "replace": m.Replace}[s.op](s.attr, s.vals)
				}
				want := tc.ad
				if flavor == Samba {
					want = tc.samba
				}
				if err := w.as(svc).Modify(m); code(err) != want {
					t.Fatalf("%s: got %v, want code %d", tc.reason, err, want)
				}
				number := tc.after
				switch tc.after {
				case "":
					number = was.TelephoneNumber
				case "cleared":
					number = ""
				}
				if got := w.person(tc.user).TelephoneNumber; got != number {
					t.Errorf("%s: telephoneNumber is %q, want %q", tc.reason, got, number)
				}
				if want != 0 {
					if diff := cmp.Diff(before, w.Snapshot()); diff != "" {
						t.Errorf("%s: a refused request left something (-before +after):\n%s", tc.reason, diff)
					}
				}
			})
		}
	}
}

func TestModifyMovesUSN(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	c := w.as(svc)
	usn := func() string {
		r, err := c.Search(search("(sAMAccountName=anna)", "uSNChanged"))
		if err != nil || len(r.Entries) != 1 {
			t.Fatal(r, err)
		}
		return r.Entries[0].GetAttributeValue("uSNChanged")
	}
	start := usn()
	same := ldap.NewModifyRequest(w.person("anna").DN, nil)
	same.Replace("telephoneNumber", []string{"+49 30 1234-700"})
	if err := c.Modify(same); err != nil {
		t.Fatal(err)
	}
	if got := usn(); got != start {
		t.Errorf("replacing a value by itself moved uSNChanged from %s to %s", start, got)
	}
	swap := ldap.NewModifyRequest(w.person("anna").DN, nil)
	swap.Delete("telephoneNumber", []string{"+49 30 1234-700"})
	swap.Add("telephoneNumber", []string{"+49 30 1234-700"})
	if err := c.Modify(swap); err != nil {
		t.Fatal(err)
	}
	if got := usn(); got == start {
		t.Error("deleting and adding the same value did not move uSNChanged")
	}
}

func TestModifyControls(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason   string
		controls []ldap.Control
		want     int
		number   string
	}{
		"permissive":  {"a wrong guard succeeds silently", []ldap.Control{ldap.NewControlString(ldap.ControlTypeMicrosoftPermissiveModify, true, "")}, 0, "x"},
		"assertion":   {"critical: refused", []ldap.Control{ldap.NewControlString("1.3.6.1.1.12", true, "")}, ldap.LDAPResultUnavailableCriticalExtension, ""},
		"uncritical":  {"not critical: ignored", []ldap.Control{ldap.NewControlString("1.3.6.1.1.12", false, "")}, ldap.LDAPResultNoSuchAttribute, ""},
		"noneAtAll":   {"the guard holds", nil, ldap.LDAPResultNoSuchAttribute, ""},
		"unknownCrit": {"critical: refused", []ldap.Control{ldap.NewControlString("1.2.3", true, "")}, ldap.LDAPResultUnavailableCriticalExtension, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, nil)
			m := ldap.NewModifyRequest(w.person("bert").DN, tc.controls)
			m.Delete("telephoneNumber", []string{"wrong"})
			m.Add("telephoneNumber", []string{"x"})
			if err := w.as(svc).Modify(m); code(err) != tc.want {
				t.Errorf("%s: got %v, want %d", tc.reason, err, tc.want)
			}
			if got := w.person("bert").TelephoneNumber; got != tc.number {
				t.Errorf("%s: telephoneNumber is %q, want %q", tc.reason, got, tc.number)
			}
		})
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	anna := w.person("anna")
	tests := map[string]struct {
		reason, dn string
		want       int
	}{
		"guid":    {"identity survives renames", "<GUID=" + anna.GUID + ">", 0},
		"case":    {"names have no case", strings.ToUpper(anna.DN), 0},
		"nobody":  {"no such object", "CN=Nobody,OU=People," + base, 32},
		"noGUID":  {"no such GUID", "<GUID=00000000-0000-0000-0000-000000000001>", 32},
		"badGUID": {"not a GUID", "<GUID=x>", 34},
		"badDN":   {"not a DN", "anna", 34},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := ldap.NewModifyRequest(tc.dn, nil)
			m.Replace("ipPhone", []string{name})
			if err := w.as(svc).Modify(m); code(err) != tc.want {
				t.Errorf("%s: got %v, want %d", tc.reason, err, tc.want)
			}
		})
	}
}

func TestStructureOverLDAP(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	add := ldap.NewAddRequest("CN=Dora,OU=People,"+base, nil)
	add.Attribute("objectClass", []string{"user"})
	add.Attribute("sAMAccountName", []string{"dora"})
	if err := w.as(svc).Add(add); code(err) != ldap.LDAPResultInsufficientAccessRights {
		t.Errorf("the delegated account added: %v", err)
	}
	c := w.as(admin)
	if err := c.Add(add); err != nil {
		t.Fatal(err)
	}
	if err := c.Add(add); code(err) != ldap.LDAPResultEntryAlreadyExists {
		t.Errorf("adding twice gave %v, want 68", err)
	}
	dora := w.person("dora")
	if !dora.Disabled {
		t.Error("a user without a password is not disabled")
	}
	if err := c.ModifyDN(ldap.NewModifyDNRequest(dora.DN, "CN=Dora Smith", true, "OU=Berlin,"+base)); err != nil {
		t.Fatal(err)
	}
	if got := w.person("dora"); got.GUID != dora.GUID || got.DN != "CN=Dora Smith,OU=Berlin,"+base {
		t.Errorf("after the move: %+v", got)
	}
	if err := c.Del(ldap.NewDelRequest("OU=Berlin,"+base, nil)); code(err) != ldap.LDAPResultNotAllowedOnNonLeaf {
		t.Errorf("deleting a unit with people gave %v, want 66", err)
	}
	if err := c.Del(ldap.NewDelRequest("<GUID="+dora.GUID+">", nil)); err != nil {
		t.Fatal(err)
	}
	if _, ok := w.Person("dora"); ok {
		t.Error("dora is still there")
	}
	gone := search("(isDeleted=TRUE)")
	if r, err := c.Search(gone); err != nil || len(r.Entries) != 0 {
		t.Errorf("tombstones without the control: %v, %v", r, err)
	}
	gone.Controls = []ldap.Control{ldap.NewControlMicrosoftShowDeleted()}
	r, err := c.Search(gone)
	if err != nil || len(r.Entries) != 1 || r.Entries[0].GetAttributeValue("lastKnownParent") != "OU=Berlin,"+base {
		t.Fatalf("tombstones: %v, %v", r, err)
	}
	if got := guidString(string(r.Entries[0].GetRawAttributeValue("objectGUID"))); got != dora.GUID {
		t.Errorf("the tombstone's GUID is %s, want %s", got, dora.GUID)
	}
}

func TestOnModify(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	seen := make(chan [2]string, 1)
	w.OnModify(func(before, after Person) { seen <- [2]string{before.TelephoneNumber, after.TelephoneNumber} })
	m := ldap.NewModifyRequest(w.person("bert").DN, nil)
	m.Replace("telephoneNumber", []string{"4711"})
	if err := w.as(svc).Modify(m); err != nil {
		t.Fatal(err)
	}
	if got := <-seen; got != [2]string{"", "4711"} {
		t.Errorf("the hook saw %v", got)
	}
}
