package api

import (
	"context"
	"strings"

	"github.com/dialtone/dialtone/uc"
)

// CatalogPlan is what a catalog changes.
type CatalogPlan struct {
	Applied bool            `json:"applied" doc:"false after a dry run"`
	Changes []CatalogChange `json:"changes"`
}

// CatalogChange is one line of a plan.
type CatalogChange struct {
	Op     string `json:"op" enum:"+,~,-" doc:"+ is made, ~ is changed, - is taken away"`
	Object string `json:"object" example:"pool berlin"`
	Field  string `json:"field,omitempty"`
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
}

type (
	catalogOut   struct{ Body uc.Catalog }
	putCatalogIn struct {
		DryRun bool `query:"dryRun" doc:"Only say what would change"`
		Body   uc.Catalog
	}
	planOut struct{ Body CatalogPlan }
)

func (s *server) getCatalog(ctx context.Context, _ *struct{}) (*catalogOut, error) {
	c, err := s.db.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	return &catalogOut{c}, nil
}

func (s *server) putCatalog(ctx context.Context, in *putCatalogIn) (*planOut, error) {
	if problems := append(in.Body.Problems(), in.Body.UnknownSystems(s.systems)...); len(problems) > 0 {
		return nil, catalogProblem(problems, "")
	}
	plan, err := s.db.ApplyCatalog(ctx, in.Body, in.DryRun)
	if err != nil {
		return nil, err
	}
	out := &planOut{CatalogPlan{Applied: !in.DryRun, Changes: make([]CatalogChange, len(plan.Changes))}}
	for i, c := range plan.Changes {
		out.Body.Changes[i] = CatalogChange{Op: c.Op, Object: c.Object, Field: c.Field, From: c.From, To: c.To}
	}
	if !in.DryRun {
		for _, p := range in.Body.Pools {
			s.wakePool(ctx, p.Name)
		}
	}
	return out, nil
}

// wakePool tells waiting orders about the numbers that the pool has now.
func (s *server) wakePool(ctx context.Context, name string) {
	pool, err := s.pool(ctx, name)
	if err != nil {
		s.log.Warn("orders not woken: " + err.Error())
		return
	}
	s.wake(ctx, name, pool.Eligible)
}

// catalogProblem places the problems of a catalog in the body of the request.
func catalogProblem(problems []uc.Problem, prefix string) *Problem {
	violations := make([]Violation, len(problems))
	for i, p := range problems {
		p.Field = strings.TrimPrefix(p.Field, prefix)
		violations[i] = Violation{Location: "body." + p.Field, Message: p.String(), Value: p.Value}
	}
	return invalid(violations...)
}
