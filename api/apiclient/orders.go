package apiclient

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/uc"
)

// CreateJoiner asks for a joiner. The same key with the same joiner leads to the
// same order; replayed tells that it was there before. Fails with uc.Invalid,
// uc.NotFound when the service area does not exist, and uc.Conflict when the person
// has an open order.
func (c *Client) CreateJoiner(ctx context.Context, j uc.Joiner, key string) (o uc.Order, replayed bool, err error) {
	return c.order(ctx, "joiners", j, key)
}

// DryRun returns a client over the same connections that makes no orders and starts no
// syncs: what its Create methods of orders, and StartSync, return is what would come of
// the request, and an order or a sync that would be new has no id.
func (c *Client) DryRun() *Client {
	dry := *c
	dry.dryRun = true
	return &dry
}

// rehearsal is the query of a request that a dry run only asks about.
func (c *Client) rehearsal() url.Values {
	if c.dryRun {
		return url.Values{"dryRun": {"true"}}
	}
	return nil
}

// CreateLeaver asks for a leaver; the key and replayed are as with CreateJoiner. Fails
// with uc.Invalid, uc.NotFound when nobody knows the person and no service area is
// named, and uc.Conflict when the person has an open leaver's order that says
// something else.
func (c *Client) CreateLeaver(ctx context.Context, l uc.Leaver, key string) (uc.Order, bool, error) {
	return c.order(ctx, "leavers", l, key)
}

// CreateMover asks for a mover; the key and replayed are as with CreateJoiner. Fails
// with uc.Invalid, uc.NotFound when nobody knows the person or the service area does
// not exist, and uc.Conflict when the person leaves, has left, or has an open mover's
// order that says something else.
func (c *Client) CreateMover(ctx context.Context, m uc.Mover, key string) (uc.Order, bool, error) {
	return c.order(ctx, "movers", m, key)
}

// CreateNumberRequest asks for a number; the key and replayed are as with
// CreateJoiner. Fails like CreateMover, and with uc.Conflict when the person has
// another number.
func (c *Client) CreateNumberRequest(ctx context.Context, r uc.NumberRequest, key string) (uc.Order, bool, error) {
	return c.order(ctx, "number-requests", r, key)
}

// ReleaseNumber asks for the number of a person who stays to be given back; the key and
// replayed are as with CreateJoiner. Fails with uc.NotFound when no pool has the number
// and uc.Conflict when nobody has it, or whoever has it is leaving.
func (c *Client) ReleaseNumber(ctx context.Context, digits string, why api.NumberGiveBack, key string) (uc.Order, bool, error) {
	return c.orderAt(ctx, []string{"numbers", digits, "release"}, why, key)
}

// CreatePhoneChange asks for a change of a person's phones; the key and replayed are as
// with CreateJoiner. Fails like CreateMover, with uc.NotFound when the phone is none of
// the person's, and uc.Conflict when the person has no number.
func (c *Client) CreatePhoneChange(ctx context.Context, p uc.PhoneChange, key string) (uc.Order, bool, error) {
	return c.order(ctx, "phone-changes", p, key)
}

// CreatePINReset asks for a new PIN; the key and replayed are as with CreateJoiner.
// Fails like CreateMover, and with uc.Invalid when nobody could bring it to the person.
func (c *Client) CreatePINReset(ctx context.Context, r uc.PINReset, key string) (uc.Order, bool, error) {
	return c.order(ctx, "pin-resets", r, key)
}

func (c *Client) order(ctx context.Context, path string, body any, key string) (uc.Order, bool, error) {
	return c.orderAt(ctx, []string{path}, body, key)
}

func (c *Client) orderAt(ctx context.Context, path []string, body any, key string) (o uc.Order, replayed bool, err error) {
	h, err := c.do(ctx, request{method: http.MethodPost, path: path, query: c.rehearsal(), key: key, body: body}, &o)
	return o, h.Get("Idempotency-Replayed") == "true", err
}

// OrderQuery selects orders; a zero field selects all.
type OrderQuery struct {
	State       uc.OrderState
	Kind        uc.OrderKind
	User        string
	ServiceArea string
	Cursor      string
	Limit       int // 0 = the API's default
}

// Orders reads one part of the list of orders, newest first.
func (c *Client) Orders(ctx context.Context, q OrderQuery) (out api.OrderList, err error) {
	query := values(map[string]string{
		"state": string(q.State), "kind": string(q.Kind), "user": q.User,
		"serviceArea": q.ServiceArea, "cursor": q.Cursor, "limit": limit(q.Limit),
	})
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"orders"}, query: query}, &out)
	return out, err
}

// Order reads one order with its steps. Fails with uc.NotFound.
func (c *Client) Order(ctx context.Context, id string) (o uc.Order, err error) {
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"orders", id}}, &o)
	return o, err
}

// Resume lets a waiting order try again. Fails with uc.NotFound, and uc.Conflict
// when the order does not wait.
func (c *Client) Resume(ctx context.Context, id string) (uc.Order, error) {
	return c.tell(ctx, id, "resume", nil)
}

// Cancel ends an open order and undoes what it made. Fails with uc.NotFound, and
// uc.Conflict when the order has ended.
func (c *Client) Cancel(ctx context.Context, id string) (uc.Order, error) {
	return c.tell(ctx, id, "cancel", nil)
}

// Reschedule moves the start date of a scheduled order. Fails with uc.NotFound, and
// uc.Conflict when the order is not scheduled.
func (c *Client) Reschedule(ctx context.Context, id string, startAt time.Time) (uc.Order, error) {
	return c.tell(ctx, id, "reschedule", map[string]time.Time{"startAt": startAt})
}

// RescheduleLeaver moves the date at which a scheduled leaver leaves. Fails like
// Reschedule.
func (c *Client) RescheduleLeaver(ctx context.Context, id string, leaveAt time.Time) (uc.Order, error) {
	return c.tell(ctx, id, "reschedule", map[string]time.Time{"leaveAt": leaveAt})
}

func (c *Client) tell(ctx context.Context, id, what string, body any) (o uc.Order, err error) {
	_, err = c.do(ctx, request{method: http.MethodPost, path: []string{"orders", id, what}, body: body}, &o)
	return o, err
}
