package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/uc"
)

// passGuard waits until the guard lets the order pass: a burst of orders of a kind is
// held, before the first write of each, until somebody approves it. Fails with Conflict
// when the burst was rejected.
func (s *story) passGuard(ctx workflow.Context, kind uc.GuardKind, domain uc.Domain, batch int) error {
	in := activities.GuardIn{OrderID: s.orderID, Kind: kind, Domain: domain, Batch: batch}
	said := ""
	for looks := 0; ; looks++ {
		var out activities.GuardOut
		err := s.step(ctx, "PassGuard", func(ctx workflow.Context) (err error) {
			out, err = local(ctx, inventory.PassGuard, in)
			return err
		})
		switch {
		case err != nil:
			return err
		case out.Rejected:
			return refused("%s", out.Detail)
		case out.Passed && said != "":
			return s.set(ctx, running())
		case out.Passed:
			return nil
		}
		if said != out.Detail {
			said = out.Detail
			if err := s.set(ctx, waiting("", out.Detail, "PassGuard")); err != nil {
				return err
			}
		}
		// The decision resumes the order; the signal may be lost.
		if err := s.wait(ctx, "ask the guard again", looks); err != nil {
			return err
		}
		if err := s.grown(ctx); err != nil {
			return err
		}
	}
}
