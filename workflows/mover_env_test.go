package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

// The places to move to, beside Berlin where everybody begins.
const (
	mitte  = "Mitte"  // the same numbers and partition, another site and template
	porto  = "Porto"  // another partition
	azores = "Azores" // another call processor, domain, directory attributes
)

// moverWorld has all places; azores only with a second call processor.
func moverWorld(t *testing.T, o world.Options) *world.World {
	t.Helper()
	w := world.New(t, o)
	w.Apply(t, map[string]string{world.BerlinPool: "4700-4799", world.LisbonPool: "4800-4899"})
	rich := world.Catalog().Templates[0]
	rich.Name = "rich"
	rich.DeviceProfile.Description = "{last}, {first}"
	rich.DeviceProfile.ButtonTemplate, rich.DeviceProfile.SoftkeyTemplate = "Standard 8845 SIP EM", "Standard User"
	rich.SoftPhones = append(rich.SoftPhones[:1:1], uc.PhoneTemplate{
		Name: "TAB{USER}", Product: "Cisco Jabber for Tablet", Protocol: "SIP", ButtonTemplate: "Standard Jabber for Tablet",
		SecurityProfile: "Cisco Jabber for Tablet - Standard SIP Non-Secure Profile", SIPProfile: "Standard SIP Profile",
	})
	rich.Line.Display, rich.Line.ForwardBusy, rich.Line.NoAnswerSeconds = "{last}", "4900", 24
	rich.User.Groups, rich.User.CTI, rich.User.Mobility = []string{"Standard CTI Enabled"}, false, true
	modern := rich
	modern.Name, modern.SoftPhones = "modern", nil
	modern.DeviceProfile.Name, modern.DeviceProfile.Product, modern.DeviceProfile.ButtonTemplate = "{user}-8851", "Cisco 8851", "Standard 8851 SIP"
	areas := map[string]uc.ServiceArea{}
	for _, a := range world.Catalog().ServiceAreas {
		areas[a.Name] = a
	}
	near, south, far := areas[world.Berlin], areas[world.Lisbon], areas[world.Berlin]
	near.Name, near.Template, near.DevicePool, near.Location = mitte, "rich", "DP_Lisbon", "Lisbon"
	near.PickupGroup, near.ClassOfService = "", uc.International
	south.Name, south.Template, south.LDAPAgreement, south.UserLocale = porto, "modern", "", "German Germany"
	far.Name, far.Domain, far.CallProcessor, far.Pool, far.Template = azores, "islands", world.FarCUCM, "azores", "rich"
	corp := world.Catalog().Domains[0]
	corp.Guard = uc.GuardLimit{Window: uc.Duration(time.Millisecond)} // these tests move everybody
	_, err := w.DB.ApplyCatalog(t.Context(), uc.Catalog{
		Domains: []uc.Domain{corp, {
			Name: "islands", Directory: world.Directory, HR: world.HR,
			WriteBack: []uc.WriteBack{{Attribute: "telephoneNumber", Value: uc.FormDigits}},
		}},
		Pools:     []uc.NumberPool{{Name: "azores", CallProcessor: world.FarCUCM, Partition: "PT_Lisbon", Retention: uc.Duration(1)}},
		Templates: []uc.Template{rich, modern}, ServiceAreas: []uc.ServiceArea{near, south, far},
	}, false)
	must(t, err)
	w.Import(t, "azores", "4800-4899")
	return w
}

// berliner is a person who joined Berlin.
func berliner(t *testing.T, w *world.World, userID string) uc.Person {
	t.Helper()
	j := w.Person(t, userID, world.Berlin)
	j.User.Title = "Clerk"
	return joins(t, w, j, "join-"+userID)
}

func joins(t *testing.T, w *world.World, j uc.Joiner, orderID string) uc.Person {
	t.Helper()
	checkDone(t, w, newEnvAs(t, w, j, &trouble{}, orderID).run(t))
	return personOf(t, w, j.User.ID)
}

func personOf(t *testing.T, w *world.World, userID string) uc.Person {
	t.Helper()
	p, err := w.DB.GetPerson(t.Context(), userID)
	must(t, err)
	return p
}

func moverEnv(t *testing.T, w *world.World, id string, m uc.Mover, f *trouble) *env {
	t.Helper()
	return newEnvOf(t, w, db.NewOrder{ID: id, Kind: uc.MoverOrder, UserID: m.UserID, Mover: &m, ServiceArea: m.ServiceArea}, f)
}

func moved(t *testing.T, w *world.World, m uc.Mover) uc.Order {
	t.Helper()
	o := moverEnv(t, w, "move-"+m.UserID, m, &trouble{}).run(t)
	if o.State != uc.Done {
		t.Fatalf("the order is %s (%s: %s), want done", o.State, o.FailureKind, o.Detail)
	}
	return o
}

// state is everything that a move may change.
type state struct {
	CUCM, Far cucm.Snapshot
	Directory map[string]string
	Person    uc.Person
	Numbers   map[string]string
}

func stateOf(t *testing.T, w *world.World, userID string) state {
	t.Helper()
	s := state{CUCM: snapshot(t, w), Directory: telephone(w.Directory.Snapshot()), Person: personOf(t, w, userID), Numbers: map[string]string{}}
	if w.Far != nil {
		far, err := w.Far.Snapshot(t.Context())
		must(t, err)
		s.Far = far
	}
	numbers, err := w.DB.NumbersOf(t.Context(), userID)
	must(t, err)
	for _, n := range numbers {
		s.Numbers[n.Directory().String()] = string(n.State)
	}
	return s
}

// unmoved fails when anything is different.
func (s state) unmoved(t *testing.T, w *world.World, when string) {
	t.Helper()
	now := stateOf(t, w, s.Person.UserID)
	if diff := append(s.CUCM.Diff(now.CUCM), s.Far.Diff(now.Far)...); len(diff) > 0 {
		t.Errorf("%s the call processors differ:\n%s", when, strings.Join(diff, "\n"))
	}
	s.CUCM, s.Far, now.CUCM, now.Far = cucm.Snapshot{}, cucm.Snapshot{}, cucm.Snapshot{}, cucm.Snapshot{}
	if diff := cmp.Diff(s, now); diff != "" {
		t.Errorf("%s directory, person or numbers differ (-before +after):\n%s", when, diff)
	}
}
