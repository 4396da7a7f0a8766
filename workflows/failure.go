package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"

	"github.com/dialtone/dialtone/uc"
)

// failure reads the kind and the text of an error that crossed an activity's
// boundary: those of the deepest application error. A timeout is Unavailable.
func failure(err error) (uc.Kind, string) {
	var deepest *temporal.ApplicationError
	for e := err; e != nil; e = errors.Unwrap(e) {
		if app, ok := e.(*temporal.ApplicationError); ok { //nolint:errorlint // walks the chain itself
			deepest = app
		}
	}
	if deepest != nil {
		return uc.Kind(deepest.Type()), deepest.Message()
	}
	var timeout *temporal.TimeoutError
	if errors.As(err, &timeout) {
		return uc.Unavailable, timeout.Error()
	}
	return uc.Internal, err.Error()
}

// parks reports whether the order keeps everything and waits.
func parks(err error) bool {
	if err == nil || temporal.IsCanceledError(err) {
		return false
	}
	kind, _ := failure(err)
	return kind.Disposition() != uc.Fail
}
