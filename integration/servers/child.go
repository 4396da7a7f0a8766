package servers

import (
	"context"
	"time"

	"github.com/dialtone/dialtone/stack"
)

// stopTime is how long a server may take to end before it is killed.
const stopTime = 10 * time.Second

// stopChild ends a server and what belongs to it. There is nobody to tell of a
// failure: the process group is killed when the server does not end in time.
func stopChild(child *stack.Child, also func() error) {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if child.Stop(ctx) != nil || also() != nil {
		return
	}
}
