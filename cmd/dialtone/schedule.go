package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

func newScheduleCommand(a *app) *cobra.Command {
	return a.clientFlags(group("schedule", "Syncs that start by themselves",
		newScheduleListCommand(a), newScheduleSetCommand(a),
		a.scheduleAction("pause", "Stop a schedule until it is resumed", (*apiclient.Client).PauseSchedule),
		a.scheduleAction("resume", "Let a paused schedule go on", (*apiclient.Client).ResumeSchedule),
		newScheduleTriggerCommand(a), newScheduleDeleteCommand(a)))
}

// scheduleNames completes schedules.
func (a *app) scheduleNames() cobra.CompletionFunc {
	return a.complete(func(ctx context.Context, c *apiclient.Client) ([]string, error) {
		list, err := c.Schedules(ctx)
		if err != nil {
			return nil, err
		}
		var words []string
		for _, s := range list.Items {
			words = append(words, fmt.Sprintf("%s\t%s %s %s", s.Name, s.CallProcessor, s.Scope, s.Cron))
		}
		return words, nil
	})
}

func newScheduleListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List schedules with their next and last starts", Args: exactArgs(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, _ []string) error {
			list, err := c.Schedules(ctx)
			if err != nil {
				return err
			}
			return a.print(list, scheduleListing(list.Items...))
		}),
	}
}

func scheduleListing(schedules ...uc.ScheduleStatus) listing {
	l := listing{header: []string{
		"SCHEDULE", "CALL PROCESSOR", "SCOPE", "CRON", "TIME ZONE", "JITTER", "STATE", "NEXT", "LAST", "NOTE", "DETAIL",
	}}
	for _, s := range schedules {
		state, next, last, jitter := "on", "", "", ""
		if s.Paused {
			state = "paused"
		}
		if len(s.Next) > 0 {
			next = moment(&s.Next[0])
		}
		if n := len(s.Last); n > 0 {
			last = moment(&s.Last[n-1])
		}
		if s.Jitter > 0 {
			jitter = s.Jitter.String()
		}
		zone := s.TimeZone
		if zone == "" {
			zone = "UTC"
		}
		l.add(s.Name, s.CallProcessor, string(s.Scope), s.Cron, zone, jitter, state, next, last, s.Note, heldText(s))
	}
	return l
}

// heldText says that nothing starts, and what somebody does about it.
func heldText(s uc.ScheduleStatus) string {
	if s.Held == nil {
		return ""
	}
	return fmt.Sprintf("reads nothing: sync %s waits for `dialtone sync approve` or `dialtone sync reject` since %s", s.Held.ID, moment(&s.Held.Since))
}

func newScheduleSetCommand(a *app) *cobra.Command {
	var p api.SchedulePlan
	var jitter time.Duration
	cmd := &cobra.Command{
		Use: "set NAME --call-processor NAME --cron EXPRESSION", Short: "Make or change a schedule",
		Long: "Makes a schedule of syncs, or makes it as written: what is left out is the default.\n" +
			"A time that comes while the sync before still runs is left out.",
		Example: `  dialtone schedule set nightly --call-processor berlin --cron "30 2 * * *" --time-zone Europe/Berlin --jitter 15m`,
		Args:    exactArgs("NAME"), ValidArgsFunction: a.scheduleNames(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			p.Jitter = uc.Duration(jitter)
			s, err := c.PutSchedule(ctx, args[0], p)
			if err != nil {
				return err
			}
			return a.print(s, scheduleListing(s))
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&p.CallProcessor, "call-processor", "", "which one is read")
	flags.StringVar((*string)(&p.Scope), "scope", string(uc.SyncAll), "what is read: infra, subscribers or all")
	flags.StringVar(&p.Cron, "cron", "", "minute, hour, day, month and day of the week, or @daily")
	flags.StringVar(&p.TimeZone, "time-zone", "", "of the cron, such as Europe/Lisbon (default UTC)")
	flags.DurationVar(&jitter, "jitter", 0, "start so much later at most, by chance")
	flags.BoolVar(&p.Paused, "paused", false, "start nothing until it is resumed")
	flags.StringVar(&p.Note, "note", "", "what it is for")
	must(cmd.MarkFlagRequired("call-processor"))
	must(cmd.MarkFlagRequired("cron"))
	must(cmd.RegisterFlagCompletionFunc("call-processor", a.callProcessors()))
	return cmd
}

// scheduleAction is a command that tells one schedule something.
func (a *app) scheduleAction(
	what, short string, act func(c *apiclient.Client, ctx context.Context, name, note string) (uc.ScheduleStatus, error),
) *cobra.Command {
	note := ""
	cmd := &cobra.Command{
		Use: what + " NAME", Short: short, Args: exactArgs("NAME"), ValidArgsFunction: a.scheduleNames(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			s, err := act(c, ctx, args[0], note)
			if err != nil {
				return err
			}
			return a.print(s, scheduleListing(s))
		}),
	}
	cmd.Flags().StringVar(&note, "note", "", "why")
	return cmd
}

func newScheduleTriggerCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "trigger NAME", Short: "Start what a schedule starts now, once more; also of a paused one",
		Args: exactArgs("NAME"), ValidArgsFunction: a.scheduleNames(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			s, err := c.TriggerSchedule(ctx, args[0])
			if err != nil {
				return err
			}
			if a.output != formatTable {
				return a.print(s, scheduleListing(s))
			}
			_, err = fmt.Fprintf(a.out, "schedule %s: a sync (%s) of %s begins, or the one that runs is joined; `dialtone sync list` shows it\n",
				plain(s.Name), s.Scope, plain(s.CallProcessor))
			return err
		}),
	}
}

func newScheduleDeleteCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "delete NAME", Short: "Remove a schedule; a sync that it started goes on",
		Args: exactArgs("NAME"), ValidArgsFunction: a.scheduleNames(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			if err := c.DeleteSchedule(ctx, args[0]); err != nil {
				return err
			}
			_, err := fmt.Fprintf(a.errOut, "schedule %s is removed\n", plain(args[0]))
			return err
		}),
	}
}
