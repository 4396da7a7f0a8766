package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/dialtone/dialtone/uc"
)

// quietAfter is how long a kind is read without a page before that is told.
const quietAfter = 10 * time.Second

// updateSyncs shows how far syncs are: on a terminal a block with the kinds that are
// read now, elsewhere a line for each kind at its end, and now and then for those
// that are read.
func (p *progress) updateSyncs(syncs []uc.Sync, now time.Time) error {
	var text strings.Builder
	var block []string
	if p.terminal {
		text.WriteString(p.erase())
	}
	if p.pace == nil {
		p.pace = &pace{said: now}
	}
	due := !p.terminal && p.pace.due(now)
	for _, s := range syncs {
		if p.terminal && s.State == uc.SyncRunning {
			block = append(block, syncHead(s))
		}
		if why := syncSilence(s, now); why != "" {
			line := plain(s.CallProcessor + "  " + why)
			switch {
			case p.terminal:
				block = append(block, line)
			case p.shown[s.ID] == "" || due:
				text.WriteString(line + "\n")
				p.shown[s.ID] = line
			}
		}
		for _, k := range s.Kinds {
			id, line := s.ID+" "+string(k.Kind), plain(fmt.Sprintf("%s  %-28s %s", s.CallProcessor, k.Kind.Title(), kindProgress(k, now)))
			switch {
			case p.terminal && isRead(s, k):
				block = append(block, line)
			case p.terminal:
			case k.State.Final() && p.shown[id] == "", isRead(s, k) && due:
				text.WriteString(line + "\n")
				if k.State.Final() {
					p.shown[id] = line
				}
			}
		}
	}
	text.WriteString(p.draw(block, ""))
	_, err := io.WriteString(p.out, text.String())
	return err
}

// syncSilence says that a sync did not even begin with a kind for a while, and what to
// look at; empty when one did.
func syncSilence(s uc.Sync, now time.Time) string {
	quiet := now.Sub(s.CreatedAt)
	if s.State != uc.SyncRunning || quiet < quietAfter || len(s.Kinds) == 0 {
		return ""
	}
	for _, k := range s.Kinds {
		if k.State != uc.KindPending || k.Wait != "" || k.UpdatedAt != nil {
			return ""
		}
	}
	return fmt.Sprintf("nothing was read in %s: see with `dialtone doctor` that %s answers, and that a worker with its settings runs",
		span(quiet), s.CallProcessor)
}

// syncHead is how far a sync is as a whole.
func syncHead(s uc.Sync) string {
	ended, failed := 0, 0
	for _, k := range s.Kinds {
		if k.State.Final() {
			ended++
		}
		if k.State == uc.KindFailed {
			failed++
		}
	}
	text := fmt.Sprintf("%s  %s: %d of %d kinds", s.CallProcessor, s.Scope, ended, len(s.Kinds))
	if failed > 0 {
		text += fmt.Sprintf(", %d could not be read", failed)
	}
	switch {
	case s.AppliedAt != nil:
		text += "; visible, what changed meanwhile is read again"
	case ended == len(s.Kinds) && ended > 0:
		text += "; compared with the copy"
	}
	return plain(text)
}

// kindProgress is how far a kind is: read, of how many, how fast, how long the rest
// takes, and what it waits for. The times are those of the pages, so that who comes
// later sees the same.
func kindProgress(k uc.SyncKind, now time.Time) string {
	switch k.State {
	case uc.KindFailed:
		return "could not be read: " + k.Detail
	case uc.KindSkipped:
		return "left out: " + k.Detail
	case uc.KindRead:
		return strconv.Itoa(k.Read) + " read"
	case uc.KindPending, uc.KindReading:
	}
	text := readText(k)
	if k.StartedAt == nil || k.UpdatedAt == nil {
		return text + waitText(k, now)
	}
	if spent := k.UpdatedAt.Sub(*k.StartedAt); k.Read > 0 && spent >= time.Second {
		text += fmt.Sprintf(", %.0f a second", float64(k.Read)/spent.Seconds())
		if k.Total > k.Read {
			left := time.Duration(float64(spent) / float64(k.Read) * float64(k.Total-k.Read))
			text += fmt.Sprintf(", about %s left", span(left))
		}
	}
	if wait := waitText(k, now); wait != "" {
		return text + wait
	}
	if quiet := now.Sub(*k.UpdatedAt); quiet > quietAfter {
		text += fmt.Sprintf("; waits for an answer since %s", span(quiet))
	}
	return text
}

// waitText is what a kind waits for, and how long that takes.
func waitText(k uc.SyncKind, now time.Time) string {
	if k.Wait == "" {
		return ""
	}
	text := "; waits: " + k.Wait
	if k.WaitUntil == nil {
		return text
	}
	if left := k.WaitUntil.Sub(now).Round(time.Second); left > 0 {
		return text + ", again in " + span(left)
	}
	return text + ", again now"
}

// isRead reports whether somebody who watches wants to see the kind: it is read now.
func isRead(s uc.Sync, k uc.SyncKind) bool {
	return s.State == uc.SyncRunning && (k.State == uc.KindReading || k.State == uc.KindPending && k.Wait != "")
}

// readText is how many objects were read, and of how many.
func readText(k uc.SyncKind) string {
	if k.Total > k.Read {
		return fmt.Sprintf("%d of %d", k.Read, k.Total)
	}
	return strconv.Itoa(k.Read)
}
