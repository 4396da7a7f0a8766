package servers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// pidFile holds the process id of the server whose folder it is in.
const pidFile = "server.pid"

// processDir is the one folder of this process's servers. Nothing can remove it
// when the process is killed; the next process that starts servers does.
var processDir = sync.OnceValues(func() (string, error) {
	prefix := filepath.Join(os.TempDir(), fmt.Sprintf("dialtone-servers-%d-", os.Geteuid()))
	if err := sweep(prefix); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(filepath.Dir(prefix), filepath.Base(prefix)+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return "", err
	}
	// Postfix delivers under another account, which must come through.
	return dir, os.Chmod(dir, 0o711)
})

// sweep removes the folders of processes that are gone, unless a server in them
// is still ending.
func sweep(prefix string) error {
	dirs, err := filepath.Glob(prefix + "*")
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		pid, _, _ := strings.Cut(strings.TrimPrefix(dir, prefix), "-")
		if n, err := strconv.Atoi(pid); err != nil || alive(n) || serving(dir) {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("removing what an earlier test left: %w", err)
		}
	}
	return nil
}

func serving(dir string) bool {
	files, err := filepath.Glob(filepath.Join(dir, "*", pidFile))
	if err != nil {
		return true
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return true
		}
		if pid, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && alive(pid) {
			return true
		}
	}
	return false
}

func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func notePID(dir string, pid int) error {
	return os.WriteFile(filepath.Join(dir, pidFile), []byte(strconv.Itoa(pid)), 0o600)
}
