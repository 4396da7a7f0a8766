package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

// write makes a settings file and, beside it, the named files.
func write(t *testing.T, yaml string, beside map[string]os.FileMode) string {
	t.Helper()
	dir := t.TempDir()
	for name, mode := range beside {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("s3cret\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "dialtone.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const wholeFile = `
log: {level: debug}
database: {url: "postgres://dialtone@db:5432/dialtone?sslmode=verify-full", password: "env:DB_PASSWORD"}
temporal: {address: "temporal:7233", namespace: phones}
callProcessors:
  - name: cucm-1
    url: https://cucm-pub.example.com:8443/axl/
    username: dialtone
    password: file:axl-password
    version: "14.0"
    writesPerSecond: 12.5
directories:
  - {name: corp, url: "ldap://dc1.example.com", startTLS: true, bindDN: "CN=dialtone", password: "env:LDAP_PASSWORD", baseDN: "DC=example"}
mail: {address: "mail.example.com:587", from: telephony@example.com}
hr:
  - {name: hr, url: "https://hr.example.com/hook", secret: "env:HR_SECRET"}
pinDelivery: {url: "https://sms.example.com/pins", secret: "env:HR_SECRET"}
`

var wholeEnv = []string{"DB_PASSWORD=p@ss/word", "LDAP_PASSWORD=l", "HR_SECRET=whsec_MTIzNDU2Nzg5MDEyMzQ1Ng=="}

func TestLoad(t *testing.T) {
	t.Parallel()
	path := write(t, wholeFile, map[string]os.FileMode{"axl-password": 0o600})
	c, err := load(path, append(wholeEnv, "DIALTONE_LOG_LEVEL=warn", "DIALTONE_DATABASE_MAX_CONNECTIONS=48",
		"DIALTONE_CALL_PROCESSORS_CUCM_1_URL=https://other:8443/axl/", "DIALTONE_SOMETHING=1",
		"DIALTONE_CALL_PROCESSORS_CUCM_1_SYNC_ADOPT=true"), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{
		"level from the environment": c.Log.Level, "format by default": c.Log.Format,
		"database with password": c.Database.URL.Reveal(), "axl password from a file": c.CallProcessors[0].Password.Reveal(),
		"item from the environment": c.CallProcessors[0].URL, "flavor by default": c.Directories[0].Flavor,
		"limit": fmt.Sprint(c.Database.MaxConnections, c.CallProcessors[0].WritesPerSecond, c.CallProcessors[0].Concurrency),
		"mail":  fmt.Sprint(c.Mail.Address, " ", c.Mail.StartTLS), "hr": c.HR[0].Secret.Reveal(), "pins": c.PINDelivery.URL, "file": filepath.Base(c.File),
		"warning": strings.Join(c.Warnings, ";"), "sync": fmt.Sprint(c.CallProcessors[0].Sync, c.CallProcessors[0].ChangeWatch),
	}
	want := map[string]string{
		"level from the environment": "warn", "format by default": "json",
		"database with password":    "postgres://dialtone:p%40ss%2Fword@db:5432/dialtone?sslmode=verify-full",
		"axl password from a file":  "s3cret",
		"item from the environment": "https://other:8443/axl/", "flavor by default": "ad", "limit": "48 12.5 8",
		"mail": "mail.example.com:587 true", "hr": "whsec_MTIzNDU2Nzg5MDEyMzQ1Ng==", "pins": "https://sms.example.com/pins", "file": "dialtone.yaml",
		"warning": "the environment variable DIALTONE_SOMETHING sets nothing: no setting has this name",
		"sync":    "{true false true} true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadReportsEverything(t *testing.T) {
	t.Parallel()
	path := write(t, `
log: {lvel: debug, format: xml}
database: {url: "postgres://dialtone:hunter2@db/dialtone"}
api: {listen: 8080}
callProcessors:
  - {name: a, url: "http://cucm:8443/axl/", username: x, password: hunter2}
  - {name: A, url: "https://cucm:8443/axl/", username: x, password: "file:open"}
directories: {name: corp}
mail: {from: nobody}
hr:
  - {name: hr, url: "https://hr/hook", secret: "env:NOT_SET"}
colour: blue
`, map[string]os.FileMode{"open": 0o644})
	_, err := load(path, nil, nil)
	var problems *Problems
	if !errors.As(err, &problems) || !errors.Is(err, uc.Invalid) || uc.KindOf(err) != uc.Invalid {
		t.Fatalf("got %v, want *Problems that are invalid", err)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a password stands in the message: %v", err)
	}
	var fields []string
	for _, p := range problems.List {
		fields = append(fields, p.Field)
	}
	want := []string{
		"api.listen", "callProcessors[0].password", "callProcessors[0].url", "callProcessors[1].password",
		"colour", "database.url", "directories", "hr[0].secret", "log.format", "log.lvel", "mail.address", "mail.from",
	}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if !strings.Contains(err.Error(), "did you mean log.level?") {
		t.Errorf("no suggestion for a typing mistake: %v", err)
	}
}

func TestLoadFaults(t *testing.T) {
	t.Parallel()
	const base = `database: {url: "postgres://dialtone@db/dialtone"}` + "\n"
	tests := map[string]struct{ reason, yaml, want string }{
		"no database":      {"the one setting without which nothing runs", "log: {level: info}", "database.url is missing"},
		"plain ldap":       {"a bind password must not travel in plain", base + `directories: [{name: d, url: "ldap://x", bindDN: a, password: "env:P", baseDN: b}]`, "startTLS"},
		"ldaps twice":      {"two layers of TLS never work", base + `directories: [{name: d, url: "ldaps://x", startTLS: true, bindDN: a, password: "env:P", baseDN: b}]`, "encrypted already"},
		"half a listener":  {"a certificate needs its key", base + "api: {keyFile: key.pem}", "holds no private key"},
		"names twice":      {"the catalog refers to names, without case", base + `hr: [{name: h, url: "https://a", secret: "env:W"}, {name: H, url: "https://b", secret: "env:W"}]`, "has this name already"},
		"value is a map":   {"a nested value is not text", base + "log: {level: {a: 1}}", "write one value here"},
		"section is text":  {"a section holds settings", base + "log: debug", "indented"},
		"not yaml":         {"the parser's words name the line", "a: [", "the file"},
		"key twice":        {"the second would silently win", base + "log: {level: info}\nlog: {level: warn}", "already defined"},
		"password in text": {"a second way to write it", `database: {url: "postgres://db/dialtone?password=x"}`, "take the password out"},
		"bad secret":       {"other formats cannot sign", base + `hr: [{name: h, url: "https://a", secret: "env:P"}]`, "whsec_"},
		"folder":           {"a folder is no secret", base + `hr: [{name: h, url: "https://a", secret: "file:."}]`, "is a folder"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, tc.yaml, map[string]os.FileMode{"key.pem": 0o600})
			_, err := load(path, []string{"P=p", "W=whsec_eA=="}, nil)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: got %v, want …%s…", tc.reason, err, tc.want)
			}
		})
	}
}

// Without a file the environment is enough, and a variable may hold the secret
// itself: it is its own reference.
func TestLoadEnvironmentAlone(t *testing.T) {
	t.Parallel()
	c, err := load("", []string{"DIALTONE_DATABASE_URL=postgres://u:p@db/dialtone"}, []string{filepath.Join(t.TempDir(), "none.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	if c.Database.URL.Reveal() != "postgres://u:p@db/dialtone" || c.File != "" || c.Mail.Address != "" {
		t.Errorf("got %q from %q, mail %q", c.Database.URL.Reveal(), c.File, c.Mail.Address)
	}
	if shown := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(shown, "u:p@") {
		t.Errorf("a secret is printed: %s", shown)
	}
}

// The table and the struct name the same settings.
func TestTableIsTheStruct(t *testing.T) {
	t.Parallel()
	inStruct := map[string]bool{}
	var walk func(prefix string, typ reflect.Type)
	walk = func(prefix string, typ reflect.Type) {
		for field := range typ.Fields() {
			key := prefix + field.Tag.Get("koanf")
			kind := field.Type
			switch {
			case field.Tag.Get("koanf") == "-":
			case kind == reflect.TypeFor[Secret]():
				inStruct[key] = true
			case kind.Kind() == reflect.Slice:
				walk(key+"[].", kind.Elem())
			case kind.Kind() == reflect.Struct:
				walk(key+".", kind)
			default:
				inStruct[key] = true
			}
		}
	}
	walk("", reflect.TypeFor[Config]())
	inTable := map[string]bool{}
	for _, s := range settings {
		inTable[s.key] = true
	}
	if diff := cmp.Diff(inTable, inStruct); diff != "" {
		t.Errorf("table and struct differ:\n%s", diff)
	}
}

// What is saved is read again, and no secret stands in the file.
func TestSave(t *testing.T) {
	t.Parallel()
	c, err := load(write(t, wholeFile, map[string]os.FileMode{"axl-password": 0o600}), wholeEnv, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.CallProcessors[0].WritesPerSecond = 0 // not the default
	dir := t.TempDir()
	if err := c.Save(dir); err != nil {
		t.Fatal(err)
	}
	again, err := load(filepath.Join(dir, FileName), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	reveal := cmp.Transformer("reveal", Secret.Reveal)
	c.File, again.File = "", ""
	if diff := cmp.Diff(c, again, reveal); diff != "" {
		t.Error(diff)
	}
	text, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"s3cret", "p@ss", "p%40ss", "whsec_"} {
		if strings.Contains(string(text), value) {
			t.Errorf("the saved file holds a secret:\n%s", text)
		}
	}
}
