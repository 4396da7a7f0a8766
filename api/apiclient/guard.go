package apiclient

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/uc"
)

// GuardHolds reads the open holds of the guard, or all of them, newest first.
func (c *Client) GuardHolds(ctx context.Context, all bool) (out api.GuardHoldList, err error) {
	query := url.Values{"all": {strconv.FormatBool(all)}}
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"guard", "holds"}, query: query}, &out)
	return out, err
}

// ApproveGuardHold lets the held orders go on. Approving again tells those that were
// not reached. Fails with uc.NotFound, and uc.Conflict when the hold was rejected.
func (c *Client) ApproveGuardHold(ctx context.Context, id int64, reason string) (uc.GuardHold, error) {
	return c.decideGuardHold(ctx, id, "approve", reason)
}

// RejectGuardHold cancels the held orders. Rejecting again tells those that were not
// reached. Fails with uc.NotFound, and uc.Conflict when the hold was approved.
func (c *Client) RejectGuardHold(ctx context.Context, id int64, reason string) (uc.GuardHold, error) {
	return c.decideGuardHold(ctx, id, "reject", reason)
}

func (c *Client) decideGuardHold(ctx context.Context, id int64, what, reason string) (h uc.GuardHold, err error) {
	_, err = c.do(ctx, request{
		method: http.MethodPost, path: []string{"guard", "holds", strconv.FormatInt(id, 10), what},
		body: api.GuardDecision{Reason: reason},
	}, &h)
	return h, err
}
