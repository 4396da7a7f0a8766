package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestPoolCommands(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	golden(t, "pool-import", c.ok("pool", "import", "berlin", "4700-4709", "4711", "+49301234999"))
	golden(t, "pool-list", c.ok("pool", "list"))
	golden(t, "pool-get.yaml", c.ok("pool", "get", "berlin", "-o", "yaml"))
	file := c.write("numbers.csv", "site;number\nB;4711\nB;4800-4801\nB;47x1\nB;4810-4800\n")
	r := c.run("pool", "import", "berlin", "-f", file)
	if r.code != exitUsage {
		t.Errorf("an import with bad rows: code %d", r.code)
	}
	golden(t, "pool-import-rows", r.out)
	golden(t, "pool-import-rows.stderr", r.err)
	golden(t, "pool-import.csv", c.run("pool", "import", "berlin", "-f", file, "-o", "csv").out)
	if r := c.run("pool", "import", "berlin", "-f", c.write("n.json", `{"numbers": ["5000"]}`)); r.code != exitOK {
		t.Errorf("a JSON file: code %d: %s", r.code, r.err)
	}
	if r := c.runWith("5001\n5002\n", "pool", "import", "berlin", "-f", "-"); r.code != exitOK || !strings.HasPrefix(r.out, "2 added") {
		t.Errorf("the standard input: code %d: %s", r.code, r.err)
	}
	if r := c.run("pool", "get", "nowhere"); r.code != exitNotFound || r.err != "dialtone: number pool \"nowhere\" does not exist\n" {
		t.Errorf("an unknown pool: code %d: %s", r.code, r.err)
	}
	viewer := filepath.Join(c.dir, "viewer.token")
	if r := c.run("pool", "import", "berlin", "1", "--token-file", viewer); r.code != exitDenied {
		t.Errorf("an import by a viewer: code %d: %s", r.code, r.err)
	}
}

