package axl

// Text is looked through eight bytes at a time: hundreds of megabytes are, several
// times, and hardly any of it is special.
const (
	lowBits  = 0x0101010101010101
	highBits = 0x80 * lowBits
)

// eight is the eight bytes from i on, the first of them lowest.
func eight[T string | []byte](s T, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// anyOf reports whether one of the bytes of the eight is a, b or a control character. A
// byte that is too small for a subtraction has its high bit set by it; so may have the
// byte behind it, but not without such a byte.
func anyOf(bytes uint64, a, b byte) bool {
	isA, isB := bytes^uint64(a)*lowBits, bytes^uint64(b)*lowBits
	control := (bytes - ' '*lowBits) &^ bytes
	return (control|(isA-lowBits)&^isA|(isB-lowBits)&^isB)&highBits != 0
}
