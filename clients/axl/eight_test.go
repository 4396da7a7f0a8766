package axl

import (
	"encoding/json"
	"strings"
	"testing"
)

// What is special is found wherever it stands among the eight bytes, and whatever
// stands before it.
func TestSpecialBytesAreFoundEverywhere(t *testing.T) {
	t.Parallel()
	const size = 19
	for _, filler := range []string{"a", " ", "~", "\x7f", "!", "'", "[", "]"} {
		for at := range size {
			for _, special := range []string{`"`, `\`, "\n", "\r", "\t", `"\`, "ä", "€"} {
				text := strings.Repeat(filler, at) + special + strings.Repeat(filler, size-at)
				var got string
				if err := json.Unmarshal(appendText(nil, text, ""), &got); err != nil || got != text {
					t.Errorf("%q becomes %q, %v", text, got, err)
				}
			}
			for special, want := range map[string]int{"&": at, "\x00": at, "\x1f": at, "\n": at, "ä": at, "\xff": at, "%": size + 1} {
				text := strings.Repeat(filler, at) + special + strings.Repeat(filler, size-at)
				if got := plain([]byte(text)); got != want {
					t.Errorf("%q is plain up to %d, not %d", text, got, want)
				}
			}
		}
	}
}

func TestReadUUID(t *testing.T) {
	t.Parallel()
	const want = "0b3a5c1e-4f6d-4e0a-9b1c-2d3e4f5a6b7c"
	for _, text := range []string{
		want, "{" + want + "}", strings.ToUpper(want), "{" + strings.ToUpper(want) + "}", " {" + strings.ToUpper(want) + "} ", "{{" + want,
	} {
		if got := readUUID(text); got != want || readUUID([]byte(text)) != want {
			t.Errorf("%q is read as %q", text, got)
		}
	}
	for text, want := range map[string]UUID{"": "", "{}": "", "{ABC}": "abc", "{" + strings.Repeat("X", len(uuidForm)) + "}": UUID(strings.Repeat("x", len(uuidForm)))} {
		if got := readUUID(text); got != want || got.Valid() {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
	for i := range len(want) {
		for _, bad := range []string{"g", "G", "-", "a", "/", ":", "`", "\x00", "\xff"} {
			u := UUID(want[:i] + bad + want[i+1:])
			if good := bad == "a" && uuidForm[i] != '-' || bad == "-" && uuidForm[i] == '-'; u.Valid() != good {
				t.Errorf("%q is valid: %v", u, !good)
			}
		}
	}
}
