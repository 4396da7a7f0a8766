package stack

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// TestPostgresChangesAccounts starts the server on one directory under every
// account it can have here, one after the other. As an ordinary user there is one.
func TestPostgresChangesAccounts(t *testing.T) {
	t.Parallel()
	prog, err := pickProgram("", "")
	if err != nil {
		t.Fatal(err)
	}
	accounts := []account{prog.account}
	if os.Geteuid() == 0 {
		uid, gid, err := ordinaryUser()
		if err != nil {
			t.Fatal(err)
		}
		accounts = append(accounts, account{uid: uid, gid: gid, setuid: true}, prog.account)
	}
	parent, err := os.MkdirTemp("", "stack")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := os.RemoveAll(parent); err != nil {
			t.Error(err)
		}
	}()
	// The product's own directory, closed to others as Lock makes it.
	lock, err := Lock(parent)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range accounts {
		prog.account = a
		dir := filepath.Join(parent, "pg")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		p, err := startProgram(t.Context(), dir, PostgresOptions{Fast: true}, prog)
		if err != nil {
			t.Fatalf("start %d as %+v: %v", i, a, err)
		}
		conn, err := pgx.Connect(t.Context(), p.URL("postgres"))
		if err != nil {
			t.Fatalf("start %d as %+v: %v", i, a, err)
		}
		if err := conn.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if err := lock.Unlock(); err != nil {
		t.Error(err)
	}
}

func TestAccountMustReachTheDirectory(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(t.TempDir(), "closed")
	dir := filepath.Join(closed, "pg")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	// Nobody gives a directory to another user without being root; to oneself everybody may.
	a := account{uid: os.Geteuid(), gid: os.Getegid(), setuid: true}
	if err := a.enter(dir); err != nil {
		t.Errorf("an account reaches what it owns: %v", err)
	}
	if os.Geteuid() != 0 {
		return
	}
	a.uid++
	if err := a.enter(dir); uc.KindOf(err) != uc.Denied || !strings.Contains(err.Error(), closed) {
		t.Errorf("the closed directory is named before anything starts: got %v", err)
	}
}

func TestPostgresCandidates(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, dir := range []string{"9/bin", "10/bin", "17.10/bin", "17.9/bin", "18/bin"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"initdb", "postgres"} {
			if dir == "18/bin" && name == "initdb" {
				continue // a client-only installation
			}
			if err := os.WriteFile(filepath.Join(root, dir, name), nil, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := slices.DeleteFunc(newestFirst(filepath.Join(root, "*", "bin")), lacksPostgres)
	for i, dir := range got {
		rel, err := filepath.Rel(root, dir)
		if err != nil {
			t.Fatal(err)
		}
		got[i] = rel
	}
	if diff := cmp.Diff([]string{"17.10/bin", "17.9/bin", "10/bin", "9/bin"}, got); diff != "" {
		t.Errorf("complete ones, newest first (-want +got):\n%s", diff)
	}
	if got := postgresCandidates(filepath.Join(root, "18/bin")); len(got) != 0 {
		t.Errorf("a named directory without initdb is no PostgreSQL: %q", got)
	}
}

func TestFindTemporald(t *testing.T) {
	t.Parallel()
	got, err := findTemporald("")
	if err != nil {
		t.Fatalf("a test finds the program that make setup built: %v", err)
	}
	if !filepath.IsAbs(got) || filepath.Base(got) != temporald {
		t.Errorf("got %q, want an absolute path that works from any directory", got)
	}
	file := filepath.Join(t.TempDir(), "not-a-program")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := findTemporald(file); uc.KindOf(err) != uc.NotFound {
		t.Errorf("a file that cannot run is refused: got %v", err)
	}
}

func TestOldLogIsTurned(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postgres.log")
	if err := turnLog(path); err != nil {
		t.Errorf("no log yet is fine: %v", err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := turnLog(path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("a short log goes on: %v", err)
	}
	if err := os.Truncate(path, oldLogSize); err != nil {
		t.Fatal(err)
	}
	if err := turnLog(path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + ".1"); err != nil {
		t.Errorf("a long log is put aside: %v", err)
	}
}
