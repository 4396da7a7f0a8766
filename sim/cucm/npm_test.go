package cucm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/dialtone/dialtone/sim"
	"github.com/dialtone/dialtone/sim/cucm"
)

// npmClient is someone else's AXL client and what its own test program needs.
var npmClient = []string{"cisco-axl@1.2.5", "dotenv@16.4.5", "envalid@8.0.0", "node-emoji@2.1.3"}

// installed puts the client into a cache outside of the repository, once for all
// test runs, and returns its node_modules.
func installed(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Fatalf("this test runs other people's AXL client and needs node and npm: make setup (%v)", err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "dialtone", strings.NewReplacer("@", "-", " ", "_").Replace(npmClient[0]))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	lock := flock.New(dir + ".lock")
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := lock.Unlock(); err != nil {
			t.Error(err)
		}
	}()
	modules := filepath.Join(dir, "node_modules")
	done := filepath.Join(dir, "installed")
	if _, err := os.Stat(done); err == nil {
		return modules
	}
	cmd := exec.CommandContext(t.Context(), "npm", append([]string{"install", "--no-audit", "--no-fund", "--no-save", "--prefix", dir}, npmClient...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm cannot fetch the client: make setup (%v)\n%s", err, out)
	}
	if err := os.WriteFile(done, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return modules
}

// onPort8443 starts a cluster where the client looks for one: the port is fixed,
// so that each has an address of its own.
func onPort8443(t *testing.T, host string, opts cucm.Options) (caFile string) {
	t.Helper()
	ca, err := sim.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	run, err := cucm.Start(t.Context(), opts, net.JoinHostPort(host, "8443"), ca)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, ca.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return caFile
}

func node(t *testing.T, env []string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", args...)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s\n%s", errors.Join(err, ctx.Err()), out, stderr.String())
	}
	return string(out)
}

func TestOtherPeoplesTestProgram(t *testing.T) {
	t.Parallel()
	modules := installed(t)
	for version, host := range map[string]string{"12.5": "127.0.77.12", "15.0": "127.0.77.15"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			ca := onPort8443(t, host, cucm.Options{Version: version, Mode: cucm.Lenient})
			out := node(t, []string{
				"NODE_ENV=test", "CUCM_HOSTNAME=" + host, "CUCM_USERNAME=axl", "CUCM_PASSWORD=axl", "CUCM_VERSION=" + version, "NODE_EXTRA_CA_CERTS=" + ca,
			}, filepath.Join(modules, "cisco-axl", "test", "tests.js"))
			// The program always exits 0: its words count. It says the skull once when all is well.
			has(t, out, "Found 1068 operations", "PT_Berlin", "PT_Lisbon", "Test all finished")
			if strings.Count(out, "\U0001F480") != 1 || strings.Count(out, "TEST-PARTITION-PT") != 3 || len(uuidText.FindAllString(out, -1)) != 2 {
				t.Errorf("the program says\n%s", out)
			}
		})
	}
}

// TestEveryAnswerDecodes runs the operations of a joiner and a leaver through the
// other client, in both modes: it reads every answer, umlauts and faults too.
func TestEveryAnswerDecodes(t *testing.T) {
	t.Parallel()
	modules := installed(t)
	for mode, host := range map[cucm.Mode]string{cucm.Strict: "127.0.77.25", cucm.Lenient: "127.0.77.26"} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			ca := onPort8443(t, host, cucm.Options{Mode: mode})
			out := node(t, []string{"NODE_PATH=" + modules, "NODE_EXTRA_CA_CERTS=" + ca}, "testdata/steps.js", host, "axl", "axl", "15.0", "testdata/steps.json")
			for line := range strings.Lines(out) {
				var step struct{ Op, Error string }
				if err := json.Unmarshal([]byte(line), &step); err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				// That client wants a <return> in every answer, which this one has not by its schema.
				if step.Op == "listChange" && strings.Contains(step.Error, "No return results") {
					continue
				}
				if step.Error != "" && !strings.Contains(step.Error, "The specified User was not found") {
					t.Errorf("%s: %s", step.Op, step.Error)
				}
			}
			if n := strings.Count(out, "\n"); n != 20 {
				t.Errorf("%d answers", n)
			}
			has(t, out, `"lastName":"Müller & Co"`, `"device":["SEP001122334455"]`, `"value":"DP_Berlin"`, `"row":[{"userid":"jane"}]`, "Sync is initiated", `"error":"Item not valid`)
		})
	}
}
