package store

import "testing"

func TestOpen(t *testing.T) {
	t.Parallel()
	d, err := Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}
