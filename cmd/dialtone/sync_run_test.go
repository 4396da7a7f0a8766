package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/uc"
)

// One name that is wrong, or one sync that may not be joined, and none is started.
func TestSyncStartsAllOrNone(t *testing.T) {
	t.Parallel()
	c := newCLI(t, func(o *api.Options) { o.Systems = uc.Systems{CallProcessors: []string{"cucm-1", "cucm-2"}} })
	refused := func(says string, code int, args ...string) {
		t.Helper()
		r := c.run(append([]string{"sync", "callprocessor", "--detach"}, args...)...)
		if r.code != code || !strings.Contains(r.err, says) || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%v: code %d: %s", args, r.code, r.err)
		}
	}
	refused(`callProcessor "cucm-9": it is not in the configuration: write cucm-1 or cucm-2`, exitUsage, "cucm-1", "cucm-9")
	if started := c.Temporal.Started(); len(started) > 0 {
		t.Errorf("started before the wrong name was refused: %q", started)
	}
	c.ok("sync", "callprocessor", "cucm-2", "--detach")
	refused("of cucm-2 runs already", exitConflict, "cucm-1", "cucm-2", "--no-join")
	c.ok("sync", "callprocessor", "cucm-1", "cucm-2", "--detach")
	if diff := cmp.Diff([]string{"sync/cucm-2", "sync/cucm-1"}, c.Temporal.Started()); diff != "" {
		t.Error(diff)
	}
}
