package axl

import (
	"strconv"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// LineAppearance is a line on a button of a phone or device profile. Sending
// Lines replaces all of them, and what an appearance does not say goes back to
// AXL's default: hand back Kept as it was read.
type LineAppearance struct {
	Index              int // of the button, from 1
	Pattern, Partition string

	Label, Display, DisplayASCII *string
	E164Mask                     *string   // external mask, "+49891234XXXX"
	MaxCalls, BusyTrigger        *int      // 0 = AXL's default
	EndUsers                     *[]string // user ids whose presence the line shows

	Kept *KeptAppearance // nil for a new appearance
}

// KeptAppearance is what else the server knows of an appearance. Dialtone does
// not own it; it is only read and sent back.
type KeptAppearance struct {
	RingSetting, ConsecutiveRingSetting, RingIdlePickupAlert, RingActivePickupAlert string
	MWLPolicy, AudibleMWI, SpeedDial, PartitionUsage                                string
	RecordingProfile, RecordingFlag, RecordingMediaSource, MonitoringCSS            string
	CallerName, CallerNumber, RedirectedNumber, DialedNumber, MissedCallLogging     *bool
}

// Service is a subscription of a phone or device profile to an IP phone
// service. Sending Services replaces all of them.
type Service struct {
	Service     string // the IP phone service, "Extension Mobility"
	Name        string // of the subscription
	ButtonIndex int    // 0 = no button of its own

	URL, Label, ASCIIName string // "" = the service's own
}

// The constants a phone or profile is made of.
// Source: AXL 15.0 AXLEnums.xsd XClass, XProduct, XDeviceProtocol, XProtocolSide, XStatus, XPacketCaptureMode, XCertificateOperation.
const (
	classPhone                    = "Phone"
	classDeviceProfile            = "Device Profile"
	classRemoteDestinationProfile = "Remote Destination Profile" // its product too
	protocolRemoteDestination     = "Remote Destination"
	sideUser                      = "User"
	statusDefault                 = "Default"
	captureNone                   = "None"
	noOperation                   = "No Pending Operation"
)

// wireLines writes lines; none at all is not sent, for AXL has no empty list.
func wireLines(lines []LineAppearance) *gen.PhoneLines {
	if len(lines) == 0 {
		return nil
	}
	out := &gen.PhoneLines{}
	for _, l := range lines {
		out.Line = append(out.Line, wireAppearance(l))
	}
	return out
}

// wireLineKeys names lines to be removed.
func wireLineKeys(lines []LineAppearance) *gen.PhoneLines {
	if len(lines) == 0 {
		return nil
	}
	out := &gen.PhoneLines{}
	for _, l := range lines {
		out.Line = append(out.Line, &gen.PhoneLine{Index: strconv.Itoa(l.Index), Dirn: wireDirn(l)})
	}
	return out
}

func wireDirn(l LineAppearance) *gen.Dirn {
	return &gen.Dirn{Pattern: wirePattern(l.Pattern), RoutePartitionName: fk(&l.Partition)}
}

func wireAppearance(l LineAppearance) *gen.PhoneLine {
	w := &gen.PhoneLine{
		Index: strconv.Itoa(l.Index), Label: l.Label, Display: l.Display, Dirn: wireDirn(l), DisplayAscii: l.DisplayASCII,
		E164Mask: l.E164Mask, MaxNumCalls: counted(l.MaxCalls), BusyTrigger: counted(l.BusyTrigger),
	}
	if l.EndUsers != nil {
		w.AssociatedEndusers = &gen.Endusers{}
		for _, u := range *l.EndUsers {
			w.AssociatedEndusers.Enduser = append(w.AssociatedEndusers.Enduser, &gen.Enduser{UserId: u})
		}
	}
	if k := l.Kept; k != nil {
		w.RingSetting, w.ConsecutiveRingSetting = given(k.RingSetting), given(k.ConsecutiveRingSetting)
		w.RingSettingIdlePickupAlert = given(k.RingIdlePickupAlert)
		w.RingSettingActivePickupAlert = given(k.RingActivePickupAlert)
		w.MwlPolicy, w.AudibleMwi = given(k.MWLPolicy), given(k.AudibleMWI)
		w.SpeedDial, w.PartitionUsage = given(k.SpeedDial), given(k.PartitionUsage)
		w.RecordingProfileName, w.MonitoringCssName = fk(given(k.RecordingProfile)), fk(given(k.MonitoringCSS))
		w.RecordingFlag, w.RecordingMediaSource = given(k.RecordingFlag), given(k.RecordingMediaSource)
		w.MissedCallLogging = k.MissedCallLogging
		if k.CallerName != nil || k.CallerNumber != nil || k.RedirectedNumber != nil || k.DialedNumber != nil {
			w.CallInfoDisplay = &gen.CallInfoDisplay{
				CallerName: k.CallerName, CallerNumber: k.CallerNumber,
				RedirectedNumber: k.RedirectedNumber, DialedNumber: k.DialedNumber,
			}
		}
	}
	return w
}

// counted is a number from 1; 0 is what an answer without it reads as.
func counted(n *int) *string {
	if *value(n) == 0 {
		return nil
	}
	return number(n)
}

// given is a text that is sent unless it is empty.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func readLines(w *gen.PhoneLines) *[]LineAppearance {
	lines := []LineAppearance{}
	if w != nil {
		for _, l := range w.Line {
			lines = append(lines, readAppearance(l))
		}
	}
	return &lines
}

