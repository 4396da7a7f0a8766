package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dialtone/dialtone/uc"
)

// The time limits of one request, and the size of its body.
const (
	requestTimeout = 20 * time.Second
	importTimeout  = 2 * time.Minute
	planTimeout    = 50 * time.Second // several systems are asked
	maxBody        = 1 << 20
	maxJoiner      = 64 << 10 // a request that becomes an order travels through the workflow's history
)

// route is one line of the table: what is offered, to whom, and how it may fail.
type route struct {
	method  string
	path    string
	id      string // operationId; its first part is the tag when the path does not tell
	tag     string
	summary string
	roles   []uc.Role
	status  int   // of success
	fails   []int // besides those that every route has
}

// The operations that take longer than others: they ask outside systems.
const (
	planID    = "plan-leaver"
	refreshID = "refresh-estate"
)

// routes is the route table.
func (s *server) routes(api huma.API) {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	ok, accepted, gone := http.StatusOK, http.StatusAccepted, http.StatusNoContent
	missing, conflict := http.StatusNotFound, http.StatusConflict

	handle(s, api, route{
		post, "/v1/joiners", "create-joiner", "joiners",
		"Start a joiner: a person gets services", requester, accepted,
		[]int{missing, conflict},
	}, s.createJoiner)
	handle(s, api, route{
		post, "/v1/leavers", "create-leaver", "leavers",
		"Start a leaver: a person's services end", requester, accepted,
		[]int{missing, conflict},
	}, s.createLeaver)
	handle(s, api, route{
		get, "/v1/leavers/plan", planID, "leavers",
		"What a leaver's order would change and remove now, and what stops working", everyone, ok,
		[]int{missing, conflict},
	}, s.planLeaver)
	handle(s, api, route{
		post, "/v1/movers", "create-mover", "movers",
		"Start a mover: a person's site, name or service changes", requester, accepted,
		[]int{missing, conflict},
	}, s.createMover)
	handle(s, api, route{
		post, "/v1/number-requests", "create-number-request", "number-requests",
		"Ask for a number for a person who has none", requester, accepted,
		[]int{missing, conflict},
	}, s.createNumberRequest)
	handle(s, api, route{
		post, "/v1/phone-changes", "create-phone-change", "phone-changes",
		"Assign, swap or remove a phone of a person", requester, accepted,
		[]int{missing, conflict},
	}, s.createPhoneChange)
	handle(s, api, route{
		post, "/v1/pin-resets", "create-pin-reset", "pin-resets",
		"Give a person a new PIN, which reaches the person alone", requester, accepted,
		[]int{missing, conflict},
	}, s.createPINReset)

	handle(s, api, route{
		get, "/v1/orders", "list-orders", "orders",
		"List orders, newest first", everyone, ok, nil,
	}, s.listOrders)
	handle(s, api, route{
		get, "/v1/orders/{id}", "get-order", "orders",
		"One order with its steps", everyone, ok,
		[]int{missing},
	}, s.getOrder)
	handle(s, api, route{
		post, "/v1/orders/{id}/resume", "resume-order", "orders",
		"Let a waiting order try again", requester, accepted,
		[]int{missing, conflict},
	}, s.resumeOrder)
	handle(s, api, route{
		post, "/v1/orders/{id}/cancel", "cancel-order", "orders",
		"End an open order and undo what it made", requester, accepted,
		[]int{missing, conflict},
	}, s.cancelOrder)
	handle(s, api, route{
		post, "/v1/orders/{id}/reschedule", "reschedule-order", "orders",
		"Move the start of a scheduled order", requester, accepted,
		[]int{missing, conflict},
	}, s.rescheduleOrder)

	handle(s, api, route{
		get, "/v1/pools", "list-pools", "pools",
		"Number pools with their numbers by state", readers, ok, nil,
	}, s.listPools)
	handle(s, api, route{
		get, "/v1/pools/{name}", "get-pool", "pools",
		"One number pool", readers, ok,
		[]int{missing},
	}, s.getPool)
	handle(s, api, route{
		put, "/v1/pools/{name}", "put-pool", "pools",
		"Make or change a number pool", admins, ok,
		[]int{missing, conflict},
	}, s.putPool)
	handle(s, api, route{
		post, "/v1/pools/{name}/numbers", "import-numbers", "pools",
		"Import numbers: single ones and ranges, as JSON or CSV", admins, ok,
		[]int{missing, conflict},
	}, s.importNumbers)

	handle(s, api, route{
		get, "/v1/numbers", "list-numbers", "numbers",
		"Numbers by digits, with their history, or by pool, state and user", readers, ok,
		[]int{missing},
	}, s.listNumbers)
	handle(s, api, route{
		post, "/v1/numbers/{digits}/hold", "hold-number", "numbers",
		"Keep a number for a person until a date", admins, ok,
		[]int{missing, conflict},
	}, s.holdNumber)
	handle(s, api, route{
		post, "/v1/numbers/{digits}/release", "release-number", "numbers",
		"Give the number of a person who stays back to its pool", admins, accepted,
		[]int{missing, conflict},
	}, s.releaseNumber)
	handle(s, api, route{
		post, "/v1/numbers/{digits}/unhold", "unhold-number", "numbers",
		"End the hold of a number", admins, ok,
		[]int{missing, conflict},
	}, s.unholdNumber)
	handle(s, api, route{
		post, "/v1/numbers/{digits}/block", "block-number", "numbers",
		"Keep a number from being handed out", admins, ok,
		[]int{missing, conflict},
	}, s.blockNumber)
	handle(s, api, route{
		post, "/v1/numbers/{digits}/unblock", "unblock-number", "numbers",
		"Let a blocked number be handed out again", admins, ok,
		[]int{missing, conflict},
	}, s.unblockNumber)
	handle(s, api, route{
		get, "/v1/people", "list-people", "people",
		"The people that orders know, by user id", readers, ok, nil,
	}, s.listPeople)
	handle(s, api, route{
		get, "/v1/people/{userId}", "get-person", "people",
		"Everything that is known about a person", readers, ok,
		[]int{missing},
	}, s.getPerson)

	handle(s, api, route{
		get, "/v1/catalog", "get-catalog", "catalog",
		"Domains, service areas, templates and pools", readers, ok, nil,
	}, s.getCatalog)
	handle(s, api, route{
		put, "/v1/catalog", "put-catalog", "catalog",
		"Make or change domains, service areas, templates and pools", admins, ok,
		[]int{missing, conflict},
	}, s.putCatalog)

	s.estateRoutes(api)

	handle(s, api, route{
		get, "/v1/guard/holds", "list-guard-holds", "guard",
		"Bursts of orders that wait for a decision, newest first", admins, ok, nil,
	}, s.listGuardHolds)
	handle(s, api, route{
		post, "/v1/guard/holds/{id}/approve", "approve-guard-hold", "guard",
		"Let the orders of a hold go on", admins, ok,
		[]int{missing, conflict},
	}, s.approveGuardHold)
	handle(s, api, route{
		post, "/v1/guard/holds/{id}/reject", "reject-guard-hold", "guard",
		"Cancel the orders of a hold", admins, ok,
		[]int{missing, conflict},
	}, s.rejectGuardHold)

	handle(s, api, route{
		get, "/v1/tokens", "list-tokens", "tokens",
		"The tokens, without their secrets", admins, ok, nil,
	}, s.listTokens)
	handle(s, api, route{
		post, "/v1/tokens", "create-token", "tokens",
		"Make a token; its secret is shown this once", admins, http.StatusCreated,
		[]int{conflict},
	}, s.createToken)
	handle(s, api, route{
		del, "/v1/tokens/{name}", "revoke-token", "tokens",
		"Revoke a token at once", admins, gone,
		[]int{missing},
	}, s.revokeToken)

	handle(s, api, route{
		get, "/healthz", "healthz", "service",
		"The process lives", nobody, ok, nil,
	}, s.healthz)
	handle(s, api, route{
		get, "/readyz", "readyz", "service",
		"The service can do its work", nobody, ok, nil,
	}, s.readyz)
	describeImport(api.OpenAPI())
}

