package activities

import (
	"bytes"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// byID are the kinds that are read by their ids; all others by a list of AXL.
var byID = axl.EstateKinds()

// listed returns the word of AXL's lists for a kind that is read by one.
func listed(kind uc.EstateKind) (object string, ok bool) {
	if slices.Contains(byID, kind) || kind == "" {
		return "", false
	}
	return objectWord(kind), true
}

// objectWord is how AXL's lists and changes call a kind: with a capital letter.
func objectWord(kind uc.EstateKind) string {
	if kind == uc.LicenceKind {
		return axl.ObjectLicensedUser
	}
	return strings.ToUpper(string(kind[:1])) + string(kind[1:])
}

// The member of an object that names its product, and how the products of analogue phones
// go on. Every phone is looked at: it is found once, by its rarest letters.
var (
	product  = []byte(`product":"`)
	analogue = [][]byte{[]byte(`Analog Phone"`), []byte(`Cisco VGC `)}
)

// keeps returns what the switches keep of a kind.
func (s SyncSwitches) keeps(kind uc.EstateKind) func(axl.Object) bool {
	if kind != uc.PhoneKind || s.Analogue {
		return func(axl.Object) bool { return true }
	}
	return func(o axl.Object) bool {
		_, name, _ := bytes.Cut(o.Attributes, product)
		return !slices.ContainsFunc(analogue, func(start []byte) bool { return bytes.HasPrefix(name, start) })
	}
}
