package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// waits records why the kind is read on later, for those who watch.
func (r *kindReader) waits(ctx context.Context, err error) error {
	return r.a.DB.WaitSyncKind(ctx, db.KindWait{
		SyncID: r.in.SyncID, Kind: r.in.Kind, Until: time.Now().Add(r.out.Wait),
		Why: fmt.Sprintf("%s, try %d of %d", waitReason(err), r.out.Tries+1, r.in.MaxTries),
	})
}

// waitReason says what a reading waits for that brought no answer.
func waitReason(err error) string {
	var limit *axl.LimitError
	switch {
	case errors.Is(err, axl.ErrMemoryFull):
		return "the memory of the call processor for answers is full"
	case errors.As(err, &limit):
		return "a single object does not fit into an answer"
	case errors.Is(err, uc.Throttled):
		return "the call processor asks to slow down"
	}
	var e *uc.Error
	if errors.As(err, &e) && e.Detail != "" {
		return "the call processor does not answer: " + e.Detail
	}
	return "the call processor does not answer"
}
