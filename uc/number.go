package uc

import (
	"fmt"
	"iter"
	"math/big"
	"regexp"
	"strings"
	"time"
)

// DirectoryNumber is the identity of a number: the digits in a partition of a
// call processor. The same digits may exist in two partitions.
type DirectoryNumber struct {
	CallProcessor string `json:"callProcessor"`
	Partition     string `json:"partition"`
	Digits        string `json:"digits"` // as dialled inside: "4711" or "+493012344711"
}

// String is "4711 in PT_Berlin on cucm-1".
func (n DirectoryNumber) String() string {
	return fmt.Sprintf("%s in %s on %s", n.Digits, n.Partition, n.CallProcessor)
}

// NumberState is where a number stands in the ledger.
type NumberState string

// The states; product.md draws the arrows between them.
const (
	Available NumberState = "available"
	Reserved  NumberState = "reserved" // for one order, not yet published
	Assigned  NumberState = "assigned" // to one user
	Cooling   NumberState = "cooling"  // given back, not eligible until its retention is over
	Held      NumberState = "held"     // for a named person until a date
	Blocked   NumberState = "blocked"  // never handed out
	Foreign   NumberState = "foreign"  // in use on the call processor by something that is not ours
)

// NumberStates lists the states in the order in which people are shown them.
var NumberStates = []NumberState{Available, Reserved, Assigned, Cooling, Held, Blocked, Foreign}

// Number is one number of the ledger.
type Number struct {
	ID            int64       `json:"-"`
	CallProcessor string      `json:"callProcessor"`
	Partition     string      `json:"partition"`
	Digits        string      `json:"digits"`
	E164          string      `json:"e164,omitempty"`
	Pool          string      `json:"pool"`
	State         NumberState `json:"state"`
	UserID        string      `json:"userId,omitempty"`  // the holder; of cooling: the last one
	OrderID       string      `json:"orderId,omitempty"` // the order that reserved or assigned it
	Until         *time.Time  `json:"until,omitempty"`   // of cooling and held; nil otherwise
	Reason        string      `json:"reason,omitempty"`  // of blocked, held and foreign
	ChangedAt     time.Time   `json:"changedAt"`
}

// Directory is the identity of the number.
func (n Number) Directory() DirectoryNumber {
	return DirectoryNumber{n.CallProcessor, n.Partition, n.Digits}
}

// Standing says where the number stands: "assigned to ann", "cooling until
// 2026-01-31T00:00:00Z (given back by ann)", "blocked (reception)".
func (n Number) Standing() string {
	text, whose, why := string(n.State), "", n.Reason
	switch n.State {
	case Assigned:
		whose = " to " + n.UserID
	case Reserved:
		whose = " by order " + n.OrderID
	case Held:
		whose = " for " + n.UserID
	case Cooling:
		if n.UserID != "" {
			why = "given back by " + n.UserID
		}
	case Available, Blocked, Foreign:
	}
	text += whose
	if n.Until != nil {
		text += " until " + n.Until.UTC().Format(time.RFC3339)
	}
	if why != "" {
		text += " (" + why + ")"
	}
	return text
}

// NumberEvent is one change of a number: its history, oldest first, explains it.
type NumberEvent struct {
	At      time.Time   `json:"at"`
	Actor   string      `json:"actor"` // "order", "import", "retention", or who asked
	OrderID string      `json:"orderId,omitempty"`
	UserID  string      `json:"userId,omitempty"`
	From    NumberState `json:"from"` // "" = it was made
	To      NumberState `json:"to"`
	Reason  string      `json:"reason,omitempty"`
}

// Policy says which eligible number is taken first.
type Policy string

// The policies.
const (
	Lowest      Policy = "lowest"       // the lowest digits
	LongestIdle Policy = "longest_idle" // never used before, then unused for the longest time
)

// NumberPool is a set of numbers in one partition of one call processor.
type NumberPool struct {
	Name          string   `json:"name"`
	CallProcessor string   `json:"callProcessor"`
	Partition     string   `json:"partition"`
	Policy        Policy   `json:"policy,omitempty"`    // "" = lowest
	Retention     Duration `json:"retention,omitempty"` // how long a released number cools
	E164Mask      string   `json:"e164Mask,omitempty"`  // "+4930123XXXX": each X is a digit from the right; "" = none
}

var (
	digitsForm = regexp.MustCompile(`^\+?[0-9]{1,23}$`)
	maskForm   = regexp.MustCompile(`^\+[1-9][0-9]*X*$`)
)

// E164 is the number in E.164 form: the digits themselves when they begin with a
// plus, the mask filled from the right otherwise, "" when there is no mask.
func (p NumberPool) E164(digits string) string {
	if strings.HasPrefix(digits, "+") {
		return digits
	}
	xs := strings.Count(p.E164Mask, "X")
	if xs == 0 || len(digits) < xs {
		return ""
	}
	return strings.TrimRight(p.E164Mask, "X") + digits[len(digits)-xs:]
}

// NumberRange is first to last inclusive, both of one width.
type NumberRange struct{ First, Last string }

// MaxRange is the most numbers that one range may hold.
const MaxRange = 1_000_000

// ParseNumberRange reads "4711", "4700-4999" or "+49301234700-+49301234999".
// Fails with Invalid, naming the text and the fix.
func ParseNumberRange(text string) (NumberRange, error) {
	bad := func(fix string) (NumberRange, error) {
		return NumberRange{}, &Error{Kind: Invalid, Detail: fmt.Sprintf("number %q: %s", text, fix)}
	}
	first, last, isRange := strings.Cut(strings.ReplaceAll(text, " ", ""), "-")
	if !isRange {
		last = first
	}
	if !digitsForm.MatchString(first) || !digitsForm.MatchString(last) {
		return bad("write digits like 4711, a range like 4700-4999, or +E.164")
	}
	if len(first) != len(last) || strings.HasPrefix(first, "+") != strings.HasPrefix(last, "+") {
		return bad("write both ends of a range with the same number of digits")
	}
	r := NumberRange{first, last}
	if r.size().Sign() <= 0 {
		return bad("write the lower end of the range first")
	}
	if r.size().Cmp(big.NewInt(MaxRange)) > 0 {
		return bad("a range holds at most 1,000,000 numbers")
	}
	return r, nil
}

func (r NumberRange) ends() (first, last *big.Int) {
	first, _ = new(big.Int).SetString(strings.TrimPrefix(r.First, "+"), 10)
	last, _ = new(big.Int).SetString(strings.TrimPrefix(r.Last, "+"), 10)
	return first, last
}

func (r NumberRange) size() *big.Int {
	first, last := r.ends()
	n := last.Sub(last, first)
	return n.Add(n, big.NewInt(1))
}

// Len is how many numbers the range holds.
func (r NumberRange) Len() int { return int(r.size().Int64()) }

// All yields the digits of the range in order, with the width and the plus of its
// ends.
func (r NumberRange) All() iter.Seq[string] {
	plus := ""
	if strings.HasPrefix(r.First, "+") {
		plus = "+"
	}
	width := len(r.First) - len(plus)
	return func(yield func(string) bool) {
		n, last := r.ends()
		one := big.NewInt(1)
		for ; n.Cmp(last) <= 0; n.Add(n, one) {
			s := n.String()
			if !yield(plus + strings.Repeat("0", width-len(s)) + s) {
				return
			}
		}
	}
}
