package activities

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// carryOver is the update that gives the next phone what is on the old one, and what
// there is no button for. A phone of the same product takes the old one's template, so
// everything has one. Device pool, calling search space and the settings of its own
// stay those of the next phone.
func carryOver(in SwapPhoneIn, old, next axl.Phone, t axl.ButtonTemplate) (change axl.Phone, left []string) {
	change = axl.Phone{Name: next.Name, OwnerUser: &in.UserID, EnableEM: wish(val(old.EnableEM))}
	lines := val(old.Lines)
	if val(next.OwnerUser) != "" { // a phone of the person keeps its lines; those of nobody's go
		lines = behind(lines, val(next.Lines))
	}
	if old.Product == next.Product && old.Protocol == next.Protocol {
		change.ButtonTemplate = old.ButtonTemplate
		change.Buttons, change.Services = old.Buttons, old.Services
		if len(val(old.Modules)) == 0 {
			change.Modules = nil // what the next phone has stays
		}
	} else {
		lines, left = fitLines(lines, t.Count(axl.FeatureLine), in.Number)
		var rest []string
		change.Buttons, rest = fitButtons(old.Buttons, t)
		left = append(left, rest...)
		change.Services, rest = fitServices(val(old.Services), t.Count(axl.FeatureService))
		left = append(left, rest...)
	}
	if len(lines) > 0 {
		change.Lines = &lines
	} else {
		change.RemoveLines = val(next.Lines) // an update cannot empty the list
	}
	return change, left
}

// behind adds the lines that are not among the first ones, on the buttons after them.
func behind(lines, more []axl.LineAppearance) []axl.LineAppearance {
	out := slices.Clone(lines)
	last := 0
	for _, l := range out {
		last = max(last, l.Index)
	}
	for _, l := range more {
		if !slices.ContainsFunc(out, func(have axl.LineAppearance) bool {
			return sameLines([]axl.LineAppearance{have}, []axl.LineAppearance{l})
		}) {
			last++
			l.Index = last
			out = append(out, l)
		}
	}
	return out
}

// fitLines keeps as many lines as there are buttons, the person's own always. A
// template that does not tell of any button keeps all.
func fitLines(lines []axl.LineAppearance, buttons int, own uc.DirectoryNumber) (kept []axl.LineAppearance, left []string) {
	kept = slices.Clone(lines)
	slices.SortStableFunc(kept, func(a, b axl.LineAppearance) int { return cmp.Compare(a.Index, b.Index) })
	if buttons == 0 || len(kept) <= buttons {
		return kept, nil
	}
	if i := slices.IndexFunc(kept, func(l axl.LineAppearance) bool { return isLine(l, own) }); i >= buttons {
		kept[buttons-1], kept[i] = kept[i], kept[buttons-1]
	}
	for _, l := range kept[buttons:] {
		left = append(left, fmt.Sprintf("line %s in %s", l.Pattern, cmp.Or(l.Partition, "no partition")))
	}
	kept = kept[:buttons:buttons]
	for i := range kept {
		kept[i].Index = i + 1
	}
	return kept, left
}

// fitButtons keeps every speed dial, for those without a button are dialled by their
// index, and of the other buttons as many as the template has.
func fitButtons(b axl.Buttons, t axl.ButtonTemplate) (kept axl.Buttons, left []string) {
	for i, s := range val(b.SpeedDials) {
		if i >= t.Count(axl.FeatureSpeedDial) {
			left = append(left, fmt.Sprintf("a button for speed dial %d (%s)", s.Index, s.Number))
		}
	}
	lamps, rest := val(b.BusyLampFields), min(t.Count(axl.FeatureBusyLampField), len(val(b.BusyLampFields)))
	for _, l := range lamps[rest:] {
		left = append(left, fmt.Sprintf("busy lamp field %d (%s)", l.Index, cmp.Or(l.Label, l.Pattern, l.Destination)))
	}
	lamps = append([]axl.BusyLampField{}, lamps[:rest]...)
	parks, rest := val(b.DirectedCallPark), min(t.Count(axl.FeatureDirectedPark), len(val(b.DirectedCallPark)))
	for _, p := range parks[rest:] {
		left = append(left, fmt.Sprintf("directed call park %s", p.Pattern))
	}
	parks = append([]axl.DirectedCallParkButton{}, parks[:rest]...)
	for _, m := range val(b.Modules) {
		left = append(left, "expansion module "+m.Model)
	}
	return axl.Buttons{SpeedDials: b.SpeedDials, BusyLampFields: &lamps, DirectedCallPark: &parks}, left
}

// fitServices keeps every service; those beyond the buttons stand in the menu only.
func fitServices(services []axl.Service, buttons int) (kept *[]axl.Service, left []string) {
	out := append([]axl.Service{}, services...)
	for i, s := range out {
		if s.ButtonIndex > buttons {
			left = append(left, "a button for service "+s.Name)
			out[i].ButtonIndex = 0
		}
	}
	return &out, left
}