func TestNumberAndPersonCommands(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.ok("pool", "import", "berlin", "4711-4712")
	c.ok("pool", "import", "lisbon", "4711")
	id := c.order("ann", "berlin")
	if _, err := c.DB.Reserve(t.Context(), db.ReserveRequest{OrderID: id, Pool: "berlin", UserID: "ann"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DB.Publish(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.DB.Intend(t.Context(), db.ObjectRef{OrderID: id, System: "cucm-1", Type: "device_profile", Key: "ann-em"}, nil); err != nil {
		t.Fatal(err)
	}
	golden(t, "number-get", c.ok("number", "get", "4711"))
	golden(t, "number-get.csv", c.ok("number", "get", "+49301234711", "-o", "csv"))
	golden(t, "number-list", c.ok("number", "list", "--pool", "berlin", "--state", "available"))
	golden(t, "person-get", c.ok("person", "get", "ANN"))
	golden(t, "person-get.csv", c.ok("person", "get", "ann", "-o", "csv"))
	if r := c.run("number", "get", "9999"); r.code != exitNotFound {
		t.Errorf("an unknown number: code %d: %s", r.code, r.err)
	}
	if r := c.run("number", "get", "../orders"); r.code != exitUsage {
		t.Errorf("no digits: code %d: %s", r.code, r.err)
	}
	if r := c.run("person", "get", "../pools"); r.code != exitNotFound {
		t.Errorf("a path as a person: code %d: %s", r.code, r.err)
	}
}

func TestNumberHoldAndBlock(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.ok("pool", "import", "berlin", "4711-4712")
	c.ok("pool", "import", "lisbon", "4711", "+351211234001")
	golden(t, "number-hold", c.ok("number", "hold", "4712", "--for", "ann", "--until", "2090-01-02", "--reason", "on leave"))
	golden(t, "number-unhold.json", c.ok("number", "unhold", "+49301234712", "--reason", "is back", "-o", "json"))
	golden(t, "number-block", c.ok("number", "block", "4711", "--partition", "PT_Lisbon", "--reason", "reception"))
	golden(t, "number-unblock.csv", c.ok("number", "unblock", "4711", "--call-processor", "cucm-2", "--reason", "none", "-o", "csv"))
	if out := c.ok("number", "block", "+351211234001", "--reason", "x"); !strings.HasPrefix(out, "+351211234001 in PT_Lisbon on cucm-2, blocked (x)") {
		t.Errorf("a number with its plus: %s", out)
	}
	cases := map[string]struct {
		args []string
		says string
		code int
	}{
		"two partitions": {[]string{"block", "4711", "--reason", "x"}, "4711 in PT_Berlin on cucm-1; 4711 in PT_Lisbon on cucm-2", exitConflict},
		"not held":       {[]string{"unhold", "4712", "--reason", "x"}, "4712 in PT_Berlin on cucm-1 is available: it is not held", exitConflict},
		"not blocked":    {[]string{"unblock", "4712", "--reason", "x"}, "it is not blocked", exitConflict},
		"unknown":        {[]string{"block", "9999", "--reason", "x"}, "9999", exitNotFound},
		"no reason":      {[]string{"block", "4712"}, "reason", exitUsage},
		"empty reason":   {[]string{"block", "4712", "--reason", " "}, "reason is missing: say why", exitUsage},
		"no date":        {[]string{"hold", "4712", "--for", "ann", "--reason", "x"}, "until", exitUsage},
		"no such date":   {[]string{"hold", "4712", "--for", "ann", "--reason", "x", "--until", "soon"}, "soon", exitUsage},
		"past":           {[]string{"hold", "4712", "--for", "ann", "--reason", "x", "--until", "2020-01-01"}, `until "2020-01-01": give a date in the future`, exitUsage},
		"nobody":         {[]string{"hold", "4712", "--reason", "x", "--until", "2090-01-01"}, "for", exitUsage},
		"for nobody":     {[]string{"hold", "4712", "--for", "", "--reason", "x", "--until", "2090-01-01"}, "for is missing: name the user id", exitUsage},
		"not digits":     {[]string{"block", "../pools", "--reason", "x"}, `number "../pools": write digits like 4711`, exitUsage},
		"get a name":     {[]string{"get", "ann"}, `number "ann": write digits like 4711`, exitUsage},
		"release a name": {[]string{"release", "ann", "--reason", "x"}, `number "ann": write digits like 4711`, exitUsage},
		"release, why":   {[]string{"release", "4712", "--reason", ""}, "reason is missing: say why", exitUsage},
	}
	for name, k := range cases {
		if r := c.run(append([]string{"number"}, k.args...)...); r.code != k.code || !strings.Contains(r.err, k.says) {
			t.Errorf("%s: code %d, want %d: %q does not say %q", name, r.code, k.code, r.err, k.says)
		}
	}
	viewer := filepath.Join(c.dir, "viewer.token")
	if r := c.run("number", "block", "4712", "--reason", "x", "--token-file", viewer); r.code != exitDenied {
		t.Errorf("a viewer: code %d: %s", r.code, r.err)
	}
}

const applied = `domains: [{name: corp, leadTime: 5d}]
pools:
  - {name: madrid, callProcessor: cucm-2, partition: PT_Madrid, e164Mask: "+3491XXXX"}
`

func TestApply(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	file := c.write("catalog.yaml", applied)
	golden(t, "apply-dry", c.ok("apply", "-f", file, "--dry-run"))
	golden(t, "apply", c.ok("apply", "-f", file))
	golden(t, "apply-same", c.ok("apply", "-f", file))
	if r := c.runWith(applied, "apply", "-f", "-", "-o", "json"); r.code != exitOK || !strings.Contains(r.out, `"applied": true`) {
		t.Errorf("the standard input: code %d: %s%s", r.code, r.out, r.err)
	}
	cases := map[string]struct {
		text, says string
		code       int
	}{
		"unknown field": {"pool: []", `field "pool" is not known`, exitUsage},
		"no YAML":       {"a: [", "yaml", exitUsage},
		"twice":         {"pools: []\npools: []", "pools", exitUsage},
		"two problems":  {"pools: [{name: a, policy: x}]", "pools[0].callProcessor", exitUsage},
		"said once":     {"pools: [{name: a, callProcessor: c, partition: P, policy: x, e164Mask: z}]", "\npools[0].e164Mask \"z\"", exitUsage},
		"two documents": {"# first\n---\npools: []\n--- # second\npool: []\n", `field "pool" is not known`, exitUsage},
		"attribute":     {"domains: [{name: a, directory: corp, writeBack: [{attribute: \"x)(y\", value: e164}]}]", "writeBack[0].attribute", exitUsage},
		"reference":     {"serviceAreas: [{name: a, domain: corp, callProcessor: cucm-1, pool: none, template: office, devicePool: D, classOfService: local}]", "none", exitUsage},
	}
	for name, k := range cases {
		if r := c.run("apply", "-f", c.write("bad.yaml", k.text)); r.code != k.code || !strings.Contains(r.err, k.says) {
			t.Errorf("%s: code %d, want %d: %q does not say %q", name, r.code, k.code, r.err, k.says)
		}
	}
}

// The example of the repository is a catalog that can be applied.
func TestApplyExample(t *testing.T) {
	t.Parallel()
	a := newApp(strings.NewReader(""), io.Discard, io.Discard)
	catalog, err := a.readCatalog([]string{"../../examples/catalog.yaml"})
	if err != nil || len(catalog.ServiceAreas) == 0 || len(catalog.Problems()) > 0 {
		t.Errorf("%d service areas: %v %v", len(catalog.ServiceAreas), err, catalog.Problems())
	}
}

func TestTokenCommands(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	secret := strings.TrimSpace(c.ok("token", "create", "workday", "--role", "hr"))
	file := c.write("workday.token", secret)
	if r := c.run("order", "list", "--token-file", file); r.code != exitOK {
		t.Errorf("the new token: code %d: %s", r.code, r.err)
	}
	golden(t, "token-list", c.ok("token", "list"))
	if r := c.run("token", "create", "workday", "--role", "hr"); r.code != exitConflict {
		t.Errorf("the name again: code %d: %s", r.code, r.err)
	}
	if r := c.run("token", "revoke", "workday"); r.code != exitOK {
		t.Errorf("revoke: code %d: %s", r.code, r.err)
	}
	if r := c.run("order", "list", "--token-file", file); r.code != exitDenied {
		t.Errorf("the revoked token: code %d: %s", r.code, r.err)
	}
	first := strings.TrimSpace(c.ok("token", "create", "first", "--role", "admin", "--database", c.Database))
	if r := c.run("token", "list", "--token-file", c.write("first.token", first)); r.code != exitOK {
		t.Errorf("a token made on the database: code %d: %s", r.code, r.err)
	}
	if r := c.run("order", "list", "--url", c.URL+"/", "--data", filepath.Join(c.dir, "none")); r.code != exitDenied || !strings.Contains(r.err, "no token was sent") {
		t.Errorf("without a token: code %d: %s", r.code, r.err)
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	waiting := c.order("ann", "berlin")
	c.order("bob", "berlin")
	c.set(waiting, uc.Waiting, uc.Denied, "locked")
	cases := map[string]struct {
		args []string
		want string
	}{
		"pools":          {[]string{"pool", "get", ""}, "berlin\t0 eligible in PT_Berlin\nlisbon\t0 eligible in PT_Lisbon\n:4\n"},
		"waiting orders": {[]string{"order", "resume", ""}, waiting + "\tann waiting\n:4\n"},
		"roles":          {[]string{"token", "create", "x", "--role", ""}, "hr\nadmin\nviewer\n:4\n"},
		"tokens":         {[]string{"token", "revoke", ""}, "admin\tadmin\nhr\thr\nviewer\tviewer\n:4\n"},
		"no more":        {[]string{"pool", "get", "berlin", ""}, ":4\n"},
	}
	for name, k := range cases {
		if got := c.ok(append([]string{"__complete"}, k.args...)...); got != k.want {
			t.Errorf("%s: %q, want %q", name, got, k.want)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if out := c.ok("completion", shell); !strings.Contains(out, "dialtone") {
			t.Errorf("no completion for %s", shell)
		}
	}
	if err := os.Remove(filepath.Join(c.dir, "client.json")); err != nil {
		t.Fatal(err)
	}
	if got := c.ok("__complete", "pool", "get", ""); got != ":4\n" {
		t.Errorf("without an API: %q", got)
	}
}
