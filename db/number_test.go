package db_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestGetNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", E164Mask: "+4930123XXXX"}, "1111")
	w.newPool(uc.NumberPool{Name: "bonn", CallProcessor: "cucm-2", Partition: "PT_Bonn"}, "1111", "+49228991111")
	cases := map[string]struct {
		reason string
		ask    string
		want   []string
	}{
		"digits":         {"in every partition", "1111", []string{"1111 in PT_berlin on cucm-1", "1111 in PT_Bonn on cucm-2"}},
		"e164":           {"the form outside", "+49301231111", []string{"1111 in PT_berlin on cucm-1"}},
		"e164 bare":      {"without the plus", "49301231111", []string{"1111 in PT_berlin on cucm-1"}},
		"plus in digits": {"dialled with the plus", "+49 228 991111", []string{"+49228991111 in PT_Bonn on cucm-2"}},
	}
	for name, c := range cases {
		found, err := w.GetNumbers(t.Context(), c.ask)
		must(t, err)
		var got []string
		for _, n := range found {
			got = append(got, n.Directory().String())
		}
		equal(t, name+": "+c.reason, c.want, got)
	}
	_, err := w.GetNumbers(t.Context(), "2222")
	wantKind(t, err, uc.NotFound)
}

func TestFindNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", E164Mask: "+4930123XXXX"}, "1111", "+49301231111")
	w.newPool(uc.NumberPool{Name: "bonn", CallProcessor: "cucm-2", Partition: "PT_Bonn"}, "1111", "2222")
	cases := map[string]struct {
		reason, callProcessor, partition, digits, want string
		kind                                           uc.Kind
	}{
		"only one":         {"nothing else to say", "", "", "2222", "2222 in PT_Bonn on cucm-2", ""},
		"two partitions":   {"both are listed", "", "", "1111", "1111 in PT_berlin on cucm-1; 1111 in PT_Bonn on cucm-2", uc.Conflict},
		"by partition":     {"enough", "", "PT_Bonn", "1111", "1111 in PT_Bonn on cucm-2", ""},
		"by processor":     {"enough", "cucm-1", "", "1111", "1111 in PT_berlin on cucm-1", ""},
		"digits and E.164": {"one is dialled so, the other is written so outside", "", "", "+49301231111", "1111 in PT_berlin on cucm-1; +49301231111 in", uc.Conflict},
		"named in full":    {"the digits count", "cucm-1", "PT_berlin", "+49301231111", "+49301231111 in PT_berlin on cucm-1", ""},
		"elsewhere":        {"not there", "cucm-2", "PT_berlin", "1111", `number "1111" in PT_berlin on cucm-2 is in no pool`, uc.NotFound},
		"unknown":          {"nowhere", "", "", "3", `number "3" is in no pool`, uc.NotFound},
	}
	for name, c := range cases {
		n, err := w.FindNumber(t.Context(), uc.DirectoryNumber{CallProcessor: c.callProcessor, Partition: c.partition, Digits: c.digits})
		wantKind(t, err, c.kind)
		got := n.Directory().String()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s (%s): %q, want %q", name, c.reason, got, c.want)
		}
	}
}

func TestListNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin"}, "100-124")
	w.newPool(uc.NumberPool{Name: "bonn"}, "100-104")
	w.reserved("order", "berlin", "Ann")
	all := func(f db.NumberFilter, limit int) (digits []string) {
		cursor := ""
		for {
			page, next, err := w.ListNumbers(t.Context(), f, cursor, limit)
			must(t, err)
			if len(page) > limit {
				t.Fatalf("page of %d", len(page))
			}
			for _, n := range page {
				digits = append(digits, n.Digits)
			}
			if cursor = next; cursor == "" {
				return digits
			}
		}
	}
	if got := all(db.NumberFilter{}, 4); len(got) != 30 {
		t.Errorf("%d numbers in all: %v", len(got), got)
	}
	if got := all(db.NumberFilter{Pool: "berlin", State: uc.Available}, 5); len(got) != 24 || got[0] != "101" {
		t.Errorf("%d available in berlin: %v", len(got), got)
	}
	equal(t, "of ann", []string{"100"}, all(db.NumberFilter{UserID: "ANN"}, 5))
	for _, cursor := range []string{"x", "!", "MTAw"} {
		_, _, err := w.ListNumbers(t.Context(), db.NumberFilter{}, cursor, 5)
		wantKind(t, err, uc.Invalid)
	}
}

func TestNumbersOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.newPool(uc.NumberPool{Name: "berlin", Retention: uc.Duration(time.Hour)}, "10-19")
	w.left("10", "ann")
	w.newPool(uc.NumberPool{Name: "bonn"}, "20-29")
	w.published("o2", "bonn", "Ann")
	w.published("o3", "bonn", "bea")
	numbers, err := w.NumbersOf(t.Context(), "ANN")
	must(t, err)
	equal(t, "numbers of ann", []uc.Number{
		{Digits: "10", State: uc.Cooling, UserID: "ann"}, {Digits: "20", State: uc.Assigned, UserID: "Ann"},
	}, numbers, cmp.FilterPath(func(p cmp.Path) bool {
		name := p.Last().String()
		return len(p) > 2 && name != ".Digits" && name != ".State" && name != ".UserID"
	}, cmp.Ignore()))
	numbers, err = w.NumbersOf(t.Context(), "")
	if err != nil || len(numbers) != 0 || errors.Is(err, uc.NotFound) {
		t.Errorf("numbers of nobody: %v, %v", numbers, err)
	}
}
