package main

import (
	"fmt"
	"math/rand/v2"
	"net"
)

const (
	// Below the range from which the kernel takes the near end of connections: the
	// services' own connections to each other could otherwise take a port that was
	// free when it was looked for.
	firstPort = 20000
	lastPort  = 32000
	tries     = 1000
)

// freePorts returns n different ports on which nobody listens.
func freePorts(n int) ([]int, error) {
	found := map[int]bool{}
	ports := make([]int, 0, n)
	for range tries {
		port := firstPort + rand.IntN(lastPort-firstPort)
		if found[port] {
			continue
		}
		l, err := net.Listen("tcp", address(port))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			return nil, err
		}
		found[port] = true
		if ports = append(ports, port); len(ports) == n {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("no free port between %d and %d", firstPort, lastPort)
}
