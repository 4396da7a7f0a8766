package activities_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	sdk "go.temporal.io/sdk/worker"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/clients/hr"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/worker"
)

// rig runs single effects of one order on a world.
type rig struct {
	*world.World
	axl       *axl.Client
	people    *directory.Client
	cucm      *activities.CallProcessor
	directory *activities.Directory
	notifier  *activities.Notifier
	log       testsuite.WorkflowTestSuite

	order    string
	joiner   uc.Joiner
	services uc.Services
}

// newRig is the order of a person called ann in the area, with number 4700.
func newRig(t *testing.T, o world.Options, area string, change func(*uc.Joiner)) *rig {
	t.Helper()
	r := &rig{World: world.New(t, o)}
	r.Apply(t, map[string]string{
		world.BerlinPool: "4700-4709", world.LisbonPool: "4700-4709",
		world.E164Pool: "+49301234700",
	})
	clients, err := r.Endpoints.Clients(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		clients.CUCM.Close()
		if err := clients.Directory.Close(); err != nil {
			t.Error(err)
		}
	})
	r.axl, r.people = clients.CUCM, clients.Directory
	r.cucm = &activities.CallProcessor{Clients: map[string]*axl.Client{world.CUCM: r.axl}, DB: r.DB, PINs: clients.PINs}
	r.directory = &activities.Directory{Clients: map[string]*directory.Client{world.Directory: r.people}, DB: r.DB}
	r.notifier = &activities.Notifier{Mail: clients.Mail, HR: map[string]*hr.Client{world.HR: clients.HR}, DB: r.DB}
	r.log.SetLogger(worker.Logger(zap.NewNop()))
	r.joiner = r.Person(t, "ann", area)
	if change != nil {
		change(&r.joiner)
	}
	r.open(t, "order-1")
	return r
}

// open begins an order of the person.
func (r *rig) open(t *testing.T, id string) {
	t.Helper()
	r.order = id
	p, err := r.DB.GetPlacement(t.Context(), r.joiner.ServiceArea)
	must(t, err)
	_, _, err = r.DB.OpenOrder(t.Context(), db.NewOrder{
		ID: id, Kind: uc.JoinerOrder, UserID: r.joiner.User.ID, Joiner: &r.joiner,
		ServiceArea: r.joiner.ServiceArea, CallProcessor: world.CUCM, CreatedBy: "test", State: uc.Running,
	})
	must(t, err)
	digits := "4700"
	if p.Pool.Name == world.E164Pool {
		digits = "+49301234700"
	}
	r.services, err = uc.PlanServices(r.joiner, p.Area, p.Template, p.Pool, digits)
	must(t, err)
}

func (r *rig) on() activities.On {
	return activities.On{StepRef: uc.StepRef{OrderID: r.order}, CallProcessor: world.CUCM}
}

func (r *rig) user() activities.UserIn {
	s := r.services
	in := activities.UserIn{
		On: r.on(), User: s.User, Profile: s.DeviceProfile.Name,
		Number: s.Number.Digits, Part: s.Number.Partition,
	}
	for _, p := range s.Phones {
		in.Devices = append(in.Devices, p.Name)
	}
	return in
}

func (r *rig) profile() activities.ProfileIn {
	return activities.ProfileIn{
		On: r.on(), Profile: r.services.DeviceProfile, Line: r.services.Line,
		UserID: r.services.User.User.ID,
	}
}

func (r *rig) line() activities.LineIn {
	in := activities.LineIn{On: r.on(), Line: r.services.Line, Devices: []string{r.services.DeviceProfile.Name}}
	for _, p := range r.services.Phones {
		in.Devices = append(in.Devices, p.Name)
	}
	return in
}

func (r *rig) phone(i int) activities.PhoneIn {
	on := r.on()
	on.Item = r.services.Phones[i].Name
	return activities.PhoneIn{On: on, Phone: r.services.Phones[i], Line: r.services.Line, UserID: r.services.User.User.ID}
}

// effect is one activity with its input and the write that it is about.
type effect struct {
	name, op string
	run      func() error
}

