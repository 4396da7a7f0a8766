package apitest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
)

// NextStart is when every schedule of the played server starts next.
var NextStart = time.Date(2050, 1, 3, 2, 30, 0, 0, time.UTC)

// ScheduleClient plays the schedules of the server.
func (t *Temporal) ScheduleClient() client.ScheduleClient { return schedules{t} }

type schedules struct{ t *Temporal }

// Create makes a schedule.
func (s schedules) Create(_ context.Context, o client.ScheduleOptions) (client.ScheduleHandle, error) {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	if s.t.fail != nil {
		return nil, s.t.fail
	}
	if s.t.schedules[o.ID] != nil {
		return nil, temporal.ErrScheduleAlreadyRunning
	}
	s.t.schedules[o.ID] = &client.Schedule{
		Action: o.Action, Spec: &o.Spec, State: &client.ScheduleState{Note: o.Note, Paused: o.Paused},
	}
	return &schedule{s.t, o.ID}, nil
}

// List lists the schedules.
func (s schedules) List(context.Context, client.ScheduleListOptions) (client.ScheduleListIterator, error) {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	return &scheduleIDs{slices.Sorted(maps.Keys(s.t.schedules))}, s.t.fail
}

// GetHandle returns a schedule whether it is there or not.
func (s schedules) GetHandle(_ context.Context, id string) client.ScheduleHandle {
	return &schedule{s.t, id}
}

type scheduleIDs struct{ left []string }

// HasNext reports whether there is another one.
func (s *scheduleIDs) HasNext() bool { return len(s.left) > 0 }

// Next returns the next one.
func (s *scheduleIDs) Next() (*client.ScheduleListEntry, error) {
	id := s.left[0]
	s.left = s.left[1:]
	return &client.ScheduleListEntry{ID: id}, nil
}

type schedule struct {
	t  *Temporal
	id string
}

// with does something to the schedule, if it is there.
func (s *schedule) with(do func(*client.Schedule) error) error {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	if s.t.fail != nil {
		return s.t.fail
	}
	found := s.t.schedules[s.id]
	if found == nil {
		return serviceerror.NewNotFound("no schedule " + s.id)
	}
	return do(found)
}

// GetID is its id.
func (s *schedule) GetID() string { return s.id }

// Delete removes it.
func (s *schedule) Delete(context.Context) error {
	return s.with(func(*client.Schedule) error { delete(s.t.schedules, s.id); return nil })
}

// Backfill is not played.
func (s *schedule) Backfill(context.Context, client.ScheduleBackfillOptions) error {
	return errors.New("backfill is not played")
}

// Update changes it.
func (s *schedule) Update(_ context.Context, o client.ScheduleUpdateOptions) error {
	return s.with(func(now *client.Schedule) error {
		change, err := o.DoUpdate(client.ScheduleUpdateInput{Description: client.ScheduleDescription{Schedule: *now}})
		if err == nil {
			s.t.schedules[s.id] = change.Schedule
		}
		return err
	})
}

// Describe tells what it is; what it starts is written as the server does.
func (s *schedule) Describe(context.Context) (*client.ScheduleDescription, error) {
	out := &client.ScheduleDescription{}
	return out, s.with(func(now *client.Schedule) error {
		out.Schedule = *now
		action := *now.Action.(*client.ScheduleWorkflowAction) //nolint:forcetypeassert // we start nothing else
		payload, err := converter.GetDefaultDataConverter().ToPayload(action.Args[0])
		action.Args = []any{payload}
		out.Schedule.Action = &action
		out.Info.NextActionTimes = []time.Time{NextStart}
		return err
	})
}

// Trigger starts it now.
func (s *schedule) Trigger(context.Context, client.ScheduleTriggerOptions) error {
	return s.with(func(*client.Schedule) error { s.t.started = append(s.t.started, s.id); return nil })
}

// Pause stops it.
func (s *schedule) Pause(_ context.Context, o client.SchedulePauseOptions) error {
	return s.set(true, o.Note)
}

// Unpause lets it go on.
func (s *schedule) Unpause(_ context.Context, o client.ScheduleUnpauseOptions) error {
	return s.set(false, o.Note)
}

func (s *schedule) set(paused bool, note string) error {
	return s.with(func(now *client.Schedule) error {
		now.State = &client.ScheduleState{Note: note, Paused: paused}
		return nil
	})
}
