package api

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// RefreshRequest asks to read one person now.
type RefreshRequest struct {
	UserID        string `json:"userId" maxLength:"128" pattern:"\\S"`
	CallProcessor string `json:"callProcessor,omitempty" maxLength:"128" doc:"Where; when left out, every call processor that the person is known on"`
}

// RefreshList is what became of the copies.
type RefreshList struct {
	Items []uc.PersonRefresh `json:"items"`
}

type (
	refreshIn  struct{ Body RefreshRequest }
	refreshOut struct{ Body RefreshList }
)

// refreshEstate reads a person, and what is the person's, into the copies.
func (s *server) refreshEstate(ctx context.Context, in *refreshIn) (*refreshOut, error) {
	ask := in.Body
	trim(&ask.UserID, &ask.CallProcessor)
	if err := s.unknownCallProcessor("body.callProcessor", ask.CallProcessor); err != nil {
		return nil, err
	}
	where := []string{ask.CallProcessor}
	if ask.CallProcessor == "" {
		var err error
		if where, err = s.homes(ctx, ask.UserID); err != nil {
			return nil, err
		}
	}
	if len(where) == 0 {
		return nil, kindProblem(uc.NotFound, fmt.Sprintf("nobody knows where user %q is: name the call processor", ask.UserID))
	}
	out := &refreshOut{}
	var missing error
	for _, name := range where {
		r, err := workflows.Refresh(ctx, s.temporal, name, ask.UserID)
		if errors.Is(err, uc.NotFound) {
			missing = err
			continue
		}
		if err != nil {
			return nil, s.notRefreshed(ctx, err, name, ask.UserID)
		}
		out.Body.Items = append(out.Body.Items, r)
	}
	if len(out.Body.Items) == 0 {
		s.log.Info("refresh: " + missing.Error())
		return nil, kindProblem(uc.NotFound, fmt.Sprintf("there is no user %q on %v", ask.UserID, where))
	}
	return out, nil
}

// notRefreshed says which call processor did not let a person be read, in our words:
// the log has its own.
func (s *server) notRefreshed(ctx context.Context, err error, name, userID string) error {
	p := s.problem(ctx, err)
	var e *uc.Error
	if errors.As(err, &e) && e.System == "temporal" && !errors.Is(err, context.DeadlineExceeded) {
		return p
	}
	var why string
	switch p.Kind {
	case uc.Throttled:
		why = "call processor %q asks to slow down"
	case uc.Unavailable:
		why = "call processor %q did not answer in time, or no worker with its settings runs"
	case uc.Denied:
		why = "call processor %q refuses the AXL account: give it its role and its password back"
	default:
		return p
	}
	p.Detail = fmt.Sprintf(why+"; the copy of user %q is as it was", name, userID)
	return p
}

// homes are the call processors that a person is known on: by their copies, and by the
// person's orders. Of somebody whom nobody knows they are all of the settings.
func (s *server) homes(ctx context.Context, userID string) ([]string, error) {
	var out []string
	page, err := s.db.ListEstate(ctx, db.EstateFilter{Kind: uc.UserKind, Name: userID}, "", 0)
	if err != nil {
		return nil, err
	}
	for _, o := range page.Objects {
		out = append(out, o.CallProcessor)
	}
	orders, err := s.db.OrdersOf(ctx, userID)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		if o.CallProcessor != "" {
			out = append(out, o.CallProcessor)
		}
	}
	if len(out) == 0 {
		out = slices.Clone(s.systems.CallProcessors)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
