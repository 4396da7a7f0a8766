package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/db/dbtest"
	"github.com/dialtone/dialtone/stack/stacktest"
)

// settingsOn writes settings for a database, and nothing else, into a data folder.
func settingsOn(t *testing.T, url string) (data string, c config.Config) {
	t.Helper()
	c = config.Config{Log: config.Log{Level: "info", Format: "json"}}
	c.Database = config.Database{URL: config.NewSecret("of the test", url), MaxConnections: 4}
	data = t.TempDir()
	if err := c.Save(data); err != nil {
		t.Fatal(err)
	}
	return data, c
}

// The server processes serve what the settings name and end when they are told to.
func TestServe(t *testing.T) {
	t.Parallel()
	data, c := settingsOn(t, dbtest.URL(t))
	temporal := stacktest.Temporal(t)
	c.Temporal = config.Temporal{Address: temporal.HostPort, Namespace: temporal.Namespace}
	c.API.Listen, c.Worker.Listen = "127.0.0.1:0", "127.0.0.1:0"
	if err := c.Save(data); err != nil {
		t.Fatal(err)
	}
	for command, says := range map[string]string{"api": "the API serves", "worker": "the worker serves"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			p := start(t, command, "--config", filepath.Join(data, config.FileName))
			p.await(says)
			if address := regexp.MustCompile(`"address":"([^"]+)"`).FindStringSubmatch(p.out.String()); address != nil {
				answers(t, "http://"+address[1]+"/healthz")
			} else if command == "api" {
				t.Error("it does not say where it serves")
			}
			p.signal(syscall.SIGTERM)
			text, code := p.end(time.Minute)
			if code != exitOK || !strings.Contains(text, `"process":"`+command+`"`) {
				t.Errorf("exit %d:\n%s", code, text)
			}
		})
	}
}

// With no settings of one's own, migrate works on the database of the data folder,
// as doctor looks at it.
func TestMigrate(t *testing.T) {
	t.Parallel()
	data, _ := settingsOn(t, dbtest.Empty(t))
	for _, want := range []string{"schema brought from version 0 to ", "nothing to do"} {
		if text, code := dialtone(t, "migrate", "--data", data); code != exitOK || !strings.Contains(text, want) {
			t.Errorf("exit %d, want it to say %q:\n%s", code, want, text)
		}
	}
	text, _ := dialtone(t, "doctor", "--data", data)
	if !regexp.MustCompile(`ok +database +schema`).MatchString(text) {
		t.Errorf("doctor looks at another database:\n%s", text)
	}
	if text, code := dialtone(t, "migrate", "--data", t.TempDir()); code != exitUsage || !strings.Contains(text, "database.url") {
		t.Errorf("no settings at all: exit %d:\n%s", code, text)
	}
	if text, code := dialtone(t, "migrate", "--database", dbtest.Empty(t), "--data", data); code != exitOK || !strings.Contains(text, "from version 0") {
		t.Errorf("--database goes before the settings: exit %d:\n%s", code, text)
	}
}
