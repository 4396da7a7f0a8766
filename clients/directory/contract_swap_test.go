package directory_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/uc"
)

func promiseSwap(t *testing.T, b *backend) {
	c := b.client(t, nil)
	id := b.find(t, c, "jgross").ID
	const phone = "telephoneNumber"
	original := "+49 30 1234-4711"
	// In this order: each step finds what the one before left.
	for _, step := range []struct {
		reason string
		change directory.Change
		kind   uc.Kind // "" is success
		says   string
		leaves string
	}{
		{"what is there is replaced", directory.Change{Attribute: phone, Old: original, New: "4001"}, "", "", "4001"},
		{"an outdated old value changes nothing", directory.Change{Attribute: phone, Old: original, New: "4002"}, uc.Conflict, `holds ["4001"]`, "4001"},
		{"expected nothing, but there is something", directory.Change{Attribute: phone, New: "4002"}, uc.Conflict, `holds ["4001"]`, "4001"},
		{"a value is removed", directory.Change{Attribute: phone, Old: "4001"}, "", "", ""},
		{"removing it again", directory.Change{Attribute: phone, Old: "4001"}, uc.Conflict, "holds nothing", ""},
		{"nothing is replaced", directory.Change{Attribute: phone, New: "+49 30 1234"}, "", "", "+49 30 1234"},
		{"old values are compared to the last space", directory.Change{Attribute: phone, Old: "+49301234", New: "4003"}, uc.Conflict, "+49 30 1234", "+49 30 1234"},
		{"the attribute's name in another case", directory.Change{Attribute: "TELEPHONENUMBER", Old: "+49 30 1234", New: "4004"}, "", "", "4004"},
		{"a value may be swapped by itself", directory.Change{Attribute: phone, Old: "4004", New: "4004"}, "", "", "4004"},
		{"an unknown attribute", directory.Change{Attribute: "msRTCSIP-Line", New: "tel:1"}, uc.Invalid, "", "4004"},
		{"a password is never written", directory.Change{Attribute: "unicodePwd", New: "x"}, uc.Invalid, "unicodePwd", "4004"},
		{"nothing to nothing", directory.Change{Attribute: phone}, uc.Invalid, "", "4004"},
		{"and back", directory.Change{Attribute: phone, Old: "4004", New: original}, "", "", original},
	} {
		err := c.Swap(t.Context(), id, []directory.Change{step.change})
		if uc.KindOf(err) != step.kind || (err != nil && !strings.Contains(err.Error(), step.says)) {
			t.Errorf("%s: %v, want %q saying %q", step.reason, err, step.kind, step.says)
		}
		want := []string{step.leaves}
		if step.leaves == "" {
			want = nil
		}
		if got := b.find(t, c, "jgross").Attributes[phone]; !cmp.Equal(got, want) {
			t.Errorf("%s: leaves %q, want %q", step.reason, got, want)
		}
	}
	if err := c.Swap(t.Context(), "00000000-0000-4000-8000-000000000000",
		[]directory.Change{{phone, "", "1"}}); !errors.Is(err, uc.NotFound) {
		t.Errorf("swapping nobody's number: %v, want not_found", err)
	}
}

func promiseRace(t *testing.T, b *backend) {
	const writers = 6
	first := b.client(t, nil)
	id := b.find(t, first, "znovak").ID
	clients := make([]*directory.Client, writers)
	for i := range clients {
		clients[i] = b.client(t, nil)
	}
	old := ""
	for round := range 8 {
		results := make(chan string, writers)
		for i, c := range clients {
			value := string(rune('A'+round)) + string(rune('0'+i))
			go func() {
				err := c.Swap(t.Context(), id, []directory.Change{{"telephoneNumber", old, value}})
				switch {
				case err == nil:
					results <- value
				case !errors.Is(err, uc.Conflict):
					results <- "error: " + err.Error()
				default:
					results <- ""
				}
			}()
		}
		var won []string
		for range writers {
			if r := <-results; r != "" {
				won = append(won, r)
			}
		}
		if len(won) != 1 {
			t.Fatalf("round %d: %q won, want exactly one and the others in conflict", round, won)
		}
		if got := b.find(t, first, "znovak").Attributes["telephoneNumber"]; !cmp.Equal(got, won) {
			t.Fatalf("round %d: %q is there, %q won", round, got, won)
		}
		old = won[0]
	}
}

