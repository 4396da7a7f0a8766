package cucm_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/sim/cucm"
)

func snapshot(t *testing.T, s *cucm.Server) cucm.Snapshot {
	t.Helper()
	snap, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func TestSnapshotSaysWhatChanged(t *testing.T) {
	t.Parallel()
	r := start(t, cucm.Options{})
	empty := snapshot(t, r.Server)
	r.ok(t, "addUser", newUser)
	full := snapshot(t, r.Server)
	got := empty.Diff(full)
	if len(got) != 1 || got[0][:14] != "+ enduser jdoe" {
		t.Errorf("diff after addUser: %q", got)
	}
	r.ok(t, "updateUser", "<userid>jdoe</userid><department>Sales</department>")
	want := []string{`~ enduser jdoe department: "" -> "Sales"`}
	if d := cmp.Diff(want, full.Diff(snapshot(t, r.Server))); d != "" {
		t.Errorf("diff after updateUser: %s", d)
	}
	r.ok(t, "removeUser", "<userid>jdoe</userid>")
	if d := empty.Diff(snapshot(t, r.Server)); len(d) != 0 {
		t.Errorf("an undone state differs: %q", d)
	}
}

func TestSameSeedSameWorld(t *testing.T) {
	t.Parallel()
	model := cucm.Model{Users: 50, Phones: 60, Lines: 80, Seed: 7}
	a, b := start(t, cucm.Options{Model: model}), start(t, cucm.Options{Model: model})
	if d := snapshot(t, a.Server).Diff(snapshot(t, b.Server)); len(d) != 0 {
		t.Errorf("same seed, other world: %q", d)
	}
	get := "<userid>user000007</userid>"
	if d := cmp.Diff(a.ok(t, "getUser", get), b.ok(t, "getUser", get)); d != "" {
		t.Errorf("same seed, other answer: %s", d)
	}
	model.Seed = 8
	if d := snapshot(t, a.Server).Diff(snapshot(t, start(t, cucm.Options{Model: model}).Server)); len(d) == 0 {
		t.Error("another seed makes the same world")
	}
}
