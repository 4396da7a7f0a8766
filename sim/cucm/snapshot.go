package cucm

import (
	"context"

	"github.com/dialtone/dialtone/sim/cucm/store"
)

// Snapshot is the whole state in words, for tests that say "exactly as before".
// Its Diff gives readable lines.
type Snapshot = store.Snapshot

// Snapshot reads the whole state in a stable order, without uuids and times. Two
// equal states give equal snapshots.
func (s *Server) Snapshot(ctx context.Context) (Snapshot, error) { return s.db.Snapshot(ctx) }
