package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/uc"
)

// ClearDirectory takes the values out of the person's entry: an attribute that still
// holds what is given is cleared, one that somebody has changed is left. An entry that
// is gone is success. Of two entries for one person neither is touched. RestoreDirectory
// with empty values takes it back.
func (a *Directory) ClearDirectory(ctx context.Context, in PersonIn) error {
	for try := 1; ; try++ {
		c, person, err := a.find(ctx, in)
		if err != nil {
			return gone(err)
		}
		before := personBefore{ID: person.ID, Values: map[string]string{}}
		var changes []directory.Change
		for _, attribute := range slices.Sorted(maps.Keys(in.Values)) {
			if value := in.Values[attribute]; value != "" && first(person.Attributes, attribute) == value {
				before.Values[attribute] = value
				changes = append(changes, directory.Change{Attribute: attribute, Old: value})
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
		// Changed by somebody between the two: look again at what is still ours.
		if err := c.Swap(ctx, person.ID, changes); !errors.Is(err, uc.Conflict) || try == restoreTries {
			return gone(err)
		}
	}
}

// RevokeHR tells the HR receiver that the number is not the person's any more.
func (a *Notifier) RevokeHR(ctx context.Context, in HRIn) error {
	ref := a.ref(in)
	ref.Key = eventWithdrawn
	if _, _, err := a.DB.Intend(ctx, ref, nil); err != nil {
		return err
	}
	return a.post(ctx, in, eventWithdrawn)
}

// ReinstateHR takes back RevokeHR: the receiver is told that the number is the
// person's after all, if it may have been told otherwise before.
func (a *Notifier) ReinstateHR(ctx context.Context, in HRIn) error {
	ref := a.ref(in)
	ref.Key = eventWithdrawn
	_, found, err := a.DB.ObjectOf(ctx, ref)
	if err != nil || !found {
		return err
	}
	return a.post(ctx, in, eventAssigned)
}
