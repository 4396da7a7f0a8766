package directory

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func memory(t *testing.T, path string, people int) *Server {
	t.Helper()
	st, err := openStore(path)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{options: Options{BaseDN: base}, rootKey: strings.ToLower(base), store: st}
	for i := range people {
		s.options.People = append(s.options.People, Person{UserID: fmt.Sprintf("u%05d", i), GivenName: "Ü", Surname: fmt.Sprint(i)})
	}
	if err := s.seed(); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestUnfinishedLineIsCut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.jsonl")
	before := memory(t, path, 3).Snapshot()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"usn":99,"dn":"CN=half`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	again := memory(t, path, 0)
	if diff := cmp.Diff(before, again.Snapshot()); diff != "" {
		t.Errorf("half a line changed something (-before +after):\n%s", diff)
	}
	if err := again.Add(Person{UserID: "late"}); err != nil {
		t.Fatal(err)
	}
	if _, ok := memory(t, path, 0).Person("late"); !ok {
		t.Error("what was added behind half a line is lost")
	}
}

func TestDamageIsSaid(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.jsonl")
	memory(t, path, 1)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append([]byte("{}\n"), data...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openStore(path); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a damaged file gave %v, want an error naming line 1", err)
	}
}

func TestCompaction(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.jsonl")
	s := memory(t, path, 5)
	for i := range 1500 {
		if err := s.Set("u00003", map[string]string{"telephoneNumber": fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Remove("u00001"); err != nil {
		t.Fatal(err)
	}
	grown, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	again := memory(t, path, 5)
	shrunk, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if shrunk.Size() > grown.Size()/10 || again.store.size != shrunk.Size() {
		t.Errorf("%d bytes became %d, counted as %d", grown.Size(), shrunk.Size(), again.store.size)
	}
	if diff := cmp.Diff(s.Snapshot(), again.Snapshot()); diff != "" {
		t.Errorf("compaction changed something (-before +after):\n%s", diff)
	}
	if err := again.Set("u00004", map[string]string{"ipPhone": "1"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(again.Snapshot(), memory(t, path, 5).Snapshot()); diff != "" {
		t.Errorf("after compaction and a change (-before +after):\n%s", diff)
	}
}

func TestGarbageEndsTheConnection(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	for name, bytes := range map[string]string{
		"text":       "GET / HTTP/1.1\r\n\r\n",
		"empty":      "\x30\x00",
		"tooLong":    "\x30\x84\x7f\xff\xff\xff\x02\x01\x01",
		"nested":     strings.Repeat("\x30\x80", 5000),
		"bind":       "\x30\x05\x02\x01\x01\x60\x00",
		"search":     "\x30\x05\x02\x01\x01\x63\x00",
		"modify":     "\x30\x05\x02\x01\x01\x66\x00",
		"primitive":  "\x30\x05\x02\x01\x01\x46\x00",
		"badControl": "\x30\x0b\x02\x01\x01\x4a\x00\xa0\x04\x30\x02\x04\x00",
	} {
		c, err := net.Dial("tcp", w.PlainAddr())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write([]byte(bytes)); err != nil {
			t.Logf("%s: %v", name, err) // closed already
		}
		if tcp, ok := c.(*net.TCPConn); ok && tcp.CloseWrite() != nil {
			t.Logf("%s: closed already", name)
		}
		buffer := make([]byte, 1000)
		for err == nil {
			_, err = c.Read(buffer)
		}
		var e net.Error
		if errors.As(err, &e) && e.Timeout() {
			t.Errorf("%s: the connection stays", name)
		}
		hangUp(c)
	}
	if err := w.dial().Bind(svc, password); err != nil {
		t.Errorf("after garbage: %v", err)
	}
}

// BenchmarkModify shows that a write costs the same however many people there are.
func BenchmarkModify(b *testing.B) {
	for _, people := range []int{50, 5000} {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			st, err := openStore(filepath.Join(b.TempDir(), "d.jsonl"))
			if err != nil {
				b.Fatal(err)
			}
			s := &Server{options: Options{BaseDN: base}, rootKey: strings.ToLower(base), store: st}
			for i := range people {
				s.options.People = append(s.options.People, Person{UserID: fmt.Sprint(i)})
			}
			if err := s.seed(); err != nil {
				b.Fatal(err)
			}
			for i := 0; b.Loop(); i++ {
				if err := s.Set("7", map[string]string{"telephoneNumber": fmt.Sprint(i)}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
