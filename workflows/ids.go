// Package workflows tells the stories, top to bottom, each step with its undo. It
// does no I/O: every effect is an activity.
package workflows

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"github.com/dialtone/dialtone/uc"
)

// TaskQueue is where the stories run, with the effects on the ledger.
const TaskQueue = "dialtone"

// NotifierQueue is where mails and HR events are sent from.
const NotifierQueue = "notifier"

// CallProcessorQueue is the task queue of one call processor: its rate and its
// slowness are nobody else's.
func CallProcessorQueue(name string) string { return "callprocessor/" + name }

// DirectoryQueue is the task queue of one directory.
func DirectoryQueue(name string) string { return "directory/" + name }

// SyncQueue is where one call processor is read from, apart from the effects on it.
func SyncQueue(callProcessor string) string { return "sync/" + callProcessor }

// SyncID is the workflow id of the syncs of a call processor: one at a time.
func SyncID(callProcessor string) string { return "sync/" + callProcessor }

// WatchID is the workflow id of the change watcher of a call processor.
func WatchID(callProcessor string) string { return "watch/" + callProcessor }

// RefreshID is the workflow id of a refresh of one person.
func RefreshID(callProcessor, userID string) string {
	return StoryID("refresh/"+uc.OrderKind(callProcessor), userID)
}

// StoryID is the workflow id of a person's story of a kind: a person joins once at a
// time. It is ASCII, for Temporal's client sends it in a header that takes nothing
// else, and two user ids share one only when they differ by case alone: a letter
// beyond ASCII becomes its code point between tildes, which no user id contains.
func StoryID(kind uc.OrderKind, userID string) string {
	var id strings.Builder
	id.WriteString(string(kind) + "/")
	for _, r := range strings.ToLower(userID) {
		if r < utf8.RuneSelf {
			id.WriteRune(r)
		} else {
			fmt.Fprintf(&id, "~%x~", r)
		}
	}
	return id.String()
}

// summary cuts a text to what Temporal takes for a run's summary: 400 bytes.
func summary(text string) string {
	const most = 400
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// The signals that a story listens to.
const (
	signalResume     = "resume"     // go on with the step that waits
	signalReschedule = "reschedule" // when a scheduled story begins instead; carries a time
	signalTurn       = "turn"       // the person's earlier order has ended
	signalInterval   = "interval"   // of a change watcher; carries a duration
	signalDecision   = "decision"   // about a sync that the guard holds; carries whether it goes on
)

// The questions that a story answers.
const (
	queryWatch = "watch" // where a change watcher stands
	queryOver  = "over"  // whether a sync has nothing to do any more
)

// The search attributes by which orders are found in Temporal's web UI.
var (
	orderAttribute  = temporal.NewSearchAttributeKeyKeyword("DialtoneOrder")
	userAttribute   = temporal.NewSearchAttributeKeyKeyword("DialtoneUser")
	numberAttribute = temporal.NewSearchAttributeKeyKeyword("DialtoneNumber")
	kindAttribute   = temporal.NewSearchAttributeKeyKeyword("DialtoneKind")
	areaAttribute   = temporal.NewSearchAttributeKeyKeyword("DialtoneServiceArea")
)

// SearchAttributes returns the names and types that a namespace must know.
func SearchAttributes() map[string]enums.IndexedValueType {
	out := map[string]enums.IndexedValueType{}
	for _, key := range []temporal.SearchAttributeKeyKeyword{
		orderAttribute, userAttribute, numberAttribute, kindAttribute, areaAttribute,
	} {
		out[key.GetName()] = enums.INDEXED_VALUE_TYPE_KEYWORD
	}
	return out
}
