package db_test

import (
	"strings"
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestListPeople(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	for _, user := range []string{"cleo", "Ann", "bob"} {
		must(t, w.SavePerson(ctx, person(user, "E-"+user)))
	}
	must(t, w.SetPersonState(ctx, "bob", uc.Left))
	cases := map[string]struct {
		filter db.PersonFilter
		want   string
	}{
		"all":      {db.PersonFilter{}, "Ann bob cleo"},
		"domain":   {db.PersonFilter{Domain: "main"}, "Ann bob cleo"},
		"area":     {db.PersonFilter{ServiceArea: "paris"}, ""},
		"state":    {db.PersonFilter{State: uc.Active}, "Ann cleo"},
		"employee": {db.PersonFilter{EmployeeID: "E-bob"}, "bob"},
	}
	for name, c := range cases {
		var got []string
		for cursor, more := "", true; more; more = cursor != "" {
			page, next, err := w.ListPeople(ctx, c.filter, cursor, 2)
			must(t, err)
			for _, p := range page {
				got = append(got, p.UserID)
			}
			cursor = next
		}
		equal(t, name, c.want, strings.Join(got, " "))
	}
	_, _, err := w.ListPeople(ctx, db.PersonFilter{}, "x", 2)
	wantKind(t, err, uc.Invalid)
}
