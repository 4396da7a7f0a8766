package activities

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// SwapPhoneIn is the input of the effects that put another desk phone in a phone's place.
type SwapPhoneIn struct {
	On
	Old    string             `json:"old"`
	New    string             `json:"new"`
	UserID string             `json:"userId"`
	Number uc.DirectoryNumber `json:"number"` // the person's: never among what does not fit

	// Of ReplacePhone and its undo, what ReadSwap found.
	Rename bool     `json:"rename,omitempty"`
	OldID  axl.UUID `json:"oldId,omitempty"`
}

// ReadSwapOut is how a phone can be swapped.
type ReadSwapOut struct {
	Rename   bool     `json:"rename"`             // the new phone is not there: the old one gets its name
	OldID    axl.UUID `json:"oldId"`              // of the old phone
	Product  string   `json:"product"`            // of the old phone
	LoggedIn string   `json:"loggedIn,omitempty"` // who is logged in to the old phone; "" = nobody
}

// ReadSwap looks whether and how the new phone can take the old one's place. It
// changes nothing. Fails with NotFound when the old phone is missing, and with
// Conflict when either phone is somebody else's, or the new one carries a line that
// others need.
func (a *CallProcessor) ReadSwap(ctx context.Context, in SwapPhoneIn) (ReadSwapOut, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return ReadSwapOut{}, err
	}
	old, err := c.GetPhone(ctx, in.Old)
	if errors.Is(err, uc.NotFound) {
		return ReadSwapOut{}, &uc.Error{Kind: uc.NotFound, System: "cucm", Op: "getPhone", Err: err, Detail: fmt.Sprintf(
			"phone %s is not on %s, so there is nothing to carry over: remove it from the person and assign %s", in.Old, in.CallProcessor, in.New)}
	}
	if err != nil {
		return ReadSwapOut{}, err
	}
	if owner := val(old.OwnerUser); owner != "" && !same(owner, in.UserID) {
		return ReadSwapOut{}, inUse(in, old, "belongs to user "+owner)
	}
	out := ReadSwapOut{OldID: old.UUID, Product: old.Product}
	logins, err := c.LoginsAt(ctx, old.UUID)
	if err != nil {
		return ReadSwapOut{}, err
	}
	if len(logins) > 0 {
		out.LoggedIn = logins[0].UserID
	}
	next, err := c.GetPhone(ctx, in.New)
	if errors.Is(err, uc.NotFound) {
		out.Rename = true
		return out, nil
	}
	if err != nil {
		return ReadSwapOut{}, err
	}
	return out, spare(ctx, c, in, old, next)
}

func inUse(in SwapPhoneIn, p axl.Phone, why string) error {
	return &uc.Error{Kind: uc.Conflict, System: "cucm", Op: "getPhone", Detail: fmt.Sprintf(
		"phone %s on %s %s: take another phone", p.Name, in.CallProcessor, why)}
}

// spare fails with Conflict unless the phone that is there is the person's, or nobody's
// with lines that nobody else needs, such as that of auto-registration.
func spare(ctx context.Context, c *axl.Client, in SwapPhoneIn, old, next axl.Phone) error {
	owner := val(next.OwnerUser)
	if owner != "" && !same(owner, in.UserID) {
		return inUse(in, next, "belongs to user "+owner)
	}
	others, err := otherUsers(ctx, c, next.UUID, in.UserID)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		return inUse(in, next, "is controlled by "+strings.Join(others, ", "))
	}
	if owner != "" {
		return nil // its lines stay
	}
	for _, l := range val(next.Lines) {
		n := uc.DirectoryNumber{CallProcessor: in.CallProcessor, Digits: l.Pattern, Partition: l.Partition}
		if carries(old, n) {
			continue
		}
		line, err := c.GetLine(ctx, l.Pattern, l.Partition)
		if err != nil {
			return err
		}
		if devices := foreignDevices(line, []string{next.Name}); len(devices) > 0 {
			return inUse(in, next, fmt.Sprintf("carries line %s, which is on %s too", n, strings.Join(devices, ", ")))
		}
		grouped, err := inLineGroup(ctx, c, line.UUID)
		if err != nil {
			return err
		}
		if grouped {
			return inUse(in, next, fmt.Sprintf("carries line %s, which is a member of a line group", n))
		}
	}
	return nil
}

// SwappedOut is what came of a swap.
type SwappedOut struct {
	Left []string `json:"left,omitempty"` // what the new phone has no button for
}

