package api

import (
	"context"
	"errors"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// SchedulePlan is a schedule as it is written; its name stands in the path.
type SchedulePlan struct {
	CallProcessor string       `json:"callProcessor" maxLength:"128" pattern:"\\S"`
	Scope         uc.SyncScope `json:"scope,omitempty" enum:"infra,subscribers,all" doc:"What is read; all when left out"`
	Cron          string       `json:"cron" maxLength:"128" example:"30 2 * * 1-5" doc:"Minute, hour, day, month and day of the week, or @daily"`
	TimeZone      string       `json:"timeZone,omitempty" maxLength:"64" example:"Europe/Lisbon" doc:"Of the cron; UTC when left out"`
	Jitter        uc.Duration  `json:"jitter,omitempty" doc:"A sync starts so much later at most, by chance"`
	Paused        bool         `json:"paused,omitempty"`
	Note          string       `json:"note,omitempty" maxLength:"500" doc:"What it is for, or why it is paused"`
}

// ScheduleNote says why a schedule is paused or goes on.
type ScheduleNote struct {
	Note string `json:"note,omitempty" maxLength:"500"`
}

// ScheduleList is every schedule, by name.
type ScheduleList struct {
	Items []uc.ScheduleStatus `json:"items"`
}

type (
	// SchedulePath names one schedule.
	SchedulePath struct {
		Name string `path:"name" maxLength:"63" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]*$" doc:"Letters, digits and . _ -"`
	}
	putScheduleIn struct {
		SchedulePath
		Body SchedulePlan
	}
	noteScheduleIn struct {
		SchedulePath
		Body ScheduleNote
	}
	scheduleOut      struct{ Body uc.ScheduleStatus }
	listSchedulesOut struct{ Body ScheduleList }
)

func (s *server) listSchedules(ctx context.Context, _ *struct{}) (*listSchedulesOut, error) {
	found, err := workflows.ListSchedules(ctx, s.temporal)
	if err != nil {
		return nil, err
	}
	if err := s.complete(ctx, found); err != nil {
		return nil, err
	}
	return &listSchedulesOut{ScheduleList{list(found)}}, nil
}

// mostHeld is how many syncs are looked at that the guard holds: a call processor has one
// at most.
const mostHeld = 1000

// complete adds to schedules what the guard holds of their call processors.
func (s *server) complete(ctx context.Context, schedules []uc.ScheduleStatus) error {
	if len(schedules) == 0 {
		return nil
	}
	waiting, _, err := s.db.ListSyncs(ctx, db.SyncFilter{State: uc.SyncWaiting}, "", mostHeld)
	if err != nil {
		return err
	}
	held := map[string]*uc.HeldSync{}
	for _, w := range waiting {
		h := &uc.HeldSync{ID: w.ID, Since: w.CreatedAt}
		lines, _, err := s.db.SyncLines(ctx, w.ID, db.LineFilter{Class: uc.GuardLine}, "", 1)
		if err != nil {
			return err
		}
		if len(lines) > 0 {
			h.Since = lines[0].At
		}
		held[w.CallProcessor] = h
	}
	for i := range schedules {
		f := &schedules[i]
		f.Next, f.Last, f.Held = list(f.Next), list(f.Last), held[f.CallProcessor]
	}
	return nil
}

func (s *server) getSchedule(ctx context.Context, in *SchedulePath) (*scheduleOut, error) {
	return s.schedule(ctx, in.Name)
}

func (s *server) schedule(ctx context.Context, name string) (*scheduleOut, error) {
	found, err := workflows.GetSchedule(ctx, s.temporal, name)
	if err != nil {
		return nil, err
	}
	one := []uc.ScheduleStatus{found}
	if err := s.complete(ctx, one); err != nil {
		return nil, err
	}
	return &scheduleOut{one[0]}, nil
}

// putSchedule makes the schedule, or makes it as written.
func (s *server) putSchedule(ctx context.Context, in *putScheduleIn) (*scheduleOut, error) {
	b := in.Body
	plan := uc.Schedule{
		Name: in.Name, CallProcessor: b.CallProcessor, Scope: b.Scope, Cron: b.Cron, TimeZone: b.TimeZone, Jitter: b.Jitter,
		Paused: b.Paused, Note: b.Note, CreatedBy: callerOf(ctx).name,
	}
	trim(&plan.CallProcessor, &plan.Cron, &plan.TimeZone, &plan.Note)
	if plan.Scope == "" {
		plan.Scope = uc.SyncAll
	}
	if problems := plan.Problems(); len(problems) > 0 {
		return nil, requestProblem(problems, plainField)
	}
	if err := s.unknownCallProcessor("body.callProcessor", plan.CallProcessor); err != nil {
		return nil, err
	}
	err := workflows.ChangeSchedule(ctx, s.temporal, plan)
	if errors.Is(err, uc.NotFound) {
		err = workflows.CreateSchedule(ctx, s.temporal, plan)
	}
	if err != nil {
		return nil, err
	}
	return s.schedule(ctx, plan.Name)
}

func (s *server) deleteSchedule(ctx context.Context, in *SchedulePath) (*struct{}, error) {
	return nil, workflows.DeleteSchedule(ctx, s.temporal, in.Name)
}

func (s *server) pauseSchedule(ctx context.Context, in *noteScheduleIn) (*scheduleOut, error) {
	if err := workflows.PauseSchedule(ctx, s.temporal, in.Name, in.Body.Note); err != nil {
		return nil, err
	}
	return s.schedule(ctx, in.Name)
}

func (s *server) resumeSchedule(ctx context.Context, in *noteScheduleIn) (*scheduleOut, error) {
	if err := workflows.ResumeSchedule(ctx, s.temporal, in.Name, in.Body.Note); err != nil {
		return nil, err
	}
	return s.schedule(ctx, in.Name)
}

func (s *server) triggerSchedule(ctx context.Context, in *SchedulePath) (*scheduleOut, error) {
	if err := workflows.RunSchedule(ctx, s.temporal, in.Name); err != nil {
		return nil, err
	}
	return s.schedule(ctx, in.Name)
}
