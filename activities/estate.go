package activities

import (
	"errors"
	"fmt"
	"time"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// Estate holds the effects that read call processors into the copy of them that we
// keep. None of them writes to a call processor: an account that may only read is
// enough.
type Estate struct {
	Clients  map[string]*axl.Client // by the name of the call processor
	DB       *db.DB
	Switches map[string]SyncSwitches // by the name of the call processor; none = the zero value
	// PageRows is how many objects are asked for at once; 0 = as many as the call
	// processor sends in one answer.
	PageRows int
}

// SyncSwitches say what is read of a call processor beside the usual, and what becomes
// of numbers. The zero value is the default.
type SyncSwitches struct {
	NoSpecialNumbers bool // intercoms, hunt pilots and other endpoints are not looked at
	Analogue         bool // analogue phones are phones
	Adopt            bool // numbers in use become assigned to their users in the ledger
}

func (a *Estate) client(name string) (*axl.Client, error) {
	c, ok := a.Clients[name]
	if !ok {
		return nil, &uc.Error{
			Kind: uc.NotFound, System: "cucm",
			Detail: fmt.Sprintf("call processor %q is not in the configuration of this worker", name),
		}
	}
	return c, nil
}

// reads reports whether the switches let the kind be read; why says it otherwise.
func (s SyncSwitches) reads(kind uc.EstateKind) (why string, ok bool) {
	if kind == uc.SpecialNumberKind && s.NoSpecialNumbers {
		return "the switch sync.specialNumbers of the call processor is off", false
	}
	return "", true
}

// ours reports whether the error comes from our own database: no call processor is to
// blame, and trying again is all that helps.
func ours(err error) bool {
	var e *uc.Error
	return errors.As(err, &e) && e.System == "db"
}

// The pauses between two tries to read.
const (
	firstPause  = time.Second
	longestWait = time.Minute
)

// pauseOf is how long to wait before the next of so many tries that brought nothing,
// at least as long as the call processor asks for.
func pauseOf(err error, tries int) time.Duration {
	var e *uc.Error
	grown := min(firstPause<<min(tries, 10), longestWait)
	if errors.As(err, &e) {
		return max(e.RetryAfter, grown)
	}
	return grown
}
