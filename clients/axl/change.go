package axl

import (
	"context"
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/dialtone/dialtone/uc"
)

const opListChange = "listChange"

// ChangeAction is what happened to an object.
type ChangeAction string

// The actions. Source: AXL 15.0 XChangeAction.
const (
	ChangeAdded   ChangeAction = "a"
	ChangeUpdated ChangeAction = "u"
	ChangeRemoved ChangeAction = "r"
)

// ChangeQuery asks for what changed. The zero value asks where the queue stands.
type ChangeQuery struct {
	QueueID string   // of the answer before
	StartID int64    // Next of the answer before
	Objects []string // kinds, the Object constants and "User", "Phone", "Line", …; nil = all
}

// Changes is an answer: where the queue stands, and changes by their number.
type Changes struct {
	QueueID           string
	First, Last, Next int64 // numbers: the oldest kept, the newest, where to go on
	Changes           []Change
}

// More reports whether there are changes behind these to ask for at once.
func (c Changes) More() bool { return c.QueueID != "" && c.Last >= c.Next }

// Change is one change of one object.
type Change struct {
	ID     int64
	Action ChangeAction
	Kind   string // as in ChangeQuery.Objects, "Phone"
	UUID   UUID   // all that is known of an object that was removed
	Read   bool   // the object is to be read to know what changed
	// Tags are the new values of a simple update, by tag; nil when it has none.
	Tags map[string]string
}

// ListChanges returns what changed from a number of a queue on, up to 8 MB at
// once: go on with QueueID and Next while More. Without QueueID it only says
// where the queue stands now. Fails with uc.Invalid and ErrQueueLost when the
// server restarted since, with ErrChangesMissed when it has forgotten some of
// them: both mean that only a full read tells. Fails with uc.Denied and
// ErrChangesOff when change notification is not switched on.
//
// Source: AXL 15.0 listChange; AXL developer guide, "Data change notification".
func (c *Client) ListChanges(ctx context.Context, q ChangeQuery) (Changes, error) {
	if q.QueueID == "" && q.StartID != 0 {
		return Changes{}, c.invalid(opListChange, "a number without its queue says nothing")
	}
	var out Changes
	err := c.stream(ctx, opListChange, q, out.read)
	switch {
	case err != nil:
		return Changes{}, err
	case out.QueueID == "":
		return Changes{}, c.changeError(uc.Denied, ErrChangesOff)
	case q.QueueID != "" && out.QueueID != q.QueueID:
		return Changes{}, c.changeError(uc.Invalid, ErrQueueLost)
	case q.QueueID != "" && q.StartID < out.First:
		// Not every release refuses it: what is missing must not go unseen.
		return Changes{}, c.changeError(uc.Invalid, ErrChangesMissed)
	}
	return out, nil
}

func (c *Client) changeError(kind uc.Kind, cause error) error {
	return &uc.Error{Kind: kind, System: system, Op: opListChange, Detail: named(c.name, cause.Error()), Err: cause}
}

// MarshalXML implements xml.Marshaler. Source: AXL 15.0 ListChangeReq.
func (q ChangeQuery) MarshalXML(enc *xml.Encoder, start xml.StartElement) error {
	w := elementWriter{enc: enc}
	w.open(start)
	if q.QueueID != "" {
		w.leaf("startChangeId", strconv.FormatInt(q.StartID, 10), xml.Attr{Name: xml.Name{Local: "queueId"}, Value: q.QueueID})
	}
	if len(q.Objects) > 0 {
		w.open(element("objectList"))
		for _, o := range q.Objects {
			w.leaf("object", o)
		}
		w.end(element("objectList"))
	}
	w.end(start)
	return w.err
}

// read reads the answer by element names: the queue's elements are unique, and
// a release may put a <return> around them.
func (c *Changes) read(s *scanner) error {
	for depth := 1; depth > 0; {
		t, err := s.next()
		switch {
		case err != nil:
			return broken(err)
		case t == endTag:
			depth--
		case t == startTag && string(s.name) == "queueInfo":
			err = leaves(s, c.queue)
		case t == startTag && string(s.name) == "change":
			err = c.change(s)
		case t == startTag:
			depth++
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Changes) queue(name, text string) {
	switch name {
	case "queueId":
		c.QueueID = text
	case "firstChangeId":
		c.First = readID(text)
	case "lastChangeId":
		c.Last = readID(text)
	case "nextStartChangeId":
		c.Next = readID(text)
	}
}

func (c *Changes) change(s *scanner) error {
	one := Change{Kind: kindWord(string(s.attr("type"))), UUID: readUUID(s.attr("uuid"))}
	err := leaves(s, func(name, text string) {
		switch name {
		case "id":
			one.ID = readID(text)
		case "action":
			one.Action = ChangeAction(strings.ToLower(strings.TrimSpace(text)))
		case "doGet":
			one.Read = text == "true" || text == "t" || text == "1"
		case "changedTag":
			if one.Tags == nil {
				one.Tags = map[string]string{}
			}
			one.Tags[string(s.attr("name"))] = text
		}
	})
	c.Changes = append(c.Changes, one)
	return err
}

// kindWord is the type with its first letter in upper case: servers answer both.
func kindWord(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func readID(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
