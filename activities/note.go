package activities

import "context"

type noteKey struct{}

// WithNote gives an effect a place for one sentence about what it left out. The note
// is empty, or what the effect wrote by the time it returned.
func WithNote(ctx context.Context) (noted context.Context, note *string) {
	note = new(string)
	return context.WithValue(ctx, noteKey{}, note), note
}

// leftOut says, to whoever reads the order's steps, why an effect that succeeded did
// nothing.
func leftOut(ctx context.Context, why string) {
	if note, ok := ctx.Value(noteKey{}).(*string); ok {
		*note = why
	}
}
