package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/dialtone/dialtone/uc"
)

const (
	lockFile  = "up.lock"
	stateFile = "up.json"
)

// DirLock says that this process runs the product on a data directory. It ends
// with the process, however the process ends.
type DirLock struct {
	dir  string
	file *os.File
}

// ErrRunning is why a directory could not be locked: somebody runs there.
type ErrRunning struct {
	PID  int               `json:"pid"`  // 0 in the instant before the other says so
	URLs map[string]string `json:"urls"` // what it serves, address by name; empty while it starts
}

// Error names the process and every address.
func (e *ErrRunning) Error() string {
	if e.PID == 0 {
		return "another process is just starting here"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "already running as process %d", e.PID)
	for _, name := range slices.Sorted(maps.Keys(e.URLs)) {
		fmt.Fprintf(&b, ", %s at %s", name, e.URLs[name])
	}
	return b.String()
}

// Unwrap makes it a uc.Conflict: somebody was first.
func (e *ErrRunning) Unwrap() error { return uc.Conflict }

// Lock takes the directory for this process, making it (mode 0700) when it
// is missing. Fails with *ErrRunning when another process has it, and never because
// of a process that is gone; with uc.Invalid when nothing can be written there.
func Lock(dir string) (*DirLock, error) {
	l, err := lock(dir)
	var running *ErrRunning
	if errors.As(err, &running) {
		return nil, running
	}
	return l, classified("", err)
}

func lock(dir string) (*DirLock, error) {
	f, err := lockable(dir)
	if err != nil {
		return nil, startError(uc.Invalid, "", "nothing can be written into the data folder "+dir+": "+err.Error(), err)
	}
	l := &DirLock{dir: dir, file: f}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("locking %s: %w", dir, err), f.Close())
		}
		other, readErr := l.read()
		return nil, errors.Join(other, readErr, f.Close())
	}
	return l, l.Publish(nil)
}

// lockable opens the directory's lock, making both when they are missing. The lock is
// on the open file, not on its presence: the kernel drops it with us.
func lockable(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
}

// read returns what the holder published.
func (l *DirLock) read() (*ErrRunning, error) {
	running := &ErrRunning{}
	b, err := os.ReadFile(filepath.Join(l.dir, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return running, nil
	}
	if err != nil {
		return running, err
	}
	return running, json.Unmarshal(b, running)
}

// Publish tells the next one who tries where to find us. It replaces what was
// published before, at once.
func (l *DirLock) Publish(urls map[string]string) error {
	b, err := json.Marshal(ErrRunning{PID: os.Getpid(), URLs: urls})
	if err != nil {
		return err
	}
	path := filepath.Join(l.dir, stateFile)
	if err := os.WriteFile(path+".new", append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("publishing where we run: %w", err)
	}
	return os.Rename(path+".new", path)
}

// Unlock gives the directory back.
func (l *DirLock) Unlock() error {
	err := os.Remove(filepath.Join(l.dir, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	// Not by closing alone: a child between fork and exec has a copy of the file.
	return errors.Join(err, syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN), l.file.Close())
}
