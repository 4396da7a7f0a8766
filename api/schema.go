package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dialtone/dialtone/uc"
)

// duration and values describe the words of uc that are written in JSON otherwise
// than in Go.
type (
	duration struct{}
	values   struct{}
)

// Schema is a string like 72h or 30d.
func (duration) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Pattern: durationPattern, Examples: []any{"30d"},
		Description: "A span of time: 72h, 1h30m, 30d",
	}
}

// Schema is a string or a list of strings.
func (values) Schema(huma.Registry) *huma.Schema {
	one := &huma.Schema{Type: huma.TypeString}
	return &huma.Schema{
		OneOf:       []*huma.Schema{one, {Type: huma.TypeArray, Items: one}},
		Description: "Alternatives; * stands for any run of characters",
	}
}

// aliases tells the registry about them.
func aliases(r huma.Registry) {
	r.RegisterTypeAlias(reflect.TypeFor[uc.Duration](), reflect.TypeFor[duration]())
	r.RegisterTypeAlias(reflect.TypeFor[uc.Values](), reflect.TypeFor[values]())
}

// formats reads bodies as JSON only, and refuses what the database cannot hold.
func formats() map[string]huma.Format {
	f := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}
	return map[string]huma.Format{"application/json": f, "json": f}
}

func unmarshal(body []byte, to any) error {
	if !utf8.Valid(body) {
		// The decoder would put a replacement sign in the place of each wrong byte.
		return fmt.Errorf("the text is not UTF-8")
	}
	err := json.Unmarshal(body, to)
	parsed, first := to.(*any)
	switch {
	case first && err != nil:
		return fmt.Errorf("it is not JSON (%w): write it as /v1/openapi.yaml describes it", err)
	case first && holdsNUL(*parsed):
		return fmt.Errorf("a text holds the character U+0000: take it out")
	}
	return err
}

func holdsNUL(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.ContainsRune(v, 0)
	case []any:
		return slices.ContainsFunc(v, holdsNUL)
	case map[string]any:
		for k, x := range v {
			if strings.ContainsRune(k, 0) || holdsNUL(x) {
				return true
			}
		}
	}
	return false
}
