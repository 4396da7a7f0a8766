package stack

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/dialtone/dialtone/uc"
)

// account is how a PostgreSQL program runs: it refuses to run as root.
type account struct {
	uid, gid int  // owner of the data directory, as this process sees it
	inside   int  // user id seen by the program in a user namespace
	userns   bool // root outside, an ordinary user inside: nothing changes owner
	setuid   bool // the program runs as uid
}

// pickAccount returns how the program at bin can run here, and what it says to -V.
// Root prefers a user namespace; where those are forbidden (containers), it
// becomes the postgres account, or nobody.
func pickAccount(bin string) (account, string, error) {
	postgres := filepath.Join(bin, "postgres")
	own := account{uid: os.Geteuid(), gid: os.Getegid()}
	if own.uid != 0 {
		version, err := own.version(postgres)
		return own, version, err
	}
	uid, gid, err := ordinaryUser()
	if err != nil {
		return account{}, "", err
	}
	inside := account{inside: uid, userns: true}
	version, err := inside.version(postgres)
	if err == nil {
		return inside, version, nil
	}
	other := account{uid: uid, gid: gid, setuid: true}
	version, err = other.version(postgres)
	return other, version, err
}

func (a account) version(postgres string) (string, error) {
	cmd := exec.Command(postgres, "-V")
	cmd.Env = serverEnv()
	a.apply(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", startError(uc.Unavailable, systemPostgres, fmt.Sprintf("%s does not run: %s", postgres, out), err)
	}
	return string(out), nil
}

// apply makes the command run under the account.
func (a account) apply(cmd *exec.Cmd) {
	switch {
	case a.userns:
		// The user inside must be one that /etc/passwd knows: initdb asks for its name.
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: a.inside, HostID: 0, Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: a.inside, HostID: 0, Size: 1}},
		}
	case a.setuid:
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Credential: &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)},
		}
	}
}

// own makes everything under dir the account's: the last start may have run under
// another one. Only root can.
func (a account) own(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, a.uid, a.gid)
	})
}

// enter gives the directory to the account and refuses one that it cannot come to.
// Only root needs it: inside a user namespace, too, root is nobody special.
func (a account) enter(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	if err := os.Chown(dir, a.uid, a.gid); err != nil {
		return err
	}
	for p := filepath.Dir(dir); p != "/"; p = filepath.Dir(p) {
		info, err := os.Stat(p)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o001 == 0 && ownerOf(info) != a.uid {
			// The product's own directory may be passed through, but not read.
			if _, err := os.Stat(filepath.Join(p, lockFile)); err == nil {
				if err := os.Chmod(p, info.Mode().Perm()|0o001); err != nil {
					return err
				}
				continue
			}
			return startError(uc.Denied, systemPostgres, fmt.Sprintf(
				"PostgreSQL runs as user %d without root's rights, and may not enter %s: use a data directory under /var/lib or /tmp",
				a.uid, p), nil)
		}
	}
	return nil
}

func ownerOf(info fs.FileInfo) int {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid)
	}
	return -1
}

// ordinaryUser is the account for servers that refuse root.
func ordinaryUser() (uid, gid int, err error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(u.Uid)
		gid, gidErr := strconv.Atoi(u.Gid)
		if uidErr == nil && gidErr == nil {
			return uid, gid, nil
		}
	}
	return 0, 0, startError(uc.NotFound, systemPostgres,
		"PostgreSQL refuses to run as root, and this machine has neither a postgres nor a nobody account: run as an ordinary user", nil)
}
