package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// From the first start over a second one beside it, a kill -9 and a start on what
// that left, to a clean end: nothing stays behind but the state.
func TestUp(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	up := start(t, "up", "--data", data)
	up.await("Ctrl-C stops everything")
	for _, url := range regexp.MustCompile(`http://\S+`).FindAllString(up.out.String(), -1) {
		if strings.HasSuffix(url, "/events") {
			continue // takes posts only
		}
		answers(t, url)
	}

	if text, code := dialtone(t, "up", "--data", data); code != 0 || !strings.Contains(text, "Nothing was done") {
		t.Errorf("a second up: exit %d:\n%s", code, text)
	}
	if text, code := dialtone(t, "apply", "-f", "../../examples/catalog.yaml", "--data", data); code != 0 {
		t.Fatalf("apply: exit %d:\n%s", code, text)
	}
	checkDoctor(t, data)
	if text, code := dialtone(t, "migrate", "--data", data); code != 0 || !strings.Contains(text, "nothing to do") {
		t.Errorf("migrate beside up: exit %d:\n%s", code, text)
	}

	children := descendants(t, up.cmd.Process.Pid)
	if len(children) < 3 {
		t.Fatalf("only %d processes below up: this test looks at the wrong ones", len(children))
	}
	up.signal(syscall.SIGKILL)
	gone(t, children)

	up = start(t, "up", "--data", data)
	up.await("Ctrl-C stops everything")
	if text, code := dialtone(t, "pool", "list", "--data", data); code != 0 || !strings.Contains(text, "berlin-reception") {
		t.Errorf("the state is lost: exit %d:\n%s", code, text)
	}
	children = descendants(t, up.cmd.Process.Pid)
	up.signal(syscall.SIGINT)
	if text, code := up.end(time.Minute); code != 0 {
		t.Errorf("Ctrl-C: exit %d:\n%s", code, text)
	}
	gone(t, children)
}

func answers(t *testing.T, url string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	if res.StatusCode >= http.StatusInternalServerError {
		t.Errorf("%s answers %s", url, res.Status)
	}
}

// checkDoctor wants every check to pass but the one for the device pool that the
// example leaves out on purpose.
func checkDoctor(t *testing.T, data string) {
	t.Helper()
	text, code := dialtone(t, "doctor", "--data", data, "-o", "json")
	if code != exitFailed {
		t.Errorf("doctor: exit %d", code)
	}
	var found []finding
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&found); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	for _, f := range found {
		expected := f.System == "cucm-berlin" && strings.Contains(f.Detail, `DevicePool "DP_Annex"`) && !strings.Contains(f.Detail, `",`)
		if !f.OK && !expected {
			t.Errorf("doctor: %s, %s: %s", f.System, f.Check, f.Detail)
		}
	}
}

// The demo of the README ends with exit code 0, also where an earlier one has been.
func TestDemo(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := errors.Join(os.WriteFile(filepath.Join(data, "demo"), nil, 0o600), os.Mkdir(filepath.Join(data, postgresDir), 0o700),
		os.WriteFile(filepath.Join(data, postgresDir, "left"), []byte("of an earlier demo"), 0o600)); err != nil {
		t.Fatal(err)
	}
	text, code := start(t, "up", "--demo", "--once", "--data", data).end(5 * time.Minute)
	if code != 0 || !strings.Contains(text, "Everything is as the file expects") {
		t.Fatalf("exit %d:\n%s", code, text)
	}
	if strings.Contains(text, "\x1b") {
		t.Error("control sequences where there is no terminal")
	}
	if exists(filepath.Join(data, postgresDir, "left")) {
		t.Error("the earlier demo is still there")
	}
}

// A demo never touches the state of an up.
func TestDemoRefusesStateOfUp(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := os.Mkdir(filepath.Join(data, postgresDir), 0o700); err != nil {
		t.Fatal(err)
	}
	if text, code := dialtone(t, "up", "--demo", "--once", "--data", data); code != exitUsage || !strings.Contains(text, "a folder of its own") {
		t.Errorf("exit %d:\n%s", code, text)
	}
}

// A data folder that cannot be written is the caller's mistake, said in one sentence.
func TestUpWithoutAPlaceToWrite(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"up", "sim"} {
		text, code := dialtone(t, command, "--data", "/proc/dialtone")
		if code != exitUsage || strings.Count(text, "\n") != 1 || !strings.Contains(text, "data folder /proc/dialtone") {
			t.Errorf("%s: exit %d:\n%s", command, code, text)
		}
	}
}
