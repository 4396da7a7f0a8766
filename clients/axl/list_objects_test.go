package axl

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

// listAnswer is a server that answers every list with this content.
func listAnswer(t *testing.T, returned string) *Client {
	t.Helper()
	return newServer(t, func(w http.ResponseWriter, r request) { ok(w, r.version, r.op, returned) }).client(t)
}

func collect(t *testing.T, c *Client, q ListQuery) ([]Object, ListOut, error) {
	t.Helper()
	var got []Object
	out, err := c.ListObjects(t.Context(), q, func(o Object) error {
		got = append(got, o)
		return nil
	})
	return got, out, err
}

func TestListObjectsReadsWhatServersWrite(t *testing.T) {
	t.Parallel()
	got, out, err := collect(t, listAnswer(t, `
<devicePool uuid="`+testID+`"><regionName uuid="{11111111-1F6D-4E0A-9B1C-2D3E4F5A6B7C}">R &amp; D</regionName><name>DP</name>
<locationName uuid="" xsi:nil="true"/><srstName/><revertPriority> Default </revertPriority>
<localRouteGroup><name>Standard Local Route Group</name><value uuid="{22222222-1F6D-4E0A-9B1C-2D3E4F5A6B7C}">RG</value></localRouteGroup>
<localRouteGroup><name>Other</name><value/></localRouteGroup><newThing><deep>1</deep></newThing><newThing/></devicePool>
<devicePool uuid="{33333333-1F6D-4E0A-9B1C-2D3E4F5A6B7C}"><name>DP2</name><newThing/></devicePool>
<devicePool><name>Nobody</name></devicePool><footnote>x</footnote>`), ListQuery{Kind: ObjectDevicePool})
	if err != nil {
		t.Fatal(err)
	}
	want := []Object{
		{UUID: testUUID, Name: "DP", Attributes: []byte(`{"localRouteGroup":[{"name":"Standard Local Route Group",` +
			`"value":"RG","value_uuid":"22222222-1f6d-4e0a-9b1c-2d3e4f5a6b7c"},{"name":"Other"}],"name":"DP",` +
			`"regionName":"R & D","regionName_uuid":"11111111-1f6d-4e0a-9b1c-2d3e4f5a6b7c","revertPriority":"Default"}`)},
		{UUID: "33333333-1f6d-4e0a-9b1c-2d3e4f5a6b7c", Name: "DP2", Attributes: []byte(`{"name":"DP2"}`)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantOut := ListOut{Objects: 2, Unexpected: []Unexpected{
		{Element: "devicePool without uuid", Count: 1, Example: "Nobody"},
		{Element: "footnote", Count: 1},
		{Element: "newThing", Count: 3, Example: "DP"},
	}}
	if diff := cmp.Diff(wantOut, out); diff != "" {
		t.Errorf("what is not known is counted (-want +got):\n%s", diff)
	}
}

func TestListObjectsOfPatterns(t *testing.T) {
	t.Parallel()
	got, _, err := collect(t, listAnswer(t, `<huntPilot uuid="`+testID+`"><pattern>\+4930</pattern><routePartitionName>PT</routePartitionName></huntPilot>`),
		ListQuery{Kind: ObjectHuntPilot})
	want := []Object{{UUID: testUUID, Name: "+4930", Partition: "PT", Attributes: []byte(`{"pattern":"\\+4930","routePartitionName":"PT"}`)}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestListObjectsEmpty(t *testing.T) {
	t.Parallel()
	for name, returned := range map[string]string{"nothing": "", "white space": "\n "} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, out, err := collect(t, listAnswer(t, returned), ListQuery{Kind: ObjectGatekeeper})
			if len(got) != 0 || err != nil || out.Objects != 0 || out.Unexpected != nil {
				t.Errorf("an empty list is an answer: %v %v %v", got, out, err)
			}
		})
	}
}

func TestListObjectsFails(t *testing.T) {
	t.Parallel()
	const one = `<css uuid="` + testID + `"><name>A</name></css>`
	for name, tc := range map[string]struct {
		reason string
		answer func(w http.ResponseWriter, r request)
		kind   uc.Kind
		seen   int
	}{
		"cut": {"what was handed over stays", func(w http.ResponseWriter, r request) {
			whole := reply15(r.version, r.op, strings.Repeat(one, 9))
			write(w, http.StatusOK, "text/xml", whole[:len(whole)-len(one)-80])
		}, uc.Unavailable, 7},
		"cut behind the last": {"an end that is missing is missed", func(w http.ResponseWriter, r request) {
			whole := reply15(r.version, r.op, one)
			write(w, http.StatusOK, "text/xml", strings.TrimSuffix(whole, "</soapenv:Body></soapenv:Envelope>"))
		}, uc.Unavailable, 1},
		"no XML": {"tags that do not match", func(w http.ResponseWriter, r request) {
			ok(w, r.version, r.op, one+"<css></name>")
		}, uc.Unavailable, 1},
		"fault with 200": {"a fault whatever the status", func(w http.ResponseWriter, _ request) {
			write(w, http.StatusOK, "text/xml", `<e:Envelope xmlns:e="x"><e:Header><a/></e:Header><e:Body><e:Fault><faultcode>e:Server</faultcode>`+
				`<faultstring>busy</faultstring><detail><axlError><axlcode>-1</axlcode><axlmessage>Maximum AXL Memory Allocation Consumed</axlmessage>`+
				`</axlError></detail></e:Fault></e:Body></e:Envelope>`)
		}, uc.Throttled, 0},
		"other answer": {"somebody else answers", func(w http.ResponseWriter, _ request) {
			write(w, http.StatusOK, "text/xml", "<Envelope><Body></Body></Envelope>")
		}, uc.Unavailable, 0},
		"illegal characters": {"the rest is read all the same", func(w http.ResponseWriter, r request) {
			ok(w, r.version, r.op, strings.ReplaceAll(one, ">A<", ">A\x02\xff&#2;<"))
		}, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, out, err := collect(t, newServer(t, tc.answer).client(t), ListQuery{Kind: ObjectCSS})
			if uc.KindOf(err) != tc.kind || len(got) != tc.seen || out.Objects != tc.seen {
				t.Errorf("%s: want %q after %d, got %v after %d", tc.reason, tc.kind, tc.seen, err, len(got))
			}
		})
	}
}

