package apiclient

import (
	"context"
	"net/http"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/uc"
)

// StartSync starts a sync; joined tells that one ran already. Fails with uc.Invalid
// when the settings do not have the call processor, and uc.Conflict when one runs and
// is not to be joined.
func (c *Client) StartSync(ctx context.Context, r api.SyncRequest) (s uc.Sync, joined bool, err error) {
	h, err := c.do(ctx, request{method: http.MethodPost, path: []string{"syncs"}, query: c.rehearsal(), body: r}, &s)
	return s, h.Get("Idempotency-Replayed") == "true", err
}

// SyncQuery selects syncs; a zero field selects all.
type SyncQuery struct {
	CallProcessor string
	State         uc.SyncState
	Cursor        string
	Limit         int // 0 = the API's default
}

// Syncs reads one part of the list of syncs, newest first, without their kinds.
func (c *Client) Syncs(ctx context.Context, q SyncQuery) (out api.SyncList, err error) {
	query := values(map[string]string{
		"callProcessor": q.CallProcessor, "state": string(q.State), "cursor": q.Cursor, "limit": limit(q.Limit),
	})
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"syncs"}, query: query}, &out)
	return out, err
}

// Sync reads one sync with its kinds. Fails with uc.NotFound.
func (c *Client) Sync(ctx context.Context, id string) (s uc.Sync, err error) {
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"syncs", id}}, &s)
	return s, err
}

// CancelSync ends a sync. Fails with uc.NotFound, and uc.Conflict when it has ended.
func (c *Client) CancelSync(ctx context.Context, id string) (uc.Sync, error) {
	return c.tellSync(ctx, id, "cancel", nil)
}

// ApproveSync lets a sync go on that the guard holds; the reason stands in its report.
// Fails with uc.NotFound, uc.Invalid without a reason, and uc.Conflict when it does not
// wait.
func (c *Client) ApproveSync(ctx context.Context, id, reason string) (uc.Sync, error) {
	return c.tellSync(ctx, id, "approve", api.SyncDecision{Reason: reason})
}

// RejectSync ends a sync that the guard holds. Fails as ApproveSync does.
func (c *Client) RejectSync(ctx context.Context, id, reason string) (uc.Sync, error) {
	return c.tellSync(ctx, id, "reject", api.SyncDecision{Reason: reason})
}

func (c *Client) tellSync(ctx context.Context, id, what string, body any) (s uc.Sync, err error) {
	_, err = c.do(ctx, request{method: http.MethodPost, path: []string{"syncs", id, what}, body: body}, &s)
	return s, err
}

// ReportQuery selects lines of a report; a zero field selects all.
type ReportQuery struct {
	Kind     string // a kind of object, or a relation
	Severity uc.Severity
	Class    uc.LineClass
	Cursor   string
	Limit    int // 0 = the API's default
}

// SyncReport reads one part of a report. Fails with uc.NotFound.
func (c *Client) SyncReport(ctx context.Context, id string, q ReportQuery) (out api.SyncReport, err error) {
	query := values(map[string]string{
		"kind": q.Kind, "severity": string(q.Severity), "class": string(q.Class), "cursor": q.Cursor, "limit": limit(q.Limit),
	})
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"syncs", id, "report"}, query: query}, &out)
	return out, err
}

// DiffSyncs reads one part of what only one of two reports says. Fails with
// uc.NotFound, and uc.Invalid when both are the same sync.
func (c *Client) DiffSyncs(ctx context.Context, a, b, cursor string, max int) (out api.SyncDiff, err error) {
	query := values(map[string]string{"cursor": cursor, "limit": limit(max)})
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"syncs", a, "diff", b}, query: query}, &out)
	return out, err
}

// Estate reads which kinds of objects the copies hold, how many and how old; an empty
// call processor is every one.
func (c *Client) Estate(ctx context.Context, callProcessor string) (out api.EstateOverview, err error) {
	query := values(map[string]string{"callProcessor": callProcessor})
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"estate"}, query: query}, &out)
	return out, err
}

// Watches reads where the change watchers stand; an empty call processor is every one.
func (c *Client) Watches(ctx context.Context, callProcessor string) (out api.WatchList, err error) {
	query := values(map[string]string{"callProcessor": callProcessor})
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"watches"}, query: query}, &out)
	return out, err
}

// EstateQuery selects objects of a kind; a zero field selects all.
type EstateQuery struct {
	CallProcessor string
	Name          string // a part of it, or with * the whole
	Partition     string
	User          string // whose
	Cursor        string
	Limit         int // 0 = the API's default
}

// EstateObjects reads one part of the objects of a kind, by name. Fails with
// uc.Invalid when there is no such kind.
func (c *Client) EstateObjects(ctx context.Context, kind string, q EstateQuery) (out api.EstateList, err error) {
	query := values(map[string]string{
		"callProcessor": q.CallProcessor, "name": q.Name, "partition": q.Partition, "user": q.User,
		"cursor": q.Cursor, "limit": limit(q.Limit),
	})
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"estate", kind}, query: query}, &out)
	return out, err
}

// RefreshEstate reads one person into the copies now. Fails with uc.NotFound when
// nobody knows the person.
func (c *Client) RefreshEstate(ctx context.Context, r api.RefreshRequest) (out api.RefreshList, err error) {
	_, err = c.do(ctx, request{method: http.MethodPost, path: []string{"estate", "refresh"}, body: r}, &out)
	return out, err
}
