package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/dialtone/dialtone/uc"
)

const (
	superuser = "dialtone"
	// longestSocketDir leaves room for "/.s.PGSQL.5432" in the 107 bytes of a socket address.
	longestSocketDir = 90
	oldLogSize       = 8 << 20
)

// serverEnv is what a server needs of our environment. PG* variables would change
// its port and directories.
func serverEnv() []string {
	env := []string{"LC_ALL=C.UTF-8", "TZ=UTC"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// dataMajor reads the major version that wrote the data directory; "" when there
// is none yet.
func dataMajor(data string) (string, error) {
	b, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return "", startError(uc.Denied, systemPostgres, data+" belongs to another user: run as that user, or choose another data directory", err)
	}
	if err != nil {
		return "", fmt.Errorf("reading the version of %s: %w", data, err)
	}
	return strings.TrimSpace(string(b)), nil
}

// prepare makes the data directory when it is missing. It appears complete or not
// at all: a killed initdb leaves only a directory that the next start removes.
func prepare(ctx context.Context, dir string, p program, fast bool) error {
	data := filepath.Join(dir, "data")
	info, err := os.Stat(data)
	if err == nil {
		return adopt(data, info, p.account)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := removeUnfinished(ctx, dir); err != nil {
		return fmt.Errorf("removing an unfinished cluster: %w", err)
	}
	fresh, err := os.MkdirTemp(dir, "init-")
	if err != nil {
		return err
	}
	if err := initdb(ctx, fresh, p, fast); err != nil {
		return errors.Join(err, os.RemoveAll(fresh))
	}
	return os.Rename(fresh, data)
}

// initdb makes a cluster in an empty directory.
func initdb(ctx context.Context, dir string, p program, fast bool) error {
	if err := p.account.own(dir); err != nil {
		return err
	}
	args := []string{"-D", dir, "-U", superuser, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"}
	if fast {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, "initdb"), args...)
	cmd.Dir, cmd.Env = filepath.Dir(dir), serverEnv()
	p.account.apply(cmd)
	tether(cmd, syscall.SIGKILL)
	cmd.WaitDelay = drain
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := spawn(cmd); err != nil {
		return startError(uc.Unavailable, systemPostgres, "initdb does not start", err)
	}
	if err := cmd.Wait(); err != nil {
		return startError(uc.Unavailable, systemPostgres, "initdb failed: "+lastLine(out.String()), err)
	}
	return nil
}

// removeUnfinished removes what a killed initdb left. The process it was waiting for
// may write for another moment.
func removeUnfinished(ctx context.Context, dir string) error {
	limit := time.After(oldServerEnds)
	for {
		left, err := filepath.Glob(filepath.Join(dir, "init-*"))
		if err != nil || len(left) == 0 {
			return err
		}
		for _, l := range left {
			err = errors.Join(err, os.RemoveAll(l))
		}
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-limit:
			return err
		case <-time.After(poll):
		}
	}
}

// adopt makes an existing data directory usable by the account.
func adopt(data string, info fs.FileInfo, a account) error {
	owner := ownerOf(info)
	if owner == a.uid {
		return nil
	}
	if os.Geteuid() != 0 {
		return startError(uc.Denied, systemPostgres, fmt.Sprintf(
			"%s belongs to user %d: run as that user, or choose another data directory", data, owner), nil)
	}
	return a.own(data)
}

// plainPath has no character that a connection string or the server's list of
// directories would take for something else.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9/._-]+$`)

// socketDir returns the directory of the server's socket, owned by the account and
// closed to everybody else: inside dir, or a short one when that path is too long
// for a socket address, or not plain.
func socketDir(dir string, a account) (path string, short bool, err error) {
	path = filepath.Join(dir, "run")
	if len(path) > longestSocketDir || !plainPath.MatchString(path) {
		sum := sha256.Sum256([]byte(dir))
		name := fmt.Sprintf("dialtone-%d-%s", os.Geteuid(), hex.EncodeToString(sum[:6]))
		short = true
		path = filepath.Join(os.TempDir(), name)
		if len(path) > longestSocketDir || !plainPath.MatchString(path) {
			path = filepath.Join("/tmp", name)
		}
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", false, fmt.Errorf("making the socket directory: %w", err)
	}
	// Anybody may write to the temporary directory: what lies there must be ours.
	info, err := os.Lstat(path)
	if err != nil {
		return "", false, err
	}
	if owner := ownerOf(info); !info.IsDir() || (short && owner != os.Geteuid() && owner != a.uid) {
		return "", false, startError(uc.Denied, systemPostgres,
			fmt.Sprintf("%s is in the way and belongs to user %d: remove it", path, owner), nil)
	}
	if err := os.Chmod(path, 0o700); err != nil {
		return "", false, err
	}
	return path, short, a.own(path)
}

// turnLog keeps one old log and lets the current one start small.
func turnLog(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && info.Size() < oldLogSize) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Rename(path, path+".1")
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}