func TestMissingKind(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile(filepath.Join("testdata", "faults", "no-operation.xml"))
	if err != nil {
		t.Fatal(err)
	}
	c := newServer(t, func(w http.ResponseWriter, _ request) {
		write(w, http.StatusInternalServerError, "text/xml", string(body))
	}).client(t)
	_, _, err = collect(t, c, ListQuery{Kind: ObjectUniversalLineTemplate})
	var unsupported *UnsupportedError
	if !errors.Is(err, uc.NotFound) || !errors.As(err, &unsupported) || unsupported.Op != "listUniversalLineTemplate" {
		t.Errorf("want that the server lacks it, got %v", err)
	}
	if _, _, err := collect(t, c, ListQuery{Kind: "Nothing"}); !errors.Is(err, uc.Invalid) {
		t.Errorf("want that we know no such kind, got %v", err)
	}
}

// TestLargeReadsAreFew holds large reads open and looks who else gets through.
func TestLargeReadsAreFew(t *testing.T) {
	t.Parallel()
	const asked, allowed = 6, 2
	arrived, release := make(chan struct{}, asked), make(chan struct{})
	c := newServer(t, func(w http.ResponseWriter, r request) {
		if r.op == "listCss" {
			arrived <- struct{}{}
			<-release
		}
		ok(w, r.version, r.op, `<userid>x</userid>`)
	}).client(t)
	var reads sync.WaitGroup
	for range asked {
		reads.Go(func() {
			if _, _, err := collect(t, c, ListQuery{Kind: ObjectCSS}); err != nil {
				t.Error(err)
			}
		})
	}
	for range allowed {
		<-arrived
	}
	for i := range 4 {
		// With all places taken everybody else's calls still go through.
		if there, err := c.Exists(t.Context(), ObjectDevicePool, fmt.Sprint(i)); err != nil || there {
			t.Error(there, err)
		}
	}
	if n := len(arrived); n != 0 {
		t.Errorf("%d large reads more than %d", n, allowed)
	}
	close(release)
	reads.Wait()
}

