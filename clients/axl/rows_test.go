package axl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/dialtone/dialtone/uc"
)

type dialer = func(ctx context.Context, network, address string) (net.Conn, error)

func countDials(dial dialer, n *atomic.Int32) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		n.Add(1)
		return dial(ctx, network, address)
	}
}

func TestQuerySQL(t *testing.T) {
	t.Parallel()
	c := newServer(t, func(w http.ResponseWriter, r request) {
		ok(w, r.version, r.op, "\n<row><pkid>a1</pkid><name>A &amp; B\x02&#2;&#x1F;</name><note/></row>\n<row><pkid>b2</pkid><name>Jürgen\xff</name><note> x </note></row>\n")
	}).client(t)
	var got []Row
	err := c.QuerySQL(t.Context(), "SELECT pkid, name, note FROM device", func(r Row) error {
		got = append(got, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{{"pkid", "a1"}, {"name", "A & B"}, {"note", ""}},
		{{"pkid", "b2"}, {"name", "Jürgen\uFFFD"}, {"note", " x "}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows keep order and content, without what XML forbids (-want +got):\n%s", diff)
	}
	if got[0].Get("name") != "A & B" || got[0].Get("nothing") != "" {
		t.Errorf("Get finds %q and %q", got[0].Get("name"), got[0].Get("nothing"))
	}
}

func TestQuerySQLStopsWithTheCallersError(t *testing.T) {
	t.Parallel()
	c := newServer(t, func(w http.ResponseWriter, r request) {
		ok(w, r.version, r.op, strings.Repeat("<row><pkid>a1</pkid></row>", 10))
	}).client(t)
	enough, seen := errors.New("enough"), 0
	err := c.QuerySQL(t.Context(), "SELECT pkid FROM device", func(Row) error {
		if seen++; seen == 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || uc.KindOf(err) != uc.Internal || seen != 3 {
		t.Errorf("want the caller's own error after 3 rows, got %v after %d", err, seen)
	}
}

func TestQuerySQLBrokenOff(t *testing.T) {
	t.Parallel()
	c := newServer(t, func(w http.ResponseWriter, r request) {
		whole := reply15(r.version, r.op, strings.Repeat("<row><pkid>a1</pkid></row>", 10))
		write(w, http.StatusOK, "text/xml", whole[:len(whole)*2/3])
	}).client(t)
	seen := 0
	err := c.QuerySQL(t.Context(), "SELECT pkid FROM device", func(Row) error { seen++; return nil })
	if !errors.Is(err, uc.Unavailable) || seen == 0 {
		t.Errorf("want unavailable after some rows, got %v after %d", err, seen)
	}
}

const manyRows = 100_000

// TestStreamingTakesConstantMemory reads 100,000 rows, about 11 MB of XML,
// and looks at the heap on the way. It is not parallel: the heap is everyone's.
func TestStreamingTakesConstantMemory(t *testing.T) {
	row := []byte("<row><pkid>0b3a5c1e-4f6d-4e0a-9b1c-2d3e4f5a6b7c</pkid><userid>somebody</userid><name>Some Body</name></row>")
	c := newServer(t, func(w http.ResponseWriter, r request) {
		head, tail, _ := strings.Cut(reply15(r.version, r.op, "ROWS"), "ROWS")
		w.Header().Set("Content-Type", "text/xml")
		parts := []io.Reader{strings.NewReader(head)}
		for range manyRows {
			parts = append(parts, bytes.NewReader(row))
		}
		if _, err := io.Copy(w, io.MultiReader(append(parts, strings.NewReader(tail))...)); err != nil {
			t.Error(err)
		}
	}).client(t)
	var seen int
	var before, peak uint64
	err := c.QuerySQL(t.Context(), "SELECT pkid, userid, name FROM enduser", func(Row) error {
		if seen++; seen%10_000 == 0 {
			heap := heapInUse()
			if before == 0 {
				before = heap
			}
			peak = max(peak, heap)
		}
		return nil
	})
	if err != nil || seen != manyRows {
		t.Fatalf("want %d rows, got %d and %v", manyRows, seen, err)
	}
	const allowed = 2 << 20
	if peak > before+allowed {
		t.Errorf("the heap grew from %d to %d bytes while rows streamed", before, peak)
	}
	t.Logf("heap at 10,000 rows %d KiB, at most %d KiB", before>>10, peak>>10)
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestCleaner(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ reason, in, want string }{
		"clean":             {"nothing changes", "<a b='ü'>&amp;&#xA;&#10;€\U0001F600\t\r\n</a>", "<a b='ü'>&amp;&#xA;&#10;€\U0001F600\t\r\n</a>"},
		"control":           {"control characters go", "a\x00b\x02c\x1fd", "abcd"},
		"reference":         {"references to them go", "a&#2;b&#x1f;c&#0;d&#xFFFF;e", "abcde"},
		"not a reference":   {"an ampersand stays, for the decoder to judge", "a&b &# c&#xyz123456789;", "a&b &# c&#xyz123456789;"},
		"broken reference":  {"a reference to no number goes", "a&#xyz;b", "ab"},
		"broken UTF-8":      {"a replacement stands for it", "a\xffb\xc3", "a\uFFFDb\uFFFD"},
		"forbidden runes":   {"U+FFFE and U+FFFF go", "a\uFFFEb\uFFFFc", "abc"},
		"end in reference":  {"the end is not waited for", "a&", "a&"},
		"end in reference2": {"the end is not waited for", "a&#1", "a&#1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, from := range []io.Reader{
				strings.NewReader(tc.in), iotest.OneByteReader(strings.NewReader(tc.in)), iotest.DataErrReader(strings.NewReader(tc.in)),
			} {
				got, err := io.ReadAll(&cleaner{from: from})
				if err != nil || string(got) != tc.want {
					t.Errorf("%s: want %q, got %q, %v", tc.reason, tc.want, got, err)
				}
			}
		})
	}
}

func FuzzCleaner(f *testing.F) {
	for _, seed := range []string{"<a>&#2;ü\x02</a>", "&", "&#", "\xf0\x9f", "&#x10FFFF;&#1114112;"} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, in []byte, _ int) {
		whole, err := io.ReadAll(&cleaner{from: bytes.NewReader(in)})
		if err != nil {
			t.Fatal(err)
		}
		bytewise, err := io.ReadAll(&cleaner{from: iotest.OneByteReader(bytes.NewReader(in))})
		if err != nil || !bytes.Equal(whole, bytewise) {
			t.Fatalf("read at once %q, byte by byte %q, %v", whole, bytewise, err)
		}
		again, err := io.ReadAll(&cleaner{from: bytes.NewReader(whole)})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range string(again) {
			if !legal(r) {
				t.Fatalf("%q is left in %q", r, again)
			}
		}
	})
}

func BenchmarkStream(b *testing.B) {
	body := reply15("15.0", "executeSQLQuery", strings.Repeat("<row><pkid>0b3a5c1e-4f6d-4e0a-9b1c-2d3e4f5a6b7c</pkid><userid>somebody</userid></row>", 1000))
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		n, err := io.Copy(io.Discard, &cleaner{from: strings.NewReader(body)})
		if err != nil || n != int64(len(body)) {
			b.Fatal(fmt.Errorf("%d bytes, %w", n, err))
		}
	}
}
