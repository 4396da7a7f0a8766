package axl

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

const someChanges = `<queueInfo><firstChangeId>1</firstChangeId><lastChangeId>7</lastChangeId>` +
	`<nextStartChangeId>5</nextStartChangeId><queueId>DdkNST9m</queueId></queueInfo><changes>` +
	`<change type="user" uuid="0b3a5c1e-4f6d-4e0a-9b1c-2d3e4f5a6b7c"><id>2</id><action>u</action><doGet>false</doGet>` +
	`<changedTags><changedTag name="department">R &amp; D</changedTag><changedTag name="manager"/></changedTags></change>` +
	`<change type="Phone" uuid="` + testID + `"><id>3</id><action>a</action><doGet>true</doGet><changedTags/></change>` +
	`<change uuid="` + testID + `" type="Line"><id>4</id><action>r</action><changedTags/></change></changes>`

func TestListChangesReadsWhatServersWrite(t *testing.T) {
	t.Parallel()
	want := Changes{QueueID: "DdkNST9m", First: 1, Last: 7, Next: 5, Changes: []Change{
		{ID: 2, Action: ChangeUpdated, Kind: "User", UUID: testUUID, Tags: map[string]string{"department": "R & D", "manager": ""}},
		{ID: 3, Action: ChangeAdded, Kind: "Phone", UUID: testUUID, Read: true},
		{ID: 4, Action: ChangeRemoved, Kind: "Line", UUID: testUUID},
	}}
	for name, answer := range map[string]func(w http.ResponseWriter, r request){
		"as the schema says": func(w http.ResponseWriter, _ request) {
			write(w, http.StatusOK, "text/xml", `<e:Envelope xmlns:e="x"><e:Body><ns2:listChangeResponse xmlns:ns2="y">`+
				someChanges+`</ns2:listChangeResponse></e:Body></e:Envelope>`)
		},
		"with a return": func(w http.ResponseWriter, r request) { ok(w, r.version, r.op, someChanges) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := newServer(t, answer).client(t).ListChanges(t.Context(), ChangeQuery{QueueID: "DdkNST9m", StartID: 2})
			if diff := cmp.Diff(want, got); diff != "" || err != nil || !got.More() {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestListChangesFails(t *testing.T) {
	t.Parallel()
	const at = `<queueInfo><firstChangeId>10</firstChangeId><lastChangeId>20</lastChangeId><nextStartChangeId>21</nextStartChangeId><queueId>q</queueId></queueInfo><changes/>`
	for name, tc := range map[string]struct {
		reason, returned string
		query            ChangeQuery
		kind             uc.Kind
		cause            error
	}{
		"no queue":         {"no queue is no notification", `<queueInfo/><changes/>`, ChangeQuery{}, uc.Denied, ErrChangesOff},
		"silent restart":   {"another queue, and no fault", at, ChangeQuery{QueueID: "p", StartID: 15}, uc.Invalid, ErrQueueLost},
		"silent overrun":   {"the first kept is later, and no fault", at, ChangeQuery{QueueID: "q", StartID: 9}, uc.Invalid, ErrChangesMissed},
		"number alone":     {"a number belongs to a queue", at, ChangeQuery{StartID: 9}, uc.Invalid, nil},
		"the oldest kept":  {"nothing is missing", at, ChangeQuery{QueueID: "q", StartID: 10}, "", nil},
		"where it stands":  {"nothing was asked for", at, ChangeQuery{}, "", nil},
		"nothing happened": {"the next is not there yet", at, ChangeQuery{QueueID: "q", StartID: 21}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newServer(t, func(w http.ResponseWriter, r request) { ok(w, r.version, r.op, tc.returned) }).client(t)
			got, err := c.ListChanges(t.Context(), tc.query)
			if uc.KindOf(err) != tc.kind || tc.cause != nil && !errors.Is(err, tc.cause) || got.More() {
				t.Errorf("%s: got %v, %v", tc.reason, got, err)
			}
		})
	}
}
