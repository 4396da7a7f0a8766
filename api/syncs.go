package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// SyncRequest asks for a sync of a call processor.
type SyncRequest struct {
	CallProcessor string          `json:"callProcessor" maxLength:"128" pattern:"\\S"`
	Scope         uc.SyncScope    `json:"scope,omitempty" enum:"infra,subscribers,all" doc:"What is read; all when left out"`
	Join          *bool           `json:"join,omitempty" doc:"A sync that runs already is joined, whatever its scope; false: the request is refused then. true when left out"`
	Shrink        *uc.ShrinkGuard `json:"shrink,omitempty" doc:"How much may be gone before somebody is asked"`
}

type (
	createSyncIn struct {
		DryRun bool `query:"dryRun" doc:"Start nothing: answer what would come of the request, with a sync that has no id when it would be a new one"`
		Body   SyncRequest
	}
	startedSync struct {
		Location string `header:"Location" doc:"Where the sync is read"`
		Replayed string `header:"Idempotency-Replayed" doc:"true when the sync ran already and was joined"`
		Body     uc.Sync
	}
)

// createSync starts a sync, or joins the one that runs. It is recorded here, too, so
// that who started it finds it at once, however busy the worker is.
func (s *server) createSync(ctx context.Context, in *createSyncIn) (*startedSync, error) {
	ask := in.Body
	trim(&ask.CallProcessor)
	if err := s.unknownCallProcessor("body.callProcessor", ask.CallProcessor); err != nil {
		return nil, err
	}
	if ask.Scope == "" {
		ask.Scope = uc.SyncAll
	}
	start := workflows.SyncInput{CallProcessor: ask.CallProcessor, Scope: ask.Scope, CreatedBy: callerOf(ctx).name}
	if g := ask.Shrink; g != nil {
		if g.Percent < 0 || g.Percent > 100 || g.Least < 0 {
			return nil, invalid(Violation{Location: "body.shrink", Message: "percent goes from 0 to 100, and least is not negative"})
		}
		start.Shrink = *g
	}
	if in.DryRun {
		return s.rehearseSync(ctx, start, ask.Join)
	}
	id, joined, err := workflows.StartSync(ctx, s.temporal, start)
	if err != nil {
		return nil, err
	}
	out := &startedSync{Location: "/v1/syncs/" + id}
	switch {
	case !joined:
		out.Body, _, err = s.db.OpenSync(ctx, db.NewSync{
			ID: id, CallProcessor: start.CallProcessor, Scope: start.Scope, Shrink: start.Shrink, CreatedBy: start.CreatedBy,
		})
	case refuses(ask.Join):
		return nil, runsAlready(id, ask.CallProcessor)
	default:
		out.Replayed = "true"
		out.Body, err = s.db.GetSync(ctx, id)
	}
	if errors.Is(err, uc.NotFound) {
		p := statusProblem(http.StatusServiceUnavailable, fmt.Sprintf("sync %s has begun in this moment: send the same again", id))
		p.retryAfter = retryLater
		return nil, p
	}
	return out, err
}

// refuses reports whether a request does not want to join a sync that runs.
func refuses(join *bool) bool { return join != nil && !*join }

func runsAlready(id, callProcessor string) *Problem {
	return kindProblem(uc.Conflict, fmt.Sprintf("sync %s of %s runs already, one at a time: join it, or wait for its end", id, callProcessor))
}

// rehearseSync answers what would come of a start, and starts nothing.
func (s *server) rehearseSync(ctx context.Context, start workflows.SyncInput, join *bool) (*startedSync, error) {
	for _, state := range []uc.SyncState{uc.SyncRunning, uc.SyncWaiting} {
		found, _, err := s.db.ListSyncs(ctx, db.SyncFilter{CallProcessor: start.CallProcessor, State: state}, "", 1)
		switch {
		case err != nil:
			return nil, err
		case len(found) == 0:
			continue
		case refuses(join):
			return nil, runsAlready(found[0].ID, start.CallProcessor)
		}
		return &startedSync{Location: "/v1/syncs/" + found[0].ID, Replayed: "true", Body: found[0]}, nil
	}
	return &startedSync{Body: uc.Sync{
		CallProcessor: start.CallProcessor, Scope: start.Scope, State: uc.SyncRunning, Shrink: start.Shrink.WithDefaults(),
		CreatedBy: start.CreatedBy, CreatedAt: s.now(),
	}}, nil
}

