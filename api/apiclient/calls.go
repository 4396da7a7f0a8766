package apiclient

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/uc"
)

// Pools reads every number pool.
func (c *Client) Pools(ctx context.Context) (out api.PoolList, err error) {
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"pools"}}, &out)
	return out, err
}

// Pool reads one number pool. Fails with uc.NotFound.
func (c *Client) Pool(ctx context.Context, name string) (out api.Pool, err error) {
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"pools", name}}, &out)
	return out, err
}

// ImportNumbers sends the body, JSON or CSV by its content type, as a stream.
// Fails with uc.NotFound when the pool does not exist; rows that are wrong are in
// the report.
func (c *Client) ImportNumbers(ctx context.Context, pool, contentType string, body io.Reader) (api.ImportReport, error) {
	var out api.ImportReport
	_, err := c.do(ctx, request{
		method: http.MethodPost, path: []string{"pools", pool, "numbers"}, body: body, contentType: contentType,
	}, &out)
	return out, err
}

// NumberQuery selects numbers: by digits alone, or by the other fields.
type NumberQuery struct {
	Digits string
	Pool   string
	State  uc.NumberState
	User   string
	Cursor string
	Limit  int // 0 = the API's default
}

// Numbers reads one part of the list of numbers; by digits with history. Fails with
// uc.NotFound when no pool has the digits.
func (c *Client) Numbers(ctx context.Context, q NumberQuery) (out api.NumberList, err error) {
	query := values(map[string]string{
		"digits": q.Digits, "pool": q.Pool, "state": string(q.State), "user": q.User,
		"cursor": q.Cursor, "limit": limit(q.Limit),
	})
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"numbers"}, query: query}, &out)
	return out, err
}

// HoldNumber keeps the number for a person until a date. An empty call processor or
// partition is any. Fails with uc.NotFound, and with uc.Conflict when the digits
// stand for several numbers or somebody has the number.
func (c *Client) HoldNumber(ctx context.Context, digits string, hold api.NumberHold) (api.Number, error) {
	return c.changeNumber(ctx, digits, "hold", hold)
}

// UnholdNumber ends a hold. Fails like HoldNumber, and with uc.Conflict when the
// number is not held.
func (c *Client) UnholdNumber(ctx context.Context, digits string, why api.NumberReason) (api.Number, error) {
	return c.changeNumber(ctx, digits, "unhold", why)
}

// BlockNumber keeps the number from being handed out. Fails like HoldNumber.
func (c *Client) BlockNumber(ctx context.Context, digits string, why api.NumberReason) (api.Number, error) {
	return c.changeNumber(ctx, digits, "block", why)
}

// UnblockNumber ends a block. Fails like HoldNumber, and with uc.Conflict when the
// number is not blocked.
func (c *Client) UnblockNumber(ctx context.Context, digits string, why api.NumberReason) (api.Number, error) {
	return c.changeNumber(ctx, digits, "unblock", why)
}

func (c *Client) changeNumber(ctx context.Context, digits, what string, body any) (out api.Number, err error) {
	_, err = c.do(ctx, request{method: http.MethodPost, path: []string{"numbers", digits, what}, body: body}, &out)
	return out, err
}

// PersonQuery selects people; a zero field selects all.
type PersonQuery struct {
	Domain      string
	ServiceArea string
	State       uc.PersonState
	EmployeeID  string
	Cursor      string
	Limit       int // 0 = the API's default
}

// People reads one part of the list of people, by user id.
func (c *Client) People(ctx context.Context, q PersonQuery) (out api.PersonList, err error) {
	query := values(map[string]string{
		"domain": q.Domain, "serviceArea": q.ServiceArea, "state": string(q.State), "employeeId": q.EmployeeID,
		"cursor": q.Cursor, "limit": limit(q.Limit),
	})
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"people"}, query: query}, &out)
	return out, err
}

// Person reads everything that is known about a person. Fails with uc.NotFound.
func (c *Client) Person(ctx context.Context, userID string) (out api.Person, err error) {
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"people", userID}}, &out)
	return out, err
}

// Catalog reads domains, service areas, templates and pools.
func (c *Client) Catalog(ctx context.Context) (out uc.Catalog, err error) {
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"catalog"}}, &out)
	return out, err
}

// ApplyCatalog makes or changes what the catalog names, or only says what would
// change. Fails with uc.Invalid and uc.Conflict; then nothing was changed.
func (c *Client) ApplyCatalog(ctx context.Context, catalog uc.Catalog, dryRun bool) (out api.CatalogPlan, err error) {
	query := url.Values{"dryRun": {strconv.FormatBool(dryRun)}}
	_, err = c.do(ctx, request{method: http.MethodPut, path: []string{"catalog"}, query: query, body: catalog}, &out)
	return out, err
}

// Tokens reads the tokens, without secrets.
func (c *Client) Tokens(ctx context.Context) (out api.TokenList, err error) {
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"tokens"}}, &out)
	return out, err
}

// CreateToken makes a token. Fails with uc.Conflict when the name is taken.
func (c *Client) CreateToken(ctx context.Context, name string, role uc.Role) (out api.NewToken, err error) {
	body := map[string]string{"name": name, "role": string(role)}
	_, err = c.do(ctx, request{method: http.MethodPost, path: []string{"tokens"}, body: body}, &out)
	return out, err
}

// RevokeToken ends a token at once. Fails with uc.NotFound.
func (c *Client) RevokeToken(ctx context.Context, name string) error {
	_, err := c.do(ctx, request{method: http.MethodDelete, path: []string{"tokens", name}}, nil)
	return err
}

// values leaves out what is not asked for.
func values(all map[string]string) url.Values {
	out := url.Values{}
	for name, value := range all {
		if value != "" {
			out.Set(name, value)
		}
	}
	return out
}

func limit(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
