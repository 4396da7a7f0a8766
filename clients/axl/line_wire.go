package axl

import "github.com/dialtone/dialtone/clients/axl/gen"

func wireLine(l Line) *gen.Line {
	return &gen.Line{
		Pattern: wirePattern(l.Pattern), RoutePartitionName: fk(&l.Partition), Usage: Set(usageDevice), Description: l.Description,
		CallForwardAll:  wireForwardAll(l.ForwardAll),
		CallForwardBusy: wireForward(l.ForwardBusy), CallForwardBusyInt: wireForward(l.ForwardBusyInt),
		CallForwardNoAnswer: wireForwardTimed(l.ForwardNoAnswer), CallForwardNoAnswerInt: wireForwardTimed(l.ForwardNoAnswerInt),
		CallForwardNoCoverage: wireForward(l.ForwardNoCoverage), CallForwardNoCoverageInt: wireForward(l.ForwardNoCoverageInt),
		CallForwardOnFailure:     wireForward(l.ForwardOnFailure),
		CallForwardNotRegistered: wireForward(l.ForwardNotRegistered), CallForwardNotRegisteredInt: wireForward(l.ForwardNotRegisteredInt),
		CallPickupGroupName: fk(l.CallPickupGroup), AlertingName: l.AlertingName, AsciiAlertingName: l.ASCIIAlertingName,
		PresenceGroupName: fk(l.PresenceGroup), ShareLineAppearanceCssName: fk(l.CSS),
		VoiceMailProfileName: fk(l.VoiceMailProfile), Active: l.Active,
	}
}

func readLine(w *gen.Line) Line {
	return Line{
		UUID: readUUID(w.Uuid), Pattern: readPattern(w.Pattern), Partition: fkName(w.RoutePartitionName), Usage: *value(w.Usage),
		Description: value(w.Description), AlertingName: value(w.AlertingName), ASCIIAlertingName: value(w.AsciiAlertingName),
		CSS: refName(w.ShareLineAppearanceCssName), VoiceMailProfile: refName(w.VoiceMailProfileName),
		CallPickupGroup: refName(w.CallPickupGroupName), PresenceGroup: refName(w.PresenceGroupName), Active: value(w.Active),
		ForwardAll:  readForwardAll(w.CallForwardAll),
		ForwardBusy: readForward(w.CallForwardBusy), ForwardBusyInt: readForward(w.CallForwardBusyInt),
		ForwardNoAnswer: readForward(w.CallForwardNoAnswer), ForwardNoAnswerInt: readForward(w.CallForwardNoAnswerInt),
		ForwardNoCoverage: readForward(w.CallForwardNoCoverage), ForwardNoCoverageInt: readForward(w.CallForwardNoCoverageInt),
		ForwardOnFailure:     readForward(w.CallForwardOnFailure),
		ForwardNotRegistered: readForward(w.CallForwardNotRegistered), ForwardNotRegisteredInt: readForward(w.CallForwardNotRegisteredInt),
		AssociatedDevices: *readDevices(w.AssociatedDevices),
	}
}

// newPattern escapes a number that a line is to get.
func newPattern(p *string) *string {
	if p == nil {
		return nil
	}
	return Set(wirePattern(*p))
}

// The calling search spaces of a forward are required in AXL, if empty.

func wireForwardAll(f *Forward) *gen.ForwardAll {
	if f == nil {
		return nil
	}
	return &gen.ForwardAll{
		ForwardToVoiceMail: &f.ToVoiceMail, CallingSearchSpaceName: fk(&f.CSS),
		SecondaryCallingSearchSpaceName: fk(&f.SecondaryCSS), Destination: &f.Destination,
	}
}

func wireForward(f *Forward) *gen.ForwardOne {
	if f == nil {
		return nil
	}
	return &gen.ForwardOne{ForwardToVoiceMail: &f.ToVoiceMail, CallingSearchSpaceName: fk(&f.CSS), Destination: &f.Destination}
}

func wireForwardTimed(f *Forward) *gen.ForwardOne {
	w := wireForward(f)
	if w != nil {
		w.Duration = &f.Duration
	}
	return w
}

func readForwardAll(w *gen.ForwardAll) *Forward {
	if w == nil {
		return &Forward{}
	}
	return &Forward{
		ToVoiceMail: *value(w.ForwardToVoiceMail), Destination: *value(w.Destination),
		CSS: fkName(w.CallingSearchSpaceName), SecondaryCSS: fkName(w.SecondaryCallingSearchSpaceName),
	}
}

func readForward(w *gen.ForwardOne) *Forward {
	if w == nil {
		return &Forward{}
	}
	return &Forward{
		ToVoiceMail: *value(w.ForwardToVoiceMail), Destination: *value(w.Destination),
		CSS: fkName(w.CallingSearchSpaceName), Duration: *value(w.Duration),
	}
}
