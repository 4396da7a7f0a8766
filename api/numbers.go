package api

import (
	"context"

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
