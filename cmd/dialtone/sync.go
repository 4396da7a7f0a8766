package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

const syncHelp = `A sync reads a call processor into the copy of it that ` + "`dialtone estate`" + ` shows. It writes
nothing to the call processor. The copy changes at once, at the end; what could not be
read stays as it was. When more would be gone than the guard allows, the sync waits
for sync approve or sync reject. Each call processor has one sync at a time.`

func newSyncCommand(a *app) *cobra.Command {
	cmd := group("sync", "Read call processors, and see what was found",
		newSyncRunCommand(a), newSyncListCommand(a), newSyncGetCommand(a), newSyncWatchCommand(a),
		newSyncCancelCommand(a),
		a.syncDecision("approve", "Let a sync go on that the guard holds", (*apiclient.Client).ApproveSync),
		a.syncDecision("reject", "End a sync that the guard holds; the copy stays as it was", (*apiclient.Client).RejectSync),
		newSyncReportCommand(a), newSyncDiffCommand(a), newSyncRefreshCommand(a), newSyncWatchersCommand(a))
	cmd.Long = syncHelp
	return a.clientFlags(cmd)
}

func isUnfinished(s uc.SyncState) bool { return !s.Final() }
func isHeld(s uc.SyncState) bool       { return s == uc.SyncWaiting }
func isAnySync(uc.SyncState) bool      { return true }

// syncIDs completes syncs in a state in which the command makes sense.
func (a *app) syncIDs(fits func(uc.SyncState) bool) cobra.CompletionFunc {
	return a.completeFlag(func(ctx context.Context, c *apiclient.Client) ([]string, error) {
		syncs, err := c.Syncs(ctx, apiclient.SyncQuery{Limit: 100})
		if err != nil {
			return nil, err
		}
		var words []string
		for _, s := range syncs.Items {
			if fits(s.State) {
				words = append(words, fmt.Sprintf("%s\t%s %s %s, %s", s.ID, s.CallProcessor, s.Scope, s.State, moment(&s.CreatedAt)))
			}
		}
		return words, nil
	})
}

// callProcessors completes the names of call processors.
func (a *app) callProcessors() cobra.CompletionFunc {
	return a.completeFlag(func(ctx context.Context, c *apiclient.Client) ([]string, error) {
		estate, err := c.Estate(ctx, "")
		return estate.CallProcessors, err
	})
}

func newSyncListCommand(a *app) *cobra.Command {
	var q apiclient.SyncQuery
	cmd := &cobra.Command{
		Use: "list", Short: "List syncs, newest first", Args: exactArgs(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, _ []string) error {
			list, err := c.Syncs(ctx, q)
			if err != nil {
				return err
			}
			if err := a.print(list, syncListing(list.Items)); err != nil {
				return err
			}
			return a.sayMore(list.Next)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&q.CallProcessor, "call-processor", "", "only syncs of this call processor")
	flags.StringVar((*string)(&q.State), "state", "", "only syncs in this state: running, waiting, done, failed, cancelled")
	flags.StringVar(&q.Cursor, "cursor", "", "go on after an earlier list")
	flags.IntVar(&q.Limit, "limit", 50, "at most so many")
	must(cmd.RegisterFlagCompletionFunc("call-processor", a.callProcessors()))
	return cmd
}

// sayMore tells how to read on where a table ends before the list does.
func (a *app) sayMore(next string) error {
	if next == "" || a.output != formatTable {
		return nil
	}
	_, err := fmt.Fprintf(a.errOut, "there are more: --limit shows up to %d, --cursor %s the next\n", maxPage, next)
	return err
}

func syncListing(syncs []uc.Sync) listing {
	l := listing{header: []string{"SYNC", "CALL PROCESSOR", "SCOPE", "STATE", "CREATED AT", "ENDED AT", "CREATED BY", "DETAIL"}}
	for _, s := range syncs {
		l.add(s.ID, s.CallProcessor, string(s.Scope), string(s.State), moment(&s.CreatedAt), moment(s.EndedAt), byWhom(s.CreatedBy), s.Detail)
	}
	return l
}

// byWhom is who asked for a sync, without the reason that a watcher gives: that is told
// with the sync itself.
func byWhom(createdBy string) string {
	if watcher := "change watcher"; strings.HasPrefix(createdBy, watcher+": ") {
		return watcher
	}
	return createdBy
}

func newSyncGetCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "get SYNC", Short: "Show one sync with each kind of object",
		Args: exactArgs("SYNC"), ValidArgsFunction: first(a.syncIDs(isAnySync)),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			s, err := c.Sync(ctx, args[0])
			if err != nil {
				return err
			}
			if a.output != formatTable {
				return a.print(s, syncKindListing(s.Kinds))
			}
			if _, err := fmt.Fprintln(a.out, syncText(s)); err != nil {
				return err
			}
			return writeTable(a.out, syncKindListing(s.Kinds))
		}),
	}
}

