package apiclient

import (
	"context"
	"net/http"

	"github.com/dialtone/dialtone/uc"
)

// LeaverPlan says what a leaver's order would change and remove, and what stops working
// by it. Fails like CreateLeaver.
func (c *Client) LeaverPlan(ctx context.Context, user, serviceArea string) (out uc.LeaverPlan, err error) {
	query := values(map[string]string{"user": user, "serviceArea": serviceArea})
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"leavers", "plan"}, query: query}, &out)
	return out, err
}
