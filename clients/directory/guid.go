package directory

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

// GUID is a person's stable id, 8-4-4-4-12 in lower case: AD's objectGUID,
// OpenLDAP's entryUUID. It survives renames and moves, not delete and recreate.
type GUID string

var guidForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// parseGUID accepts either case and the braces AD tools print.
func parseGUID(s string) (GUID, error) {
	g := strings.ToLower(strings.Trim(s, "{}"))
	if !guidForm.MatchString(g) {
		return "", fmt.Errorf("%q is not a GUID", s)
	}
	return GUID(g), nil
}

// guidFromAD reads objectGUID, whose first three fields are stored little-endian.
//
// Source: MS-DTYP 2.3.4 GUID.
func guidFromAD(b []byte) (GUID, error) {
	if len(b) != 16 {
		return "", fmt.Errorf("objectGUID has %d bytes instead of 16", len(b))
	}
	s := hex.EncodeToString(swapFields(b))
	return GUID(s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]), nil
}

// stored returns the bytes as AD stores them.
func (g GUID) stored() ([]byte, error) {
	b, err := hex.DecodeString(strings.ReplaceAll(string(g), "-", ""))
	if err != nil || len(b) != 16 {
		return nil, fmt.Errorf("%q is not a GUID", string(g))
	}
	return swapFields(b), nil
}

// swapFields turns the display order into the stored order and back.
func swapFields(b []byte) []byte {
	return []byte{
		b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6],
		b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15],
	}
}

// filterBytes writes every byte as \xx, as RFC 4515 wants binary values.
func filterBytes(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		fmt.Fprintf(&s, `\%02x`, c)
	}
	return s.String()
}
