package axl_test

import (
	"testing"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/uc"
)

func sampleLine(pattern, partition string) axl.Line {
	mail := &axl.Forward{ToVoiceMail: true, CSS: "CSS_Lisbon_Local"}
	return axl.Line{
		Pattern: pattern, Partition: partition, Description: axl.Set("Jürgen O'Müller"), AlertingName: axl.Set("Jürgen O'Müller"),
		ASCIIAlertingName: axl.Set("Jurgen O'Muller"), CSS: axl.Set("CSS_Lisbon_National"), VoiceMailProfile: axl.Set("VM_Default"),
		CallPickupGroup: axl.Set("Pickup_Lisbon"), PresenceGroup: axl.Set("Standard Presence group"), Active: axl.Set(true),
		ForwardAll:  &axl.Forward{Destination: "+351219999999", CSS: "CSS_Lisbon_International", SecondaryCSS: "CSS_Lisbon_Local"},
		ForwardBusy: mail, ForwardBusyInt: mail, ForwardNoAnswer: &axl.Forward{ToVoiceMail: true, CSS: "CSS_Lisbon_Local", Duration: "18"},
		ForwardNoAnswerInt: &axl.Forward{}, ForwardNoCoverage: mail, ForwardNoCoverageInt: mail, ForwardOnFailure: mail,
		ForwardNotRegistered: mail, ForwardNotRegisteredInt: mail,
	}
}

func TestLineLife(t *testing.T) {
	t.Parallel()
	_, c := cluster(t, cucm.Options{})
	for name, n := range map[string]struct{ pattern, partition string }{
		"internal": {"4711", "PT_Lisbon"}, "E.164": {"+351211234001", "PT_E164"}, "no partition": {"4714", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lineLife(t, c, n.pattern, n.partition)
		})
	}
	t.Run("held by another type", func(t *testing.T) {
		t.Parallel()
		got, err := c.ListRoutePlan(t.Context(), "4900", "")
		must(t, "route plan", err)
		if len(got) != 1 || got[0].Type != "Hunt Pilot" || got[0].Partition != "PT_Berlin" {
			t.Errorf("want the hunt pilot in Berlin, got %+v", got)
		}
		_, err = c.AddLine(t.Context(), axl.Line{Pattern: "4900", Partition: "PT_Berlin"})
		wantKind(t, "add", uc.Conflict, err)
	})
}

// lineLife is a number from free to free.
func lineLife(t *testing.T, c *axl.Client, pattern, partition string) {
	t.Helper()
	ctx := t.Context()
	free, err := c.ListRoutePlan(ctx, pattern, partition)
	must(t, "route plan", err)
	same(t, "free", 0, len(free))
	_, err = c.GetLine(ctx, pattern, partition)
	wantKind(t, "get before add", uc.NotFound, err)

	want := sampleLine(pattern, partition)
	want.UUID, err = c.AddLine(ctx, want)
	must(t, "add", err)
	want.Usage, want.AssociatedDevices = "Device", []string{}
	got, err := c.GetLine(ctx, pattern, partition)
	must(t, "get", err)
	same(t, "what was added is there", want, got)
	_, err = c.AddLine(ctx, want)
	wantKind(t, "add again", uc.Conflict, err)
	taken, err := c.ListRoutePlan(ctx, pattern, partition)
	must(t, "route plan", err)
	if len(taken) != 1 || taken[0].UUID != want.UUID || taken[0].Type != "Device" {
		t.Errorf("want the line in the route plan, got %+v", taken)
	}

	reset := axl.Line{
		Pattern: pattern, Partition: partition, AlertingName: axl.Clear[string](),
		VoiceMailProfile: axl.Clear[string](), ForwardAll: axl.Clear[axl.Forward](),
	}
	must(t, "reset", c.UpdateLine(ctx, reset))
	want.AlertingName, want.VoiceMailProfile, want.ForwardAll = reset.AlertingName, reset.VoiceMailProfile, reset.ForwardAll
	got, err = c.GetLine(ctx, pattern, partition)
	must(t, "get after reset", err)
	same(t, "only what was sent changed", want, got)
	must(t, "hand back what was read", c.UpdateLine(ctx, got))

	wantKind(t, "unknown reference", uc.NotFound, c.UpdateLine(ctx, axl.Line{Pattern: pattern, Partition: partition, CSS: axl.Set("CSS_None")}))
	must(t, "remove", c.RemoveLine(ctx, pattern, partition))
	wantKind(t, "remove again", uc.NotFound, c.RemoveLine(ctx, pattern, partition))
}
