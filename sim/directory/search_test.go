package directory

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	stored, err := guidBytes(w.person("bert").GUID)
	if err != nil {
		t.Fatal(err)
	}
	escape := func(b string) string {
		var out strings.Builder
		for i := range len(b) {
			fmt.Fprintf(&out, `\%02x`, b[i])
		}
		return out.String()
	}
	people := "(&(objectCategory=person)(objectClass=user)"
	tests := map[string]struct {
		reason, base string
		scope        int
		filter       string
		want         []string // user ids
		code         int
	}{
		"everybody":   {"objectCategory=person resolves", base, 2, people + ")", []string{"anna", "bert", "cora"}, 0},
		"enabled":     {"the bitwise rule", base, 2, people + "(!(userAccountControl:1.2.840.113556.1.4.803:=2)))", []string{"anna", "bert"}, 0},
		"bitOr":       {"the other bitwise rule", base, 2, "(userAccountControl:1.2.840.113556.1.4.804:=3)", []string{"cora"}, 0},
		"case":        {"ids have no case", base, 2, "(SAMACCOUNTNAME=Anna)", []string{"anna"}, 0},
		"present":     {"presence", base, 2, "(telephoneNumber=*)", []string{"anna"}, 0},
		"absent":      {"not, of an absent attribute, is true", base, 2, people + "(!(telephoneNumber=1)))", []string{"anna", "bert", "cora"}, 0},
		"unknown":     {"an unknown attribute is undefined", base, 2, "(msRTCSIP-Line=*)", nil, 0},
		"notUnknown":  {"and so is its negation", base, 2, people + "(!(msRTCSIP-Line=*)))", nil, 0},
		"substrings":  {"pieces in order, no case", base, 2, "(displayName=a*'*EN)", []string{"anna"}, 0},
		"noOverlap":   {"pieces do not overlap", base, 2, "(sAMAccountName=ann*na)", nil, 0},
		"or":          {"or", base, 2, "(|(mail=anna@example.test)(employeeID=10042))", []string{"anna", "bert"}, 0},
		"range":       {"integers compare as integers", base, 2, "(&(objectClass=user)(userAccountControl>=513)(userAccountControl<=1000))", []string{"cora"}, 0},
		"guid":        {"objectGUID in stored order", base, 2, "(objectGUID=" + escape(stored) + ")", []string{"bert"}, 0},
		"guidRFC":     {"the printed order matches nothing", base, 2, "(objectGUID=" + escape(swapGUID(stored)) + ")", nil, 0},
		"guidBase":    {"by identity", "<GUID=" + w.person("bert").GUID + ">", 0, "(objectClass=*)", []string{"bert"}, 0},
		"guidHex":     {"by identity, as stored", fmt.Sprintf("<GUID=%x>", stored), 0, "(objectClass=*)", []string{"bert"}, 0},
		"base":        {"base scope", "OU=Berlin," + base, 0, "(objectClass=user)", nil, 0},
		"one":         {"one level", "OU=Berlin," + base, 1, "(objectClass=*)", []string{"bert"}, 0},
		"oneFromRoot": {"one level has no grandchildren", base, 1, "(objectClass=user)", nil, 0},
		"sub":         {"subtree has the base", "OU=Berlin," + base, 2, "(objectClass=*)", []string{"", "bert"}, 0},
		"umlaut":      {"letters beyond ASCII", base, 2, "(sn=MÜLLER)", []string{"bert"}, 0},
		"noBase":      {"nothing there", "OU=Paris," + base, 2, "(objectClass=*)", nil, 32},
		"dn":          {"by distinguished name", base, 2, "(distinguishedName=ou=berlin, " + base + ")", []string{""}, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := ldap.NewSearchRequest(tc.base, tc.scope, 0, 0, 0, false, tc.filter, []string{"samaccountname"}, nil)
			r, err := w.as(svc).Search(q)
			if code(err) != tc.code {
				t.Fatalf("%s: got %v, want code %d", tc.reason, err, tc.code)
			}
			if tc.code != 0 {
				return
			}
			var got []string
			for _, e := range r.Entries {
				got = append(got, e.GetAttributeValue("sAMAccountName"))
			}
			slices.Sort(got)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestSelection(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	tests := map[string]struct {
		reason string
		asked  []string
		types  bool
		want   map[string][]string
	}{
		"some":  {"as the schema spells them, absent ones left out", []string{"TELEPHONENUMBER", "ipPhone", "nonsense"}, false, map[string][]string{"telephoneNumber": {"+49 30 1234-700"}}},
		"none":  {"1.1 is no attributes", []string{"1.1"}, false, map[string][]string{}},
		"types": {"names only", []string{"mail"}, true, map[string][]string{"mail": {}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := search("(sAMAccountName=anna)", tc.asked...)
			q.TypesOnly = tc.types
			r, err := w.as(svc).Search(q)
			if err != nil || len(r.Entries) != 1 {
				t.Fatal(r, err)
			}
			got := map[string][]string{}
			for _, a := range r.Entries[0].Attributes {
				got[a.Name] = a.Values
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestConstructed(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	r, err := w.as(svc).Search(search("(sAMAccountName=anna)", "allowedAttributes", "allowedattributeseffective"))
	if err != nil || len(r.Entries) != 1 {
		t.Fatal(r, err)
	}
	may := r.Entries[0].GetAttributeValues("allowedAttributesEffective")
	slices.Sort(may)
	if diff := cmp.Diff([]string{"ipPhone", "otherTelephone", "telephoneNumber"}, may); diff != "" {
		t.Errorf("what the account may write (-want +got):\n%s", diff)
	}
	has := r.Entries[0].GetAttributeValues("allowedAttributes")
	if !slices.Contains(has, "department") || slices.Contains(has, "msRTCSIP-Line") {
		t.Errorf("what a person may have: %v", has)
	}
	r, err = w.as(svc).Search(search("(sAMAccountName=anna)"))
	if err != nil || r.Entries[0].GetAttributeValue("allowedAttributes") != "" {
		t.Errorf("constructed attributes come unasked: %v", err)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *Options) {
		o.People = nil
		for i := range 2500 {
			o.People = append(o.People, Person{UserID: fmt.Sprintf("u%04d", i)})
		}
	})
	c := w.as(svc)
	r, err := c.Search(search("(objectClass=user)", "sAMAccountName"))
	if code(err) != ldap.LDAPResultSizeLimitExceeded || len(r.Entries) != 1000 {
		t.Errorf("without paging: %d entries, %v; want 1000 and code 4", len(r.Entries), err)
	}
	limited := search("(objectClass=user)", "sAMAccountName")
	limited.SizeLimit = 7
	if r, err := c.Search(limited); code(err) != ldap.LDAPResultSizeLimitExceeded || len(r.Entries) != 7 {
		t.Errorf("with a size limit: %v, %v", r, err)
	}
	for _, size := range []uint32{25, 499, 1000, 5000} {
		r, err := c.SearchWithPaging(search("(objectClass=user)", "sAMAccountName"), size)
		if err != nil || len(r.Entries) != 2500 {
			t.Errorf("pages of %d: %d entries, %v", size, len(r.Entries), err)
		}
	}
	page := ldap.NewControlPaging(10)
	first := search("(objectClass=user)", "sAMAccountName")
	first.Controls = []ldap.Control{page}
	r, err = c.Search(first)
	if err != nil || len(r.Entries) != 10 {
		t.Fatal(r, err)
	}
	answer, ok := ldap.FindControl(r.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
	if !ok || len(answer.Cookie) == 0 {
		t.Fatal("no cookie")
	}
	page.SetCookie(answer.Cookie)
	if _, err := w.as(svc).Search(first); code(err) != ldap.LDAPResultUnwillingToPerform {
		t.Errorf("a cookie of another connection gave %v, want 53", err)
	}
}

func TestReferral(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	r, err := w.as(svc).Search(search("(objectClass=user)"))
	if err != nil || len(r.Referrals) != 1 {
		t.Errorf("from the root: %v, %v; want one continuation reference", r.Referrals, err)
	}
	q := search("(objectClass=user)")
	q.Controls = []ldap.Control{ldap.NewControlString(ldap.ControlTypeMicrosoftDomainScope, true, "")}
	if r, err := w.as(svc).Search(q); err != nil || len(r.Referrals) != 0 {
		t.Errorf("with domain scope: %v, %v", r, err)
	}
}

func TestDelta(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	c := w.as(svc)
	dse, err := c.Search(ldap.NewSearchRequest("", 0, 0, 0, 0, false, "(objectClass=*)", []string{"highestCommittedUSN"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	mark := dse.Entries[0].GetAttributeValue("highestCommittedUSN")
	delta := search("(&(objectClass=user)(uSNChanged>="+mark+")(!(uSNChanged="+mark+")))", "sAMAccountName")
	if r, err := c.Search(delta); err != nil || len(r.Entries) != 0 {
		t.Errorf("before any change: %v, %v", r, err)
	}
	if err := w.Set("bert", map[string]string{"telephoneNumber": "1"}); err != nil {
		t.Fatal(err)
	}
	if r, err := c.Search(delta); err != nil || len(r.Entries) != 1 || r.Entries[0].GetAttributeValue("sAMAccountName") != "bert" {
		t.Errorf("after one change: %v, %v", r, err)
	}
}

// FuzzFilter proves that no filter, however built, breaks the evaluation, and
// that a negation never holds together with what it negates.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		"(objectClass=*)", "(&(a=b)(!(c>=1)))", "(|)", "(&)", "(cn=a*b*c)", "(cn:dn:2.4.6:=x)", "(uSNChanged<=99999999999999999999)",
		"(userAccountControl:1.2.840.113556.1.4.803:=2)", `(objectGUID=\00\ff)`, "(!(!(sn~=Müller)))", "(=)", "(cn=*)",
	} {
		f.Add(seed, []byte(nil))
	}
	f.Add("", []byte{0xa0, 0x00})
	attrs := map[string][]string{
		"objectclass": {"top", "user"}, "cn": {"abc"}, "sn": {"Müller"}, "usnchanged": {"12"}, "useraccountcontrol": {"514"},
		"objectguid": {"\x00\xff"}, "objectcategory": {"CN=Person,CN=Schema"},
	}
	check := func(t *testing.T, p *ber.Packet) {
		t.Helper()
		not := ber.Encode(ber.ClassContext, ber.TypeConstructed, ldap.FilterNot, nil, "")
		not.Children = append(not.Children, p)
		got, negated := evaluate(p, attrs), evaluate(not, attrs)
		if got != no && got != yes && got != undefined {
			t.Fatalf("evaluate gave %d", got)
		}
		if (got == yes) != (negated == no) || (got == undefined) != (negated == undefined) {
			t.Fatalf("filter is %d, its negation %d", got, negated)
		}
	}
	f.Fuzz(func(t *testing.T, filter string, wire []byte) {
		if p, err := ldap.CompileFilter(filter); err == nil {
			check(t, p)
		}
		if p, err := ber.DecodePacketErr(wire); err == nil {
			check(t, p)
		}
	})
}

// BenchmarkFind looks for one person among many, as a client does.
func BenchmarkFind(b *testing.B) {
	for _, people := range []int{50, 5000} {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			st, err := openStore("")
			if err != nil {
				b.Fatal(err)
			}
			s := &Server{options: Options{BaseDN: base}, rootKey: strings.ToLower(base), store: st}
			for i := range people {
				s.options.People = append(s.options.People, Person{UserID: fmt.Sprint(i)})
			}
			if err := s.seed(); err != nil {
				b.Fatal(err)
			}
			f, err := ldap.CompileFilter("(&(objectClass=user)(!(objectClass=computer))(sAMAccountName=" + fmt.Sprint(people/2) + "))")
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				found, _, _ := s.scan(query{base: base, scope: ldap.ScopeWholeSubtree, filter: f}, 0, 2, false)
				if len(found) != 1 {
					b.Fatal(found)
				}
			}
		})
	}
}