// TestObjectsTakeConstantMemory reads 100,000 of a list and 100,000 by SQL. It is not
// parallel: the heap is everyone's.
func TestObjectsTakeConstantMemory(t *testing.T) {
	c := newServer(t, func(w http.ResponseWriter, r request) {
		row := `<phoneButtonTemplate uuid="{%08X-4F6D-4E0A-9B1C-2D3E4F5A6B7C}"><name>Somebody's own</name></phoneButtonTemplate>`
		if r.op == "executeSQLQuery" {
			row = "<row><c1>%08x-4f6d-4e0a-9b1c-2d3e4f5a6b7c</c1><c2>" + string(testUUID) + "</c2><c3>" + string(testUUID) + "</c3></row>"
		}
		head, tail, _ := strings.Cut(reply15(r.version, r.op, "ROWS"), "ROWS")
		w.Header().Set("Content-Type", "text/xml")
		out := bufio.NewWriter(w)
		// What a write meets is kept by the buffer, and told by Flush.
		write := func(text string) {
			if _, err := out.WriteString(text); err != nil {
				t.Error(err)
			}
		}
		write(head)
		for i := range manyRows {
			write(fmt.Sprintf(row, i+1))
		}
		write(tail)
		if err := out.Flush(); err != nil {
			t.Error(err)
		}
	}).client(t)
	for name, read := range map[string]func(each func(Object) error) (int, error){
		"a list": func(each func(Object) error) (int, error) {
			out, err := c.ListObjects(t.Context(), ListQuery{Kind: ObjectPhoneButtonTemplate}, each)
			return out.Objects, err
		},
		"by SQL": func(each func(Object) error) (int, error) {
			out, err := c.ReadEstate(t.Context(), EstateQuery{Kind: uc.RelUserGroup}, each)
			return out.Rows, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			var before, peak uint64
			seen := 0
			rows, err := read(func(Object) error {
				if seen++; seen%10_000 == 0 {
					heap := heapInUse()
					if before == 0 {
						before = heap
					}
					peak = max(peak, heap)
				}
				return nil
			})
			if err != nil || rows != manyRows || seen != manyRows {
				t.Fatalf("want %d, got %d and %v", manyRows, rows, err)
			}
			if peak > before+2<<20 {
				t.Errorf("the heap grew from %d to %d bytes while objects streamed", before, peak)
			}
			t.Logf("heap at 10,000 objects %d KiB, at most %d KiB", before>>10, peak>>10)
		})
	}
}

func TestReadEstateTrustsNoOrder(t *testing.T) {
	t.Parallel()
	row := func(key, from string) string {
		return "<row><c1>" + key + "</c1><c2>" + from + "</c2><c3>" + string(testUUID) + "</c3></row>"
	}
	low, high := "0"+string(testUUID)[1:], "f"+string(testUUID)[1:]
	for name, tc := range map[string]struct {
		reason, returned string
		want             EstateOut
		kind             uc.Kind
	}{
		"in order":     {"that is how pages go on", row(low, low) + row(high, high), EstateOut{Rows: 2, Last: UUID(high)}, ""},
		"backwards":    {"the next page would lose what is between", row(high, low) + row(low, low), EstateOut{Rows: 1, Last: UUID(high)}, uc.Unavailable},
		"again":        {"the next page would be this one", row(low, low) + row(low, low), EstateOut{Rows: 1, Last: UUID(low)}, uc.Unavailable},
		"no key":       {"nothing to go on from", row("4711", low), EstateOut{}, uc.Unavailable},
		"other answer": {"columns nobody asked for", "<row><c1>" + low + "</c1></row>", EstateOut{}, uc.Unavailable},
		"no object": {
			"it is told, the others go on", row(low, "") + row(high, high),
			EstateOut{Rows: 1, Last: UUID(high), Unexpected: []Unexpected{{Element: "row without an id", Count: 1, Example: string(testUUID)}}},
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := listAnswer(t, tc.returned).ReadEstate(t.Context(), EstateQuery{Kind: uc.RelUserGroup}, func(Object) error { return nil })
			if out.Bytes < 100*out.Rows || out.Bytes > 200*out.Rows {
				t.Errorf("%d bytes of %d rows", out.Bytes, out.Rows)
			}
			out.Bytes = 0
			if diff := cmp.Diff(tc.want, out); diff != "" || uc.KindOf(err) != tc.kind {
				t.Errorf("%s: %v (-want +got):\n%s", tc.reason, err, diff)
			}
		})
	}
}
