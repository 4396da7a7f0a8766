package stacktest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ProcessDir makes a folder for the servers of this process, which other accounts
// may pass through. Nothing can remove it when the process is killed; the next
// process that asks for one of that kind does, unless a server in it still ends: a
// process that one of the pid files names, relative to the folder and possibly a
// pattern, is alive.
func ProcessDir(kind, pidFiles string) (string, error) {
	prefix := filepath.Join(os.TempDir(), fmt.Sprintf("dialtone-%s-%d-", kind, os.Geteuid()))
	if err := sweep(prefix, pidFiles); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(filepath.Dir(prefix), filepath.Base(prefix)+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return "", err
	}
	// Postfix delivers under another account; PostgreSQL of root runs under one.
	return dir, os.Chmod(dir, 0o711)
}

// sweep removes the folders of processes that are gone. One whose server is still
// ending is left to the next process.
func sweep(prefix, pidFiles string) error {
	dirs, err := filepath.Glob(prefix + "*")
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		pid, _, _ := strings.Cut(strings.TrimPrefix(dir, prefix), "-")
		n, err := strconv.Atoi(pid)
		if err != nil || alive(n) || serving(dir, pidFiles) {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("removing what an earlier test left: %w", err)
		}
	}
	return nil
}

// serving says whether a server still writes to the folder.
func serving(dir, pidFiles string) bool {
	files, err := filepath.Glob(filepath.Join(dir, pidFiles))
	if err != nil {
		return true
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it ended between the two looks
		}
		if err != nil {
			return true
		}
		first, _, _ := strings.Cut(string(b), "\n")
		if pid, err := strconv.Atoi(strings.TrimSpace(first)); err == nil && alive(pid) {
			return true
		}
	}
	return false
}

func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
