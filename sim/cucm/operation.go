package cucm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/sim/fault"
)

// checkRule refuses a rule that could never apply: one for an operation that the
// cluster lacks.
func (s *Server) checkRule(r fault.Rule) error {
	if r.Op == "" || r.Op == "*" || s.cluster.Lookup(r.Op) != nil {
		return nil
	}
	what := "* means all of them"
	if near := alike(r.Op, s.Operations()); len(near) > 0 {
		what = "did you mean " + strings.Join(near, ", ") + "?"
	}
	return fmt.Errorf("operation %q is not one of the simulator's: %s", r.Op, what)
}

// alike are the few words that share the most pairs of letters with a word, the
// likest first.
func alike(word string, words []string) []string {
	const atMost, least = 3, 0.5
	likeness := map[string]float64{}
	pairs := letterPairs(word)
	var out []string
	for _, w := range words {
		of := letterPairs(w)
		shared := 0
		for p := range pairs {
			if of[p] {
				shared++
			}
		}
		likeness[w] = 2 * float64(shared) / float64(len(pairs)+len(of))
		if likeness[w] >= least {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(likeness[b], likeness[a]), cmp.Compare(a, b))
	})
	return out[:min(len(out), atMost)]
}

func letterPairs(word string) map[string]bool {
	word = strings.ToLower(word)
	out := map[string]bool{}
	for i := range len(word) - 1 {
		out[word[i:i+2]] = true
	}
	return out
}
