package bench

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	simworld "github.com/dialtone/dialtone/sim/cucm/world"
)

// administrator changes the call processor between the reads of a sync.
type administrator struct {
	b     *testing.B
	axl   *axl.Client
	users int // of the model
	mu    sync.Mutex
	did   []string
	rests bool
}

// newAdministrator starts one: behind every read some things change, until enough has.
func newAdministrator(b *testing.B, w *world.World, users int) *administrator {
	b.Helper()
	a := &administrator{b: b, axl: w.Admin(b), users: users}
	w.CUCM.Observe(func(call cucm.Call) {
		read := call.Op == "executeSQLQuery" || strings.HasPrefix(call.Op, "list") && call.Op != "listChange"
		if !read || call.Phase != cucm.After {
			return
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		for range 4 {
			if !a.rests && len(a.did) < changesWhileItRuns {
				a.change(b.Context())
			}
		}
	})
	return a
}

func (a *administrator) rest() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rests = true
}

// change makes the next change, each of another person, phone and line, spread over all.
func (a *administrator) change(ctx context.Context) {
	n := len(a.did)
	at := (n*7919 + 1) * 104_729 % a.users
	user, phone, fresh := simworld.UserID(at), simworld.PhoneName(at), fmt.Sprint("n", n)
	line := axl.Line{Pattern: simworld.Pattern(at), Partition: []string{"PT_Berlin", "PT_Lisbon"}[at%2]}
	lines := &[]axl.LineAppearance{{Index: 1, Pattern: line.Pattern, Partition: line.Partition, Display: axl.Set(fresh)}}
	var err error
	what := ""
	switch n % 12 {
	case 0:
		what, err = "rename user "+user, a.axl.RenameUser(ctx, user, fresh)
	case 1:
		what, err = "move user "+user, a.axl.UpdateUser(ctx, axl.User{UserID: user, Department: axl.Set(fresh), LastName: axl.Set("Ärmel & Söhne")})
	case 2:
		what = "add user " + fresh
		_, err = a.axl.AddUser(ctx, axl.User{UserID: fresh, LastName: axl.Set("New"), AssociatedDevices: &[]string{phone}})
	case 3:
		what = "add phone of " + user
		_, err = a.axl.AddPhone(ctx, axl.Phone{
			Name: fmt.Sprintf("SEP00BB%08X", n), Product: "Cisco 8845", Protocol: "SIP", DevicePool: axl.Set("DP_Lisbon"),
			ButtonTemplate: axl.Set("Standard 8845 SIP"), OwnerUser: axl.Set(user), Lines: lines,
			SecurityProfile: axl.Set("Cisco 8845 - Standard SIP Non-Secure Profile"), SIPProfile: axl.Set("Standard SIP Profile"),
		})
	case 4:
		what, err = "remove line "+line.Pattern, a.axl.RemoveLine(ctx, line.Pattern, line.Partition)
	case 5:
		what, err = "devices of "+user, a.axl.UpdateUser(ctx, axl.User{UserID: user, AssociatedDevices: &[]string{simworld.PhoneName(at / 2), phone}})
	case 6:
		what, err = "remove phone "+phone, a.axl.RemovePhone(ctx, phone)
	case 7:
		what = "renumber " + line.Pattern
		err = a.axl.UpdateLine(ctx, axl.Line{Pattern: line.Pattern, Partition: line.Partition, NewPattern: axl.Set(fmt.Sprint(900_000 + n))})
	case 8:
		what, err = "remove user "+user, a.axl.RemoveUser(ctx, user)
	case 9:
		what, err = "line of "+phone, a.axl.UpdatePhone(ctx, axl.Phone{Name: phone, Lines: lines})
	case 10:
		what = "add line of " + fresh
		_, err = a.axl.AddLine(ctx, axl.Line{Pattern: fmt.Sprint(910_000 + n), Partition: "PT_Berlin", Description: axl.Set(fresh)})
	case 11:
		what, err = "owner of "+phone, a.axl.UpdatePhone(ctx, axl.Phone{Name: phone, OwnerUser: axl.Set(simworld.UserID(at / 3)), NewName: axl.Set(fmt.Sprintf("SEP00CC%08X", n))})
	}
	if err != nil {
		a.b.Errorf("%s: %v", what, err)
	}
	a.did = append(a.did, what)
}
