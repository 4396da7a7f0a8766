package stack

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"

	"github.com/dialtone/dialtone/uc"
)

const (
	// Below the range from which the kernel takes the near end of connections: such
	// a connection could take the port between our look and the server's start.
	firstPort = 20000
	lastPort  = 32000
	portTries = 1000
)

// freePort returns the wanted port, or, for 0, one of 127.0.0.1 on which nobody
// listens. Fails with uc.Conflict when the wanted one is in use.
func freePort(ctx context.Context, wanted int) (int, error) {
	var listen net.ListenConfig
	for range portTries {
		port := wanted
		if wanted == 0 {
			port = firstPort + rand.IntN(lastPort-firstPort) //nolint:gosec // a port is no secret
		}
		l, err := listen.Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, l.Close()
		}
		if wanted != 0 {
			return 0, &uc.Error{Kind: uc.Conflict, Op: "listen", Detail: fmt.Sprintf("port %d of 127.0.0.1 is in use", wanted), Err: err}
		}
	}
	return 0, &uc.Error{Kind: uc.Unavailable, Op: "listen", Detail: "no free port on 127.0.0.1"}
}
