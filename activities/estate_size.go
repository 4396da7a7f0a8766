package activities

import (
	"context"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// How many objects a page asks for. Two limits of the call processor are alike and are
// not the same: what does not fit into one answer will not fit the next time either, so
// fewer are asked for until many pages fitted; the memory that all answers share is full
// for the moment only, so the page after the next success is larger again.
const (
	// firstRows are asked for first, and when that was too many and nobody says how many
	// are not. A page of so many is a small one: larger ones are not tried by chance.
	firstRows = 2000
	// listRows of a list are asked for: most lists are read at once so, and cannot move
	// meanwhile, and what is too large is not asked for in vain.
	listRows = 5000
	// leastRows are asked for at least while the memory is full: others fill it then.
	leastRows = 100
	// steadyPages of what fits, in a row, are followed by a larger one.
	steadyPages = 4
)

// pageBytes is how large an answer is to be: rows differ in size, and 8 MB are refused.
const pageBytes = 6 << 20

// widen asks for as many as will fit, from what the page took, and how many there are. As
// long as no answer was too large nothing is known that speaks against it; while the
// memory of the call processor was full a moment ago they are twice as many at most.
func (r *kindReader) widen(ctx context.Context, p *page) error {
	fits := max(1, pageBytes/max(1, p.bytes/p.read))
	if r.out.PageRows > 0 {
		fits = min(fits, 2*r.out.PageRows)
	}
	r.out.PageRows = fits
	if r.at.Total > r.at.Read {
		return nil
	}
	total, err := r.c.CountEstate(ctx, r.in.Kind)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil: // it is for people who watch: the kind is read without it
		return r.a.DB.AddSyncLines(ctx, r.in.SyncID, uc.SyncLine{
			Kind: r.in.Kind, Severity: uc.SeverityInfo, Class: uc.NetworkLine, What: "not counted", Why: err.Error(),
			Do: "nothing: everything is read, only how much is left cannot be shown",
		})
	}
	r.total = max(r.total, total)
	return nil
}

// fit asks for fewer after an answer that was too large. It reports false when there is
// nothing less to ask for.
func (r *kindReader) fit(limit *axl.LimitError) bool {
	rows := r.out.PageRows
	// The suggestion is what just does not fit, and rows differ in size.
	suggested := max(1, limit.Suggested*6/10)
	switch {
	case rows == 1:
		return false
	case limit.Suggested > 0 && (rows == 0 || suggested < rows):
		r.out.PageRows = suggested
	case rows == 0:
		r.out.PageRows = firstRows / 2
	default:
		r.out.PageRows = rows / 2
	}
	r.out.MostRows, r.steady = r.out.PageRows, 0
	return true
}

// yield asks for fewer while the memory of the call processor is full.
func (r *kindReader) yield() {
	switch rows := r.out.PageRows; {
	case rows == 0:
		r.out.PageRows = firstRows
	case rows > leastRows:
		r.out.PageRows = max(leastRows, rows/2)
	}
}

// grow asks for more again after a page that was answered: first for as many as fitted
// before, then, now and again, for more than that. One large object that made all pages
// small does so for some of them.
func (r *kindReader) grow() {
	rows, most := r.out.PageRows, r.out.MostRows
	switch {
	case rows == 0:
		return
	case most == 0:
		if _, list := listed(r.in.Kind); list {
			r.out.PageRows = min(2*rows, listRows)
		}
		return
	case rows < most:
		r.out.PageRows = min(2*rows, most)
		return
	}
	r.steady++
	if r.steady < steadyPages || rows >= firstRows || r.a.PageRows > 0 {
		return
	}
	r.out.PageRows = min(rows+rows/2+1, firstRows)
	r.out.MostRows, r.steady = r.out.PageRows, 0
}
