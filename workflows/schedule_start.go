package workflows

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/dialtone/dialtone/uc"
)

// schedulePrefix begins the ids of our schedules.
const schedulePrefix = "schedule/"

// catchUpWithin is how late a start may be after Temporal was away; later ones are left
// out, for the next one reads the same.
const catchUpWithin = time.Hour

// CreateSchedule makes a schedule. Fails with Conflict when its name is taken, Invalid
// when it is wrong as written, Unavailable when Temporal does not answer.
func CreateSchedule(ctx context.Context, c client.Client, s uc.Schedule) error {
	if err := checkSchedule(s); err != nil {
		return err
	}
	_, err := c.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: schedulePrefix + s.Name, Spec: scheduleSpec(s), Action: scheduleAction(s), Note: s.Note, Paused: s.Paused,
		Overlap: enums.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: catchUpWithin,
	})
	return scheduleError("create schedule", s.Name, err)
}

// ChangeSchedule makes the schedule of this name as written, whatever it was. Fails as
// CreateSchedule does, and with NotFound.
func ChangeSchedule(ctx context.Context, c client.Client, s uc.Schedule) error {
	if err := checkSchedule(s); err != nil {
		return err
	}
	err := schedule(ctx, c, s.Name).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			spec := scheduleSpec(s)
			now := in.Description.Schedule
			now.Spec, now.Action = &spec, scheduleAction(s)
			now.State = &client.ScheduleState{Note: s.Note, Paused: s.Paused}
			return &client.ScheduleUpdate{Schedule: &now}, nil
		},
	})
	return scheduleError("change schedule", s.Name, err)
}

// PauseSchedule stops the schedule until it is resumed; paused is success. Without a note
// it keeps the one that it has. Fails with NotFound.
func PauseSchedule(ctx context.Context, c client.Client, name, note string) error {
	if note == "" {
		s, err := GetSchedule(ctx, c, name)
		if err != nil {
			return err
		}
		note = cmp.Or(s.Note, "paused") // an empty one would get the SDK's words
	}
	err := schedule(ctx, c, name).Pause(ctx, client.SchedulePauseOptions{Note: note})
	return scheduleError("pause schedule", name, err)
}

// ResumeSchedule lets a paused schedule go on. Fails with NotFound.
func ResumeSchedule(ctx context.Context, c client.Client, name, note string) error {
	err := schedule(ctx, c, name).Unpause(ctx, client.ScheduleUnpauseOptions{Note: cmp.Or(note, "resumed")})
	return scheduleError("resume schedule", name, err)
}

// RunSchedule starts what the schedule starts now, once more. Fails with NotFound.
func RunSchedule(ctx context.Context, c client.Client, name string) error {
	err := schedule(ctx, c, name).Trigger(ctx, client.ScheduleTriggerOptions{})
	return scheduleError("run schedule", name, err)
}

// DeleteSchedule removes the schedule; a sync that it started goes on. Fails with
// NotFound.
func DeleteSchedule(ctx context.Context, c client.Client, name string) error {
	return scheduleError("delete schedule", name, schedule(ctx, c, name).Delete(ctx))
}

// GetSchedule returns the schedule and its times. Fails with NotFound.
func GetSchedule(ctx context.Context, c client.Client, name string) (uc.ScheduleStatus, error) {
	const op = "get schedule"
	d, err := schedule(ctx, c, name).Describe(ctx)
	if err != nil {
		return uc.ScheduleStatus{}, scheduleError(op, name, err)
	}
	var out uc.ScheduleStatus
	if err := readSchedule(d.Schedule.Action, &out.Schedule); err != nil {
		return out, &uc.Error{Kind: uc.Internal, System: "temporal", Op: op, Detail: "reading schedule " + name, Err: err}
	}
	if d.Schedule.State != nil {
		out.Paused, out.Note = d.Schedule.State.Paused, d.Schedule.State.Note
	}
	if !out.Paused {
		out.Next = d.Info.NextActionTimes
	}
	for _, a := range d.Info.RecentActions {
		out.Last = append(out.Last, a.ActualTime)
	}
	return out, nil
}

// ListSchedules returns all schedules by name. A schedule that was just made may be
// missing for a second.
func ListSchedules(ctx context.Context, c client.Client) ([]uc.ScheduleStatus, error) {
	const op = "list schedules"
	entries, err := c.ScheduleClient().List(ctx, client.ScheduleListOptions{PageSize: 100})
	if err != nil {
		return nil, scheduleError(op, "", err)
	}
	var out []uc.ScheduleStatus
	for entries.HasNext() {
		e, err := entries.Next()
		if err != nil {
			return nil, scheduleError(op, "", err)
		}
		name, ours := strings.CutPrefix(e.ID, schedulePrefix)
		if !ours {
			continue
		}
		s, err := GetSchedule(ctx, c, name)
		if errors.Is(err, uc.NotFound) {
			continue // it was just deleted
		}
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b uc.ScheduleStatus) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func schedule(ctx context.Context, c client.Client, name string) client.ScheduleHandle {
	return c.ScheduleClient().GetHandle(ctx, schedulePrefix+name)
}

func checkSchedule(s uc.Schedule) error {
	problems := s.Problems()
	if len(problems) == 0 {
		return nil
	}
	texts := make([]string, len(problems))
	for i, p := range problems {
		texts[i] = p.String()
	}
	return &uc.Error{Kind: uc.Invalid, Detail: strings.Join(texts, "; ")}
}

func scheduleSpec(s uc.Schedule) client.ScheduleSpec {
	return client.ScheduleSpec{CronExpressions: []string{s.Cron}, TimeZoneName: s.TimeZone, Jitter: time.Duration(s.Jitter)}
}

func scheduleAction(s uc.Schedule) *client.ScheduleWorkflowAction {
	return &client.ScheduleWorkflowAction{
		ID: "scheduled/" + s.Name, Workflow: ScheduledSync, Args: []any{s}, TaskQueue: TaskQueue,
		StaticSummary: summary("schedule " + s.Name + ": sync " + string(s.Scope) + " of " + s.CallProcessor),
	}
}

// readSchedule reads what the schedule was made of.
func readSchedule(action client.ScheduleAction, into *uc.Schedule) error {
	a, ok := action.(*client.ScheduleWorkflowAction)
	if !ok || len(a.Args) != 1 {
		return fmt.Errorf("it does not start a sync")
	}
	p, ok := a.Args[0].(*common.Payload)
	if !ok {
		return fmt.Errorf("its input is a %T", a.Args[0])
	}
	return converter.GetDefaultDataConverter().FromPayload(p, into)
}

// scheduleError gives an error about a schedule its kind.
func scheduleError(op, name string, err error) error {
	var bad *serviceerror.InvalidArgument
	var there *serviceerror.AlreadyExists
	switch {
	case errors.Is(err, temporal.ErrScheduleAlreadyRunning) || errors.As(err, &there):
		return &uc.Error{Kind: uc.Conflict, Detail: fmt.Sprintf("there is a schedule %q already", name)}
	case errors.As(err, &bad):
		return &uc.Error{Kind: uc.Invalid, Detail: fmt.Sprintf("schedule %q: %v", name, err)}
	}
	err = temporalError(op, err)
	if errors.Is(err, uc.NotFound) {
		return &uc.Error{Kind: uc.NotFound, Detail: fmt.Sprintf("there is no schedule %q", name)}
	}
	return err
}
