package db_test

import (
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dialtone/dialtone/uc"
)

func person(user, employee string) uc.Person {
	return uc.Person{
		UserID: user, Domain: "main", State: uc.Active, OrderID: "o1",
		Joiner:   uc.Joiner{User: uc.User{ID: user, EmployeeID: employee, LastName: "Doe"}, ServiceArea: "berlin"},
		Services: &uc.Services{Number: uc.DirectoryNumber{CallProcessor: "cucm-1", Partition: "PT", Digits: "4711"}},
	}
}

func TestPerson(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	_, err := w.GetPerson(ctx, "ann")
	wantKind(t, err, uc.NotFound)
	want := person("Ann", "E1")
	must(t, w.SavePerson(ctx, want))
	must(t, w.SavePerson(ctx, want))
	got, err := w.GetPerson(ctx, "aNN")
	must(t, err)
	equal(t, "person", want, got, cmpopts.IgnoreFields(uc.Person{}, "UpdatedAt"), cmpopts.EquateEmpty())
	got, err = w.PersonOfEmployee(ctx, "E1")
	must(t, err)
	equal(t, "of the employee id", "Ann", got.UserID)
	_, err = w.PersonOfEmployee(ctx, "")
	wantKind(t, err, uc.NotFound)
	wantKind(t, w.SavePerson(ctx, person("bob", "E1")), uc.Conflict)
	must(t, w.SavePerson(ctx, person("bob", "")))
	n, err := w.CountPeople(ctx, "main")
	must(t, err)
	equal(t, "people", 2, n)

	must(t, w.SetPersonState(ctx, "ANN", uc.Left))
	must(t, w.SetPersonState(ctx, "nobody", uc.Left))
	_, err = w.PersonOfEmployee(ctx, "E1")
	wantKind(t, err, uc.NotFound)
	n, err = w.CountPeople(ctx, "main")
	must(t, err)
	equal(t, "people who have not left", 1, n)
	must(t, w.SavePerson(ctx, person("cleo", "E1"))) // the employee id of one who has left
}

func TestRenamePerson(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	must(t, w.SavePerson(ctx, person("ann", "E1")))
	must(t, w.SavePerson(ctx, person("bob", "E2")))
	w.opened("o1", "ann")
	must(t, w.SetOrder(ctx, "o1", uc.OrderChange{State: ptr(uc.Done)}))
	must(t, w.RenamePerson(ctx, "ANN", "anna"))
	must(t, w.RenamePerson(ctx, "ann", "anna")) // again, after a lost answer
	_, err := w.GetPerson(ctx, "ann")
	wantKind(t, err, uc.NotFound)
	got, err := w.GetPerson(ctx, "anna")
	must(t, err)
	equal(t, "employee", "E1", got.Joiner.User.EmployeeID)
	orders, err := w.OrdersOf(ctx, "anna")
	must(t, err)
	equal(t, "orders that came along", 1, len(orders))
	wantKind(t, w.RenamePerson(ctx, "anna", "Bob"), uc.Conflict)
	must(t, w.RenamePerson(ctx, "anna", "Anna"))
	got, err = w.GetPerson(ctx, "anna")
	must(t, err)
	equal(t, "spelling", "Anna", got.UserID)
}
