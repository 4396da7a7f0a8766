package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestGuardCommands(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	if out := c.ok("guard", "list"); out != "none\n" {
		t.Errorf("nothing is held: %q", out)
	}
	ask := func(kind uc.GuardKind) {
		for i := range 7 {
			_, err := c.DB.PassGuard(t.Context(), db.GuardRequest{
				OrderID: c.order(fmt.Sprintf("%s%d", kind, i), "berlin"), Kind: kind, Domain: "corp", People: 20,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	ask(uc.GuardLeaver)
	golden(t, "guard-list", c.ok("guard", "list"))
	if got, want := c.ok("__complete", "guard", "approve", ""), "1\tleaver corp, 2 orders\n:4\n"; !strings.HasSuffix(got, want) {
		t.Errorf("completion %q, want %q", got, want)
	}
	golden(t, "guard-approve", c.ok("guard", "approve", "1", "--reason", "a site closes"))
	ask(uc.GuardMove)
	golden(t, "guard-reject.json", c.ok("guard", "reject", "2", "--reason", "a mistake", "-o", "json"))
	golden(t, "guard-list-all.csv", c.ok("guard", "list", "--all", "-o", "csv"))
	cases := map[string]struct {
		args []string
		says string
		code int
	}{
		"decided otherwise": {[]string{"reject", "1", "--reason", "x"}, "hold 1 was approved by admin", exitConflict},
		"unknown":           {[]string{"approve", "99", "--reason", "x"}, "no hold 99", exitNotFound},
		"no number":         {[]string{"approve", "all", "--reason", "x"}, "all", exitUsage},
		"no reason":         {[]string{"approve", "1"}, "reason", exitUsage},
	}
	for name, k := range cases {
		if r := c.run(append([]string{"guard"}, k.args...)...); r.code != k.code || !strings.Contains(r.err, k.says) {
			t.Errorf("%s: code %d, want %d: %q does not say %q", name, r.code, k.code, r.err, k.says)
		}
	}
}
