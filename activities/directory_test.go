package activities_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

func (r *rig) person() activities.PersonIn {
	return activities.PersonIn{
		StepRef: uc.StepRef{OrderID: r.order}, Directory: world.Directory, User: r.joiner.User,
		Values: map[string]string{"telephoneNumber": "+49301234700", "ipPhone": "4700"},
	}
}

// writes are the attributes as they stand.
func (r *rig) numbers(t *testing.T) [2]string {
	t.Helper()
	p, ok := r.Directory.Person("ann")
	if !ok {
		t.Fatal("ann is not in the directory")
	}
	return [2]string{p.TelephoneNumber, p.IPPhone}
}

// swap changes an attribute as an administrator would.
func (r *rig) swap(t *testing.T, attribute, from, to string) {
	t.Helper()
	p, err := r.people.Find(t.Context(), directory.Key{UserID: "ann"})
	must(t, err)
	must(t, r.people.Swap(t.Context(), p.ID, []directory.Change{{Attribute: attribute, Old: from, New: to}}))
}

// The write-back twice and after a lost answer; its undo restores what still is ours
// and leaves what somebody changed since.
func TestDirectoryWriteBack(t *testing.T) {
	t.Parallel()
	ours := [2]string{"+49301234700", "4700"}
	tests := map[string]struct {
		reason        string
		before, after func(*testing.T, *rig)
		written, back [2]string
	}{
		"nothing before": {"undo clears what it wrote", nil, nil, ours, [2]string{}},
		"old number": {
			"undo puts the old one back",
			func(t *testing.T, r *rig) { r.swap(t, "telephoneNumber", "", "+49 30 999") }, nil, ours,
			[2]string{"+49 30 999", ""},
		},
		"written already": {
			"what is equal is not ours to take back",
			func(t *testing.T, r *rig) { r.swap(t, "ipPhone", "", "4700") }, nil, ours,
			[2]string{"", "4700"},
		},
		"changed since": {
			"somebody corrected it",
			nil, func(t *testing.T, r *rig) { r.swap(t, "ipPhone", "4700", "4711") }, ours,
			[2]string{"", "4711"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, world.Options{}, world.Berlin, nil)
			if tt.before != nil {
				tt.before(t, r)
			}
			write := does(r, "WriteDirectory", "modify", r.directory.WriteDirectory, r.person)
			restore := does(r, "RestoreDirectory", "modify", r.directory.RestoreDirectory, r.person)
			must(t, restore.run()) // of what never happened
			r.lose(t, write, tt.written)
			if tt.after != nil {
				tt.after(t, r)
			}
			r.lose(t, restore, tt.back)
		})
	}
}

// lose runs the effect with a lost answer, again, and once more.
func (r *rig) lose(t *testing.T, e effect, want [2]string) {
	t.Helper()
	r.Directory.Faults().Add(fault.Rule{Op: e.op, Kind: fault.AfterCommit, Times: 1})
	if err := e.run(); err != nil {
		wantKind(t, err, uc.Unavailable)
	}
	r.Directory.Faults().Clear()
	for range 2 {
		must(t, e.run())
		if diff := cmp.Diff(want, r.numbers(t)); diff != "" {
			t.Errorf("after %s the directory differs (-want +got):\n%s", e.name, diff)
		}
	}
}

// Somebody who is not in the directory, and one whose entry is gone by the time of
// undo.
func TestPersonIsGone(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, nil)
	nobody := r.person()
	nobody.User = uc.User{ID: "nobody", LastName: "Nobody"}
	wantKind(t, r.execute(r.directory.WriteDirectory, nobody), uc.NotFound, "nobody")
	must(t, r.execute(r.directory.WriteDirectory, r.person()))
	if err := r.Directory.Remove("ann"); err != nil {
		t.Fatal(err)
	}
	must(t, r.execute(r.directory.RestoreDirectory, r.person()))
}

// A user id is given again; the entry of whoever had it is not the new person's.
func TestSomebodyElsesEntry(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, nil)
	other := r.person()
	other.User = uc.User{ID: "ann", EmployeeID: "E-9999", LastName: "Other"}
	wantKind(t, r.execute(r.directory.WriteDirectory, other), uc.NotFound, "E-9999")
	if diff := cmp.Diff([2]string{}, r.numbers(t)); diff != "" {
		t.Errorf("the entry of ann was written (-want +got):\n%s", diff)
	}
	other.User.EmployeeID = "" // nothing says that it is somebody else
	must(t, r.execute(r.directory.WriteDirectory, other))
}