// unknownCallProcessor is a problem at the location when the settings do not have the
// call processor: nobody would ever read it. An API whose settings hold none leaves
// that to the worker's.
func (s *server) unknownCallProcessor(location, name string) error {
	known := s.systems.CallProcessors
	if name == "" || known == nil || slices.Contains(known, name) {
		return nil
	}
	return invalid(Violation{
		Location: location, Value: name, Message: uc.NotConfigured("callProcessor", name, known).String(),
	})
}

type (
	listSyncsIn struct {
		CallProcessor string       `query:"callProcessor" maxLength:"128"`
		State         uc.SyncState `query:"state" enum:"running,waiting,done,failed,cancelled"`
		Page
	}
	listSyncsOut struct{ Body SyncList }
	syncIn       struct {
		ID string `path:"id" maxLength:"128"`
	}
	syncOut struct{ Body uc.Sync }
)

// SyncList is one part of a list of syncs, newest first.
type SyncList struct {
	Items []uc.Sync `json:"items" doc:"Without their kinds"`
	Next  string    `json:"next,omitempty" doc:"The cursor of the next part; absent in the last"`
}

func (s *server) listSyncs(ctx context.Context, in *listSyncsIn) (*listSyncsOut, error) {
	syncs, next, err := s.db.ListSyncs(ctx, db.SyncFilter{CallProcessor: in.CallProcessor, State: in.State}, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	return &listSyncsOut{SyncList{Items: list(syncs), Next: next}}, nil
}

func (s *server) getSync(ctx context.Context, in *syncIn) (*syncOut, error) {
	sync, err := s.db.GetSync(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &syncOut{sync}, nil
}

// cancelSync ends a sync; the copy stays as it was.
func (s *server) cancelSync(ctx context.Context, in *syncIn) (*syncOut, error) {
	sync, err := s.db.GetSync(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if sync.State.Final() {
		return nil, kindProblem(uc.Conflict, fmt.Sprintf("sync %s is %s: it has ended and cannot be cancelled", sync.ID, sync.State))
	}
	return s.toldSync(ctx, sync, workflows.CancelSync(ctx, s.temporal, sync))
}

// SyncDecision asks for a decision about a sync that the guard holds.
type SyncDecision struct {
	Reason string `json:"reason" maxLength:"500" pattern:"\\S" doc:"Why, for the report"`
}

type decideSyncIn struct {
	ID   string `path:"id" maxLength:"128"`
	Body SyncDecision
}

func (s *server) approveSync(ctx context.Context, in *decideSyncIn) (*syncOut, error) {
	return s.decideSync(ctx, in, true, uc.SyncLine{
		What: "approved", Do: "nothing: what is not there any more leaves the copy",
	})
}

func (s *server) rejectSync(ctx context.Context, in *decideSyncIn) (*syncOut, error) {
	return s.decideSync(ctx, in, false, uc.SyncLine{
		What: "rejected", Do: "sync again once the call processor has everything: the copy is as it was",
	})
}

// decideSync tells a sync that the guard holds what was decided; its report says who
// decided so and why.
func (s *server) decideSync(ctx context.Context, in *decideSyncIn, approve bool, line uc.SyncLine) (*syncOut, error) {
	sync, err := s.db.GetSync(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if sync.State != uc.SyncWaiting {
		return nil, kindProblem(uc.Conflict, fmt.Sprintf("sync %s is %s: only one that waits for a decision can be decided about",
			in.ID, sync.State))
	}
	line.Severity, line.Class, line.Why = uc.SeverityInfo, uc.GuardLine, strings.TrimSpace(in.Body.Reason)
	line.Properties, err = json.Marshal(map[string]string{"by": callerOf(ctx).name})
	if err != nil {
		return nil, err
	}
	if err = workflows.DecideSync(ctx, s.temporal, sync, approve); err == nil {
		err = s.db.AddSyncLines(ctx, in.ID, line)
	}
	return s.toldSync(ctx, sync, err)
}

// toldSync answers after a sync was told something: it acts on its own time, so the
// answer is the sync as it stands now.
func (s *server) toldSync(ctx context.Context, sync uc.Sync, err error) (*syncOut, error) {
	ended := errors.Is(err, uc.NotFound)
	if err != nil && !ended {
		return nil, err
	}
	now, err := s.db.GetSync(ctx, sync.ID)
	if err == nil && ended {
		return nil, kindProblem(uc.Conflict, fmt.Sprintf("sync %s does not run any more", sync.ID))
	}
	return &syncOut{now}, err
}
