// Package activities holds the effects of the stories: one struct per kind of
// system, each method one idempotent effect on it. Run twice is run once; a write
// whose answer was lost is found by reading before it is sent again; removing what
// is absent succeeds. It decides no order of steps and starts no workflow.
package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/clients/hr"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// CallProcessor holds the effects on call processors.
type CallProcessor struct {
	Clients map[string]*axl.Client // by the name of the call processor
	DB      *db.DB                 // where an order's objects are marked before they are made
	PINs    *hr.Client             // brings new PINs to people; nil = none is reset
}

// On is the step and the call processor that an effect is for.
type On struct {
	uc.StepRef
	CallProcessor string `json:"callProcessor"`
}

func (a *CallProcessor) client(name string) (*axl.Client, error) {
	c, ok := a.Clients[name]
	if !ok {
		return nil, &uc.Error{
			Kind: uc.NotFound, System: "cucm",
			Detail: fmt.Sprintf("call processor %q is not in the configuration of this worker", name),
		}
	}
	return c, nil
}

// The types of objects that an order marks.
const (
	objectUser    = "user"
	objectProfile = "device_profile"
	objectLine    = "line"
	objectPhone   = "phone"
	objectPerson  = "person"
	objectEvent   = "event"
	objectMove    = "user_move"   // the user before a move, its devices under their new names
	objectLook    = "ldap_look"   // not made: when the order first looked for a user
	objectRetake  = "line_retake" // not made: a line that undo removes to add it again
)

// mark is the write-ahead record of one object of an order: written before the
// first write to the system, so that whatever happens in between, undo knows what
// was there before.
type mark struct {
	db  *db.DB
	ref db.ObjectRef
}

func (a *CallProcessor) mark(on On, objectType, key string) mark {
	return mark{a.DB, db.ObjectRef{OrderID: on.OrderID, System: on.CallProcessor, Type: objectType, Key: key}}
}

// absent records that the object was not there when the order first looked.
func (m mark) absent(ctx context.Context) error {
	_, _, err := m.db.Intend(ctx, m.ref, nil)
	return err
}

// found records the object as it was when the order first looked, and reports
// whether this order made it: an earlier attempt found it absent, and what is there
// is what the order would make. When it is not, somebody else made it in between.
func (m mark) found(ctx context.Context, before any, ours bool) (made bool, err error) {
	b, err := json.Marshal(before)
	if err != nil {
		return false, fmt.Errorf("recording %s %s: %w", m.ref.Type, m.ref.Key, err)
	}
	first, prior, err := m.db.Intend(ctx, m.ref, b)
	switch {
	case err != nil || first || !isNull(prior):
		return false, err
	case ours:
		return true, nil
	}
	if err := m.disown(ctx); err != nil {
		return false, err
	}
	_, _, err = m.db.Intend(ctx, m.ref, b)
	return false, err
}

// disown forgets the object: it is somebody else's, and undo must not touch it.
func (m mark) disown(ctx context.Context) error { return m.db.Forget(ctx, m.ref) }

// disownMade forgets an object that the order meant to make and that somebody else
// made instead.
func (m mark) disownMade(ctx context.Context) error {
	o, found, err := m.db.ObjectOf(ctx, m.ref)
	if err != nil || !found || !isNull(o.Before) {
		return err
	}
	return m.disown(ctx)
}

// taken is what an addition that was refused leads to: what is there now, or the
// refusal itself when nothing of this type has the name.
func taken[T any](refused error, read func() (T, error)) (T, error) {
	have, err := read()
	if errors.Is(err, uc.NotFound) {
		return have, refused
	}
	return have, err
}

// fate is what undo does about an object.
type fate int

const (
	leave   fate = iota // this order never touched it
	remove              // this order made it
	restore             // this order changed it
)

// fate reads the mark; before is filled for restore.
func (m mark) fate(ctx context.Context, before any) (fate, error) {
	o, found, err := m.db.ObjectOf(ctx, m.ref)
	switch {
	case err != nil:
		return leave, err
	case !found:
		return leave, nil
	case isNull(o.Before):
		return remove, nil
	}
	if err := json.Unmarshal(o.Before, before); err != nil {
		return leave, fmt.Errorf("reading %s %s as it was: %w", m.ref.Type, m.ref.Key, err)
	}
	return restore, nil
}

func isNull(b json.RawMessage) bool { return len(b) == 0 || bytes.Equal(b, []byte("null")) }

// val reads a field that may not have been sent.
func val[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

// wish is a field to set to v, or not sent when v is its zero value.
func wish[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// differs reports whether a wanted field is not what is there; a field that is
// not wanted never differs.
func differs[T comparable](want, have *T) bool { return want != nil && *want != val(have) }

// same compares names as the call processor does, without case, and without the
// blanks that it may trim.
func same(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }
