package stack_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/stack"
	"github.com/dialtone/dialtone/uc"
)

// query runs one statement that returns one text.
func query(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	var got string
	if err := conn.QueryRow(t.Context(), sql).Scan(&got); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestPostgresKeepsItsDataOverARestart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), "data dir") // made by the server, and with a space
	first, err := stack.StartPostgres(t.Context(), stack.PostgresOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.CreateDatabase(t.Context(), "kept"); err != nil {
		t.Fatal(err)
	}
	query(t, first.URL("kept"), "with made as (select 1) select set_config('a.b', 'c', false) from made")
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(t.Context()); err != nil {
		t.Errorf("stopping twice is harmless: %v", err)
	}
	if left := living(t, dir); left != nil {
		t.Errorf("a stopped server leaves nothing running: %q", left)
	}
	second := startPostgres(t, stack.PostgresOptions{Dir: dir})
	if got := query(t, second.URL("kept"), "select current_database()"); got != "kept" {
		t.Errorf("got database %q after the restart, want kept", got)
	}
}

func TestPostgresListensOnNothingButItsSocket(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	p := startPostgres(t, stack.PostgresOptions{Dir: dir})
	if got := query(t, p.URL("postgres"), "select current_setting('listen_addresses')"); got != "" {
		t.Errorf("the private server listens on %q", got)
	}
	info, err := os.Stat(filepath.Join(dir, "run"))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o700 {
		t.Errorf("the socket's directory has mode %o: only its owner may enter", got)
	}
}

func TestPostgresWithALongPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), strings.Repeat("a-long-name/", 12))
	p := startPostgres(t, stack.PostgresOptions{Dir: dir})
	socket := query(t, p.URL("postgres"), "select current_setting('unix_socket_directories')")
	if len(socket) > 93 {
		t.Errorf("the socket path %q does not fit into a socket address", socket)
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the short socket directory stays behind: %v", err)
	}
}

func TestPostgresRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		files  map[string]string
		bin    string
		kind   uc.Kind
		says   string
	}{
		"OtherMajor": {
			reason: "a server cannot read the files of another major version",
			files:  map[string]string{"data/PG_VERSION": "9\n"},
			kind:   uc.Conflict, says: "the data was written by PostgreSQL 9",
		},
		"NoBinaries": {
			reason: "a named directory is the only place searched",
			bin:    "/nonexistent",
			kind:   uc.NotFound, says: "/nonexistent does not hold initdb and postgres",
		},
		"BrokenData": {
			reason: "the server's own reason is passed on",
			files:  map[string]string{"data/postgresql.conf": "nonsense\n"},
			kind:   uc.Unavailable, says: "postgres.log",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			for path, content := range tc.files {
				path = filepath.Join(dir, path)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := stack.StartPostgres(t.Context(), stack.PostgresOptions{Dir: dir, Bin: tc.bin})
			if !errors.Is(err, tc.kind) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: got %v, want %s and %q", tc.reason, err, tc.kind, tc.says)
			}
		})
	}
}

func TestPostgresRunsOnceOnADirectory(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	first := startPostgres(t, stack.PostgresOptions{Dir: dir})
	_, err := stack.StartPostgres(t.Context(), stack.PostgresOptions{Dir: dir, Fast: true})
	if !errors.Is(err, uc.Conflict) || !strings.Contains(err.Error(), "another PostgreSQL runs on "+dir) {
		t.Errorf("a second server on a directory: got %v", err)
	}
	if got := query(t, first.URL("postgres"), "select 'unharmed'"); got != "unharmed" {
		t.Errorf("the first server answers %q", got)
	}
}

func TestPostgresComesBackWhenItIsKilled(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	events := make(chan stack.ChildEvent, 10)
	p := startPostgres(t, stack.PostgresOptions{Dir: dir, OnChange: func(e stack.ChildEvent) { events <- e }})
	killed := p.PID()
	if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	down := <-events
	if down.Up || down.Name != "postgres" || down.Err == nil || down.RetryIn == 0 {
		t.Errorf("the death is told with its reason and what follows: %+v", down)
	}
	limit := time.After(time.Minute)
	for up := false; !up; {
		select {
		case e := <-events:
			up = e.Up
		case <-limit:
			t.Fatal("the server did not come back")
		}
	}
	if got := query(t, p.URL("postgres"), "select 'back'"); got != "back" || p.PID() == killed {
		t.Errorf("got %q from process %d, killed %d", got, p.PID(), killed)
	}
}

func TestPostgresRemovesAnUnfinishedCluster(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	unfinished := filepath.Join(dir, "init-killed")
	if err := os.MkdirAll(filepath.Join(unfinished, "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	startPostgres(t, stack.PostgresOptions{Dir: dir})
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"data", "postgres.log", "run"}, names); diff != "" {
		t.Errorf("what a killed initdb left is removed (-want +got):\n%s", diff)
	}
}

func TestPostgresStartsBesideAProcessWithTheOldNumber(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	first, err := stack.StartPostgres(t.Context(), stack.PostgresOptions{Dir: dir, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, name := range []string{"data/postmaster.pid", "run/.s.PGSQL.5432.lock"} {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	other, err := stack.StartChild(t.Context(), stack.ChildOptions{Name: "sh", Command: shell("echo READY; exec cat")})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		_, rest, _ := strings.Cut(string(content), "\n")
		content = []byte(strconv.Itoa(other.PID()) + "\n" + rest)
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	startPostgres(t, stack.PostgresOptions{Dir: dir})
	if err := other.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPostgresStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := stack.StartPostgres(ctx, stack.PostgresOptions{Dir: dir}); err == nil {
		t.Fatal("a cluster was made in a fifth of a second: the test proves nothing")
	}
	waitFor(t, "what the start began to be gone", func() bool { return len(living(t, dir)) == 0 })
	startPostgres(t, stack.PostgresOptions{Dir: dir})
}
