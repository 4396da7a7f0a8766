package activities

import (
	"context"
	"encoding/json"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// mostLicences is how many people's licences are read after one look at what changed:
// each is a request, and a batch job changes everybody's phones. Of more the next sync
// tells.
const mostLicences = 200

// wantLicences wants the licences of people, which have the ids of the people: what they
// take follows from their devices, and is seldom reported. A call processor that does
// not list them is not asked.
func (f *follower) wantLicences(users ...axl.UUID) {
	if f.has(uc.LicenceKind) {
		f.read[uc.LicenceKind] = append(f.read[uc.LicenceKind], users...)
	}
}

// wantOwnerLicences wants the licences of those who owned one of the phones, or do now.
func (f *follower) wantOwnerLicences(had []uc.EstateObject, now []db.KindRow) error {
	texts := make([]json.RawMessage, 0, len(had)+len(now))
	for _, o := range had {
		if o.Kind == uc.PhoneKind {
			texts = append(texts, o.Attributes)
		}
	}
	for _, r := range now {
		if r.Kind == uc.PhoneKind {
			texts = append(texts, r.Attributes)
		}
	}
	for _, text := range texts {
		var attributes map[string]json.RawMessage
		var owner axl.UUID
		if err := json.Unmarshal(text, &attributes); err != nil {
			return err
		}
		if attributes[uc.OwnerAttribute] != nil && json.Unmarshal(attributes[uc.OwnerAttribute], &owner) == nil && owner.Valid() {
			f.wantLicences(owner)
		}
	}
	return nil
}

// relicense reads the licences of a few people, one by one: the list of all is long.
func (f *follower) relicense(ctx context.Context, ids []axl.UUID) error {
	if len(ids) > mostLicences {
		return nil
	}
	r := f.fresh(uc.LicenceKind, ids)
	if err := f.each(ctx, r, objectWord(uc.LicenceKind)); err != nil {
		return err
	}
	return f.put(ctx, r)
}
