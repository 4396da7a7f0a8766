package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/dialtone/dialtone/stack"
)

// say writes one line for people. A terminal that is gone is no reason to stop.
func (r *running) say(format string, args ...any) {
	r.saying.Lock()
	defer r.saying.Unlock()
	if _, err := fmt.Fprintf(r.a.out, format+"\n", args...); err != nil && !r.mute {
		r.mute = true
		r.log.Warn("nobody reads what is said here", zap.Error(err))
	}
}

// short is a path as people write it: relative when it lies below the current folder.
func short(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(here, path)
	if err != nil || strings.HasPrefix(rel, "..") {
		return path
	}
	return rel
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// step starts one part and shows how long it took.
func (r *running) step(name string, start func() (detail string, err error)) error {
	began := time.Now()
	detail, err := start()
	took := time.Since(began)
	if err != nil {
		r.say("  %-28s failed after %s", name, seconds(took))
		r.log.Error("starting", zap.String("system", name), zap.Error(err))
		return err
	}
	r.say("  %-28s %7s   %s", name, seconds(took), detail)
	r.log.Info("started", zap.String("system", name), zap.Int64("duration_ms", took.Milliseconds()))
	return nil
}

// onChange shows the death and the return of a child.
func (r *running) onChange(e stack.ChildEvent) {
	if e.Up {
		r.log.Info("a server is back", zap.String("system", e.Name), zap.Int("pid", e.PID))
		r.say("  %s is back", e.Name)
		return
	}
	r.log.Error("a server died", zap.String("system", e.Name), zap.Error(e.Err), zap.Int64("duration_ms", e.RetryIn.Milliseconds()))
	r.say("  %s died and is started again in %s", e.Name, seconds(e.RetryIn))
}

// sayRunning says who runs here already. Nothing else is done.
func (a *app) sayRunning(other *stack.ErrRunning) error {
	lines := []string{fmt.Sprintf("Dialtone runs here already, as process %d. Nothing was done.", other.PID)}
	for _, what := range slices.Sorted(maps.Keys(other.URLs)) {
		lines = append(lines, fmt.Sprintf("  %-28s %s", what, other.URLs[what]))
	}
	_, err := fmt.Fprintln(a.out, strings.Join(lines, "\n"))
	return err
}

func (r *running) sayPages() {
	for _, p := range r.pages {
		r.say("  %-28s %s", p.what, p.url)
	}
	r.say("  %-28s %s", "administrator's token", short(filepath.Join(r.dir, tokenFile)))
	r.say("")
}
