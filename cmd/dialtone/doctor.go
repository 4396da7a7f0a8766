package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/uc"
)

const doctorHelp = `Checks the settings, the database, Temporal, and every system that the settings
name: that it answers, accepts the account, and grants the rights that orders
need; and that what the catalog names exists on the call processors. It changes
nothing anywhere. Exit code 1 when anything fails.`

func newDoctorCommand(a *app) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use: "doctor", Short: "Check every connection and right, and say what to fix", Long: doctorHelp, Args: exactArgs(),
	}
	configFlag(cmd, &path)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := a.loadSettings(a.upOrOwn(path))
		if err != nil {
			return err
		}
		d := &doctor{ctx: cmd.Context()}
		d.all(c)
		if err := a.showFindings(d.found); err != nil {
			return err
		}
		if d.failed > 0 {
			return &codeError{exitFailed, fmt.Sprintf("%d of %d checks failed", d.failed, len(d.found))}
		}
		return nil
	}
	return cmd
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// finding is the result of one check.
type finding struct {
	System string  `json:"system"` // what was checked: "database", a system's name
	Check  string  `json:"check"`
	OK     bool    `json:"ok"`
	Detail string  `json:"detail,omitempty"` // what was found
	Kind   uc.Kind `json:"kind,omitempty"`   // of a failure
	Fix    string  `json:"fix,omitempty"`    // of a failure
}

// doctor collects findings.
type doctor struct {
	ctx    context.Context //nolint:containedctx // of the one command that this doctor serves
	found  []finding
	failed int
}

// checkTimeout bounds one check.
const checkTimeout = 20 * time.Second

// check runs one check and reports whether it passed. The fix is for a failure
// whose kind says nothing better.
func (d *doctor) check(system, name, fix string, run func(context.Context) (detail string, err error)) bool {
	ctx, cancel := context.WithTimeout(d.ctx, checkTimeout)
	defer cancel()
	detail, err := run(ctx)
	f := finding{System: system, Check: name, OK: err == nil, Detail: detail}
	if err != nil {
		d.failed++
		f.Detail, f.Kind, f.Fix = err.Error(), uc.KindOf(err), fixOf(err, fix)
	}
	d.found = append(d.found, f)
	return f.OK
}

// fixOf is what to do about a failure: the check's own words unless the kind
// points elsewhere.
func fixOf(err error, fix string) string {
	if certificate := (*tls.CertificateVerificationError)(nil); errors.As(err, &certificate) {
		return "check caFile and, where there is one, serverName in the settings: they say whose certificates are trusted"
	}
	switch uc.KindOf(err) {
	case uc.Unavailable, uc.Throttled:
		return "see that it runs and that this machine may reach it; then check address and certificate in the settings"
	case uc.Denied:
		return "check user name, password and rights of the account in the settings"
	case uc.Invalid, uc.NotFound, uc.Conflict, uc.Exhausted, uc.Internal:
		return fix
	}
	return fix
}

func (a *app) showFindings(found []finding) error {
	if a.output != formatTable {
		l := listing{header: []string{"SYSTEM", "CHECK", "OK", "DETAIL", "KIND", "FIX"}}
		for _, f := range found {
			l.add(f.System, f.Check, strconv.FormatBool(f.OK), f.Detail, string(f.Kind), f.Fix)
		}
		return a.print(found, l)
	}
	for _, f := range found {
		state := "ok  "
		if !f.OK {
			state = "FAIL"
		}
		if _, err := fmt.Fprintf(a.out, "%s  %-16s %-28s %s\n", state, f.System, f.Check, strings.Join(strings.Fields(f.Detail), " ")); err != nil {
			return err
		}
		if f.Fix == "" {
			continue
		}
		if _, err := fmt.Fprintf(a.out, "      %-16s fix: %s\n", "", f.Fix); err != nil {
			return err
		}
	}
	return nil
}
