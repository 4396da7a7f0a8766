package apitest

import (
	"context"
	"sync"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"
)

// Temporal is the SDK's mock of a client that accepts everything and remembers it,
// until it is told to fail.
type Temporal struct {
	mocks.Client

	mu      sync.Mutex
	fail    error
	started []string
	told    []string
}

func newTemporal() *Temporal {
	t := &Temporal{}
	anything := mock.Anything
	t.On("ExecuteWorkflow", anything, anything, anything, anything).Return(
		func(_ context.Context, o client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
			return &mocks.WorkflowRun{}, t.note(&t.started, o.ID)
		})
	t.On("SignalWorkflow", anything, anything, anything, anything, anything).Return(
		func(_ context.Context, id, _, signal string, _ any) error { return t.note(&t.told, signal+" "+id) })
	t.On("CancelWorkflow", anything, anything, anything).Return(
		func(_ context.Context, id, _ string) error { return t.note(&t.told, "cancel "+id) })
	return t
}

func (t *Temporal) note(to *[]string, what string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fail == nil {
		*to = append(*to, what)
	}
	return t.fail
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