func readAppearance(w *gen.PhoneLine) LineAppearance {
	l := LineAppearance{
		Index: readNumber(&w.Index), Label: value(w.Label), Display: value(w.Display), DisplayASCII: value(w.DisplayAscii),
		E164Mask: value(w.E164Mask), MaxCalls: Set(readNumber(w.MaxNumCalls)), BusyTrigger: Set(readNumber(w.BusyTrigger)),
		Kept: &KeptAppearance{
			RingSetting: *value(w.RingSetting), ConsecutiveRingSetting: *value(w.ConsecutiveRingSetting),
			RingIdlePickupAlert:   *value(w.RingSettingIdlePickupAlert),
			RingActivePickupAlert: *value(w.RingSettingActivePickupAlert),
			MWLPolicy:             *value(w.MwlPolicy), AudibleMWI: *value(w.AudibleMwi),
			SpeedDial: *value(w.SpeedDial), PartitionUsage: *value(w.PartitionUsage),
			RecordingProfile: fkName(w.RecordingProfileName), RecordingFlag: *value(w.RecordingFlag),
			RecordingMediaSource: *value(w.RecordingMediaSource), MonitoringCSS: fkName(w.MonitoringCssName),
			MissedCallLogging: w.MissedCallLogging,
		},
	}
	if w.Dirn != nil {
		l.Pattern, l.Partition = readPattern(w.Dirn.Pattern), fkName(w.Dirn.RoutePartitionName)
	}
	if d := w.CallInfoDisplay; d != nil {
		l.Kept.CallerName, l.Kept.CallerNumber = d.CallerName, d.CallerNumber
		l.Kept.RedirectedNumber, l.Kept.DialedNumber = d.RedirectedNumber, d.DialedNumber
	}
	users := []string{}
	if w.AssociatedEndusers != nil {
		for _, u := range w.AssociatedEndusers.Enduser {
			users = append(users, u.UserId)
		}
	}
	l.EndUsers = present(users)
	return l
}

func wireServices(services *[]Service) *gen.SubscribedServices {
	if services == nil {
		return nil
	}
	out := &gen.SubscribedServices{}
	for _, s := range *services {
		out.Service = append(out.Service, &gen.SubscribedService{
			TelecasterServiceName: fk(&s.Service), Name: s.Name, Url: given(s.URL), UrlButtonIndex: number(&s.ButtonIndex),
			UrlLabel: given(s.Label), ServiceNameAscii: given(s.ASCIIName),
		})
	}
	return out
}

func readServices(w *gen.SubscribedServices) *[]Service {
	services := []Service{}
	if w != nil {
		for _, s := range w.Service {
			services = append(services, Service{
				Service: fkName(s.TelecasterServiceName), Name: s.Name, ButtonIndex: readNumber(s.UrlButtonIndex),
				URL: *value(s.Url), Label: *value(s.UrlLabel), ASCIIName: *value(s.ServiceNameAscii),
			})
		}
	}
	return &services
}

// checkParts refuses lines and services that the schema refuses.
func (c *Client) checkParts(op string, lines []LineAppearance, services *[]Service) error {
	for _, l := range lines {
		if l.Pattern == "" || l.Index < 1 {
			return c.invalid(op, "a line needs a pattern and a button from 1")
		}
	}
	for _, s := range *value(services) {
		if s.Service == "" || s.Name == "" {
			return c.invalid(op, "a service needs the IP phone service and a name")
		}
	}
	return nil
}
