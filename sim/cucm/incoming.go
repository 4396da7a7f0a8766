package cucm

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// bodyTime is how long a request's body may take to come in: enough for the largest
// one over a slow line.
//
// assumed: CUCM's own limit is not public.
const bodyTime = time.Minute

// hurry gives the client that long for the body of its request, whatever comes of the
// request; a connection that is not done by then ends. The answer may take longer: an
// http.Server.ReadTimeout would end slow operations too.
func hurry(w http.ResponseWriter, r *http.Request, within time.Duration) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	c := http.NewResponseController(w)
	if c.SetReadDeadline(time.Now().Add(within)) != nil {
		return // no connection stands behind it: nothing can trickle
	}
	r.Body = &incoming{ReadCloser: r.Body, conn: c}
}

// incoming is a request's body that takes its deadline away when it is complete.
type incoming struct {
	io.ReadCloser
	conn *http.ResponseController
}

// Read reads on.
func (b *incoming) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		if failed := b.conn.SetReadDeadline(time.Time{}); failed != nil {
			return n, failed
		}
	}
	return n, err
}
