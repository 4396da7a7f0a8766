// Package uc holds the words of unified communications provisioning and the pure
// rules over them. It does no I/O and imports the standard library only.
package uc

import (
	"errors"
	"strings"
	"time"
)

// Kind is the one vocabulary of failure: the same word is a Go error (errors.Is
// finds it at any depth), the Temporal error type, the order's column, the log
// field and the HTTP problem's kind.
type Kind string

// The kinds; docs/errors.md says what each leads to.
const (
	Invalid     Kind = "invalid"     // can never succeed as written: undo, the order fails
	NotFound    Kind = "not_found"   // a named object is missing: undo, the order fails
	Conflict    Kind = "conflict"    // it exists, differs and is not ours: undo, the order fails
	Exhausted   Kind = "exhausted"   // no eligible number: the order waits, goes on by itself
	Denied      Kind = "denied"      // credentials or rights refused: the order waits for resume
	Throttled   Kind = "throttled"   // slow down: retried when the system says
	Unavailable Kind = "unavailable" // no answer: retried; writes are read back before they are sent again
	Internal    Kind = "internal"    // our bug, the default: bounded retry, then the order waits
)

// Error makes a Kind an error constant.
func (k Kind) Error() string { return string(k) }

// Disposition is what an order does about a failure.
type Disposition string

// The dispositions.
const (
	Fail  Disposition = "fail"  // undo everything this order made
	Park  Disposition = "park"  // keep everything, wait
	Retry Disposition = "retry" // try again
)

// Disposition says what an order does about a failure of this kind. Internal is
// retried a bounded number of times by the worker and parks after that.
func (k Kind) Disposition() Disposition {
	switch k {
	case Invalid, NotFound, Conflict:
		return Fail
	case Throttled, Unavailable:
		return Retry
	case Exhausted, Denied, Internal:
		return Park
	}
	return Park
}

// Error is a failure of one operation on one system. Op and Detail are in the
// system's own words; neither ever holds a secret.
type Error struct {
	Kind       Kind
	System     string        // "cucm", "directory", "mail", "hr", "db", "" for our own rules
	Op         string        // the vendor's operation, "addPhone"; "" when there is none
	Detail     string        // one sentence for a person
	RetryAfter time.Duration // what the system asked for; 0 when it did not say
	Err        error         // the cause, nil when there is none
}

// Error reads "cucm addPhone: conflict: …".
func (e *Error) Error() string {
	head := strings.TrimSpace(e.System + " " + e.Op)
	parts := make([]string, 0, 3)
	for _, p := range []string{head, string(e.Kind), e.Detail} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ": ")
}

// Is reports whether the target is this error's Kind.
func (e *Error) Is(target error) bool { k, ok := target.(Kind); return ok && k == e.Kind }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first Error in the chain, Internal when there is
// none, "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	var k Kind
	if errors.As(err, &k) {
		return k
	}
	return Internal
}
