package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

func newSyncRunCommand(a *app) *cobra.Command {
	var infra, subscribers, noJoin, detach bool
	cmd := &cobra.Command{
		Use: "callprocessor [NAME...]", Short: "Read call processors; all of them when none is named",
		Long: "Reads call processors into the copy, all of them when none is named, and shows how it goes on.\n" +
			"Ctrl-C ends the showing, not the sync. Exit code 7 when one is not done.\n\n" + syncHelp,
		ValidArgsFunction: a.callProcessors(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			names, err := callProcessorNames(ctx, c, args)
			if err != nil {
				return err
			}
			join := !noJoin
			r := api.SyncRequest{Scope: uc.SyncAll, Join: &join}
			if infra {
				r.Scope = uc.SyncInfra
			}
			if subscribers {
				r.Scope = uc.SyncSubscribers
			}
			syncs, err := a.startSyncs(ctx, c, names, r)
			if err != nil {
				return err
			}
			if detach {
				return a.printStarted(syncs)
			}
			w := &syncWatch{client: c, syncs: syncs, ended: func(s uc.Sync) bool { return s.State != uc.SyncRunning }}
			return a.followSyncs(ctx, w, a.errOut)
		}),
	}
	flags := cmd.Flags()
	flags.BoolVar(&infra, "infra", false, "only what people share: device pools, partitions, route patterns, …")
	flags.BoolVar(&subscribers, "subscribers", false, "only people and what is theirs: users, phones, lines, profiles")
	flags.BoolVar(&noJoin, "no-join", false, "fail when a sync of the call processor runs already")
	flags.BoolVar(&detach, "detach", false, "start only, do not wait")
	apart(cmd, "leave both out, and both are read", "infra", "subscribers")
	return cmd
}

func newSyncWatchCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "watch SYNC...", Short: "Show how syncs go on, until they end",
		Long:              "Shows how syncs go on, until they end or wait for a decision. Exit code 7 when one is not done.",
		ValidArgsFunction: a.syncIDs(isUnfinished), Args: someArgs("one or more SYNCs", func(n int) bool { return n > 0 }),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			w := &syncWatch{client: c, ended: func(s uc.Sync) bool { return s.State != uc.SyncRunning }}
			for _, id := range args {
				s, err := c.Sync(ctx, id)
				if err != nil {
					return err
				}
				w.syncs = append(w.syncs, s)
			}
			return a.followSyncs(ctx, w, a.errOut)
		}),
	}
}

// printStarted tells what was started and how to follow it.
func (a *app) printStarted(syncs []uc.Sync) error {
	if a.output != formatTable {
		return a.print(api.SyncList{Items: syncs}, syncListing(syncs))
	}
	for _, s := range syncs {
		if _, err := fmt.Fprintf(a.out, "sync %s of %s runs; `dialtone sync watch %s` shows how it goes on\n",
			s.ID, plain(s.CallProcessor), s.ID); err != nil {
			return err
		}
	}
	return nil
}

// sayFollow tells how a sync that goes on without us is followed.
func (a *app) sayFollow(s uc.Sync) error {
	_, err := fmt.Fprintf(a.errOut, "sync %s of %s goes on: `dialtone sync watch %s` follows it, `dialtone sync cancel %s` ends it\n",
		s.ID, plain(s.CallProcessor), s.ID, s.ID)
	return err
}

// followSyncs shows syncs until they end, and then what became of them. Ctrl-C only
// ends the showing.
func (a *app) followSyncs(ctx context.Context, w *syncWatch, to io.Writer) error {
	err := w.run(ctx, newProgress(to))
	if ctx.Err() != nil {
		for _, s := range w.syncs {
			if w.ended(s) {
				continue
			}
			if err := a.sayFollow(s); err != nil {
				return err
			}
		}
		return &codeError{code: exitNotDone}
	}
	if err != nil {
		return err
	}
	if err := a.printSyncs(w.syncs); err != nil {
		return err
	}
	for _, s := range w.syncs {
		if s.State != uc.SyncDone {
			return &codeError{code: exitNotDone}
		}
	}
	return nil
}

// printSyncs tells what became of syncs: the kinds that have something to tell, the
// counts and the summary.
func (a *app) printSyncs(syncs []uc.Sync) error {
	if a.output != formatTable {
		return a.print(api.SyncList{Items: syncs}, syncListing(syncs))
	}
	for i, s := range syncs {
		var kinds []uc.SyncKind
		for _, k := range s.Kinds {
			if k.State == uc.KindFailed || k.Added+k.Changed+k.Gone+k.Skipped > 0 {
				kinds = append(kinds, k)
			}
		}
		if len(kinds) > 0 {
			if err := writeTable(a.out, syncKindListing(kinds)); err != nil {
				return err
			}
		}
		text := fmt.Sprintf("%s: %s, %s\n%s\n", plain(s.CallProcessor), s.State, countText(s), plain(s.Detail))
		advice := syncAdvice(s)
		if advice == "" {
			advice = fmt.Sprintf("`dialtone sync report %s` tells each", s.ID)
		}
		text += advice + "\n"
		if i < len(syncs)-1 {
			text += "\n"
		}
		if _, err := io.WriteString(a.out, text); err != nil {
			return err
		}
	}
	return nil
}

// countText adds up what a sync did. Rows of relations are no objects.
func countText(s uc.Sync) string {
	var sum uc.SyncKind
	for _, k := range s.Kinds {
		if !k.Kind.IsRelation() {
			sum.Read += k.Read
		}
		sum.Added += k.Added
		sum.Changed += k.Changed
		sum.Gone += k.Gone
		sum.Skipped += k.Skipped
	}
	return fmt.Sprintf("%d read, %d added, %d changed, %d gone, %d skipped", sum.Read, sum.Added, sum.Changed, sum.Gone, sum.Skipped)
}

// syncWatch follows syncs by asking for them again and again.
type syncWatch struct {
	client *apiclient.Client
	syncs  []uc.Sync // as they were last seen
	ended  func(uc.Sync) bool
}

// run looks until every sync has ended. An API that is away for a while only delays it.
func (w *syncWatch) run(ctx context.Context, show *progress) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		open, err := w.look(ctx)
		if err != nil && !errors.Is(err, uc.Unavailable) && !errors.Is(err, uc.Throttled) {
			return errors.Join(show.end(), err)
		}
		if err := show.updateSyncs(w.syncs, time.Now()); err != nil {
			return err
		}
		if err == nil && open == 0 {
			return show.end()
		}
		select {
		case <-ctx.Done():
			return errors.Join(show.end(), ctx.Err())
		case <-tick.C:
		}
	}
}

// look reads the syncs that have not ended, and counts those that still have not.
func (w *syncWatch) look(ctx context.Context) (open int, err error) {
	for i, s := range w.syncs {
		if w.ended(s) && s.Kinds != nil {
			continue
		}
		if s, err = w.client.Sync(ctx, s.ID); err != nil {
			return open, err
		}
		if w.syncs[i] = s; !w.ended(s) {
			open++
		}
	}
	return open, nil
}
