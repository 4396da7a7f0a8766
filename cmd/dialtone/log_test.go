package main

import (
	"bytes"
	"strings"
	"testing"

	tlog "go.temporal.io/sdk/log"

	"github.com/dialtone/dialtone/config"
)

// A try that fails and is made again calls nobody; what the SDK says otherwise stays.
func TestTemporalLoggerLowersFailedTries(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ level, want string }{
		"info":  {"info", "error lost\n"},
		"debug": {"debug", "debug Activity error.\nerror lost\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			log := tlog.With(temporalLogger(newLogger(&out, config.Log{Level: c.level}, "worker")), "WorkerID", "w")
			log.Error("Activity error.", "Attempt", 1)
			log.Error("lost")
			var got strings.Builder
			for line := range strings.Lines(out.String()) {
				level, rest, _ := strings.Cut(strings.TrimPrefix(line, `{"level":"`), `"`)
				_, message, _ := strings.Cut(rest, `"msg":"`)
				message, _, _ = strings.Cut(message, `"`)
				got.WriteString(level + " " + message + "\n")
			}
			if got.String() != c.want {
				t.Errorf("logged %q, want %q", got.String(), c.want)
			}
		})
	}
}
