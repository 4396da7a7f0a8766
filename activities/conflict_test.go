package activities_test

import (
	"context"
	"sync"
	"testing"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

// What belongs to somebody else is named, and neither changed nor removed by undo.
func TestConflicts(t *testing.T) {
	t.Parallel()
	const bob = "bob"
	addBob := func(t *testing.T, r *rig, profiles ...string) {
		t.Helper()
		_, err := r.axl.AddUser(t.Context(), axl.User{UserID: bob, LastName: axl.Set("Bobson"), PhoneProfiles: &profiles})
		must(t, err)
	}
	tests := map[string]struct {
		reason  string
		prepare func(*testing.T, *rig)
		step    string
		kind    uc.Kind
		words   []string
	}{
		"another person's user id": {"ids are given once", func(t *testing.T, r *rig) {
			_, err := r.axl.AddUser(t.Context(), axl.User{UserID: "Ann", LastName: axl.Set("Other")})
			must(t, err)
		}, "EnsureUser", uc.Conflict, []string{"user Ann", "Other"}},
		"another person's profile": {"its lines are theirs", func(t *testing.T, r *rig) {
			r.addProfile(t, appearance(1, "4801"))
			addBob(t, r, "ann-em")
		}, "EnsureDeviceProfile", uc.Conflict, []string{"ann-em", "not a profile of user ann"}},
		"profile of another product": {"the template would not fit", func(t *testing.T, r *rig) {
			must(t, r.CUCM.AddPhone(t.Context(), cucm.Phone{
				Name: "ann-em", Profile: true, Product: "Cisco 7841",
				ButtonTemplate: "Standard 7841 SIP",
			}))
		}, "EnsureDeviceProfile", uc.Conflict, []string{"Cisco 7841", "Cisco 8845"}},
		"another person's soft phone": {"it rings at somebody else", func(t *testing.T, r *rig) {
			addBob(t, r)
			must(t, r.CUCM.AddPhone(t.Context(), r.softPhone(bob)))
		}, "EnsurePhone", uc.Conflict, []string{"belongs to user bob"}},
		"number on another device": {"it came to be used after it was checked", func(t *testing.T, r *rig) {
			must(t, r.CUCM.AddPhone(t.Context(), cucm.Phone{
				Name:  "SEPAAAAAAAAAAAA",
				Lines: []cucm.Line{{Pattern: "4700", Partition: "PT_Berlin"}},
			}))
		}, "EnsureLine", uc.Conflict, []string{"4700", "SEPAAAAAAAAAAAA"}},
		"number is a hunt pilot": {"no line is there to be adopted", func(t *testing.T, r *rig) {
			must(t, r.CUCM.AddHuntPilot(t.Context(), "4700", "PT_Berlin"))
		}, "EnsureLine", uc.Conflict, []string{"Hunt Pilot"}},
		"no desk phone": {
			"a desk phone is given, not made", func(*testing.T, *rig) {},
			"EnsurePhone", uc.NotFound,
			[]string{"desk phone " + desk, "insert it"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, world.Options{}, world.Berlin, withDesk)
			if tt.kind != uc.NotFound {
				addDesk(t, r)
			}
			tt.prepare(t, r)
			before := r.snapshot(t)
			var err error
			for _, e := range r.forward() {
				if err = e.run(); err != nil {
					if e.name != tt.step {
						t.Fatalf("%s failed, want %s to: %v", e.name, tt.step, err)
					}
					break
				}
			}
			wantKind(t, err, tt.kind, tt.words...)
			all(t, r.backward())
			r.unchanged(t, before, tt.reason+": after undo")
		})
	}
}

// Somebody makes an object of the name while the order's own addition gets no
// answer: it is theirs, and undo leaves it.
func TestMadeBySomebodyElseMeanwhile(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason, step, op string
		make             func(context.Context, *rig) error
	}{
		"user": {"another person of the same id", "EnsureUser", "addUser", func(ctx context.Context, r *rig) error {
			_, err := r.axl.AddUser(ctx, axl.User{UserID: "ann", LastName: axl.Set("Other")})
			return err
		}},
		"profile": {"another description", "EnsureDeviceProfile", "addDeviceProfile", func(ctx context.Context, r *rig) error {
			return r.CUCM.AddPhone(ctx, cucm.Phone{Name: "ann-em", Profile: true, Description: "by hand"})
		}},
		"line": {"another description", "EnsureLine", "addLine", func(ctx context.Context, r *rig) error {
			return r.CUCM.AddLine(ctx, cucm.Line{Pattern: "4700", Partition: "PT_Berlin", Description: "by hand"})
		}},
		"phone": {"it is nobody's", "EnsurePhone", "addPhone", func(ctx context.Context, r *rig) error {
			return r.CUCM.AddPhone(ctx, r.softPhone(""))
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, world.Options{}, world.Berlin, nil)
			for _, e := range r.forward() {
				if e.name != tt.step {
					must(t, e.run())
					continue
				}
				r.CUCM.Faults().Add(fault.Rule{Op: tt.op, Kind: fault.Status, Status: 503, Times: 1})
				wantKind(t, e.run(), uc.Throttled)
				must(t, tt.make(t.Context(), r))
				if err := e.run(); err != nil {
					wantKind(t, err, uc.Conflict)
				}
				break
			}
			all(t, r.backward())
			clean := newRig(t, world.Options{}, world.Berlin, nil)
			must(t, tt.make(t.Context(), clean))
			r.unchanged(t, clean.snapshot(t), tt.reason+": after undo")
		})
	}
}

// Two attempts of one effect at once, as after a worker that seemed dead: one object.
func TestTwoAttemptsAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, nil)
	before := r.snapshot(t)
	for _, e := range r.forward() {
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if err := e.run(); err != nil {
					t.Errorf("%s: %v", e.name, err)
				}
			})
		}
		both.Wait()
	}
	all(t, r.backward())
	r.unchanged(t, before, "after undo")
}
