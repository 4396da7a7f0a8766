package stack_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/stack"
	"github.com/dialtone/dialtone/uc"
)

func TestLockIsHeldByOne(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	lock, err := stack.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	check := func(want *stack.ErrRunning, says string) {
		t.Helper()
		_, err := stack.Lock(dir)
		var got *stack.ErrRunning
		if !errors.As(err, &got) || uc.KindOf(err) != uc.Conflict {
			t.Fatalf("a second holder is refused as a conflict: got %v", err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("who runs where (-want +got):\n%s", diff)
		}
		if got.Error() != says {
			t.Errorf("got the sentence %q, want %q", got.Error(), says)
		}
	}
	pid := os.Getpid()
	check(&stack.ErrRunning{PID: pid}, fmt.Sprintf("already running as process %d", pid))
	if err := lock.Publish(map[string]string{"console": "http://b", "api": "http://a"}); err != nil {
		t.Fatal(err)
	}
	check(&stack.ErrRunning{PID: pid, URLs: map[string]string{"api": "http://a", "console": "http://b"}},
		fmt.Sprintf("already running as process %d, api at http://a, console at http://b", pid))
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := stack.Lock(dir)
	if err != nil {
		t.Fatalf("a lock that was given back is free: %v", err)
	}
	if err := again.Unlock(); err != nil {
		t.Error(err)
	}
}

func TestLockNeedsAPlaceToWrite(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below"), "/proc/dialtone"} {
		if _, err := stack.Lock(dir); uc.KindOf(err) != uc.Invalid {
			t.Errorf("%s: another folder helps, another try does not: got %v", dir, err)
		}
	}
}
