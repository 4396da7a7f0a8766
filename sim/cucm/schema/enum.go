package schema

import "slices"

// enums are the words of AXL's open enumerations that the simulator knows. CUCM's
// schema accepts any string there; strict mode does not. Source: AXL 15.0 enums.
var enums = map[string][]string{
	"Status":          {"Off", "On", "Default"},
	"ProtocolSide":    {"User", "Network"},
	"NetworkLocation": {"OnNet", "OffNet", "Use System Default"},
	"RingSetting":     {"Use System Default", "Disable", "Flash Only", "Ring Once", "Ring", "Beep Only"},
	"MWLPolicy":       {"Use System Policy", "Light and Prompt", "Prompt Only", "Light Only", "None"},
	"RecordingFlag": {
		"Call Recording Disabled", "Automatic Call Recording Enabled",
		"Selective Call Recording Enabled",
	},
	"PartitionUsage":       {"General", "Intercom", "Directory URI", "Call Control Discovery Learned Pattern"},
	"PreferredMediaSource": {"Gateway Preferred", "Phone Preferred"},
	"DNDOption":            {"Ringer Off", "Call Reject", "Use Common Phone Profile Setting"},
	"PacketCaptureMode":    {"None", "Batch Processing Mode"},
	"CertificateOperation": {"No Pending Operation", "Install/Upgrade", "Delete", "Troubleshoot"},
	"AutoAnswer":           {"Auto Answer Off", "Auto Answer with Headset", "Auto Answer with Speakerphone"},
	"CFACSSActivationPolicy": {
		"Use System Default", "With Configured CSS", "With Activating Device/Line CSS",
	},
	// assumed: the locales installed on the cluster; a real one has those of its COP files.
	"UserLocale": {
		"English United States", "English United Kingdom", "German Germany", "Portuguese Portugal",
		"French France", "Spanish Spain", "Italian Italy",
	},
}

// Allowed reports whether the enumeration knows the word; one that is not in the
// table allows every word.
func Allowed(enum, word string) bool {
	words, known := enums[enum]
	return !known || slices.Contains(words, word)
}
