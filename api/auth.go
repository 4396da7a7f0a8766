package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"github.com/dialtone/dialtone/uc"
)

// Who may use a route; nobody means that no token is asked for.
var (
	nobody    []uc.Role
	admins    = []uc.Role{uc.RoleAdmin}
	readers   = []uc.Role{uc.RoleViewer, uc.RoleAdmin}
	requester = []uc.Role{uc.RoleHR, uc.RoleAdmin}
	everyone  = []uc.Role{uc.RoleHR, uc.RoleViewer, uc.RoleAdmin}
)

// caller is who sends a request: the name and the role of its token.
type caller struct {
	name string
	role uc.Role
}

type callerKey struct{}

// callerOf is who sent the request; the zero caller on routes without a token.
func callerOf(ctx context.Context) caller {
	c, ok := ctx.Value(callerKey{}).(caller)
	if !ok {
		return caller{}
	}
	return c
}

// owns reports whether the caller may see the order: HR sees what its own token
// asked for, and nothing tells it that other orders exist.
func (c caller) owns(o uc.Order) bool { return c.role != uc.RoleHR || o.CreatedBy == c.name }

// tokenKey is where the access log finds the name of the token.
const tokenKey = "token"

// authenticate lets a request through when its token has one of the roles.
func (s *server) authenticate(api huma.API, roles []uc.Role) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		who, err := s.caller(ctx.Context(), ctx.Header("Authorization"))
		if err == nil && !slices.Contains(roles, who.role) {
			err = statusProblem(http.StatusForbidden, "a token with role "+string(who.role)+" may not do this")
		}
		if err != nil {
			s.refuse(api, ctx, err)
			return
		}
		humaecho.Unwrap(ctx).Set(tokenKey, who.name)
		next(huma.WithValue(ctx, callerKey{}, who))
	}
}

// caller reads the Authorization header.
func (s *server) caller(ctx context.Context, header string) (caller, error) {
	scheme, secret, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return caller{}, statusProblem(http.StatusUnauthorized, "send a token: Authorization: Bearer dt_…")
	}
	token, err := s.db.AuthenticateToken(ctx, strings.TrimSpace(secret))
	if errors.Is(err, uc.Denied) {
		return caller{}, statusProblem(http.StatusUnauthorized, "the token is not known, or was revoked")
	}
	if err != nil {
		return caller{}, err
	}
	return caller{name: token.Name, role: token.Role}, nil
}

// refuse answers before the operation's own handler runs.
func (s *server) refuse(api huma.API, ctx huma.Context, err error) {
	p := s.problem(ctx.Context(), err)
	p.Instance = instance(ctx.Context())
	for name, values := range p.GetHeaders() {
		ctx.SetHeader(name, values[0])
	}
	ctx.SetHeader("Content-Type", p.ContentType(""))
	ctx.SetStatus(p.Status)
	if err := api.Marshal(ctx.BodyWriter(), "application/json", p); err != nil {
		s.log.Debug("answer not sent: " + err.Error())
	}
}
