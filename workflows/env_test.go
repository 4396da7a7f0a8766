package workflows_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/testsuite"
	sdk "go.temporal.io/sdk/worker"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/clients/hr"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/worker"
	"github.com/dialtone/dialtone/workflows"
)

// trouble makes one activity fail: before it does anything, or after, which is a
// lost answer.
type trouble struct {
	interceptor.WorkerInterceptorBase
	mu    sync.Mutex
	step  string
	kind  uc.Kind
	after bool
	times int
	each  map[string]int  // other steps that fail too, and how often
	slow  time.Duration   // how long the step takes before it begins
	seen  map[string]bool // every activity that ran
}

func (f *trouble) InterceptActivity(
	_ context.Context, next interceptor.ActivityInboundInterceptor,
) interceptor.ActivityInboundInterceptor {
	return &troubled{interceptor.ActivityInboundInterceptorBase{Next: next}, f}
}

type troubled struct {
	interceptor.ActivityInboundInterceptorBase
	f *trouble
}

func (a *troubled) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	name := activity.GetInfo(ctx).ActivityType.Name
	if a.f.slow > 0 && name == a.f.step {
		// The environment gives an activity ten tries and skips the time between them.
		timer := time.NewTimer(a.f.slow)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
	}
	strike := a.f.strikes(name)
	if strike && !a.f.after {
		return nil, &uc.Error{Kind: a.f.kind, System: "test", Op: name, Detail: "made to fail"}
	}
	out, err := a.Next.ExecuteActivity(ctx, in)
	if strike && err == nil {
		return nil, &uc.Error{Kind: uc.Unavailable, System: "test", Op: name, Detail: "the answer was lost"}
	}
	return out, err
}

func (f *trouble) strikes(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seen == nil {
		f.seen = map[string]bool{}
	}
	f.seen[name] = true
	if f.each[name] > 0 {
		f.each[name]--
		return true
	}
	if name != f.step || f.times == 0 {
		return false
	}
	f.times--
	return true
}

// env is the SDK's test environment with the real activities on a world.
type env struct {
	*testsuite.TestWorkflowEnvironment
	w     *world.World
	order uc.Order
}

func newEnv(t *testing.T, w *world.World, j uc.Joiner, f *trouble) *env {
	t.Helper()
	return newEnvAs(t, w, j, f, "order-"+j.User.ID)
}

func newEnvAs(t *testing.T, w *world.World, j uc.Joiner, f *trouble, orderID string) *env {
	t.Helper()
	return newEnvOf(t, w, db.NewOrder{
		ID: orderID, Kind: uc.JoinerOrder, UserID: j.User.ID, Joiner: &j, ServiceArea: j.ServiceArea,
	}, f)
}

// newEnvOf is an environment with an order of any kind.
func newEnvOf(t *testing.T, w *world.World, n db.NewOrder, f *trouble) *env {
	t.Helper()
	e := bareEnv(t, w, f)
	n.CallProcessor, n.CreatedBy, n.State = world.CUCM, "test", uc.Running
	n.WorkflowID = workflows.StoryID(n.Kind, n.UserID)
	var err error
	if e.order, _, err = w.DB.OpenOrder(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	return e
}

// suiteEnv is the SDK's test environment with every story, the ledger and clients of
// the systems, which are closed in the end.
func suiteEnv(
	t *testing.T, w *world.World, more ...interceptor.WorkerInterceptor,
) (*testsuite.TestWorkflowEnvironment, world.Clients) {
	t.Helper()
	clients, err := w.Endpoints.Clients(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		clients.CUCM.Close()
		if err := clients.Directory.Close(); err != nil {
			t.Error(err)
		}
	})
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(worker.Logger(zap.NewNop()))
	e := suite.NewTestWorkflowEnvironment()
	e.SetTestTimeout(time.Minute)
	e.SetWorkerOptions(sdk.Options{
		Interceptors: append([]interceptor.WorkerInterceptor{worker.Interceptor(w.DB, zap.NewNop())}, more...),
	})
	for _, story := range workflows.Stories() {
		e.RegisterWorkflow(story)
	}
	e.RegisterActivity(&activities.Inventory{DB: w.DB})
	return e, clients
}

// bareEnv is an environment without an order.
func bareEnv(t *testing.T, w *world.World, f *trouble) *env {
	t.Helper()
	suite, clients := suiteEnv(t, w, f)
	e := &env{TestWorkflowEnvironment: suite, w: w}
	processors := map[string]*axl.Client{world.CUCM: clients.CUCM}
	if clients.Far != nil {
		t.Cleanup(clients.Far.Close)
		processors[world.FarCUCM] = clients.Far
	}
	e.RegisterActivity(&activities.CallProcessor{Clients: processors, DB: w.DB, PINs: clients.PINs})
	e.RegisterActivity(&activities.Directory{
		Clients: map[string]*directory.Client{world.Directory: clients.Directory}, DB: w.DB,
	})
	e.RegisterActivity(&activities.Notifier{Mail: clients.Mail, HR: map[string]*hr.Client{world.HR: clients.HR}, DB: w.DB})
	return e
}

// run tells the story to its end and returns the order.
func (e *env) run(t *testing.T) uc.Order {
	t.Helper()
	switch o := e.order; o.Kind {
	case uc.JoinerOrder:
		e.ExecuteWorkflow(workflows.Joiner, workflows.JoinerInput{OrderID: o.ID, Joiner: *o.Joiner})
	case uc.MoverOrder:
		e.ExecuteWorkflow(workflows.Mover, workflows.MoverInput{OrderID: o.ID, Mover: *o.Mover})
	case uc.NumberRequestOrder:
		e.ExecuteWorkflow(workflows.NumberRequest, workflows.NumberRequestInput{OrderID: o.ID, NumberRequest: *o.NumberRequest})
	case uc.PhoneOrder:
		e.ExecuteWorkflow(workflows.PhoneChange, workflows.PhoneChangeInput{OrderID: o.ID, PhoneChange: *o.PhoneChange})
	case uc.PINOrder:
		e.ExecuteWorkflow(workflows.PINReset, workflows.PINResetInput{OrderID: o.ID})
	default:
		t.Fatalf("the environment tells no story of kind %q", o.Kind)
	}
	if !e.IsWorkflowCompleted() {
		t.Fatal("the story did not end")
	}
	return e.get(t)
}

func (e *env) get(t *testing.T) uc.Order {
	t.Helper()
	o, err := e.w.DB.GetOrder(t.Context(), e.order.ID)
	if err != nil {
		t.Fatal(err)
	}
	return o
}