// ReplacePhone puts the new phone in the old one's place: either the old one gets the
// new name, which keeps everything, or what is on the old one is carried over to the
// new one, as far as its buttons go. A phone of the same product gets the old one's
// button template. The old phone then still has its lines, too. Fails with Conflict
// when the new phone has become somebody else's, or has come up since it was absent.
func (a *CallProcessor) ReplacePhone(ctx context.Context, in SwapPhoneIn) (SwappedOut, error) {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return SwappedOut{}, err
	}
	if in.Rename {
		return SwappedOut{}, a.renamePhone(ctx, c, in)
	}
	old, err := c.GetPhone(ctx, in.Old)
	if err != nil {
		return SwappedOut{}, err
	}
	next, err := c.GetPhone(ctx, in.New)
	if err != nil {
		return SwappedOut{}, err
	}
	if owner := val(next.OwnerUser); owner != "" && !same(owner, in.UserID) {
		return SwappedOut{}, inUse(in, next, "belongs to user "+owner)
	}
	m := a.mark(in.On, objectPhone, in.New)
	if _, err := m.found(ctx, next, false); err != nil {
		return SwappedOut{}, err
	}
	// As it was before the first attempt: which of its lines stay depends on that.
	if _, err := m.fate(ctx, &next); err != nil {
		return SwappedOut{}, err
	}
	template, err := c.GetButtonTemplate(ctx, val(next.ButtonTemplate))
	if err != nil {
		return SwappedOut{}, err
	}
	change, left := carryOver(in, old, next, template)
	if err := c.UpdatePhone(ctx, change); err != nil {
		return SwappedOut{}, err
	}
	return SwappedOut{Left: left}, c.ApplyPhone(ctx, next.Name)
}

// renamePhone gives the old phone the new name, and all that orders recorded of it.
func (a *CallProcessor) renamePhone(ctx context.Context, c *axl.Client, in SwapPhoneIn) error {
	_, err := c.GetPhone(ctx, in.Old)
	switch {
	case err == nil:
		if err := c.RenamePhone(ctx, in.Old, in.New); err != nil {
			return comeUp(err, in)
		}
	case errors.Is(err, uc.NotFound): // renamed by an earlier attempt, or gone
		now, err := c.GetPhone(ctx, in.New)
		if err != nil {
			return err
		}
		if now.UUID != in.OldID {
			return comeUp(&uc.Error{Kind: uc.Conflict}, in)
		}
	default:
		return err
	}
	if err := a.DB.RenameObject(ctx, a.phoneRef(in, in.Old), in.New); err != nil {
		return err
	}
	return c.ApplyPhone(ctx, in.New)
}

func comeUp(err error, in SwapPhoneIn) error {
	if !errors.Is(err, uc.Conflict) {
		return err
	}
	return &uc.Error{Kind: uc.Conflict, System: "cucm", Op: "updatePhone", Err: err, Detail: fmt.Sprintf(
		"phone %s has come up on %s meanwhile: order the swap again, and lines and buttons are carried over to it", in.New, in.CallProcessor)}
}

func (a *CallProcessor) phoneRef(in SwapPhoneIn, name string) db.ObjectRef {
	return a.mark(in.On, objectPhone, name).ref
}

// ReplacePhoneBack takes back ReplacePhone: the name is the old one again, or the new
// phone as it was. Absent is success.
func (a *CallProcessor) ReplacePhoneBack(ctx context.Context, in SwapPhoneIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	if in.Rename {
		return a.renamePhoneBack(ctx, c, in)
	}
	var before axl.Phone
	fate, err := a.mark(in.On, objectPhone, in.New).fate(ctx, &before)
	if err != nil || fate != restore {
		return err
	}
	now, err := c.GetPhone(ctx, in.New)
	if err != nil {
		return gone(err)
	}
	if back := phoneAsBefore(before, now); !reflect.DeepEqual(back, axl.Phone{}) {
		back.Name = now.Name
		if err := gone(c.UpdatePhone(ctx, back)); err != nil {
			return err
		}
	}
	return gone(c.ApplyPhone(ctx, now.Name)) // also when an earlier attempt got no further
}

func (a *CallProcessor) renamePhoneBack(ctx context.Context, c *axl.Client, in SwapPhoneIn) error {
	old, err := c.GetPhone(ctx, in.Old)
	if errors.Is(err, uc.NotFound) {
		now, err := c.GetPhone(ctx, in.New)
		if err != nil || now.UUID != in.OldID {
			return gone(err)
		}
		if err := gone(c.RenamePhone(ctx, in.New, in.Old)); err != nil {
			return err
		}
	} else if err != nil || old.UUID != in.OldID {
		return err
	}
	if err := a.DB.RenameObject(ctx, a.phoneRef(in, in.New), in.Old); err != nil {
		return err
	}
	return gone(c.ApplyPhone(ctx, in.Old))
}
