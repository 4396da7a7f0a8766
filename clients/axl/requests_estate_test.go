package axl

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dialtone/dialtone/clients/axl/conformance"
	"github.com/dialtone/dialtone/uc"
)

func page(q ListQuery) func(context.Context, *Client) error {
	return func(ctx context.Context, c *Client) error {
		_, err := c.ListObjects(ctx, q, func(Object) error { return nil })
		return err
	}
}

func changes(q ChangeQuery) func(context.Context, *Client) error {
	return func(ctx context.Context, c *Client) error {
		_, err := c.ListChanges(ctx, q)
		return err
	}
}

func rowsOf(q EstateQuery) func(context.Context, *Client) error {
	return func(ctx context.Context, c *Client) error {
		_, err := c.ReadEstate(ctx, q, func(Object) error { return nil })
		return err
	}
}

// estateRequests are samples of what a sync asks; TestEveryListConforms has all lists.
func estateRequests() map[string]requestCase {
	return map[string]requestCase{
		"listCss-page":             {"skip and first come last", page(ListQuery{Kind: ObjectCSS, Skip: 2000, First: 1000})},
		"listRoutePartition-first": {"the first page skips nothing", page(ListQuery{Kind: ObjectRoutePartition, First: 500})},
		"listRegion-rest":          {"skip needs a first", page(ListQuery{Kind: ObjectRegion, Skip: 500})},
		"listHuntPilot-all":        {"found by pattern, nothing is left out", page(ListQuery{Kind: ObjectHuntPilot})},
		"listGateway-VG224":        {"a product is a kind", page(ListQuery{Kind: ObjectVG224})},
		"listMohServer-all":        {"booleans are asked for with a value", page(ListQuery{Kind: ObjectMOHServer})},
		"executeSQLQuery-users":    {"the next page begins behind an id", rowsOf(EstateQuery{Kind: uc.UserKind, After: testUUID, First: 5000})},
		"executeSQLQuery-phones":   {"the first page has no beginning", rowsOf(EstateQuery{Kind: uc.PhoneKind, First: 5000})},
		"executeSQLQuery-special":  {"conditions stay together", rowsOf(EstateQuery{Kind: uc.SpecialNumberKind, Of: []UUID{testUUID, testUUID}})},
		"executeSQLQuery-both": {
			"a relation is narrowed on both sides",
			rowsOf(EstateQuery{Kind: uc.RelDeviceLine, Of: []UUID{testUUID}, With: []UUID{testUUID}, After: testUUID, First: 1}),
		},
		"getDevicePool": {"by id, with the tags of the list", func(ctx context.Context, c *Client) error {
			_, err := c.GetObject(ctx, ObjectDevicePool, testUUID)
			return err
		}},
		"listChange":       {"where the queue stands", changes(ChangeQuery{Objects: []string{"User", ObjectCSS}})},
		"listChange-since": {"from a number on", changes(ChangeQuery{QueueID: "DdkNST9m", StartID: 11146})},
	}
}

func TestEveryListConformsToCiscosSchema(t *testing.T) {
	t.Parallel()
	for _, version := range conformance.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			sent := record(t, version, func(ctx context.Context, c *Client) error {
				for _, kind := range ObjectKinds() {
					if err := page(ListQuery{Kind: kind})(ctx, c); err != nil {
						return err
					}
					// The answer holds no object; that is not what this is about.
					if _, err := c.GetObject(ctx, kind, testUUID); err != nil && !errors.Is(err, uc.Unavailable) {
						return err
					}
				}
				return nil
			})
			if err := conformance.Validate(t.Context(), version, sent...); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestKindsAreWhole holds the table against itself: a name that is not asked for
// would never come.
func TestKindsAreWhole(t *testing.T) {
	t.Parallel()
	for kind := range objectKinds {
		k, _ := kindOf(kind)
		for _, tag := range []string{k.name, k.partition} {
			if tag != "" && !slices.Contains(k.asked(), k.tag(tag)) {
				t.Errorf("%s: its %s is not asked for", kind, tag)
			}
		}
		if word, ok := ObjectOf(k.element); !ok || k.value == everything && word != kind {
			t.Errorf("%s: its objects are called %s, which is %q", kind, k.element, word)
		}
		if strings.Contains(strings.ToLower(k.tags), "password") {
			t.Errorf("%s asks for a password", kind)
		}
	}
}
