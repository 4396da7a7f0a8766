package db_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestLDAPSync(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	var claims atomic.Int32
	var done sync.WaitGroup
	for range 20 {
		done.Go(func() {
			claimed, started, finished, err := w.ClaimLDAPSync(ctx, "cucm-1", "corp", time.Hour)
			if err != nil || started == nil || finished != nil {
				t.Errorf("started %v, finished %v, %v", started, finished, err)
			}
			if claimed {
				claims.Add(1)
			}
		})
	}
	done.Wait()
	if claims.Load() != 1 {
		t.Errorf("%d claimed it", claims.Load())
	}
	must(t, w.FinishLDAPSync(ctx, "cucm-1", "corp"))
	must(t, w.FinishLDAPSync(ctx, "cucm-1", "nobody claimed it"))
	claimed, started, finished, err := w.ClaimLDAPSync(ctx, "cucm-1", "corp", time.Hour)
	must(t, err)
	if claimed || finished == nil || finished.Before(*started) {
		t.Errorf("claimed %v, from %v to %v", claimed, started, finished)
	}
	claimed, again, finished, err := w.ClaimLDAPSync(ctx, "cucm-1", "corp", 0)
	must(t, err)
	if !claimed || !again.After(*started) || finished != nil {
		t.Errorf("after the gap: claimed %v, from %v to %v", claimed, again, finished)
	}
	claimed, _, _, err = w.ClaimLDAPSync(ctx, "cucm-2", "corp", time.Hour)
	if err != nil || !claimed {
		t.Errorf("another call processor: %v, %v", claimed, err)
	}
}
