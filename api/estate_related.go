package api

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// ofUser selects what the person uses or owns: what the copy of the person lists, and
// what names the person as its owner. Users and licences have the person's name.
func (s *server) ofUser(ctx context.Context, f *db.EstateFilter, user string) error {
	bad := func(text string) error {
		return invalid(Violation{Location: "query.user", Message: text, Value: user})
	}
	if strings.Contains(user, "*") {
		return bad("a user id has no *: write the whole id")
	}
	if f.Kind == uc.UserKind || f.Kind == uc.LicenceKind {
		if f.Name != "" {
			return bad("name and user say the same of these: give one of them")
		}
		f.Name = user
		return nil
	}
	var lists []string
	for _, r := range uc.RelationsOf(uc.UserKind) {
		if slices.Contains(r.From, uc.UserKind) && slices.Contains(r.To, f.Kind) {
			lists = append(lists, r.FromAs)
		}
	}
	owned := slices.Contains(uc.OwnedKinds, f.Kind)
	if len(lists) == 0 && !owned {
		return bad(fmt.Sprintf("objects of kind %s are not of one person", f.Kind.Title()))
	}
	page, err := s.db.ListEstate(ctx, db.EstateFilter{Kind: uc.UserKind, CallProcessor: f.CallProcessor, Name: user}, "", 0)
	if err != nil {
		return err
	}
	f.UUIDs = []string{}
	for _, person := range page.Objects {
		ids, err := relatedIDs(person, lists)
		if err != nil {
			return err
		}
		f.UUIDs = append(f.UUIDs, ids...)
		if !owned {
			continue
		}
		objects, err := s.db.EstateOwned(ctx, person.CallProcessor, person.UUID)
		if err != nil {
			return err
		}
		for _, o := range objects {
			f.UUIDs = append(f.UUIDs, o.UUID)
		}
	}
	return nil
}

// entry is one object in a list of another one.
type entry map[string]json.RawMessage

func (e entry) id() string {
	var id string
	if json.Unmarshal(e["uuid"], &id) != nil {
		return ""
	}
	return id
}

// relatedLists are the lists of related objects that an object has, and all of its
// attributes.
func relatedLists(o uc.EstateObject, names []string) (map[string][]entry, map[string]json.RawMessage, error) {
	var attributes map[string]json.RawMessage
	if err := json.Unmarshal(o.Attributes, &attributes); err != nil {
		return nil, nil, fmt.Errorf("attributes of %s %s: %w", o.Kind, o.UUID, err)
	}
	out := map[string][]entry{}
	for _, name := range names {
		var entries []entry
		if attributes[name] != nil && json.Unmarshal(attributes[name], &entries) == nil {
			out[name] = entries // another one is no list of objects
		}
	}
	return out, attributes, nil
}

// relatedIDs are the ids of the objects in these lists of an object.
func relatedIDs(o uc.EstateObject, names []string) (ids []string, err error) {
	lists, _, err := relatedLists(o, names)
	for _, name := range names {
		for _, e := range lists[name] {
			if id := e.id(); id != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids, err
}

// nameRelated puts the names of the objects beside their ids in the lists of others, as
// they are in the copy now: a list holds ids, which stay when an object is renamed.
func (s *server) nameRelated(ctx context.Context, names []string, objects []uc.EstateObject) error {
	ids := map[string][]string{}
	for _, o := range objects {
		of, err := relatedIDs(o, names)
		if err != nil {
			return err
		}
		ids[o.CallProcessor] = append(ids[o.CallProcessor], of...)
	}
	labels := map[string]map[string]db.EstateLabel{}
	for callProcessor, of := range ids {
		var err error
		if len(of) == 0 {
			continue
		}
		if labels[callProcessor], err = s.db.EstateLabels(ctx, callProcessor, of); err != nil {
			return err
		}
	}
	for i, o := range objects {
		named, err := withNames(o, names, labels[o.CallProcessor])
		if err != nil {
			return err
		}
		objects[i].Attributes = named
	}
	return nil
}

func withNames(o uc.EstateObject, names []string, labels map[string]db.EstateLabel) (json.RawMessage, error) {
	lists, attributes, err := relatedLists(o, names)
	if err != nil || len(lists) == 0 {
		return o.Attributes, err
	}
	for name, entries := range lists {
		for _, e := range entries {
			label, known := labels[e.id()]
			if !known {
				continue
			}
			for member, value := range map[string]string{"name": label.Name, "partition": label.Partition} {
				if value == "" {
					continue
				}
				if e[member], err = json.Marshal(value); err != nil {
					return nil, err
				}
			}
		}
		if attributes[name], err = json.Marshal(entries); err != nil {
			return nil, err
		}
	}
	return json.Marshal(attributes)
}
