package activities

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/dialtone/dialtone/db"
)

// The effects called Retire… take away what a person has and shall have no more: of a
// leaver, and what a mover leaves behind. They know objects by their names, not by the
// marks of an order, and look at the moment of the act whether somebody else uses the
// object: then it stays. What stood there before the person's first order is never
// removed; only the person's part is taken off. Absent is success.

// Retired says what became of an object.
type Retired struct {
	Kept string `json:"kept,omitempty"` // why it is still there: one sentence; "" = it is gone, or was to stay
}

// kept is an object that stays because somebody else uses it.
func kept(ctx context.Context, format string, args ...any) Retired {
	why := fmt.Sprintf(format, args...)
	leftOut(ctx, why)
	return Retired{Kept: why}
}

// origins is what the person's orders found on a call processor.
type origins []db.Object

func (a *CallProcessor) origins(ctx context.Context, userID, callProcessor string) (origins, error) {
	return a.DB.ObjectsOf(ctx, userID, callProcessor)
}

// adopted reports whether the object stood there before the person's first order, and
// fills before with how it was then. An object of which no order knows is not adopted.
func (o origins) adopted(objectType, key string, before any) (bool, error) {
	var first json.RawMessage
	for _, object := range o {
		switch {
		case object.Type != objectType || !same(object.Key, key):
		case isNull(object.Before):
			return false, nil
		case first == nil:
			first = object.Before
		}
	}
	if first == nil {
		return false, nil
	}
	if err := json.Unmarshal(first, before); err != nil {
		return false, fmt.Errorf("reading %s %s as it was: %w", objectType, key, err)
	}
	return true, nil
}
