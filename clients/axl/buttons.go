package axl

import (
	"strconv"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// Buttons are what a phone or device profile has beside its lines and services.
// Each list is replaced whole; a nil one is not sent, an empty one takes all off.
type Buttons struct {
	SpeedDials       *[]SpeedDial
	BusyLampFields   *[]BusyLampField
	DirectedCallPark *[]DirectedCallParkButton
	Modules          *[]AddOnModule // that carry further buttons
}

// SpeedDial is a button that dials.
type SpeedDial struct {
	Index  int    // among the speed dials, from 1
	Number string // as dialled
	Label  string
}

// BusyLampField is a speed dial that shows whether somebody is on the phone:
// either a line here, or a number or address elsewhere.
type BusyLampField struct {
	Index              int // among the busy lamp fields, from 1
	Label              string
	Pattern, Partition string // the line that is watched
	Destination        string // what is watched when Pattern is ""
	Pickup             bool   // the button takes the call over
}

// DirectedCallParkButton parks at and retrieves from a directed call park number.
type DirectedCallParkButton struct {
	Index              int // among these buttons, from 1
	Label              string
	Pattern, Partition string
}

// AddOnModule is a key expansion module.
type AddOnModule struct {
	Index int    // from 1
	Model string // "CP-8800-Audio 28-Button Key Expansion Module"
	Load  string // its software; "" = the model's default
}

const lampPickup = "Pickup" // Source: AXL 15.0 XBLFSDOption

// wireButtons are the lists as AXL has them in a phone and in a device profile.
type wireButtons struct {
	speed *gen.SpeedDials
	lamps *gen.BusyLampFields
	parks *gen.DirectedCallParkButtons
	mods  *gen.AddOnModules
}

func (b Buttons) wire() wireButtons {
	var w wireButtons
	if b.SpeedDials != nil {
		w.speed = &gen.SpeedDials{}
		for _, s := range *b.SpeedDials {
			w.speed.Speeddial = append(w.speed.Speeddial, &gen.SpeedDialButton{
				Dirn: s.Number, Label: Set(s.Label), Index: strconv.Itoa(s.Index),
			})
		}
	}
	if b.BusyLampFields != nil {
		w.lamps = &gen.BusyLampFields{}
		for _, l := range *b.BusyLampFields {
			w.lamps.BusyLampField = append(w.lamps.BusyLampField, wireLamp(l))
		}
	}
	if b.DirectedCallPark != nil {
		w.parks = &gen.DirectedCallParkButtons{}
		for _, p := range *b.DirectedCallPark {
			w.parks.BlfDirectedCallPark = append(w.parks.BlfDirectedCallPark, &gen.DirectedCallParkButton{
				Label: Set(p.Label), Index: strconv.Itoa(p.Index), DirectedCallParkDnAndPartition: &gen.DirectedCallParkNumber{
					DnPattern: wirePattern(p.Pattern), RoutePartitionName: fk(&p.Partition),
				},
			})
		}
	}
	if b.Modules != nil {
		w.mods = &gen.AddOnModules{}
		for _, m := range *b.Modules {
			w.mods.AddOnModule = append(w.mods.AddOnModule, wireModule(m))
		}
	}
	return w
}

// wireLamp names what is watched once: AXL ignores the line when a destination
// stands beside it, and wants the destination's element all the same.
func wireLamp(l BusyLampField) *gen.LampButton {
	w := &gen.LampButton{BlfDest: Set(l.Destination), Label: Set(l.Label), Index: strconv.Itoa(l.Index)}
	if l.Pattern != "" {
		w.BlfDest, w.BlfDirn, w.RoutePartition = Set(""), Set(wirePattern(l.Pattern)), Set(l.Partition)
	}
	if l.Pickup {
		w.AssociatedBlfSdFeatures = &gen.LampFeatures{Feature: []string{lampPickup}}
	}
	return w
}

func wireModule(m AddOnModule) *gen.Module {
	text := gen.FkText(m.Load)
	w := &gen.Module{LoadInformation: &gen.LoadInformation{Value: &text}, Model: m.Model, Index: strconv.Itoa(m.Index)}
	if m.Load != "" {
		w.LoadInformation.Special = "true"
	}
	return w
}

func (w wireButtons) read() Buttons {
	b := Buttons{&[]SpeedDial{}, &[]BusyLampField{}, &[]DirectedCallParkButton{}, &[]AddOnModule{}}
	if w.speed != nil {
		for _, s := range w.speed.Speeddial {
			*b.SpeedDials = append(*b.SpeedDials, SpeedDial{readNumber(&s.Index), s.Dirn, *value(s.Label)})
		}
	}
	if w.lamps != nil {
		for _, l := range w.lamps.BusyLampField {
			*b.BusyLampFields = append(*b.BusyLampFields, readLamp(l))
		}
	}
	if w.parks != nil {
		for _, p := range w.parks.BlfDirectedCallPark {
			if n := p.DirectedCallParkDnAndPartition; n != nil {
				*b.DirectedCallPark = append(*b.DirectedCallPark, DirectedCallParkButton{
					readNumber(&p.Index), *value(p.Label), readPattern(n.DnPattern), fkName(n.RoutePartitionName),
				})
			}
		}
	}
	if w.mods != nil {
		for _, m := range w.mods.AddOnModule {
			*b.Modules = append(*b.Modules, readModule(m))
		}
	}
	return b
}

func readLamp(w *gen.LampButton) BusyLampField {
	l := BusyLampField{Index: readNumber(&w.Index), Label: *value(w.Label), Pattern: readPattern(*value(w.BlfDirn))}
	if l.Pattern == "" {
		l.Destination = *value(w.BlfDest)
	} else {
		l.Partition = *value(w.RoutePartition)
	}
	if f := w.AssociatedBlfSdFeatures; f != nil {
		for _, name := range f.Feature {
			l.Pickup = l.Pickup || name == lampPickup
		}
	}
	return l
}

// readModule takes the software only when it is not the model's default: sent
// back, a default would be pinned.
func readModule(w *gen.Module) AddOnModule {
	m := AddOnModule{Index: readNumber(&w.Index), Model: w.Model}
	if i := w.LoadInformation; i != nil && i.Value != nil && (i.Special == "true" || i.Special == "t" || i.Special == "1") {
		m.Load = string(*i.Value)
	}
	return m
}

// checkButtons refuses buttons that the schema refuses.
func (c *Client) checkButtons(op string, b Buttons) error {
	for _, s := range *value(b.SpeedDials) {
		if s.Number == "" || s.Index < 1 {
			return c.invalid(op, "a speed dial needs a number and an index from 1")
		}
	}
	for _, l := range *value(b.BusyLampFields) {
		if (l.Pattern == "") == (l.Destination == "") || l.Index < 1 {
			return c.invalid(op, "a busy lamp field needs either a pattern or a destination, and an index from 1")
		}
	}
	for _, p := range *value(b.DirectedCallPark) {
		if p.Pattern == "" || p.Index < 1 {
			return c.invalid(op, "a directed call park button needs a pattern and an index from 1")
		}
	}
	for _, m := range *value(b.Modules) {
		if m.Model == "" || m.Index < 1 {
			return c.invalid(op, "an add-on module needs a model and an index from 1")
		}
	}
	return nil
}
