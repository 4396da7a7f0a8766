package servers

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/dialtone/dialtone/uc"
)

// Service accounts of the domain.
const (
	writerName   = "svc-dialtone"
	outsiderName = "svc-other"
)

// delegated are the schemaIDGUIDs of the attributes the writer may write:
// telephoneNumber and ipPhone.
//
// Source: Windows Server base schema, as Samba ships it.
var delegated = []string{"bf967a49-0de6-11d0-a285-00aa003049e2", "4d146e4a-48d4-11d1-a9c3-0000f80367c1"}

//go:embed provision.py
var provisionScript string

// sambaPython is Debian's own interpreter: another one first in PATH does not know
// Samba's modules.
const sambaPython = "/usr/bin/python3"

// sambaSnapshot returns the folder of a provisioned domain that was never started,
// made once per Samba version and content and kept in the user's cache. It does
// not depend on where it lies, so a copy of it is a domain.
func sambaSnapshot(ctx context.Context, program string) (string, error) {
	if err := needFiles("samba", sambaPython); err != nil {
		return "", err
	}
	out, err := exec.CommandContext(ctx, program, "--version").Output()
	if err != nil {
		return "", fail(uc.Unavailable, "samba", "asking for its version", err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		// No home directory: the snapshot lives as long as the machine is up.
		cache = filepath.Join(os.TempDir(), fmt.Sprintf("dialtone-cache-%d", os.Geteuid()))
	}
	version := strings.TrimPrefix(strings.TrimSpace(string(out)), "Version ")
	parent := filepath.Join(cache, "dialtone", "samba-"+version)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", fail(uc.Unavailable, "samba", "making the cache", err)
	}
	// Test processes start together; one provisions, the others wait and find it.
	lock := flock.New(filepath.Join(parent, "lock"))
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return "", fail(uc.Unavailable, "samba", "waiting for another process that provisions", err)
	}
	dir, err := provisioned(ctx, parent)
	if unlockErr := lock.Unlock(); err == nil {
		err = unlockErr
	}
	return dir, err
}

// provisioned returns the snapshot in parent, making it when it is missing. The
// caller holds the lock.
func provisioned(ctx context.Context, parent string) (string, error) {
	request, err := provisionRequest("")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append([]byte(provisionScript), request...))
	dir := filepath.Join(parent, hex.EncodeToString(sum[:6]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := discard(parent); err != nil {
		return "", fail(uc.Unavailable, "samba", "removing an old domain", err)
	}
	part, err := os.MkdirTemp(parent, "part-")
	if err != nil {
		return "", err
	}
	if request, err = provisionRequest(part); err != nil {
		return "", err
	}
	provision := exec.CommandContext(ctx, sambaPython, "-c", provisionScript)
	provision.Stdin = bytes.NewReader(request)
	if out, err := provision.CombinedOutput(); err != nil {
		return "", fail(uc.Unavailable, "samba", fmt.Sprintf(
			"provisioning a domain (are all Samba packages there? run `make setup`): %s", lastLine(out)), err)
	}
	return dir, os.Rename(part, dir)
}

// discard removes the snapshots of earlier contents and of killed processes.
func discard(parent string) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if err := os.RemoveAll(filepath.Join(parent, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func provisionRequest(dir string) ([]byte, error) {
	var people []map[string]string
	for _, p := range People() {
		people = append(people, map[string]string{
			"cn": p.FullName, "displayName": p.FullName, "givenName": p.GivenName, "sn": p.Surname,
			"sAMAccountName": p.UserID, "employeeID": p.EmployeeID, "mail": p.Mail,
			"telephoneNumber": p.TelephoneNumber, "ipPhone": p.IPPhone,
		})
	}
	return json.Marshal(map[string]any{
		"dir": dir, "realm": sambaRealm, "domain": sambaDomain, "host": sambaHost, "password": password,
		"people": people, "writer": writerName, "outsider": outsiderName, "delegate": delegated,
	})
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}