func promiseAllOrNone(t *testing.T, b *backend) {
	c := b.client(t, nil)
	id := b.find(t, c, "sobrien").ID
	err := c.Swap(t.Context(), id, []directory.Change{{"telephoneNumber", "", "4100"}, {"ipPhone", "9", "41"}})
	if !errors.Is(err, uc.Conflict) || !strings.Contains(err.Error(), "ipPhone") || strings.Contains(err.Error(), "telephoneNumber holds") {
		t.Errorf("one wrong of two: %v, want a conflict naming ipPhone only", err)
	}
	if got := b.find(t, c, "sobrien").Attributes; len(got) != 0 {
		t.Errorf("a refused swap left %v", got)
	}
	if err := c.Swap(t.Context(), id, []directory.Change{{"telephoneNumber", "", "4100"}, {"ipPhone", "", "41"}}); err != nil {
		t.Errorf("both right: %v", err)
	}
	b.set(t, "sobrien", "ipPhone", "77")
	err = c.Swap(t.Context(), id, []directory.Change{{"telephoneNumber", "4100", ""}, {"ipPhone", "41", ""}})
	if !errors.Is(err, uc.Conflict) || !strings.Contains(err.Error(), "77") {
		t.Errorf("after somebody else wrote: %v, want a conflict naming 77", err)
	}
	if got := b.find(t, c, "sobrien").Attributes["telephoneNumber"]; !cmp.Equal(got, []string{"4100"}) {
		t.Errorf("the other's write lost our number: %q", got)
	}
}

func promiseCutRead(t *testing.T, b *backend) {
	w := newWire(t, b)
	c := b.client(t, w.through)
	b.find(t, c, "xli")
	w.hold()
	result := make(chan error, 1)
	go func() {
		_, err := c.Find(t.Context(), directory.Key{UserID: "xli"})
		result <- err
	}()
	w.awaitRequest(t)
	w.cut()
	if err := <-result; !errors.Is(err, uc.Unavailable) {
		t.Errorf("a connection cut in the middle: %v, want unavailable", err)
	}
	w.release()
	b.find(t, c, "xli")
	if got := w.connections(); got != 2 {
		t.Errorf("%d connections, want the cut one and one more", got)
	}
}

func promiseCutWrite(t *testing.T, b *backend) {
	w := newWire(t, b)
	c, observer := b.client(t, w.through), b.client(t, nil)
	id := b.find(t, c, "twin1").ID
	w.hold()
	change := []directory.Change{{"telephoneNumber", "", "4200"}}
	result := make(chan error, 1)
	go func() { result <- c.Swap(t.Context(), id, change) }()
	w.awaitRequest(t)
	if b.options.Flavor == directory.AD {
		// One request: it is done while the answer is held back.
		b.await(t, observer, "twin1", "4200")
	}
	w.cut()
	if err := <-result; !errors.Is(err, uc.Unavailable) {
		t.Errorf("a lost answer: %v, want unavailable", err)
	}
	w.release()
	err := c.Swap(t.Context(), id, change)
	if b.options.Flavor == directory.AD && (!errors.Is(err, uc.Conflict) || !strings.Contains(err.Error(), "4200")) {
		t.Errorf("the same swap again: %v, want a conflict naming our own value", err)
	}
	if got := b.find(t, observer, "twin1").Attributes["telephoneNumber"]; !cmp.Equal(got, []string{"4200"}) {
		t.Errorf("in the end %q is there, want 4200", got)
	}
}

func promiseSilence(t *testing.T, b *backend) {
	w := newWire(t, b)
	c := b.client(t, func(o *directory.Options) { w.through(o); o.Timeout = 2 * time.Second })
	b.find(t, c, "twin2")
	w.hold()
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := c.Find(ctx, directory.Key{UserID: "twin2"})
		result <- err
	}()
	w.awaitRequest(t)
	cancel()
	if err := <-result; !errors.Is(err, uc.Unavailable) {
		t.Errorf("a caller that gives up: %v, want unavailable", err)
	}
	if _, err := c.Find(t.Context(), directory.Key{UserID: "twin2"}); !errors.Is(err, uc.Unavailable) {
		t.Errorf("a server that does not answer: %v, want unavailable", err)
	}
	w.release()
	b.find(t, c, "twin2")
	if got := w.connections(); got != 2 {
		t.Errorf("%d connections, want a new one after the silent one", got)
	}
}
