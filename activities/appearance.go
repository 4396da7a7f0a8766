package activities

import (
	"slices"
	"strings"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// toAppearance is how the line looks on a device.
func toAppearance(l uc.Line, index int, userID string) axl.LineAppearance {
	return axl.LineAppearance{
		Index: index, Pattern: l.Number.Digits, Partition: l.Number.Partition,
		Label: axl.Set(label(l)), Display: axl.Set(l.Display),
		DisplayASCII: axl.Set(ascii(l.Display, displayASCIIMax)), E164Mask: wish(l.ExternalMask),
		MaxCalls: axl.Set(l.MaxCalls), BusyTrigger: axl.Set(l.BusyTrigger), EndUsers: &[]string{userID},
	}
}

// label is the text beside the button: the name, cut so that the number fits.
func label(l uc.Line) string {
	return clip(l.Display, labelMax-len(l.Number.Digits)-1) + " " + l.Number.Digits
}

// sameAppearance reports whether the fields that we own are as wanted.
func sameAppearance(want, have axl.LineAppearance) bool {
	return !differs(want.Label, have.Label) && !differs(want.Display, have.Display) &&
		!differs(want.DisplayASCII, have.DisplayASCII) && !differs(want.E164Mask, have.E164Mask) &&
		!differs(want.MaxCalls, have.MaxCalls) && !differs(want.BusyTrigger, have.BusyTrigger) &&
		slices.EqualFunc(val(want.EndUsers), val(have.EndUsers), strings.EqualFold)
}

// isLine reports whether the appearance is of the number.
func isLine(l axl.LineAppearance, n uc.DirectoryNumber) bool {
	return l.Pattern == n.Digits && same(l.Partition, n.Partition)
}

// linesBack is what the lines of an adopted device become when the number is taken
// off, or looks again as it did before: exactly the lines from before when nobody
// else changed them, otherwise those of now with only ours taken back.
func linesBack(n uc.DirectoryNumber, before, now []axl.LineAppearance) (lines []axl.LineAppearance, changed bool) {
	is := func(l axl.LineAppearance) bool { return isLine(l, n) }
	was, has := slices.IndexFunc(before, is), slices.IndexFunc(now, is)
	if has < 0 {
		return now, false // the order never came to it, or it is taken off already
	}
	others := slices.DeleteFunc(slices.Clone(now), is)
	if sameLines(others, slices.DeleteFunc(slices.Clone(before), is)) {
		return before, !slices.EqualFunc(before, now, func(a, b axl.LineAppearance) bool {
			return a.Index == b.Index && isLine(a, uc.DirectoryNumber{Digits: b.Pattern, Partition: b.Partition}) && sameAppearance(a, b)
		})
	}
	if was >= 0 {
		others = slices.Insert(others, min(was, len(others)), before[was])
	}
	for i := range others {
		others[i].Index = i + 1
	}
	return others, true
}

// sameLines reports whether both hold the same numbers in the same order.
func sameLines(a, b []axl.LineAppearance) bool {
	return slices.EqualFunc(a, b, func(a, b axl.LineAppearance) bool {
		return a.Pattern == b.Pattern && same(a.Partition, b.Partition)
	})
}
