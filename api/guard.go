package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// GuardHoldList is a list of holds, newest first.
type GuardHoldList struct {
	Items []uc.GuardHold `json:"items"`
}

// GuardDecision asks for a decision about a hold.
type GuardDecision struct {
	Reason string `json:"reason" maxLength:"500" pattern:"\\S" doc:"Why, for the record"`
}

type (
	listGuardHoldsIn struct {
		All bool `query:"all" doc:"Decided holds, too; at most 500"`
	}
	listGuardHoldsOut struct{ Body GuardHoldList }
	decideGuardIn     struct {
		ID   int64 `path:"id" minimum:"1"`
		Body GuardDecision
	}
	guardHoldOut struct{ Body uc.GuardHold }
)

func (s *server) listGuardHolds(ctx context.Context, in *listGuardHoldsIn) (*listGuardHoldsOut, error) {
	holds, err := s.db.ListGuardHolds(ctx, !in.All)
	if err != nil {
		return nil, err
	}
	return &listGuardHoldsOut{GuardHoldList{Items: list(holds)}}, nil
}

func (s *server) approveGuardHold(ctx context.Context, in *decideGuardIn) (*guardHoldOut, error) {
	orders, err := s.db.ApproveGuard(ctx, in.ID, callerOf(ctx).name, strings.TrimSpace(in.Body.Reason))
	if err != nil {
		return nil, err
	}
	return s.decided(ctx, in.ID, orders, workflows.Resume)
}

func (s *server) rejectGuardHold(ctx context.Context, in *decideGuardIn) (*guardHoldOut, error) {
	orders, err := s.db.RejectGuard(ctx, in.ID, callerOf(ctx).name, strings.TrimSpace(in.Body.Reason))
	if err != nil {
		return nil, err
	}
	return s.decided(ctx, in.ID, orders, workflows.Cancel)
}

// decided tells the stories of the hold's orders what was decided. A story that
// could not be told is told when the same decision is sent again.
func (s *server) decided(
	ctx context.Context, id int64, orders []string, tell func(context.Context, client.Client, uc.Order) error,
) (*guardHoldOut, error) {
	left := s.tellAll(ctx, orders, tell)
	hold, err := s.db.GetGuardHold(ctx, id)
	if err != nil {
		return nil, err
	}
	if left > 0 {
		p := statusProblem(http.StatusServiceUnavailable,
			fmt.Sprintf("hold %d is %s, but %d of its orders were not told: send the same again", id, hold.State, left))
		p.retryAfter = retryLater
		return nil, p
	}
	return &guardHoldOut{hold}, nil
}

// The bounds of telling the stories of one hold.
const (
	tellAtOnce  = 16
	tellTimeout = 100 * time.Second
)

// tellAll tells each order's story and returns how many could not be told. One
// without a story has ended in this moment, or asks the guard again when it begins.
func (s *server) tellAll(
	ctx context.Context, orders []string, tell func(context.Context, client.Client, uc.Order) error,
) (left int) {
	ctx, cancel := context.WithTimeout(ctx, tellTimeout)
	defer cancel()
	var mu sync.Mutex
	var done sync.WaitGroup
	slots := make(chan struct{}, tellAtOnce)
	for _, id := range orders {
		slots <- struct{}{}
		done.Go(func() {
			defer func() { <-slots }()
			o, err := s.db.GetOrder(ctx, id)
			if err == nil {
				err = tell(ctx, s.temporal, o)
			}
			if err == nil {
				return
			}
			s.log.Warn("an order was not told what was decided about its hold", zap.String("request", requestID(ctx)),
				zap.String("order", id), zap.Error(err))
			if !errors.Is(err, uc.NotFound) {
				mu.Lock()
				left++
				mu.Unlock()
			}
		})
	}
	done.Wait()
	return left
}