// does wraps an activity without a result.
func does[In any](r *rig, name, op string, activity func(context.Context, In) error, in func() In) effect {
	return effect{name, op, func() error { return r.execute(activity, in()) }}
}

// gives wraps an activity with a result, which is not looked at.
func gives[In, Out any](r *rig, name, op string, activity func(context.Context, In) (Out, error), in func() In) effect {
	return effect{name, op, func() error { return r.execute(activity, in()) }}
}

// execute runs an activity as a worker does: classified and recorded.
func (r *rig) execute(activity, in any) error {
	_, err := r.result(activity, in)
	return err
}

// result is execute with what the activity gave.
func (r *rig) result(activity, in any) (converter.EncodedValue, error) {
	env := r.log.NewTestActivityEnvironment()
	env.SetWorkerOptions(sdk.Options{Interceptors: []interceptor.WorkerInterceptor{worker.Interceptor(r.DB, zap.NewNop())}})
	env.RegisterActivity(activity)
	return env.ExecuteActivity(activity, in)
}

// forward is what a joiner does on the call processor, in order.
func (r *rig) forward() []effect {
	all := []effect{
		gives(r, "EnsureUser", "addUser", r.cucm.EnsureUser, r.user),
		gives(r, "EnsureDeviceProfile", "addDeviceProfile", r.cucm.EnsureDeviceProfile, r.profile),
		does(r, "EnsureLine", "addLine", r.cucm.EnsureLine, r.line),
		does(r, "EnsureProfileLine", "updateDeviceProfile", r.cucm.EnsureProfileLine, r.profile),
	}
	for i := range r.services.Phones {
		op := "addPhone"
		if r.services.Phones[i].Desk {
			op = "updatePhone"
		}
		all = append(all, does(r, "EnsurePhone", op, r.cucm.EnsurePhone, func() activities.PhoneIn { return r.phone(i) }))
	}
	return append(all, does(r, "AssociateUser", "updateUser", r.cucm.AssociateUser, r.user),
		does(r, "EnsurePrimaryExtension", "updateUser", r.cucm.EnsurePrimaryExtension, r.user))
}

// backward is what undo does, in its order.
func (r *rig) backward() []effect {
	all := []effect{does(r, "DissociateUser", "updateUser", r.cucm.DissociateUser, r.user)}
	for i := range r.services.Phones {
		op := "removePhone"
		if r.services.Phones[i].Desk {
			op = "updatePhone"
		}
		all = append(all, does(r, "RemovePhone", op, r.cucm.RemovePhone, func() activities.PhoneIn { return r.phone(i) }))
	}
	return append(all, does(r, "RemoveDeviceProfile", "removeDeviceProfile", r.cucm.RemoveDeviceProfile, r.profile),
		does(r, "RemoveLine", "removeLine", r.cucm.RemoveLine, r.line),
		does(r, "RemoveUser", "removeUser", r.cucm.RemoveUser, r.user))
}

// all runs the effects once each.
func all(t *testing.T, effects []effect) {
	t.Helper()
	for _, e := range effects {
		if err := e.run(); err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
	}
}

func (r *rig) snapshot(t *testing.T) cucm.Snapshot {
	t.Helper()
	s, err := r.CUCM.Snapshot(t.Context())
	must(t, err)
	return s
}

// unchanged fails when the call processor is not as it was.
func (r *rig) unchanged(t *testing.T, before cucm.Snapshot, when string) {
	t.Helper()
	if diff := before.Diff(r.snapshot(t)); len(diff) > 0 {
		t.Errorf("%s the call processor differs:\n%s", when, strings.Join(diff, "\n"))
	}
}

// wantKind fails unless the activity failed with the kind, and says all the words.
func wantKind(t *testing.T, err error, kind uc.Kind, words ...string) {
	t.Helper()
	var app *temporal.ApplicationError
	if !errors.As(err, &app) || uc.Kind(app.Type()) != kind {
		t.Fatalf("the error is %v, want %s", err, kind)
	}
	for _, w := range words {
		if !strings.Contains(app.Message(), w) {
			t.Errorf("the error %q does not say %q", app.Message(), w)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// retried reports whether Temporal would try again.
func retried(err error) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && !app.NonRetryable()
}
