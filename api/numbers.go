package api

import (
	"context"
	"strings"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// Number is a number of the ledger; its history only when it was asked for by digits
// or belongs to a person.
type Number struct {
	uc.Number
	Events []uc.NumberEvent `json:"events,omitempty" doc:"Its history, oldest first"`
}

// NumberList is one part of a list of numbers.
type NumberList struct {
	Items []Number `json:"items"`
	Next  string   `json:"next,omitempty" doc:"The cursor of the next part; absent in the last"`
}

type listNumbersIn struct {
	Digits string         `query:"digits" maxLength:"24" pattern:"^\\+?[0-9]{1,23}$" doc:"As dialled inside, or in E.164 form: every partition that has them, with history; not together with other filters"`
	Pool   string         `query:"pool" maxLength:"128"`
	State  uc.NumberState `query:"state" enum:"available,reserved,assigned,cooling,held,blocked,foreign"`
	User   string         `query:"user" maxLength:"128" doc:"The holder's user id, in any case"`
	Page
}

type listNumbersOut struct{ Body NumberList }

func (s *server) listNumbers(ctx context.Context, in *listNumbersIn) (*listNumbersOut, error) {
	if in.Digits != "" {
		if in.Pool != "" || in.State != "" || in.User != "" || in.Cursor != "" {
			return nil, invalid(Violation{"query.digits", "ask by digits alone, or leave them out", in.Digits})
		}
		numbers, err := s.history(ctx, in.Digits)
		if err != nil {
			return nil, err
		}
		return &listNumbersOut{NumberList{Items: numbers}}, nil
	}
	filter := db.NumberFilter{Pool: in.Pool, State: in.State, UserID: in.User}
	numbers, next, err := s.db.ListNumbers(ctx, filter, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &listNumbersOut{NumberList{Items: make([]Number, len(numbers)), Next: next}}
	for i, n := range numbers {
		out.Body.Items[i] = Number{Number: n}
	}
	return out, nil
}

// history reads the digits in every partition, with what happened to them.
func (s *server) history(ctx context.Context, digits string) ([]Number, error) {
	found, err := s.db.GetNumbers(ctx, digits)
	if err != nil {
		return nil, err
	}
	out := make([]Number, len(found))
	for i, n := range found {
		out[i] = Number{n.Number, n.Events}
	}
	return out, nil
}

// NumberPlace tells numbers of the same digits apart.
type NumberPlace struct {
	CallProcessor string `json:"callProcessor,omitempty" maxLength:"128" doc:"Only needed when the digits exist more than once"`
	Partition     string `json:"partition,omitempty" maxLength:"128" doc:"Only needed when the digits exist more than once"`
}

// NumberReason asks for a change of a number and says why.
type NumberReason struct {
	NumberPlace
	Reason string `json:"reason" maxLength:"500" pattern:"\\S" doc:"Why, for the number's history"`
}

// NumberHold asks to keep a number for a person.
type NumberHold struct {
	NumberReason
	UserID string    `json:"userId" maxLength:"128" pattern:"^\\S+$" doc:"For whom"`
	Until  time.Time `json:"until" doc:"Until when; nobody else gets it before"`
}

// NumberPath is the number that a request is about.
type NumberPath struct {
	Digits string `path:"digits" maxLength:"24" pattern:"^\\+?[0-9]{1,23}$" doc:"As dialled inside, or in E.164 form; a leading plus may be written as it is or as %2B"`
}

type (
	holdNumberIn struct {
		NumberPath
		Body NumberHold
	}
	reasonNumberIn struct {
		NumberPath
		Body NumberReason
	}
	numberOut struct{ Body Number }
)

func (s *server) holdNumber(ctx context.Context, in *holdNumberIn) (*numberOut, error) {
	if !in.Body.Until.After(s.now()) {
		return nil, invalid(Violation{
			"body.until", "give a date in the future", in.Body.Until.Format(time.RFC3339),
		})
	}
	change := func(ctx context.Context, n uc.DirectoryNumber, actor, reason string) error {
		return s.db.Hold(ctx, n, in.Body.UserID, in.Body.Until, actor, reason)
	}
	return s.changeNumber(ctx, &reasonNumberIn{in.NumberPath, in.Body.NumberReason}, change)
}

func (s *server) unholdNumber(ctx context.Context, in *reasonNumberIn) (*numberOut, error) {
	return s.changeNumber(ctx, in, s.db.Unhold)
}

func (s *server) blockNumber(ctx context.Context, in *reasonNumberIn) (*numberOut, error) {
	return s.changeNumber(ctx, in, s.db.Block)
}

func (s *server) unblockNumber(ctx context.Context, in *reasonNumberIn) (*numberOut, error) {
	return s.changeNumber(ctx, in, s.db.Unblock)
}

// changeNumber changes the one number that is meant, in the name of the token, and
// answers with the number and its history.
func (s *server) changeNumber(
	ctx context.Context, in *reasonNumberIn,
	change func(ctx context.Context, n uc.DirectoryNumber, actor, reason string) error,
) (*numberOut, error) {
	found, err := s.db.FindNumber(ctx, uc.DirectoryNumber{
		CallProcessor: in.Body.CallProcessor, Partition: in.Body.Partition, Digits: in.Digits,
	})
	if err != nil {
		return nil, err
	}
	n := found.Directory()
	if err := change(ctx, n, callerOf(ctx).name, strings.TrimSpace(in.Body.Reason)); err != nil {
		return nil, err
	}
	now, err := s.histories(ctx, []uc.Number{found})
	if err != nil {
		return nil, err
	}
	if len(now) != 1 {
		return nil, &uc.Error{Kind: uc.Internal, Detail: "number " + n.String() + " is gone"}
	}
	return &numberOut{now[0]}, nil
}
