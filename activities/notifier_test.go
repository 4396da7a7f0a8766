package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/activities"
	"github.com/dialtone/dialtone/integration/world"
	"github.com/dialtone/dialtone/sim/fault"
	"github.com/dialtone/dialtone/uc"
)

// A mail whose answer was lost is sent again as the same mail; it names the number
// and no PIN.
func TestInstructions(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, nil)
	in := activities.MailIn{
		StepRef: uc.StepRef{OrderID: r.order}, User: r.joiner.User, Number: r.services.Number,
		E164: r.services.E164,
	}
	r.Mail.Faults().Add(fault.Rule{Kind: fault.AfterCommit, Times: 1})
	if err := r.execute(r.notifier.SendInstructions, in); err != nil {
		wantKind(t, err, uc.Unavailable)
	}
	r.Mail.Faults().Clear()
	must(t, r.execute(r.notifier.SendInstructions, in))
	mails := r.Mail.Find(r.joiner.User.Mail)
	if len(mails) == 0 {
		t.Fatal("no mail was sent")
	}
	for _, m := range mails {
		if m.MessageID != mails[0].MessageID {
			t.Errorf("two mails have the ids %s and %s", m.MessageID, mails[0].MessageID)
		}
		if !strings.Contains(m.Text, "4700") {
			t.Errorf("the mail does not name the number:\n%s", m.Text)
		}
	}
}

// A mail that is not sent is no failure, but the step does not pass for a sent one.
func TestInstructionsLeftOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, nil)
	to := r.joiner.User
	nowhere := to
	nowhere.Mail = ""
	for name, tc := range map[string]struct {
		reason   string
		notifier *activities.Notifier
		user     uc.User
		says     string
		mails    int
	}{
		"no address": {"of the person", r.notifier, nowhere, "no mail was sent: the person has no address", 0},
		"no server":  {"in the settings", &activities.Notifier{DB: r.DB}, to, "no mail was sent: the settings name no mail server", 0},
		"sent":       {"nothing to add", r.notifier, to, "", 1},
	} {
		in := activities.MailIn{
			StepRef: uc.StepRef{OrderID: r.order, Item: name}, User: tc.user, Number: r.services.Number, E164: r.services.E164,
		}
		before := len(r.Mail.Messages())
		must(t, r.execute(tc.notifier.SendInstructions, in))
		order, err := r.DB.GetOrder(t.Context(), r.order)
		must(t, err)
		last := order.Steps[len(order.Steps)-1]
		if last.State != uc.StepDone || last.Detail != tc.says || len(r.Mail.Messages())-before != tc.mails {
			t.Errorf("%s, %s: the step is %+v after %d mails, want it to say %q", name, tc.reason, last, len(r.Mail.Messages())-before, tc.says)
		}
	}
}

// The receiver knows a repeated event by its id; it is told of a withdrawal only
// when it may have been told of the number.
func TestHREvents(t *testing.T) {
	t.Parallel()
	r := newRig(t, world.Options{}, world.Berlin, nil)
	in := activities.HRIn{
		StepRef: uc.StepRef{OrderID: r.order}, HR: world.HR, User: r.joiner.User,
		Number: r.services.Number, E164: r.services.E164, At: time.Date(2030, 1, 7, 8, 0, 0, 0, time.UTC),
	}
	must(t, r.execute(r.notifier.WithdrawHR, in))
	for _, activity := range []any{r.notifier.WriteHR, r.notifier.WithdrawHR} {
		r.HR.Faults().Add(fault.Rule{Kind: fault.AfterCommit, Times: 1})
		wantKind(t, r.execute(activity, in), uc.Unavailable)
		r.HR.Faults().Clear()
		must(t, r.execute(activity, in))
		must(t, r.execute(activity, in))
	}
	var got []string
	for _, e := range r.HR.Events() {
		got = append(got, e.ID+" "+e.Type)
		if !e.Timestamp.Equal(in.At) {
			t.Errorf("event %s happened at %s, want %s in every attempt", e.ID, e.Timestamp, in.At)
		}
	}
	want := []string{"order-1.number.assigned number.assigned", "order-1.number.withdrawn number.withdrawn"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the receiver's events differ (-want +got):\n%s", diff)
	}
	in.HR = "nowhere"
	wantKind(t, r.execute(r.notifier.WriteHR, in), uc.NotFound, "nowhere")
}
