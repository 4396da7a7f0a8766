package cucm

import (
	"context"
	"net/http"
	"time"

	"github.com/dialtone/dialtone/sim/cucm/cluster"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/fault"
)

// answer does one request from rights to the last byte.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, account *Account, q *query) {
	op := s.cluster.Lookup(q.op)
	if op == nil {
		s.count(func(st *Stats) { st.Unknown[q.op]++ })
		s.soapFault(w, q.op, soap.Faultf(soap.CodeDenied, "Operation %s is not one of the simulator's", q.op))
		return
	}
	c := Call{Op: q.op, Key: op.Key(q.in), Phase: Before}
	s.count(func(st *Stats) { st.Calls[q.op]++; c.N = st.Calls[q.op] })
	if s.refuse(w, op, account) {
		s.count(func(st *Stats) { st.Refused[q.op]++ })
		return
	}
	s.tell(c)
	set := s.faults.Fire(q.op, c.Key)
	if len(set) > 0 {
		s.count(func(st *Stats) { st.Injected++ })
	}
	if fault.Wait(r.Context(), s.latency(q.op)) != nil {
		panic(http.ErrAbortHandler)
	}
	if set.Before(w, r) {
		return
	}
	if f, ok := set.Of(fault.Fault); ok {
		s.soapFault(w, q.op, soap.Faultf(f.Code, "%s", f.Text))
		return
	}
	s.run(w, r, account, q, op, c, set)
}

// refuse answers a write that the account may not do or that the cluster has no
// room for. Source: AXL developer guide: 401 for read-only accounts, 503 for the
// throttle.
func (s *Server) refuse(w http.ResponseWriter, op *cluster.Operation, a *Account) bool {
	switch {
	case !op.Writes:
		return false
	case a.ReadOnly:
		s.html(w, http.StatusUnauthorized, "This request requires HTTP authentication.")
		return true
	case !s.throttle.open():
		s.count(func(st *Stats) { st.Throttled++ })
		s.html(w, http.StatusServiceUnavailable,
			"The requested service is temporarily unavailable. It is recommended to try again later.")
		return true
	}
	return false
}

func (s *Server) latency(op string) time.Duration {
	if d, ok := s.opts.Latency[op]; ok {
		return d
	}
	return s.opts.Latency["*"]
}

// run does the operation. The answer is gathered first, so that limits and faults
// of lists come instead of it; without limits lists go out as they are made.
func (s *Server) run(w http.ResponseWriter, r *http.Request, a *Account, q *query, op *cluster.Operation, c Call, set fault.Set) {
	ctx := r.Context()
	if !op.Gone {
		// A cluster finishes what it began when the client goes away.
		ctx = context.WithoutCancel(ctx)
	}
	call := cluster.Call{In: q.in, Rank: a.Rank, Version: q.asked}
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	if op.List && s.opts.Limits.off && !set.ChangesAnswer() {
		s.stream(ctx, w, q, op, call, c)
		return
	}
	buf := s.buffer()
	defer buf.release()
	out := soap.NewWriter(buf, q.version)
	out.Limit(s.opts.Limits.MaxResponseBytes)
	out.Begin(q.op, q.in.Attr("sequence"))
	var err error
	c.Phase = After
	if op.Writes {
		var changes int
		changes, err = s.cluster.Write(ctx, op, call, out)
		// One request counts once, however many rows it changes.
		s.throttle.add(min(changes, 1))
		if c.Committed = err == nil; c.Committed {
			s.count(func(st *Stats) { st.Writes++ })
		}
	} else {
		err = s.cluster.Read(ctx, op, call, out)
	}
	if err == nil {
		err = out.End(q.op)
	}
	s.tell(c)
	status, body := http.StatusOK, buf.data
	if err != nil {
		s.count(func(st *Stats) { st.Refused[q.op]++ })
		status, body = http.StatusInternalServerError, soap.AsFault(s.limitFault(err)).Envelope(q.op)
	}
	set.After(w, r, status, body)
}

// stream answers a list row by row. A fault after the first rows can only end
// the connection.
func (s *Server) stream(ctx context.Context, w http.ResponseWriter, q *query, op *cluster.Operation, call cluster.Call, c Call) {
	late := &lateWriter{w: w}
	out := soap.NewWriter(late, q.version)
	out.Begin(q.op, q.in.Attr("sequence"))
	err := s.cluster.Read(ctx, op, call, out)
	if err == nil {
		err = out.End(q.op)
	}
	c.Phase = After
	s.tell(c)
	switch {
	case err == nil:
	case late.started:
		panic(http.ErrAbortHandler)
	default:
		s.count(func(st *Stats) { st.Refused[q.op]++ })
		s.soapFault(w, q.op, s.limitFault(err))
	}
}

// lateWriter remembers whether anything was sent.
type lateWriter struct {
	w       http.ResponseWriter
	started bool
}

// Write passes the bytes on.
func (l *lateWriter) Write(p []byte) (int, error) {
	l.started = true
	return l.w.Write(p)
}