// first offers words for the first argument only.
func first(offer cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return offer(cmd, args, typed)
	}
}

func syncKindListing(kinds []uc.SyncKind) listing {
	l := listing{header: []string{"KIND", "STATE", "READ", "ADDED", "CHANGED", "GONE", "SKIPPED", "DETAIL"}}
	for _, k := range kinds {
		l.add(k.Kind.Title(), string(k.State), readText(k), strconv.Itoa(k.Added), strconv.Itoa(k.Changed), strconv.Itoa(k.Gone),
			strconv.Itoa(k.Skipped), k.Detail+strings.TrimPrefix(waitText(k, time.Now()), "; "))
	}
	return l
}

// syncText is the sync in words. What one of the lines below it says, and what to do
// about it, is not said twice.
func syncText(s uc.Sync, below ...uc.SyncLine) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-15s %s\n", name, plain(value))
		}
	}
	line("Sync", s.ID)
	line("Call processor", s.CallProcessor)
	line("Scope", string(s.Scope))
	line("State", string(s.State))
	line("Asked for by", s.CreatedBy+", "+moment(&s.CreatedAt))
	line("Visible since", moment(s.AppliedAt))
	line("Ended", moment(s.EndedAt))
	line("Counts", countText(s))
	if !slices.ContainsFunc(below, func(l uc.SyncLine) bool { return l.Why == s.Detail && l.Do != "" }) {
		line("Summary", s.Detail)
		line("What to do", syncAdvice(s))
	}
	return b.String()
}

// syncAdvice says what somebody does about a sync that does not go on by itself, or
// that could not read everything.
func syncAdvice(s uc.Sync) string {
	switch {
	case s.State == uc.SyncWaiting:
		return fmt.Sprintf("look at `dialtone sync report %s --class guard`; then `dialtone sync approve %s --reason TEXT` lets them go, and sync reject keeps the copy",
			s.ID, s.ID)
	case s.State == uc.SyncRunning:
		return syncSilence(s, time.Now())
	case s.State == uc.SyncFailed || s.State == uc.SyncDone && s.Detail != "Completed.":
		return fmt.Sprintf("`dialtone sync report %s --severity error` says why, and what to do", s.ID)
	}
	return ""
}

// callProcessorNames are the named ones, or all that there are.
func callProcessorNames(ctx context.Context, c *apiclient.Client, named []string) ([]string, error) {
	if len(named) > 0 {
		return named, nil
	}
	estate, err := c.Estate(ctx, "")
	if err == nil && len(estate.CallProcessors) == 0 {
		err = usageError("no call processor is known: name one, or put it into the settings")
	}
	return estate.CallProcessors, err
}

// startSyncs starts or joins a sync of each: of none when one would be refused. What was
// started before one that could not be all the same is told: it goes on.
func (a *app) startSyncs(ctx context.Context, c *apiclient.Client, names []string, r api.SyncRequest) ([]uc.Sync, error) {
	if len(names) > 1 {
		for _, name := range names {
			r.CallProcessor = name
			if _, _, err := c.DryRun().StartSync(ctx, r); err != nil {
				return nil, err
			}
		}
	}
	var out []uc.Sync
	for _, name := range names {
		r.CallProcessor = name
		s, joined, err := c.StartSync(ctx, r)
		if err != nil {
			for _, s := range out {
				if err := a.sayFollow(s); err != nil {
					return out, err
				}
			}
			return out, err
		}
		if joined {
			if _, err := fmt.Fprintf(a.errOut, "sync %s of %s (%s) runs already: joined\n", s.ID, plain(name), s.Scope); err != nil {
				return out, err
			}
		}
		out = append(out, s)
	}
	return out, nil
}
