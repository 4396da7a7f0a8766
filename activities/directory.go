package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
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

// PersonOut is the person's entry in the directory.
type PersonOut struct {
	ID directory.GUID `json:"id"` // stable through renames
}

// FindPerson looks the person up before anything is made: who is not in the
// directory is found out before a number is taken and a mail is sent. It changes
// nothing. Fails with NotFound when there is no entry, Conflict when there are two.
func (a *Directory) FindPerson(ctx context.Context, in PersonIn) (PersonOut, error) {
	_, person, err := a.find(ctx, in)
	return PersonOut{ID: person.ID}, err
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
	for _, attribute := range slices.Sorted(maps.Keys(in.Values)) {
		value := in.Values[attribute]
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
	c, err := a.client(in.Directory)
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		// By the stable id: the entry may have been renamed since.
		person, err := c.Find(ctx, directory.Key{ID: before.ID}, slices.Sorted(maps.Keys(in.Values))...)
		if err != nil {
			return gone(err)
		}
		changes := valuesBack(in.Values, before.Values, person)
		if len(changes) == 0 {
			return nil
		}
		// Changed by somebody between the two: look again at what is still ours.
		if err := c.Swap(ctx, person.ID, changes); !errors.Is(err, uc.Conflict) || try == restoreTries {
			return gone(err)
		}
	}
}

// restoreTries bounds the race with somebody who changes the same entry.
const restoreTries = 3

// valuesBack are the swaps from what the order wrote to what was there before, of
// the attributes that still hold what the order wrote.
func valuesBack(ours, before map[string]string, now directory.Person) []directory.Change {
	var changes []directory.Change
	for _, attribute := range slices.Sorted(maps.Keys(ours)) {
		old, have := before[attribute], first(now.Attributes, attribute)
		if have == ours[attribute] && have != old {
			changes = append(changes, directory.Change{Attribute: attribute, Old: have, New: old})
		}
	}
	return changes
}

func (a *Directory) client(name string) (*directory.Client, error) {
	c, ok := a.Clients[name]
	if !ok {
		return nil, &uc.Error{
			Kind: uc.NotFound, System: "directory",
			Detail: fmt.Sprintf("directory %q is not in the configuration of this worker", name),
		}
	}
	return c, nil
}

func (a *Directory) ref(in PersonIn) db.ObjectRef {
	return db.ObjectRef{OrderID: in.OrderID, System: in.Directory, Type: objectPerson, Key: in.User.Key()}
}

// find looks for the person by the most stable key that is known.
func (a *Directory) find(ctx context.Context, in PersonIn) (*directory.Client, directory.Person, error) {
	c, err := a.client(in.Directory)
	if err != nil {
		return nil, directory.Person{}, err
	}
	attributes := slices.Sorted(maps.Keys(in.Values))
	var keys []directory.Key
	if in.User.DirectoryID != "" {
		keys = append(keys, directory.Key{ID: directory.GUID(in.User.DirectoryID)})
	}
	if in.User.EmployeeID != "" {
		keys = append(keys, directory.Key{EmployeeID: in.User.EmployeeID})
	}
	keys = append(keys, directory.Key{UserID: in.User.ID})
	var missing error
	for _, key := range keys {
		p, err := c.Find(ctx, key, attributes...)
		if err == nil && key.UserID != "" && somebodyElse(in.User, p) {
			// A user id is given again, an employee id is not.
			err = &uc.Error{Kind: uc.NotFound, System: "directory", Op: "search", Detail: fmt.Sprintf(
				"%s: the entry of user id %s is of employee %s, not of %s", in.Directory, p.UserID, p.EmployeeID, in.User.EmployeeID)}
		}
		if !errors.Is(err, uc.NotFound) {
			return c, p, err
		}
		missing = err
	}
	return nil, directory.Person{}, missing
}

// somebodyElse reports whether the entry that has the person's user id is another
// person's.
func somebodyElse(who uc.User, entry directory.Person) bool {
	return who.EmployeeID != "" && entry.EmployeeID != "" && !strings.EqualFold(who.EmployeeID, entry.EmployeeID)
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
