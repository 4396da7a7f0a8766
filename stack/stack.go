// Package stack starts and stops the servers of the embedded default: a private
// PostgreSQL and a Temporal server with its web UI, each a supervised child process
// that ends when this process ends, however it ends. It must not know what the
// product keeps in them, and production must not need it.
package stack

import (
	"errors"

	"github.com/dialtone/dialtone/uc"
)

const (
	systemPostgres = "postgres"
	systemTemporal = "temporal"
)

// startError is the failure of starting a server, in one sentence for a person.
func startError(kind uc.Kind, system, detail string, cause error) *uc.Error {
	return &uc.Error{Kind: kind, System: system, Op: "start", Detail: detail, Err: cause}
}

// classified gives an error of the operating system a kind: it may be gone when it
// is tried again.
func classified(system string, err error) error {
	var known *uc.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return startError(uc.Unavailable, system, err.Error(), err)
}
