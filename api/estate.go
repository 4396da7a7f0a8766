package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// EstateOverview is what the copies of the call processors hold.
type EstateOverview struct {
	CallProcessors []string     `json:"callProcessors" doc:"The ones that can be read: of the settings, and of what is known"`
	Items          []EstateItem `json:"items"`
}

// EstateItem is one kind of object in the copy of one call processor.
type EstateItem struct {
	CallProcessor string         `json:"callProcessor"`
	Kind          uc.EstateKind  `json:"kind"`
	Title         string         `json:"title" example:"Device Pool"`
	Group         uc.EstateGroup `json:"group" enum:"infra,subscriber"`
	Objects       int            `json:"objects"`
	SyncID        string         `json:"syncId,omitempty" doc:"The last one that read the kind completely; absent when none has"`
	ReadAt        *time.Time     `json:"readAt,omitempty" doc:"When that reading began"`
	AppliedAt     *time.Time     `json:"appliedAt,omitempty" doc:"When it became visible"`
	LastChange    *time.Time     `json:"lastChange,omitempty" doc:"When the change watcher last heard from the call processor"`
}

type (
	overviewIn struct {
		CallProcessor string `query:"callProcessor" maxLength:"128"`
	}
	overviewOut struct{ Body EstateOverview }
)

func (s *server) getEstate(ctx context.Context, in *overviewIn) (*overviewOut, error) {
	counts, err := s.db.EstateCounts(ctx, in.CallProcessor)
	if err != nil {
		return nil, err
	}
	ages, err := s.db.EstateAges(ctx, in.CallProcessor, "")
	if err != nil {
		return nil, err
	}
	catalog, err := s.db.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	out := EstateOverview{Items: estateItems(counts, ages), CallProcessors: slices.Clone(s.systems.CallProcessors)}
	if len(out.Items) == 0 {
		if err := s.unknownCallProcessor("query.callProcessor", in.CallProcessor); err != nil {
			return nil, err
		}
	}
	for _, i := range out.Items {
		out.CallProcessors = append(out.CallProcessors, i.CallProcessor)
	}
	if s.systems.CallProcessors == nil {
		for _, area := range catalog.ServiceAreas {
			out.CallProcessors = append(out.CallProcessors, area.CallProcessor)
		}
	}
	slices.Sort(out.CallProcessors)
	out.CallProcessors = list(slices.Compact(out.CallProcessors))
	return &overviewOut{out}, nil
}

// estateItems puts counts and ages together, by call processor and in the order in
// which kinds are read.
func estateItems(counts []db.EstateCount, ages []uc.EstateAge) []EstateItem {
	type key struct {
		callProcessor string
		kind          uc.EstateKind
	}
	byKey := map[key]EstateItem{}
	for _, c := range counts {
		byKey[key{c.CallProcessor, c.Kind}] = EstateItem{Objects: c.Objects}
	}
	var names []string
	for _, a := range ages {
		k := key{a.CallProcessor, a.Kind}
		i := byKey[k]
		i.SyncID, i.ReadAt, i.AppliedAt, i.LastChange = a.SyncID, &a.ReadAt, &a.AppliedAt, a.LastChange
		byKey[k] = i
	}
	for k := range byKey {
		names = append(names, k.callProcessor)
	}
	slices.Sort(names)
	out := []EstateItem{}
	for _, name := range slices.Compact(names) {
		for _, info := range uc.EstateKinds {
			if i, ok := byKey[key{name, info.Kind}]; ok {
				i.CallProcessor, i.Kind, i.Title, i.Group = name, info.Kind, info.Title, info.Group
				out = append(out, i)
			}
		}
	}
	return out
}

// EstateList is one part of the objects of a kind, by name, and how old the copy is.
type EstateList struct {
	Kind  uc.EstateKind     `json:"kind"`
	Title string            `json:"title" example:"Device Pool"`
	Items []uc.EstateObject `json:"items"`
	Ages  []uc.EstateAge    `json:"ages" doc:"By call processor; a call processor that is not there was never read completely"`
	Next  string            `json:"next,omitempty" doc:"The cursor of the next part; absent in the last"`

	NeverRead []string `json:"neverRead,omitempty" doc:"Call processors of the settings whose objects of this kind were never read completely: they are missing here"`
}

type (
	listEstateIn struct {
		Kind          string `path:"kind" maxLength:"64" doc:"A kind of object, singular or plural: phones, css, device-pools" example:"phones"`
		CallProcessor string `query:"callProcessor" maxLength:"128"`
		Name          string `query:"name" maxLength:"128" doc:"Part of the name, in any case; with a * the whole name, in which * stands for any text"`
		Partition     string `query:"partition" maxLength:"128" doc:"Of lines and other patterns"`
		User          string `query:"user" maxLength:"128" doc:"Only what this person uses or owns, by user id in any case"`
		Page
	}
	listEstateOut struct{ Body EstateList }
)

func (s *server) listEstate(ctx context.Context, in *listEstateIn) (*listEstateOut, error) {
	kind, err := estateKind("path.kind", in.Kind)
	if err != nil {
		return nil, err
	}
	f := db.EstateFilter{Kind: kind, CallProcessor: in.CallProcessor, Name: in.Name, Partition: in.Partition}
	if f.Name != "" && !strings.Contains(f.Name, "*") {
		f.Name = "*" + f.Name + "*"
	}
	if in.User != "" {
		if err := s.ofUser(ctx, &f, in.User); err != nil {
			return nil, err
		}
	}
	page, err := s.db.ListEstate(ctx, f, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	if len(page.Ages) == 0 {
		if err := s.unknownCallProcessor("query.callProcessor", in.CallProcessor); err != nil {
			return nil, err
		}
	}
	if err := s.nameRelated(ctx, kind.Lists(), page.Objects); err != nil {
		return nil, err
	}
	return &listEstateOut{EstateList{
		Kind: kind, Title: kind.Title(), Items: list(page.Objects), Ages: list(page.Ages), Next: page.Next,
		NeverRead: s.neverRead(in.CallProcessor, page.Ages),
	}}, nil
}

// neverRead are the asked call processors of the settings that have no age.
func (s *server) neverRead(asked string, ages []uc.EstateAge) []string {
	var out []string
	for _, name := range s.systems.CallProcessors {
		aged := slices.ContainsFunc(ages, func(a uc.EstateAge) bool { return a.CallProcessor == name })
		if !aged && (asked == "" || asked == name) {
			out = append(out, name)
		}
	}
	return out
}
