package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// What is wrong with a command line is one sentence with the field, the value and the fix.
func TestWrongCommandLines(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		args []string
		want string
	}{
		"together": {
			[]string{"sync", "callprocessor", "--infra", "--subscribers"},
			"--infra and --subscribers do not go together: leave both out, and both are read (see `dialtone sync callprocessor --help`)",
		},
		"together, with values": {
			[]string{"change", "-f", "x.csv", "--set", "title=Dr"},
			`--set "title=Dr" and --file "x.csv" do not go together: write it into a column of the file, or leave the file out (see ` + "`dialtone change --help`)",
		},
		"one of two": {
			[]string{"order", "reschedule", "x"},
			"--start-at and --leave-at are missing: give one of them (see `dialtone order reschedule --help`)",
		},
		"needed": {
			[]string{"sync", "approve", "x"},
			"--reason (why, for the report) is missing: add it (see `dialtone sync approve --help`)",
		},
		"two needed": {
			[]string{"schedule", "set", "x"},
			"--call-processor (which one is read) and --cron (minute, hour, day, month and day of the week, or @daily) are missing: add them" +
				" (see `dialtone schedule set --help`)",
		},
		"a number":       {[]string{"sync", "list", "--limit", "x"}, "--limit \"x\": write a whole number (see `dialtone sync list --help`)"},
		"a span":         {[]string{"schedule", "set", "--jitter", "1"}, "--jitter \"1\": write a span of time such as 90s, 15m or 1h30m (see `dialtone schedule set --help`)"},
		"yes or no":      {[]string{"sync", "callprocessor", "--infra=maybe"}, "--infra \"maybe\": write true or false, or the flag alone (see `dialtone sync callprocessor --help`)"},
		"no value":       {[]string{"sync", "list", "--state"}, "--state has no value: write a text after it (see `dialtone sync list --help`)"},
		"unknown":        {[]string{"sync", "list", "--stat", "x"}, "unknown flag --stat: dialtone sync list has none of this name (see `dialtone sync list --help`)"},
		"unknown letter": {[]string{"sync", "list", "-x"}, "unknown flag -x: dialtone sync list has none of this name (see `dialtone sync list --help`)"},
		"syntax":         {[]string{"sync", "list", "--=x"}, "flag \"--=x\": write it as --name or --name=value (see `dialtone sync list --help`)"},
		"arguments":      {[]string{"sync", "diff", "a"}, "dialtone sync diff wants SYNC and OTHER and got \"a\" (see `dialtone sync diff --help`)"},
		"none":           {[]string{"sync", "watch"}, "dialtone sync watch wants one or more SYNCs and got nothing (see `dialtone sync watch --help`)"},
		"too many":       {[]string{"estate", "users", "x"}, "dialtone estate wants at most one KIND and got \"users\" \"x\" (see `dialtone estate --help`)"},
		"near":           {[]string{"synk"}, "unknown command \"synk\": dialtone has none of this name, did you mean sync? (see `dialtone --help`)"},
		"of the library": {[]string{"completion", "bash", "x"}, "unknown command \"x\" for \"dialtone completion bash\" (see `dialtone completion bash --help`)"},
		"near below":     {[]string{"sync", "cancl"}, "unknown command \"cancl\": dialtone sync has none of this name, did you mean cancel? (see `dialtone sync --help`)"},
	}
	for name, c := range cases {
		if got := refusal(t, c.args...); got != "dialtone: "+c.want+"\n" {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// refusal is what a command line is refused with.
func refusal(t *testing.T, args ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	code := newApp(strings.NewReader(""), &out, &errOut).run(t.Context(), append([]string{"--data", t.TempDir()}, args...))
	if code != exitUsage || out.Len() > 0 {
		t.Errorf("%v: code %d, output %q", args, code, out.String())
	}
	return errOut.String()
}

// No command says anything in the words of the library: every group of flags has a fix,
// and every wrong flag is refused by us.
func TestUsageIsOurs(t *testing.T) {
	t.Parallel()
	var each func(cmd *cobra.Command, path ...string)
	each = func(cmd *cobra.Command, path ...string) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			for key, groups := range f.Annotations {
				if key == cobra.BashCompOneRequiredFlag || !strings.Contains(key, "mutually_exclusive") && !strings.Contains(key, "one_required") {
					continue
				}
				for _, g := range groups {
					if cmd.Annotations[apartKey+" "+g] == "" {
						t.Errorf("%v: flags %s: no fix is told", path, g)
					}
				}
			}
			if f.Value.Type() == "int" || f.Value.Type() == "duration" {
				if got := refusal(t, append(slices.Clone(path), "--"+f.Name, "x")...); !strings.Contains(got, f.Name+` "x": write a`) {
					t.Errorf("%v: %q", path, got)
				}
			}
		})
		if got := refusal(t, append(slices.Clone(path), "--no-such-flag")...); !strings.Contains(got, "unknown flag --no-such-flag: ") {
			t.Errorf("%v: %q", path, got)
		}
		for _, below := range cmd.Commands() {
			each(below, append(slices.Clone(path), below.Name())...)
		}
	}
	each(newRoot(newApp(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})))
}
