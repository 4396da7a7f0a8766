package config

import (
	"fmt"
	"strings"

	"github.com/dialtone/dialtone/uc"
)

// Problems is everything that is wrong with the settings, all at once. It is a
// uc.Invalid.
type Problems struct {
	File string // "" = the environment alone
	List []uc.Problem
}

// Error has one line per problem: the field, its value and what to do.
func (p *Problems) Error() string {
	where := p.File
	if where == "" {
		where = "the environment (no settings file found)"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "settings in %s: %d to fix", where, len(p.List))
	for _, one := range p.List {
		b.WriteString("\n  " + one.String())
	}
	return b.String()
}

// Unwrap makes the problems a uc.Invalid.
func (p *Problems) Unwrap() error { return uc.Invalid }
