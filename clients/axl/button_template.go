package axl

import (
	"context"
	"slices"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// The features of buttons that hold what a phone has lists of.
// Source: AXL 15.0 AXLEnums.xsd XFeature.
const (
	FeatureLine          = "Line"
	FeatureSpeedDial     = "Speed Dial"
	FeatureBusyLampField = "Speed Dial BLF"
	FeatureDirectedPark  = "Call Park BLF"
	FeatureService       = "Service URL"
)

// ButtonTemplate says which button of a phone does what.
type ButtonTemplate struct {
	UUID     UUID
	Name     string
	Features []string // of the buttons in their order: the constants, or another word
}

// Count is how many buttons have the feature.
func (t ButtonTemplate) Count(feature string) int {
	n := 0
	for _, f := range t.Features {
		if f == feature {
			n++
		}
	}
	return n
}

// GetButtonTemplate returns the phone button template. Fails with uc.NotFound when
// there is none.
//
// Source: AXL 15.0 getPhoneButtonTemplate, RPhoneButtonTemplate.
func (c *Client) GetButtonTemplate(ctx context.Context, name string) (ButtonTemplate, error) {
	const op = "getPhoneButtonTemplate"
	if name == "" {
		return ButtonTemplate{}, c.invalid(op, "the name is missing")
	}
	var out gen.GetPhoneButtonTemplateResponse
	if err := c.call(ctx, op, &gen.GetPhoneButtonTemplate{Name: name}, &out); err != nil {
		return ButtonTemplate{}, err
	}
	if out.Return_ == nil || out.Return_.PhoneButtonTemplate == nil {
		return ButtonTemplate{}, c.empty(op)
	}
	w := out.Return_.PhoneButtonTemplate
	t := ButtonTemplate{UUID: readUUID(w.Uuid), Name: *value(w.Name)}
	if w.Buttons != nil {
		buttons := slices.Clone(w.Buttons.Button)
		slices.SortStableFunc(buttons, func(a, b *gen.TemplateButton) int {
			return readNumber(a.ButtonNumber) - readNumber(b.ButtonNumber)
		})
		for _, b := range buttons {
			t.Features = append(t.Features, *value(b.Feature))
		}
	}
	return t, nil
}
