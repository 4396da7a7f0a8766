package axl

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// ErrMemoryFull is the cause of a uc.Throttled failure of a read that found the memory
// for all answers under way (16 MB) full: fewer rows would do, and so would waiting.
//
// Source: AXL developer guide, "Maximum AXL Memory Allocation Consumed".
var ErrMemoryFull = errors.New("the memory for answers is full")

// The causes of failures of ListChanges; errors.Is finds them.
var (
	// ErrQueueLost says that the queue of the question is not the server's, which
	// restarted: only a full read tells what changed since. Its kind is uc.Invalid.
	ErrQueueLost = errors.New("the change queue is not the server's any more")
	// ErrChangesMissed says that the server has forgotten the changes asked for,
	// there were too many: only a full read tells. Its kind is uc.Invalid.
	ErrChangesMissed = errors.New("the changes asked for are forgotten")
	// ErrChangesOff says that the service parameter AXL Change Notification is not
	// On. Its kind is uc.Denied.
	ErrChangesOff = errors.New("change notification is switched off")
)

var (
	memoryFull    = regexp.MustCompile(`(?i)maximum axl memory allocation`)
	queueLost     = regexp.MustCompile(`(?i)queueId value does not match`)
	changesMissed = regexp.MustCompile(`(?i)startChangeId|full sync is needed`)
	// assumed: no public log shows this one.
	changesOff       = regexp.MustCompile(`(?i)change notification\b.*\b(disabled|turned off|switched off|not enabled|is off|not on)\b`)
	operationUnknown = regexp.MustCompile(`(?i)\boperation not found\b`)
)

// cause is what a caller can act on in a fault, nil when there is nothing.
func cause(op, message string) error {
	switch {
	case memoryFull.MatchString(message):
		return ErrMemoryFull
	case tooLarge.MatchString(message):
		return readLimit(message)
	case operationUnknown.MatchString(message):
		return &UnsupportedError{Op: op}
	case changesOff.MatchString(message):
		return ErrChangesOff
	case queueLost.MatchString(message):
		return ErrQueueLost
	case op == opListChange && changesMissed.MatchString(message):
		return ErrChangesMissed
	}
	return nil
}

// UnsupportedError is the cause of a uc.NotFound failure of an operation that
// the server's version does not have.
//
// Source: a public log of AXL 10.0 answering an unknown operation.
type UnsupportedError struct{ Op string }

// Error implements error.
func (e *UnsupportedError) Error() string { return "the server has no operation " + e.Op }

// LimitError is the cause of a uc.Invalid failure of a read that would answer
// with more than AXL sends at once (8 MB). Both are 0 when the server does not say.
//
// Source: AXL developer guide, "Query request too large".
type LimitError struct {
	Total     int // rows in all
	Suggested int // ask for fewer than this many at a time
}

// Error implements error.
func (e *LimitError) Error() string {
	if e.Suggested == 0 {
		return "more rows match than can be sent at once"
	}
	return fmt.Sprintf("%d rows match, fewer than %d can be sent at once", e.Total, e.Suggested)
}

var (
	tooLarge      = regexp.MustCompile(`(?i)query request too large`)
	tooLargeTotal = regexp.MustCompile(`(?i)total rows matched:\s*(\d+)`)
	tooLargeFetch = regexp.MustCompile(`(?i)sugges\w+ row fetch:\s*less than\s*(\d+)`)
)

// readLimit reads what the fault says about the size.
func readLimit(message string) error {
	number := func(in *regexp.Regexp) int {
		m := in.FindStringSubmatch(message)
		if m == nil {
			return 0
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return 0
		}
		return n
	}
	return &LimitError{Total: number(tooLargeTotal), Suggested: number(tooLargeFetch)}
}
