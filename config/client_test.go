package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

func TestLoadClient(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write(ClientFileName, `{"url": "http://127.0.0.1:1234", "tokenFile": "admin.token", "caFile": "ca.pem"}`)
	write("admin.token", "dt_file\n")
	mine := write("mine.token", " dt_mine ")
	cases := map[string]struct {
		reason string
		env    map[string]string
		flags  ClientFlags
		want   Client
		fails  bool
	}{
		"the client file":      {"what `dialtone up` wrote", nil, ClientFlags{Data: dir}, Client{"http://127.0.0.1:1234", "dt_file", filepath.Join(dir, "ca.pem")}, false},
		"the data variable":    {"the same", map[string]string{"DIALTONE_DATA": dir}, ClientFlags{}, Client{"http://127.0.0.1:1234", "dt_file", filepath.Join(dir, "ca.pem")}, false},
		"another address":      {"the token of the client file is not for it", nil, ClientFlags{Data: dir, URL: "https://other"}, Client{"https://other", "", ""}, false},
		"the address variable": {"the same", map[string]string{"DIALTONE_URL": "https://other"}, ClientFlags{Data: dir}, Client{"https://other", "", ""}, false},
		"the same address":     {"given again", nil, ClientFlags{Data: dir, URL: "http://127.0.0.1:1234"}, Client{"http://127.0.0.1:1234", "dt_file", filepath.Join(dir, "ca.pem")}, false},
		"the token variable":   {"before the client file", map[string]string{"DIALTONE_TOKEN": "dt_env"}, ClientFlags{Data: dir}, Client{"http://127.0.0.1:1234", "dt_env", filepath.Join(dir, "ca.pem")}, false},
		"the token flag":       {"before everything", map[string]string{"DIALTONE_TOKEN": "dt_env"}, ClientFlags{Data: dir, TokenFile: mine}, Client{"http://127.0.0.1:1234", "dt_mine", filepath.Join(dir, "ca.pem")}, false},
		"the flags":            {"before the variables", map[string]string{"DIALTONE_URL": "https://other", "DIALTONE_CA_FILE": "/x.pem"}, ClientFlags{URL: "https://third", CAFile: "/y.pem"}, Client{"https://third", "", "/y.pem"}, false},
		"nothing":              {"says what to do", nil, ClientFlags{Data: filepath.Join(dir, "empty")}, Client{}, true},
		"no token file":        {"named, but not there", nil, ClientFlags{URL: "https://x", TokenFile: filepath.Join(dir, "none")}, Client{}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := loadClient(c.flags, func(name string) string { return c.env[name] })
			if c.fails != errors.Is(err, uc.Invalid) || !c.fails && err != nil {
				t.Fatalf("%s: %v", c.reason, err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: %s", c.reason, diff)
			}
		})
	}
}
