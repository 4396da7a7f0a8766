package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apitest"
	"github.com/dialtone/dialtone/uc"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// cli is the command line with an API behind it.
type cli struct {
	*apitest.World
	t   *testing.T
	dir string
}

func newCLI(t *testing.T, change ...func(*api.Options)) *cli {
	t.Helper()
	c := &cli{World: apitest.New(t, change...), t: t, dir: t.TempDir()}
	for role, secret := range c.Tokens {
		c.write(string(role)+".token", secret+"\n")
	}
	c.write("client.json", fmt.Sprintf(`{"url": %q, "tokenFile": "admin.token"}`, c.URL))
	return c
}

func (c *cli) write(name, text string) string {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// ran is what one command line did.
type ran struct {
	code     int
	out, err string
}

// run runs a command line as the admin that the client file names.
func (c *cli) run(args ...string) ran {
	c.t.Helper()
	return c.runWith("", args...)
}

func (c *cli) runWith(stdin string, args ...string) ran {
	c.t.Helper()
	var out, errOut bytes.Buffer
	a := newApp(strings.NewReader(stdin), &out, &errOut)
	code := a.run(c.t.Context(), append([]string{"--data", c.dir}, args...))
	return ran{code, out.String(), errOut.String()}
}

// ok runs a command line that must succeed and returns its output.
func (c *cli) ok(args ...string) string {
	c.t.Helper()
	r := c.run(args...)
	if r.code != exitOK {
		c.t.Fatalf("dialtone %s ended with %d: %s", strings.Join(args, " "), r.code, r.err)
	}
	return r.out
}

func (c *cli) order(user, area string) string {
	c.t.Helper()
	a := c.Call(uc.RoleAdmin, "POST", "/v1/joiners", fmt.Sprintf(`{"user": {"userId": %q, "firstName": "Ann", "lastName": "Lee"}, "serviceArea": %q}`, user, area))
	return apitest.Decode[uc.Order](c.t, a).ID
}

var (
	orderID   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
	localTime = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`)
	jsonTime  = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.0-9]*(Z|[+-]\d\d:\d\d)`)
	took      = regexp.MustCompile(`\b\d+(\.\d+)?m?s\b`)
	spaces    = regexp.MustCompile(` {2,}`)
)

// golden compares a text with a file, after what differs from run to run was
// replaced: ids in the order in which they come, times and durations.
func golden(t *testing.T, name, got string) {
	t.Helper()
	seen := map[string]string{}
	got = orderID.ReplaceAllStringFunc(got, func(id string) string {
		if seen[id] == "" {
			seen[id] = fmt.Sprintf("order-%d", len(seen)+1)
		}
		return seen[id]
	})
	got = localTime.ReplaceAllString(got, "TIME")
	got = jsonTime.ReplaceAllString(got, "TIME")
	got = took.ReplaceAllString(got, "TOOK")
	if filepath.Ext(name) == "" {
		got = spaces.ReplaceAllString(got, "  ") // the width of a column may come from a duration
	}
	path := filepath.Join("testdata", name+".golden")
	if *updateGolden {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (go test ./cmd/dialtone -update writes it anew): %s", name, diff)
	}
}
