package cluster

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"

	"github.com/dialtone/dialtone/sim/cucm/soap"
)

// change is one change notification.
type change struct {
	action byte // a, u or r
	what   string
	id     string
	tags   []string // name, new value, … of a simple update
}

// ring remembers the last changes in memory, as CUCM does: a restart loses them
// and starts a new queue. Source: AXL developer guide on change notification.
type ring struct {
	mu    sync.Mutex
	queue string
	list  []change // list[i] has id first+i
	first int64
	size  int
}

func newRing(size int) *ring {
	if size <= 0 {
		size = 100_000
	}
	return &ring{queue: strconv.FormatUint(rand.Uint64()>>1, 10), first: 1, size: size}
}

func (g *ring) add(list []change) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.list = append(g.list, list...)
	if over := len(g.list) - g.size; over > 0 {
		// The front is cut off; append moves the rest when its room is used up.
		g.list = g.list[over:]
		g.first += int64(over)
	}
}

// RestartQueue starts a new change queue, as a restart of the service does.
func (c *Cluster) RestartQueue() {
	fresh := newRing(c.ring.size)
	c.ring.mu.Lock()
	defer c.ring.mu.Unlock()
	c.ring.queue, c.ring.list, c.ring.first = fresh.queue, nil, 1
}

// perAnswer is how many changes one listChange answers at most.
//
// assumed: CUCM limits answers by size only.
const perAnswer = 1000

// listChange answers the changes from startChangeId on; without one only where
// the queue stands. Source: AXL 15.0 listChange, AXL developer guide.
//
// assumed: the text of the refusal when the service parameter is Off.
func listChange(_ context.Context, r *request) error {
	if r.strict {
		if err := checkChange(r.in); err != nil {
			return err
		}
	}
	if r.opts.ChangesOff {
		return soap.Faultf(soap.CodeDenied, "AXL Change Notification is disabled")
	}
	g := r.ring
	g.mu.Lock()
	defer g.mu.Unlock()
	next := g.first + int64(len(g.list))
	start := next
	if k := r.in.Kid("startChangeId"); k != nil {
		var err error
		if start, err = strconv.ParseInt(k.Text, 10, 64); err != nil {
			return soap.Invalid("Element 'startChangeId': The value '%s' is not a valid integer.", k.Text)
		}
		if k.Attr("queueId") != g.queue {
			return &soap.Fault{
				Code: soap.CodeNotFound, Prefix: true,
				Message: "The queueId value does not match the server. " +
					"This indicates that it is either incorrect or the server restarted and a full sync is needed.",
			}
		}
		if start < g.first {
			return &soap.Fault{
				Code: soap.CodeNotFound, Prefix: true,
				Message: "The startChangeId value is older than the first change kept. " +
					"A full sync is needed.",
			}
		}
	}
	wanted := map[string]bool{}
	if list := r.in.Kid("objectList"); list != nil {
		for _, k := range list.Kids {
			wanted[k.Text] = true
		}
	}
	var picked []int64
	after := min(start, next)
	for ; after < next && len(picked) < perAnswer; after++ {
		if c := g.list[after-g.first]; len(wanted) == 0 || wanted[c.what] {
			picked = append(picked, after)
		}
	}
	r.out.Open("queueInfo")
	r.out.Leaf("firstChangeId", strconv.FormatInt(g.first, 10))
	r.out.Leaf("lastChangeId", strconv.FormatInt(next-1, 10))
	r.out.Leaf("nextStartChangeId", strconv.FormatInt(after, 10))
	r.out.Leaf("queueId", g.queue)
	r.out.Close()
	r.out.Open("changes")
	for _, id := range picked {
		r.writeChange(id, g.list[id-g.first])
	}
	r.out.Close()
	return nil
}

// checkChange holds a request against the schema.
func checkChange(n *soap.Node) error {
	if err := flat(n, "startChangeId", "objectList"); err != nil {
		return err
	}
	if k := n.Kid("startChangeId"); k != nil && k.Attr("queueId") == "" {
		return soap.Invalid("Element 'startChangeId': The attribute 'queueId' is required but missing.")
	}
	if list := n.Kid("objectList"); list != nil {
		for _, k := range list.Kids {
			if k.Name != "object" || k.Space != "" {
				return soap.Invalid("Element '%s': This element is not expected. Expected is ( object ).", k.Name)
			}
		}
	}
	return nil
}

func (r *request) writeChange(number int64, c change) {
	r.out.Open("change", "type", c.what, "uuid", c.id)
	r.out.Leaf("id", strconv.FormatInt(number, 10))
	r.out.Leaf("action", string(c.action))
	if c.action != 'r' {
		r.out.Leaf("doGet", strconv.FormatBool(len(c.tags) == 0))
	}
	r.out.Open("changedTags")
	for i := 0; i+1 < len(c.tags); i += 2 {
		r.out.Leaf("changedTag", c.tags[i+1], "name", c.tags[i])
	}
	r.out.Close()
	r.out.Close()
}
