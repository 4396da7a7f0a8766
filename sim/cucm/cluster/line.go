package cluster

import (
	"context"
	"regexp"
	"strings"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

var lineRules = rules{
	before: func(ctx context.Context, r *request, _ *soap.Node, row *row, id string) error {
		if id == "" {
			if err := r.standard(row, "fkmatrix_presence", "matrix", "Standard Presence group"); err != nil {
				return err
			}
		}
		return r.checkPattern(ctx, row, id, "Device")
	},
	read: map[string]func(context.Context, *request, string, *schema.Element) error{
		"associatedDevices": func(ctx context.Context, r *request, id string, e *schema.Element) error {
			r.out.Open(e.Name)
			err := r.eachName(ctx, func(name string) { r.out.Leaf("device", name) },
				`SELECT d.name FROM devicenumplanmap m
				JOIN device d ON d.pkid = m.fkdevice WHERE m.fknumplan = ? ORDER BY d.name`, id)
			r.out.Close()
			return err
		},
	},
}

// patternForm is what a pattern may be made of once it is stored; a leading plus
// is escaped.
//
// assumed: the exact set of characters.
var patternForm = regexp.MustCompile(`^(\\\+)?[0-9A-DX*#!\[\]^\-.?+@]+$`)

// patternText refuses a pattern by its characters alone.
func patternText(pattern string) error {
	switch {
	case strings.HasPrefix(pattern, "+"):
		return soap.Faultf(soap.CodeDenied, "The first character cannot be a plus sign")
	case !patternForm.MatchString(pattern):
		return soap.Faultf(soap.CodeDenied, "The pattern %s has invalid characters", pattern)
	}
	return nil
}

// checkPattern holds a new or changed pattern against all patterns of the
// partition, whatever their usage, and fills in the usage.
func (r *request) checkPattern(ctx context.Context, row *row, id, usage string) error {
	number := store.MustNumber("typepatternusage", usage)
	if given, ok := row.get("tkpatternusage"); ok && given != nil && given != number {
		if word := store.Word("typepatternusage", given.(int)); word != "Device Intercom" {
			return soap.Faultf(soap.CodeDenied, "Usage %s is not valid here", word)
		}
		number = given.(int)
	} else if id == "" {
		row.set("tkpatternusage", number)
	}
	pattern, hasPattern := row.get("dnorpattern")
	part, hasPart := row.get("fkroutepartition")
	if id != "" {
		if !hasPattern && !hasPart {
			return nil
		}
		var oldPattern, oldPart any
		if _, err := r.conn.Get(ctx, []any{&oldPattern, &oldPart},
			"SELECT dnorpattern, fkroutepartition FROM numplan WHERE pkid = ?", id); err != nil {
			return err
		}
		if !hasPattern {
			pattern = oldPattern
		}
		if !hasPart {
			part = oldPart
		}
	}
	if err := patternText(text(pattern)); err != nil {
		return err
	}
	return r.conflict(ctx, text(pattern), part, id, number)
}

// conflict refuses a pattern that stands in the partition already: -239 for one
// of the same usage, otherwise the text that names the other usage. Source:
// recorded faults; assumed: the code of the second.
func (r *request) conflict(ctx context.Context, pattern string, part any, id string, usage int) error {
	var other int
	found, err := r.conn.Get(ctx, []any{&other}, `SELECT tkpatternusage FROM numplan
		WHERE dnorpattern = ? AND ifnull(fkroutepartition, '') = ifnull(?, '') AND pkid <> ?`, pattern, part, id)
	if err != nil || !found {
		return err
	}
	if other == usage {
		return &soap.Fault{
			Client: true, Code: soap.CodeDuplicate,
			Message: "Could not insert new row - duplicate value in a UNIQUE INDEX column (Unique Index:u_numplan_pattern).",
		}
	}
	return patternConflict(other)
}

func patternConflict(usage int) error {
	word := store.Word("typepatternusage", usage)
	if word == "Device" {
		word = "DN"
	}
	return soap.Faultf(soap.CodeDenied, "Cannot insert or update pattern. A %s exists with the same pattern and partition.", word)
}
