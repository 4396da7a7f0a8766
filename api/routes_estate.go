package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// estateRoutes is the part of the route table about what call processors hold.
func (s *server) estateRoutes(api huma.API) {
	const get, post = http.MethodGet, http.MethodPost
	ok, accepted := http.StatusOK, http.StatusAccepted
	missing, conflict := http.StatusNotFound, http.StatusConflict

	handle(s, api, route{
		post, "/v1/syncs", "create-sync", "syncs",
		"Read a call processor into the copy of it, or join the sync that does", admins, accepted,
		[]int{conflict},
	}, s.createSync)
	handle(s, api, route{
		get, "/v1/syncs", "list-syncs", "syncs",
		"Syncs, newest first", readers, ok, nil,
	}, s.listSyncs)
	handle(s, api, route{
		get, "/v1/syncs/{id}", "get-sync", "syncs",
		"One sync with its kinds", readers, ok,
		[]int{missing},
	}, s.getSync)
	handle(s, api, route{
		get, "/v1/syncs/{id}/report", "get-sync-report", "syncs",
		"What a sync found: what, why, the exact values, and what to do", readers, ok,
		[]int{missing},
	}, s.getSyncReport)
	handle(s, api, route{
		get, "/v1/syncs/{id}/diff/{other}", "diff-syncs", "syncs",
		"What only one of two reports says", readers, ok,
		[]int{missing},
	}, s.diffSyncs)
	handle(s, api, route{
		post, "/v1/syncs/{id}/cancel", "cancel-sync", "syncs",
		"End a sync; the copy stays as it was", admins, accepted,
		[]int{missing, conflict},
	}, s.cancelSync)
	handle(s, api, route{
		post, "/v1/syncs/{id}/approve", "approve-sync", "syncs",
		"Let a sync go on that the guard holds: what is not there any more leaves the copy", admins, accepted,
		[]int{missing, conflict},
	}, s.approveSync)
	handle(s, api, route{
		post, "/v1/syncs/{id}/reject", "reject-sync", "syncs",
		"End a sync that the guard holds; the copy stays as it was", admins, accepted,
		[]int{missing, conflict},
	}, s.rejectSync)
	handle(s, api, route{
		get, "/v1/estate", "get-estate", "estate",
		"The kinds of objects in the copies of the call processors: how many, how old", readers, ok, nil,
	}, s.getEstate)
	handle(s, api, route{
		get, "/v1/estate/{kind}", "list-estate", "estate",
		"Objects of a kind by name, and how old the copy is", readers, ok, nil,
	}, s.listEstate)
	handle(s, api, route{
		post, "/v1/estate/refresh", refreshID, "estate",
		"Read one person, and what is the person's, into the copy now", admins, ok,
		[]int{missing},
	}, s.refreshEstate)
	handle(s, api, route{
		get, "/v1/watches", "list-watches", "estate",
		"The change watchers of the call processors: whether changes are followed, until when, and why not", readers, ok, nil,
	}, s.listWatches)
	s.scheduleRoutes(api)
}

// scheduleRoutes is the part of the route table about syncs that start by themselves.
func (s *server) scheduleRoutes(api huma.API) {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	const ok, missing, conflict = http.StatusOK, http.StatusNotFound, http.StatusConflict
	handle(s, api, route{
		get, "/v1/schedules", "list-schedules", "schedules",
		"Schedules of syncs, by name", readers, ok, nil,
	}, s.listSchedules)
	handle(s, api, route{
		get, "/v1/schedules/{name}", "get-schedule", "schedules",
		"One schedule with its next and last starts", readers, ok,
		[]int{missing},
	}, s.getSchedule)
	handle(s, api, route{
		put, "/v1/schedules/{name}", "put-schedule", "schedules",
		"Make or change a schedule", admins, ok,
		[]int{conflict},
	}, s.putSchedule)
	handle(s, api, route{
		del, "/v1/schedules/{name}", "delete-schedule", "schedules",
		"Remove a schedule; a sync that it started goes on", admins, http.StatusNoContent,
		[]int{missing},
	}, s.deleteSchedule)
	handle(s, api, route{
		post, "/v1/schedules/{name}/pause", "pause-schedule", "schedules",
		"Stop a schedule until it is resumed", admins, ok,
		[]int{missing},
	}, s.pauseSchedule)
	handle(s, api, route{
		post, "/v1/schedules/{name}/resume", "resume-schedule", "schedules",
		"Let a paused schedule go on", admins, ok,
		[]int{missing},
	}, s.resumeSchedule)
	handle(s, api, route{
		post, "/v1/schedules/{name}/trigger", "trigger-schedule", "schedules",
		"Start what a schedule starts now, once more; also of a paused one", admins, http.StatusAccepted,
		[]int{missing},
	}, s.triggerSchedule)
}
