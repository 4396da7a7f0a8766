package apiclient

import (
	"context"
	"net/http"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/uc"
)

// Schedules reads every schedule, by name.
func (c *Client) Schedules(ctx context.Context) (out api.ScheduleList, err error) {
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"schedules"}}, &out)
	return out, err
}

// Schedule reads one schedule with its times. Fails with uc.NotFound.
func (c *Client) Schedule(ctx context.Context, name string) (out uc.ScheduleStatus, err error) {
	_, err = c.do(ctx, request{method: http.MethodGet, path: []string{"schedules", name}}, &out)
	return out, err
}

// PutSchedule makes the schedule, or makes it as written. Fails with uc.Invalid.
func (c *Client) PutSchedule(ctx context.Context, name string, p api.SchedulePlan) (out uc.ScheduleStatus, err error) {
	_, err = c.do(ctx, request{method: http.MethodPut, path: []string{"schedules", name}, body: p}, &out)
	return out, err
}

// DeleteSchedule removes the schedule. Fails with uc.NotFound.
func (c *Client) DeleteSchedule(ctx context.Context, name string) error {
	_, err := c.do(ctx, request{method: http.MethodDelete, path: []string{"schedules", name}}, nil)
	return err
}

// PauseSchedule stops the schedule until it is resumed. Fails with uc.NotFound.
func (c *Client) PauseSchedule(ctx context.Context, name, note string) (uc.ScheduleStatus, error) {
	return c.tellSchedule(ctx, name, "pause", note)
}

// ResumeSchedule lets a paused schedule go on. Fails with uc.NotFound.
func (c *Client) ResumeSchedule(ctx context.Context, name, note string) (uc.ScheduleStatus, error) {
	return c.tellSchedule(ctx, name, "resume", note)
}

// TriggerSchedule starts what the schedule starts now, once more. Fails with
// uc.NotFound.
func (c *Client) TriggerSchedule(ctx context.Context, name string) (out uc.ScheduleStatus, err error) {
	_, err = c.do(ctx, request{method: http.MethodPost, path: []string{"schedules", name, "trigger"}}, &out)
	return out, err
}

func (c *Client) tellSchedule(ctx context.Context, name, what, note string) (out uc.ScheduleStatus, err error) {
	_, err = c.do(ctx, request{
		method: http.MethodPost, path: []string{"schedules", name, what}, body: api.ScheduleNote{Note: note},
	}, &out)
	return out, err
}
