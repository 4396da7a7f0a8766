package axl

import (
	"strconv"
	"time"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

func wireRemoteDestination(d RemoteDestination) *gen.RemoteDestination {
	u := wireRemoteDestinationUpdate(d)
	either := func(set *string, standard time.Duration) *string {
		if set == nil {
			return milliseconds(&standard)
		}
		return set
	}
	w := &gen.RemoteDestination{
		Name: u.NewName, Destination: u.Destination, AnswerTooSoonTimer: either(u.AnswerTooSoonTimer, answerTooSoon),
		AnswerTooLateTimer:     either(u.AnswerTooLateTimer, answerTooLate),
		DelayBeforeRingingCell: either(u.DelayBeforeRingingCell, delayBeforeRinging), OwnerUserId: u.OwnerUserId,
		RemoteDestinationProfileName: u.RemoteDestinationProfileName, CtiRemoteDeviceName: u.CtiRemoteDeviceName,
		DualModeDeviceName: u.DualModeDeviceName, IsMobilePhone: u.IsMobilePhone, EnableMobileConnect: u.EnableMobileConnect,
		LineAssociations: u.LineAssociations, TimeZone: u.TimeZone, TodAccessName: u.TodAccessName,
		MobilityProfileName: u.MobilityProfileName, SingleNumberReachVoicemail: u.SingleNumberReachVoicemail,
		DialViaOfficeReverseVoicemail: u.DialViaOfficeReverseVoicemail, RingSchedule: u.RingSchedule, AccessListName: u.AccessListName,
	}
	if u.RemoteDestinationProfileName != nil {
		w.EnableUnifiedMobility = Set(true)
	}
	return w
}

func wireRemoteDestinationUpdate(d RemoteDestination) *gen.UpdateRemoteDestination {
	w := &gen.UpdateRemoteDestination{
		Destination: d.Destination, NewName: d.Name, NewDestination: d.NewDestination,
		AnswerTooSoonTimer: milliseconds(d.AnswerTooSoon), AnswerTooLateTimer: milliseconds(d.AnswerTooLate),
		DelayBeforeRingingCell: milliseconds(d.DelayBeforeRinging), OwnerUserId: fk(d.Owner),
		RemoteDestinationProfileName: fk(given(*value(d.Profile))), CtiRemoteDeviceName: fk(given(*value(d.CTIRemoteDevice))),
		DualModeDeviceName: fk(given(*value(d.DualModeDevice))), IsMobilePhone: d.MobilePhone,
		EnableMobileConnect: d.MobileConnect, LineAssociations: wireLineAssociations(*value(d.Lines)),
	}
	if k := d.Kept; k != nil {
		w.TimeZone, w.TodAccessName = given(k.TimeZone), fk(given(k.TimeOfDayAccess))
		w.MobilityProfileName, w.AccessListName = fk(given(k.MobilityProfile)), fk(given(k.AccessList))
		w.SingleNumberReachVoicemail = given(k.SingleNumberReachVoicemail)
		w.DialViaOfficeReverseVoicemail = given(k.ReverseVoicemail)
		w.RingSchedule = wireRing(k.Ring)
	}
	return w
}

func readRemoteDestination(w *gen.RemoteDestination) RemoteDestination {
	d := RemoteDestination{
		UUID: readUUID(w.Uuid), Destination: w.Destination, Name: value(w.Name), Owner: refName(w.OwnerUserId),
		Profile: refName(w.RemoteDestinationProfileName), DualModeDevice: refName(w.DualModeDeviceName),
		CTIRemoteDevice: refName(w.CtiRemoteDeviceName), Lines: &[]Extension{},
		AnswerTooSoon: readMilliseconds(w.AnswerTooSoonTimer), AnswerTooLate: readMilliseconds(w.AnswerTooLateTimer),
		DelayBeforeRinging: readMilliseconds(w.DelayBeforeRingingCell),
		MobilePhone:        value(w.IsMobilePhone), MobileConnect: value(w.EnableMobileConnect),
		Kept: &KeptRemoteDestination{
			TimeZone: *value(w.TimeZone), SingleNumberReachVoicemail: *value(w.SingleNumberReachVoicemail),
			ReverseVoicemail: *value(w.DialViaOfficeReverseVoicemail), TimeOfDayAccess: fkName(w.TodAccessName),
			MobilityProfile: fkName(w.MobilityProfileName), AccessList: fkName(w.AccessListName), Ring: readRing(w.RingSchedule),
		},
	}
	if w.LineAssociations != nil {
		for _, l := range w.LineAssociations.LineAssociation {
			*d.Lines = append(*d.Lines, Extension{Pattern: readPattern(*value(l.Pattern)), Partition: fkName(l.RoutePartitionName)})
		}
	}
	return d
}

// wireLineAssociations writes lines; none at all is not sent, for AXL has no
// empty list.
func wireLineAssociations(lines []Extension) *gen.LineAssociations {
	if len(lines) == 0 {
		return nil
	}
	out := &gen.LineAssociations{}
	for _, l := range lines {
		out.LineAssociation = append(out.LineAssociation, &gen.LineAssociation{
			Pattern: Set(wirePattern(l.Pattern)), RoutePartitionName: fk(&l.Partition),
		})
	}
	return out
}

func wireRing(periods []RingPeriod) *gen.RingSchedule {
	if len(periods) == 0 {
		return nil
	}
	out := &gen.RingSchedule{}
	for _, p := range periods {
		out.Member = append(out.Member, &gen.RingPeriod{
			StartTime: given(p.StartTime), EndTime: given(p.EndTime), StartDay: given(p.StartDay), EndDay: given(p.EndDay),
		})
	}
	return out
}

func readRing(w *gen.RingSchedule) []RingPeriod {
	if w == nil {
		return nil
	}
	var out []RingPeriod
	for _, m := range w.Member {
		out = append(out, RingPeriod{
			StartDay: *value(m.StartDay), EndDay: *value(m.EndDay), StartTime: *value(m.StartTime), EndTime: *value(m.EndTime),
		})
	}
	return out
}

func milliseconds(d *time.Duration) *string {
	if d == nil {
		return nil
	}
	return Set(strconv.FormatInt(d.Milliseconds(), 10))
}

func readMilliseconds(s *string) *time.Duration {
	return Set(time.Duration(readNumber(s)) * time.Millisecond)
}