// handle registers one line of the table: who may call it, how long it may take,
// and how its errors become problems.
func handle[I, O any](s *server, api huma.API, r route, run func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		Method: r.method, Path: r.path, OperationID: r.id, Summary: r.summary, Tags: []string{r.tag},
		DefaultStatus: r.status, MaxBodyBytes: maxBody, RejectUnknownQueryParameters: true,
		Errors: append([]int{
			http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusInternalServerError,
			http.StatusBadGateway, http.StatusServiceUnavailable,
		}, r.fails...),
	}
	limit := requestTimeout
	switch r.id {
	case importID, "approve-guard-hold", "reject-guard-hold":
		limit = importTimeout
	case planID, refreshID:
		limit = planTimeout
	case "create-joiner", "create-leaver", "create-mover", "create-number-request", "create-phone-change", "create-pin-reset":
		op.MaxBodyBytes = maxJoiner
	}
	if len(r.roles) > 0 {
		op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden)
		op.Security = []map[string][]string{{"token": {}}}
		op.Description = "For tokens with role " + roleNames(r.roles) + "."
		op.Middlewares = huma.Middlewares{s.authenticate(api, r.roles)}
	}
	if r.method == http.MethodPost || r.method == http.MethodPut {
		op.Errors = append(op.Errors, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		out, err := run(ctx, in)
		if err != nil {
			p := s.problem(ctx, err)
			p.Instance = instance(ctx)
			return nil, p
		}
		return out, nil
	})
}

func roleNames(roles []uc.Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
