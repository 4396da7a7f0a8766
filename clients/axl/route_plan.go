package axl

import (
	"context"
	"strings"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// RoutePlanEntry is whatever holds a pattern: a line, a hunt pilot, a
// translation, a pickup group.
type RoutePlanEntry struct {
	UUID               UUID
	Pattern, Partition string
	Type               string // "Device" for a line; else AXL's word, "Hunt Pilot"
	Detail             string // free text of the route plan report, a device's name
}

// ListRoutePlan returns everything that holds exactly this pattern, of any
// type: an empty list means that the number is free. Partition "" means in any
// partition; its case does not matter.
//
// Source: AXL 15.0 listRoutePlan.
func (c *Client) ListRoutePlan(ctx context.Context, pattern, partition string) ([]RoutePlanEntry, error) {
	if pattern == "" {
		return nil, c.invalid("listRoutePlan", "the pattern is missing")
	}
	// Criteria are SQL LIKE patterns: the backslash of an escaped plus would
	// escape there again, so the rest is looked for, and % and _ find more
	// than was asked. The answer is filtered.
	criteria := &gen.RoutePlanCriteria{DnOrPattern: Set(pattern)}
	if strings.HasPrefix(pattern, "+") {
		criteria.DnOrPattern = Set("%" + pattern)
	}
	if partition != "" {
		criteria.Partition = Set(partition)
	}
	var out gen.ListRoutePlanResponse
	err := c.call(ctx, "listRoutePlan", &gen.ListRoutePlan{
		SearchCriteria: criteria,
		ReturnedTags:   &gen.RoutePlan{DnOrPattern: Set(""), Partition: fk(Set("")), Type_: Set(""), RouteDetail: Set("")},
	}, &out)
	if err != nil || out.Return_ == nil {
		return nil, err
	}
	var found []RoutePlanEntry
	for _, r := range out.Return_.RoutePlan {
		e := RoutePlanEntry{
			UUID: readUUID(r.Uuid), Pattern: readPattern(*value(r.DnOrPattern)), Partition: fkName(r.Partition),
			Type: *value(r.Type_), Detail: *value(r.RouteDetail),
		}
		if e.Pattern == pattern && (partition == "" || strings.EqualFold(e.Partition, partition)) {
			found = append(found, e)
		}
	}
	return found, nil
}
