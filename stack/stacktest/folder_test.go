package stacktest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSweepRemovesWhatDeadProcessesLeft(t *testing.T) {
	t.Parallel()
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	dead, living := strconv.Itoa(ended.Process.Pid), strconv.Itoa(os.Getpid())
	root := t.TempDir()
	// A dead process's server may still be ending.
	for dir, server := range map[string]string{
		"t-" + dead + "-1": "", "t-" + dead + "-2": living, "t-" + dead + "-3": dead, "t-" + living + "-4": "", "t-odd": "",
	} {
		data := filepath.Join(root, dir, "pg", "data")
		if err := os.MkdirAll(data, 0o700); err != nil {
			t.Fatal(err)
		}
		if server == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(server+"\n"+data+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := sweep(filepath.Join(root, "t-"), filepath.Join("*", "data", "postmaster.pid")); err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		left[e.Name()] = true
	}
	want := map[string]bool{"t-" + dead + "-2": true, "t-" + living + "-4": true, "t-odd": true}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("only what nobody uses is removed (-want +got):\n%s", diff)
	}
}
