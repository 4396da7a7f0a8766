package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/sim/cucm"
	"github.com/dialtone/dialtone/sim/fault"
)

// remoteFlags adds the address of a running simulator and its cluster.
func remoteFlags(cmd *cobra.Command, r *cucm.Remote) *cobra.Command {
	cmd.PersistentFlags().StringVar(&r.URL, "admin", "http://127.0.0.1:8844", "the admin endpoint of a running simulator")
	cmd.PersistentFlags().StringVar(&r.Cluster, "cluster", "", "which of its clusters; the only one when it has one")
	return cmd
}

const simFaultHelp = `Makes calls of a running simulated call processor fail. Kinds: drop, after-commit
(the change is made, the answer is lost), delay, status, fault, truncate,
illegal-char, slow-stream. Of the calls of the operation, --nth, --every and
--probability choose; without them each fails.`

func newSimFaultCommand(a *app) *cobra.Command {
	r := &cucm.Remote{}
	list := &cobra.Command{
		Use: "list", Short: "Show the rules and how often each was applied", Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			states, err := r.Faults(cmd.Context())
			if err != nil {
				return err
			}
			return a.printData(states)
		},
	}
	clear := &cobra.Command{
		Use: "clear", Short: "Remove every rule", Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error { return r.ClearFaults(cmd.Context()) },
	}
	cmd := group("fault", "Make calls of a running simulator fail", newSimFaultAddCommand(a, r), list, clear)
	cmd.Long = simFaultHelp
	return remoteFlags(cmd, r)
}

func newSimFaultAddCommand(a *app, r *cucm.Remote) *cobra.Command {
	var rule fault.Rule
	cmd := &cobra.Command{
		Use: "add OPERATION KIND", Short: "Add a rule", Args: exactArgs("OPERATION", "KIND"),
		Example: "  dialtone sim fault add addPhone after-commit --nth 2\n  dialtone sim fault add '*' status --status 503 --times 10",
		RunE: func(cmd *cobra.Command, args []string) error {
			rule.Op, rule.Kind = args[0], fault.Kind(args[1])
			if err := rule.Validate(); err != nil {
				return usageError(err.Error())
			}
			states, err := r.AddFault(cmd.Context(), rule)
			var refused *cucm.Refused
			if errors.As(err, &refused) && refused.Status == http.StatusBadRequest {
				return usageError(refused.Reason)
			}
			if err != nil {
				return err
			}
			return a.printData(states)
		},
	}
	f := cmd.Flags()
	f.StringVar(&rule.Match, "match", "", "only calls about this: part of a user id, device name or pattern")
	f.IntVar(&rule.Nth, "nth", 0, "only the n-th call")
	f.IntVar(&rule.Every, "every", 0, "every n-th call")
	f.Float64Var(&rule.Probability, "probability", 0, "chance of each call, 0 to 1")
	f.Int64Var(&rule.Seed, "seed", 0, "of the chance: the same seed chooses the same calls")
	f.IntVar(&rule.Status, "status", 0, "HTTP status, for kind status")
	f.IntVar(&rule.Code, "code", 0, "AXL error code, for kind fault")
	f.StringVar(&rule.Text, "text", "", "text of a status or fault")
	f.DurationVar(&rule.Delay, "delay", 0, "for kinds delay and slow-stream")
	f.IntVar(&rule.Times, "times", 0, "at most this often; 0 = without limit")
	return cmd
}

func newSimSnapshotCommand(a *app) *cobra.Command {
	r := &cucm.Remote{}
	return remoteFlags(&cobra.Command{
		Use: "snapshot", Short: "Write the whole state of a running simulator as JSON", Args: exactArgs(),
		Example: "  dialtone sim snapshot > before.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := r.Snapshot(cmd.Context())
			if err != nil {
				return err
			}
			return a.printData(s)
		},
	}, r)
}

const simDiffHelp = `Compares a snapshot with another one, or with the simulator as it is now: a line
for each object or value that differs. Exit code 1 when there is one.`

func newSimDiffCommand(a *app) *cobra.Command {
	r := &cucm.Remote{}
	return remoteFlags(&cobra.Command{
		Use: "diff BEFORE [AFTER]", Short: "Compare two states of a simulator", Long: simDiffHelp,
		Args: someArgs("one or two snapshot files", func(n int) bool { return n == 1 || n == 2 }),
		RunE: func(cmd *cobra.Command, args []string) error {
			before, err := readSnapshot(args[0])
			if err != nil {
				return err
			}
			var after cucm.Snapshot
			if len(args) == 2 {
				after, err = readSnapshot(args[1])
			} else {
				after, err = r.Snapshot(cmd.Context())
			}
			if err != nil {
				return err
			}
			lines := before.Diff(after)
			if len(lines) == 0 {
				return nil
			}
			if _, err := fmt.Fprintln(a.out, strings.Join(lines, "\n")); err != nil {
				return err
			}
			return &codeError{code: exitFailed}
		},
	}, r)
}

func readSnapshot(path string) (cucm.Snapshot, error) {
	var s cucm.Snapshot
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return s, usageError(fmt.Sprintf("snapshot %s: %v", path, err))
	}
	return s, nil
}
