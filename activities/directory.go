package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// Directory holds the effects on directories.
type Directory struct {
	Clients map[string]*directory.Client // by the name of the directory
	DB      *db.DB                       // where an entry is marked before it is changed
}

// PersonIn is the input of the effects on a person of a directory.
type PersonIn struct {
	uc.StepRef
	Directory string            `json:"directory"`
	User      uc.User           `json:"user"`
	Values    map[string]string `json:"values"` // attribute to value; "" removes it
}

// personBefore is a directory entry as it was: its stable id and our attributes.
type personBefore struct {
	ID     directory.GUID    `json:"id"`
	Values map[string]string `json:"values"`
}

// WriteDirectory writes the values into the person's entry, found by its stable
// id, the employee id or the user id, in that order. Each attribute is swapped for
// the value that was read, so that a change by somebody else in between is never
// overwritten: that fails with Conflict. What is equal already is not written.
func (a *Directory) WriteDirectory(ctx context.Context, in PersonIn) error {
	c, person, err := a.find(ctx, in)
	if err != nil {
		return err
	}
	before := personBefore{ID: person.ID, Values: map[string]string{}}
	var changes []directory.Change
	for attribute, value := range in.Values {
		have := first(person.Attributes, attribute)
		before.Values[attribute] = have
		if have != value {
			changes = append(changes, directory.Change{Attribute: attribute, Old: have, New: value})
		}
	}
	if len(changes) == 0 {
		return nil
	}
	b, err := json.Marshal(before)
	if err != nil {
		return fmt.Errorf("recording the entry of %s: %w", in.User.ID, err)
	}
	if _, _, err := a.DB.Intend(ctx, a.ref(in), b); err != nil {
		return err
	}
	return c.Swap(ctx, person.ID, changes)
}

// RestoreDirectory takes back WriteDirectory: an attribute that still holds what
// this order wrote gets its old value again, one that somebody changed since is
// left. An entry that is gone is success.
func (a *Directory) RestoreDirectory(ctx context.Context, in PersonIn) error {
	o, found, err := a.DB.ObjectOf(ctx, a.ref(in))
	if err != nil || !found {
		return err
	}
	var before personBefore
	if err := json.Unmarshal(o.Before, &before); err != nil {
		return fmt.Errorf("reading the entry of %s as it was: %w", in.User.ID, err)
	}
	c, person, err := a.find(ctx, in)
	if err != nil {
		return gone(err)
	}
	var changes []directory.Change
	for attribute, ours := range in.Values {
		old, have := before.Values[attribute], first(person.Attributes, attribute)
		if have == ours && have != old {
			changes = append(changes, directory.Change{Attribute: attribute, Old: have, New: old})
		}
	}
	if len(changes) == 0 {
		return nil
	}
	return c.Swap(ctx, person.ID, changes)
}

func (a *Directory) ref(in PersonIn) db.ObjectRef {
	return db.ObjectRef{OrderID: in.OrderID, System: in.Directory, Type: objectPerson, Key: in.User.Key()}
}

// find looks for the person by the most stable key that is known.
func (a *Directory) find(ctx context.Context, in PersonIn) (*directory.Client, directory.Person, error) {
	c, ok := a.Clients[in.Directory]
	if !ok {
		return nil, directory.Person{}, &uc.Error{Kind: uc.NotFound, System: "directory",
			Detail: fmt.Sprintf("directory %q is not in the configuration of this worker", in.Directory)}
	}
	attributes := make([]string, 0, len(in.Values))
	for attribute := range in.Values {
		attributes = append(attributes, attribute)
	}
	var keys []directory.Key
	if in.User.DirectoryID != "" {
		keys = append(keys, directory.Key{ID: directory.GUID(in.User.DirectoryID)})
	}
	if in.User.EmployeeID != "" {
		keys = append(keys, directory.Key{EmployeeID: in.User.EmployeeID})
	}
	keys = append(keys, directory.Key{UserID: in.User.ID})
	var err error
	for _, key := range keys {
		var p directory.Person
		if p, err = c.Find(ctx, key, attributes...); err == nil || !errors.Is(err, uc.NotFound) {
			return c, p, err
		}
	}
	return nil, directory.Person{}, err
}

// first reads a single-valued attribute; names are compared without case.
func first(attributes map[string][]string, name string) string {
	for k, v := range attributes {
		if strings.EqualFold(k, name) && len(v) > 0 {
			return v[0]
		}
	}
	return ""
}
