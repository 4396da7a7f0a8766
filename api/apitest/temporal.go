package apitest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/mocks"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// Temporal is the SDK's mock of a client that accepts everything and remembers it,
// until it is told to fail.
type Temporal struct {
	mocks.Client

	mu      sync.Mutex
	fail    error
	started []string
	told    []string
	plan    uc.LeaverPlan
	syncs   map[string]string // the last run of each

	schedules map[string]*client.Schedule
	watches   map[string]uc.Watch // by workflow id
}

// newTemporal plays a server on which every open order of the database has its
// story running.
func newTemporal(d *db.DB) *Temporal {
	t := &Temporal{syncs: map[string]string{}, schedules: map[string]*client.Schedule{}, watches: map[string]uc.Watch{}}
	anything := mock.Anything
	t.On("ExecuteWorkflow", anything, anything, anything, anything).Return(
		func(ctx context.Context, o client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
			if strings.HasPrefix(o.ID, "leaver-preview/") {
				return t.preview(), nil
			}
			if strings.HasPrefix(o.ID, "sync/") {
				return t.sync(ctx, d, o.ID)
			}
			if place, user, ok := refreshed(o.ID); ok {
				return t.refresh(place, user), t.note(&t.started, o.ID)
			}
			return &mocks.WorkflowRun{}, t.note(&t.started, o.ID)
		})
	t.On("SignalWorkflow", anything, anything, anything, anything, anything).Return(
		func(_ context.Context, id, _, signal string, _ any) error { return t.note(&t.told, signal+" "+id) })
	t.On("CancelWorkflow", anything, anything, anything).Return(
		func(_ context.Context, id, _ string) error { return t.note(&t.told, "cancel "+id) })
	t.On("QueryWorkflow", anything, anything, anything, anything).Return(
		nil, serviceerror.NewFailedPrecondition("no worker answers questions here"))
	t.On("QueryWorkflowWithOptions", anything, anything).Return(
		func(_ context.Context, q *client.QueryWorkflowWithOptionsRequest) (*client.QueryWorkflowWithOptionsResponse, error) {
			return t.watch(q.WorkflowID)
		})
	t.On("DescribeWorkflowExecution", anything, anything, anything).Return(
		func(ctx context.Context, id, _ string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
			return describe(ctx, d, id)
		})
	return t
}

// describe tells for which order a workflow runs.
func describe(ctx context.Context, d *db.DB, id string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	_, user, _ := strings.Cut(id, "/")
	orders, err := d.OrdersOf(ctx, user)
	if err != nil {
		return nil, err
	}
	open := slices.IndexFunc(orders, func(o uc.Order) bool { return o.State.Open() && o.WorkflowID == id })
	if open < 0 {
		return nil, serviceerror.NewNotFound("no workflow " + id)
	}
	memo, err := converter.GetDefaultDataConverter().ToPayload(orders[open].ID)
	if err != nil {
		return nil, err
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflow.WorkflowExecutionInfo{
		Execution: &common.WorkflowExecution{WorkflowId: id, RunId: "run"},
		Memo:      &common.Memo{Fields: map[string]*common.Payload{"order": memo}},
	}}, nil
}

func (t *Temporal) note(to *[]string, what string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fail == nil {
		*to = append(*to, what)
	}
	return t.fail
}

// sync is a run that goes on until the database says that it has ended.
func (t *Temporal) sync(ctx context.Context, d *db.DB, id string) (client.WorkflowRun, error) {
	t.mu.Lock()
	last := t.syncs[id]
	t.mu.Unlock()
	if s, err := d.GetSync(ctx, last); err == nil && !s.State.Final() || last != "" && errors.Is(err, uc.NotFound) {
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("it runs", "", last)
	}
	run := &mocks.WorkflowRun{}
	if err := t.note(&t.started, id); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	last = fmt.Sprintf("00000000-0000-7000-8000-%012d", len(t.started))
	t.syncs[id] = last
	run.On("GetRunID").Return(last)
	return run, nil
}

// SyncBegan makes a sync run that nobody has recorded yet.
func (t *Temporal) SyncBegan(callProcessor, id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.syncs["sync/"+callProcessor] = id
}

// refreshed reads the id of a refresh of one person.
func refreshed(id string) (callProcessor, user string, ok bool) {
	rest, ok := strings.CutPrefix(id, "refresh/")
	callProcessor, user, _ = strings.Cut(rest, "/")
	return callProcessor, user, ok
}

// refresh is a run that finds everybody but the user nobody, and late not in time.
func (t *Temporal) refresh(callProcessor, user string) client.WorkflowRun {
	run := &mocks.WorkflowRun{}
	run.On("Get", mock.Anything, mock.Anything).Return(func(_ context.Context, to any) error {
		if user == "nobody" {
			return serviceerror.NewNotFound("no user " + user)
		}
		if user == "late" {
			return context.DeadlineExceeded
		}
		if r, ok := to.(*uc.PersonRefresh); ok {
			*r = uc.PersonRefresh{CallProcessor: callProcessor, UserID: user, There: true, Changed: 2, Same: 1}
		}
		return nil
	})
	return run
}

// preview is a run that ends with the plan.
func (t *Temporal) preview() client.WorkflowRun {
	run := &mocks.WorkflowRun{}
	run.On("Get", mock.Anything, mock.Anything).Return(func(_ context.Context, to any) error {
		t.mu.Lock()
		defer t.mu.Unlock()
		if plan, ok := to.(*uc.LeaverPlan); ok {
			*plan = t.plan
		}
		return t.fail
	})
	return run
}

// watch is where a change watcher stands.
func (t *Temporal) watch(id string) (*client.QueryWorkflowWithOptionsResponse, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	w, ok := t.watches[id]
	switch {
	case t.fail != nil:
		return nil, t.fail
	case !ok:
		return nil, serviceerror.NewNotFound("no workflow " + id)
	}
	out := &mocks.Value{}
	out.On("Get", mock.Anything).Return(func(to any) error {
		if into, ok := to.(*uc.Watch); ok {
			*into = w
		}
		return nil
	})
	return &client.QueryWorkflowWithOptionsResponse{QueryResult: out}, nil
}

// Watch lets a change watcher stand there.
func (t *Temporal) Watch(w uc.Watch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.watches["watch/"+w.CallProcessor] = w
}

// Plan makes every later preview of a leaver end with the plan.
func (t *Temporal) Plan(p uc.LeaverPlan) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.plan = p
}

// Fail makes every later call fail; nil ends that.
func (t *Temporal) Fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fail = err
}

// Started returns the ids of the workflows that were started, in order.
func (t *Temporal) Started() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string{}, t.started...)
}

// Told returns the signals and cancellations, "resume joiner/ann", in order.
func (t *Temporal) Told() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string{}, t.told...)
}
