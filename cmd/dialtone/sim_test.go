package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dialtone/dialtone/config"
)

func TestSimCUCM(t *testing.T) {
	t.Parallel()
	sim := start(t, "sim", "cucm", "--listen", "127.0.0.1:0", "--version", "12.5", "--account", "axl:secret", "--account", "look:secret:read-only",
		"--users", "3", "--limits", "none", "--latency", "1ms", "--admin", "127.0.0.1:0")
	sim.await("READY")
	admin := regexp.MustCompile(`admin (http://\S+)`).FindStringSubmatch(sim.out.String())
	if admin == nil {
		t.Fatalf("no admin endpoint:\n%s", sim.out)
	}
	before := filepath.Join(t.TempDir(), "before.json")
	text, code := dialtone(t, "sim", "snapshot", "--admin", admin[1])
	if code != 0 || !strings.Contains(text, "user000002") {
		t.Fatalf("snapshot: exit %d:\n%.500s", code, text)
	}
	if err := os.WriteFile(before, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		reason string
		args   []string
		code   int
		want   string
	}{
		{"a rule is added", []string{"fault", "add", "addPhone", "after-commit", "--nth", "2"}, exitOK, "after-commit"},
		{"and shown", []string{"fault", "list"}, exitOK, "addPhone"},
		{"a rule without its delay is refused", []string{"fault", "add", "addPhone", "delay"}, exitUsage, "needs a delay"},
		{"an operation that is none is refused", []string{"fault", "add", "addPhnoe", "drop"}, exitUsage, "did you mean addPhone"},
		{"all operations may be meant", []string{"fault", "add", "*", "drop", "--nth", "1000"}, exitOK, "addPhone"},
		{"all are removed", []string{"fault", "clear"}, exitOK, ""},
		{"nothing has changed", []string{"diff", before}, exitOK, ""},
		{"two files are compared", []string{"diff", before, before}, exitOK, ""},
		{"a file that is none is named", []string{"diff", "none.json"}, exitUsage, "none.json"},
		{"a cluster that is none is named", []string{"snapshot", "--cluster", "other"}, exitFailed, "other"},
	} {
		args := append([]string{"sim"}, step.args...)
		text, code := dialtone(t, append(args, "--admin", admin[1])...)
		if code != step.code || !strings.Contains(text, step.want) {
			t.Errorf("%s: exit %d, want %d:\n%s", step.reason, code, step.code, text)
		}
	}
	sim.signal(syscall.SIGTERM)
	if text, code := sim.end(time.Minute); code != 0 {
		t.Errorf("SIGTERM: exit %d:\n%s", code, text)
	}
}

func TestSimCUCMWrongFlags(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reason string
		args   []string
		want   string
	}{
		"version": {"only versions that exist", []string{"--version", "9.0"}, `"9.0"`},
		"mode":    {"only the two modes", []string{"--mode", "kind"}, `"kind"`},
		"account": {"an account needs a password", []string{"--account", "axl"}, "USER:PASSWORD"},
		"limits":  {"only the two sets of limits", []string{"--limits", "some"}, `"some"`},
		"file":    {"a file that is not there", []string{"--file", "none.yaml"}, "none.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, code := dialtone(t, append([]string{"sim", "cucm"}, tc.args...)...)
			if code != exitUsage || !strings.Contains(text, tc.want) {
				t.Errorf("%s: exit %d:\n%s", tc.reason, code, text)
			}
		})
	}
}

// All simulated systems at once, for others: the settings that they write are right.
func TestSim(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	sim := start(t, "sim", "--host", "127.0.0.77", "--data", data)
	sim.await("READY")
	text, err := os.ReadFile(filepath.Join(data, config.FileName))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"https://127.0.0.77:8443/axl/", "https://127.0.0.77:8444/axl/", "ldaps://127.0.0.77:6360", "127.0.0.77:5870"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the settings lack %s:\n%s", want, text)
		}
	}
	secrets, err := filepath.Glob(filepath.Join(data, "secrets", "*"))
	if err != nil || len(secrets) != 6 {
		t.Errorf("secrets: %v, %v", secrets, err)
	}
	sim.signal(syscall.SIGTERM)
	if text, code := sim.end(time.Minute); code != 0 {
		t.Errorf("SIGTERM: exit %d:\n%s", code, text)
	}
}
