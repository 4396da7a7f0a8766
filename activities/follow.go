package activities

import (
	"slices"
	"strings"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// What a move changes of an object, and what undo puts back: fields that still are
// as the move set them.

// follow is the value that a field gets when the wish for it goes from old to now:
// nil when it has that, or when nobody wishes for anything.
func follow(old, now string, have *string) *string {
	switch {
	case now == val(have):
		return nil
	case now != "":
		return &now
	case old != "" && same(old, val(have)):
		return axl.Set("")
	}
	return nil
}

// moveList is the list with what is wished for now and without what was wished for
// before; nil when it is so.
func moveList(old, now []string, have *[]string) *[]string {
	kept := slices.DeleteFunc(slices.Clone(val(have)), func(name string) bool {
		return contains(old, name) && !contains(now, name)
	})
	out := val(merged(&kept, now))
	if out == nil {
		out = kept
	}
	if slices.EqualFunc(out, val(have), strings.EqualFold) {
		return nil
	}
	return axl.Set(append([]string{}, out...))
}

// moveFlag is a flag that the template switches on, or switched on before.
func moveFlag(old, now bool, have *bool) *bool {
	switch {
	case now && !val(have):
		return axl.Set(true)
	case old && !now && val(have):
		return axl.Set(false)
	}
	return nil
}

// field is one text field of a change: what the order sets, and the object before and
// now.
type field struct{ ours, before, now, back **string }

// takeBack fills in the fields that undo writes, and reports whether there are any.
func takeBack(fields []field) (any bool) {
	for _, f := range fields {
		if *f.ours == nil || !same(val(*f.ours), val(*f.now)) || same(val(*f.before), val(*f.now)) {
			continue
		}
		*f.back, any = axl.Set(val(*f.before)), true
	}
	return any
}

// listBack is the list of now without what the order added and with what it took; nil
// when nothing of that is left to do.
func listBack(ours, before, now *[]string) *[]string {
	if ours == nil {
		return nil
	}
	out := slices.DeleteFunc(slices.Clone(val(now)), func(name string) bool {
		return contains(*ours, name) && !contains(val(before), name)
	})
	for _, name := range val(before) {
		if !contains(*ours, name) && !contains(out, name) {
			out = append(out, name)
		}
	}
	if slices.EqualFunc(out, val(now), strings.EqualFold) {
		return nil
	}
	return axl.Set(append([]string{}, out...))
}

// flagBack is the flag as it was, when it is as the order set it.
func flagBack(ours, before, now *bool) *bool {
	if ours == nil || val(now) != *ours || val(before) == val(now) {
		return nil
	}
	return axl.Set(val(before))
}

// moveLines puts the new line in the place of the old one, first when neither is
// there, with its look; nil when it is so. Other lines stay where they are.
func moveLines(old, now uc.Line, userID string, have []axl.LineAppearance) *[]axl.LineAppearance {
	var out []axl.LineAppearance
	placed, differs := false, false
	for _, l := range have {
		if !isLine(l, old.Number) && !isLine(l, now.Number) {
			out = append(out, l)
			continue
		}
		if placed {
			differs = true
			continue
		}
		want := toAppearance(now, l.Index, userID)
		want.Kept = l.Kept // what is not ours of it stays
		out, placed = append(out, want), true
		differs = differs || !isLine(l, now.Number) || !sameAppearance(want, l)
	}
	if !placed {
		out = append([]axl.LineAppearance{toAppearance(now, 1, userID)}, out...)
		for i := range out {
			out[i].Index = i + 1
		}
		differs = true
	}
	if !differs {
		return nil
	}
	return &out
}

// movedBack are the lines as they were before moveLines put ours there: exactly when
// nobody else changed them, otherwise those of now with only ours taken back. They
// are nil when the order never came to them.
func movedBack(old, now uc.DirectoryNumber, ours *[]axl.LineAppearance,
	before, have []axl.LineAppearance,
) *[]axl.LineAppearance {
	if ours == nil {
		return nil
	}
	mine := func(l axl.LineAppearance) bool { return isLine(l, old) || isLine(l, now) }
	if slices.EqualFunc(before, have, func(a, b axl.LineAppearance) bool {
		return a.Index == b.Index && sameLines([]axl.LineAppearance{a}, []axl.LineAppearance{b}) && sameAppearance(a, b)
	}) {
		return nil
	}
	others := slices.DeleteFunc(slices.Clone(have), mine)
	if sameLines(others, slices.DeleteFunc(slices.Clone(before), mine)) {
		return axl.Set(before)
	}
	for at, l := range before {
		if mine(l) {
			others = slices.Insert(others, min(at, len(others)), l)
		}
	}
	for i := range others {
		others[i].Index = i + 1
	}
	return &others
}
