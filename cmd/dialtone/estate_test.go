package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/uc"
)

var age = regexp.MustCompile(`\(\d+( min)?s? ago\)`)

func TestEstateCommand(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	if out := c.ok("estate", "phones"); !strings.Contains(out, "never read completely") {
		t.Error(out)
	}
	if out := c.ok("estate"); out != "none\n" {
		t.Error(out)
	}
	c.synced("SEP1", "CSFANN", "SEP2")
	golden(t, "estate", c.ok("estate"))
	golden(t, "estate-phones", age.ReplaceAllString(c.ok("estate", "phones", "--name", "sep"), "(AGE)"))
	golden(t, "estate-phones.csv", c.ok("estate", "phones", "--name", "csf*", "-o", "csv"))
	golden(t, "estate-user.json", c.ok("estate", "users", "--user", "ANN", "--call-processor", "cucm-1", "-o", "json"))
	if r := c.run("estate", "phones", "--limit", "1"); !strings.Contains(r.err, "there are more") {
		t.Errorf("a part: %s", r.err)
	}
	cases := map[string]struct {
		args []string
		says string
	}{
		"kind":    {[]string{"things"}, "no kind of object"},
		"no kind": {[]string{"--name", "x"}, "wants a KIND"},
		"nobody":  {[]string{"regions", "--user", "ann"}, "not of one person"},
		"two":     {[]string{"phones", "lines"}, "at most one KIND"},
	}
	for name, k := range cases {
		if r := c.run(append([]string{"estate"}, k.args...)...); r.code != exitUsage || !strings.Contains(r.err, k.says) {
			t.Errorf("%s: code %d: %q does not say %q", name, r.code, r.err, k.says)
		}
	}
	got := c.ok("__complete", "estate", "")
	if !strings.Contains(got, "devicePool\tDevice Pool\n") || strings.Count(got, "\n") != len(uc.EstateKinds)+1 {
		t.Errorf("completion: %q", got)
	}
}

func TestAttributesText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"b": "x", "a": "", "n": null, "o": {"p": 1}, "q": 2}`:                                               "b=x q=2",
		`{"partitions": [{"name": "PT_B", "uuid": "2"}, {"name": "PT_A"}]}`:                                   "partitions: PT_B, PT_A",
		`{"lines": [{"uuid": "1"}, {"uuid": "2"}]}`:                                                           "lines: 2",
		`{"devices": [{"name": "A"}, {"uuid": "2"}]}`:                                                         "devices: A, … (2)",
		`{"l": [{"name":"1"},{"name":"2"},{"name":"3"},{"name":"4"},{"name":"5"},{"name":"6"},{"name":"7"}]}`: "l: 1, 2, 3, 4, 5, 6, … (7)",
		`{"devices": [{"name": "A", "as": "profile"}, {"name": "A", "as": "CTI"}]}`:                           "devices: A",
		`{"name": "SEP1", "devicePoolName": "DP", "devicePoolName_uuid": "1", "ownerUuid": "2"}`:              "devicePoolName=DP",
		`[]`: "[]",
	} {
		if got := attributesText([]byte(text)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestAgo(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 59 * time.Second: "59s", 61 * time.Minute: "1 h", 2 * time.Minute: "2 min", 50 * time.Hour: "2 days",
	} {
		if got := ago(now.Add(-d), now); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}
