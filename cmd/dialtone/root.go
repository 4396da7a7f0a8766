package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/uc"
)

// commands are the subcommands, in the order in which help shows them: each file
// of this folder offers its own.
var commands = []func(*app) *cobra.Command{
	newJoinCommand, newLeaveCommand, newMoveCommand, newChangeCommand,
	newOrderCommand, newPersonCommand, newNumberCommand, newPhoneCommand, newPINCommand, newPoolCommand,
	newApplyCommand, newSyncCommand, newEstateCommand, newScheduleCommand,
	newGuardCommand, newTokenCommand,
	newUpCommand, newSimCommand, newDoctorCommand, newAPICommand, newWorkerCommand, newMigrateCommand,
}

// The exit codes; the root command's help lists them.
const (
	exitOK          = 0
	exitFailed      = 1 // anything without a code of its own
	exitUsage       = 2 // a wrong command line, or invalid input
	exitNotFound    = 3
	exitConflict    = 4
	exitDenied      = 5
	exitUnavailable = 6 // no answer, or told to slow down
	exitNotDone     = 7 // an awaited order ended otherwise than done
)

const rootHelp = `Dialtone gives the people who join a number, a phone and everything around it.

Results go to the standard output, everything else to the error output. In CSV a
cell that a spreadsheet would run as a formula begins with an apostrophe; phone
numbers with a plus stay as they are.

Exit codes: 0 ok · 1 failed · 2 wrong usage or invalid input · 3 not found ·
4 conflict · 5 denied · 6 unavailable or throttled · 7 an awaited order ended
otherwise than done.`

// app is what every command shares: where it reads and writes, and the global flags.
type app struct {
	in       io.Reader
	out      io.Writer
	errOut   io.Writer
	terminal bool // out is a terminal
	asks     bool // somebody sits at in and errOut who can answer

	data   string // --data as given; dataDir resolves it
	output string // --output: one of the formats
	api    connection

	began bool // a command's own work began: until then every error is one of usage
}

func newApp(in io.Reader, out, errOut io.Writer) *app {
	return &app{
		in: in, out: out, errOut: errOut, terminal: isTerminal(out),
		asks: isTerminal(in) && isTerminal(out) && isTerminal(errOut),
	}
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// must stops the program over an error that only a mistake in this program can cause.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// dataDir is the folder with the product's state.
func (a *app) dataDir() string { return config.DataDir(a.data) }

// newRoot builds the whole command line.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use: "dialtone", Short: "Provisioning for Cisco unified communications", Long: rootHelp,
		Version: version, SilenceErrors: true, SilenceUsage: true,
		DisableFlagsInUseLine: true,
		Args:                  cobra.ArbitraryArgs, RunE: helpOrUnknown,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.checkOutput(); err != nil {
				return err
			}
			return checkFlags(cmd)
		},
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.errOut)
	root.SetFlagErrorFunc(flagError)
	flags := root.PersistentFlags()
	flags.StringVar(&a.data, "data", "", "folder with the state (default $DIALTONE_DATA or .dialtone)")
	flags.StringVarP(&a.output, "output", "o", formatTable, "format of the output: table, json, yaml or csv")
	for _, newCommand := range commands {
		root.AddCommand(newCommand(a))
	}
	a.noteBegin(root)
	return root
}

// noteBegin lets every command note that its own work begins.
func (a *app) noteBegin(cmd *cobra.Command) {
	if act := cmd.RunE; act != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.began = true
			return act(cmd, args)
		}
	}
	for _, below := range cmd.Commands() {
		a.noteBegin(below)
	}
}

// run executes one command line and returns its exit code; the error, if any, is
// one sentence on the error output.
func (a *app) run(ctx context.Context, args []string) int {
	root := newRoot(a)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	if coded := (*codeError)(nil); !a.began && !errors.As(err, &coded) {
		err = usageError(err.Error() + " (" + seeHelp(cmd) + ")")
	}
	if text := sentence(err); text != "" {
		if _, werr := fmt.Fprintln(a.errOut, "dialtone: "+text); werr != nil {
			return exitFailed
		}
	}
	return exitCode(err)
}

// codeError is an error with an exit code of its own. An empty text means that
// the command has said everything already.
type codeError struct {
	code int
	text string
}

func (e *codeError) Error() string { return e.text }

// usageError is a wrong command line.
func usageError(text string) error { return &codeError{exitUsage, text} }

// exitCode is the process's answer for an error.
func exitCode(err error) int {
	var coded *codeError
	if errors.As(err, &coded) {
		return coded.code
	}
	switch uc.KindOf(err) {
	case uc.Invalid:
		return exitUsage
	case uc.NotFound:
		return exitNotFound
	case uc.Conflict, uc.Exhausted:
		return exitConflict
	case uc.Denied:
		return exitDenied
	case uc.Unavailable, uc.Throttled:
		return exitUnavailable
	case uc.Internal:
		return exitFailed
	}
	return exitFailed
}

// sentence is the error as a person reads it: our own errors by their detail
// alone, in one line.
func sentence(err error) string {
	text := err.Error()
	var e *uc.Error
	if errors.As(err, &e) && e.System == "" && e.Detail != "" {
		text = e.Detail
	}
	return strings.Join(strings.Fields(text), " ")
}
