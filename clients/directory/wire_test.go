package directory_test

import (
	"errors"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/dialtone/dialtone/clients/directory"
)

// wire is a TCP relay before a server that can hold back answers and be cut.
type wire struct {
	address  string
	target   string
	requests chan struct{} // one for each piece that reached the server while answers are held

	mu    sync.Mutex
	free  *sync.Cond
	held  bool
	conns []net.Conn
	count int
}

func newWire(t *testing.T, b *backend) *wire {
	t.Helper()
	u, err := url.Parse(b.options.URL)
	if err != nil {
		t.Fatal(err)
	}
	target := u.Host
	if u.Port() == "" {
		target = net.JoinHostPort(target, "636")
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{address: l.Addr().String(), target: target, requests: make(chan struct{}, 64)}
	w.free = sync.NewCond(&w.mu)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			outer, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { w.serve(outer) })
		}
	})
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		w.release()
		w.cut()
		running.Wait()
	})
	return w
}

// through sends a client over the wire.
func (w *wire) through(o *directory.Options) { o.URL = "ldaps://" + w.address }

func (w *wire) serve(outer net.Conn) {
	inner, err := net.Dial("tcp", w.target)
	if err != nil {
		inner = outer
	}
	w.mu.Lock()
	w.conns, w.count = append(w.conns, outer, inner), w.count+1
	w.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { w.copy(inner, outer, w.noteRequest) })
	both.Go(func() { w.copy(outer, inner, w.waitUntilFree) })
	both.Wait()
}

// copy moves bytes until either side ends, and tells after each read.
func (w *wire) copy(to, from net.Conn, tell func(sent bool)) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err == nil {
			tell(false)
			_, err = to.Write(buffer[:n])
			tell(true)
		}
		if err != nil {
			// Both ends: half a connection is no connection for LDAP.
			if errors.Join(from.Close(), to.Close()) != nil {
				return
			}
			return
		}
	}
}

func (w *wire) noteRequest(sent bool) {
	w.mu.Lock()
	held := w.held
	w.mu.Unlock()
	if !sent || !held {
		return
	}
	select {
	case w.requests <- struct{}{}:
	default:
	}
}

func (w *wire) waitUntilFree(sent bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.held && !sent {
		w.free.Wait()
	}
}

// hold keeps answers back from now on; release lets them through.
func (w *wire) hold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = true
}

func (w *wire) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = false
	w.free.Broadcast()
}

// awaitRequest returns when a request has reached the server.
func (w *wire) awaitRequest(t *testing.T) {
	t.Helper()
	select {
	case <-w.requests:
	case <-t.Context().Done():
		t.Fatal("no request came")
	}
}

// cut ends every connection.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, conn := range w.conns {
		if conn.Close() != nil {
			continue // its other end was faster
		}
	}
	w.conns = nil
}

func (w *wire) connections() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}
