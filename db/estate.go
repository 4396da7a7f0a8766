package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// EstateFilter selects objects of one kind; a zero field selects all.
type EstateFilter struct {
	Kind          uc.EstateKind // never empty
	CallProcessor string
	Name          string            // in any case; a * is any text
	Partition     string            // of patterns
	Attributes    map[string]string // the text of an attribute, exactly
	Related       string            // id or name of an object that a relation of this one lists
	UUIDs         []string          // only these; nil = all
}

// EstatePage is a part of a list of objects, and how old the copy is.
type EstatePage struct {
	Objects []uc.EstateObject `json:"objects"`
	Next    string            `json:"next,omitempty"` // the cursor of the next page; "" = this is the last one
	Ages    []uc.EstateAge    `json:"ages"`           // of the kind, by call processor; none = it was never read
}

// estateColumns are the columns of a uc.EstateObject, of the object e and the last
// complete pass k of its kind.
var estateColumns = `e.call_processor, e.kind, e.uuid::text AS uuid, e.name, e.partition, ` + mergedSQL + ` AS attributes, e.first_seen,
	greatest(e.seen_at, k.read_at) AS last_seen, e.changed_at`

const estateTables = ` FROM estate e
	LEFT JOIN estate_kinds k ON k.call_processor = e.call_processor AND k.kind = e.kind`

// ListEstate returns at most limit objects of the kind by name, whatever its case,
// with the age of the copy. Fails with Invalid when the kind is none, or the cursor is
// not one of ours.
func (d *DB) ListEstate(ctx context.Context, f EstateFilter, cursor string, limit int) (EstatePage, error) {
	const op = "list estate"
	if _, ok := f.Kind.Info(); !ok {
		return EstatePage{}, refuse(uc.Invalid, op, fmt.Sprintf("there is no kind of object %q", f.Kind))
	}
	where := f.where()
	if cursor != "" {
		after, err := readCursor(op, cursor, 4)
		if err != nil {
			return EstatePage{}, err
		}
		if _, ok := uuidBytes(after[3]); !ok {
			return EstatePage{}, badCursor(op)
		}
		where.add("(e.name_key, e.partition, e.call_processor, e.uuid) > (@after0, @after1, @after2, @after3::uuid)", pgx.NamedArgs{
			"after0": after[0], "after1": after[1], "after2": after[2], "after3": after[3],
		})
	}
	limit = pageSize(limit)
	type row struct {
		uc.EstateObject
		NameKey string
	}
	found, err := list[row](ctx, d.pool, op, `SELECT `+estateColumns+`, e.name_key`+estateTables+where.sql()+
		` ORDER BY e.name_key, e.partition, e.call_processor, e.uuid LIMIT @limit`, where.limited(limit+1))
	if err != nil {
		return EstatePage{}, err
	}
	page := EstatePage{}
	if len(found) > limit {
		last := found[limit-1]
		page.Next = writeCursor(last.NameKey, last.Partition, last.CallProcessor, last.UUID)
		found = found[:limit]
	}
	page.Objects = make([]uc.EstateObject, len(found))
	for i, r := range found {
		page.Objects[i] = r.EstateObject
	}
	page.Ages, err = d.EstateAges(ctx, f.CallProcessor, f.Kind)
	return page, err
}

var likeMeta = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`, `*`, `%`)

func (f EstateFilter) where() filter {
	where := filter{}
	where.add("e.kind = @kind", pgx.NamedArgs{"kind": f.Kind})
	if f.CallProcessor != "" {
		where.add("e.call_processor = @call_processor", pgx.NamedArgs{"call_processor": f.CallProcessor})
	}
	switch {
	case strings.Contains(f.Name, "*"):
		where.add("e.name_key LIKE lower(@name)", pgx.NamedArgs{"name": likeMeta.Replace(f.Name)})
	case f.Name != "":
		where.add("e.name_key = lower(@name)", pgx.NamedArgs{"name": f.Name})
	}
	if f.UUIDs != nil {
		where.add("e.uuid = ANY (@uuids::uuid[])", pgx.NamedArgs{"uuids": f.UUIDs})
	}
	if f.Partition != "" {
		where.add("e.partition = @partition", pgx.NamedArgs{"partition": f.Partition})
	}
	if len(f.Attributes) > 0 {
		names, values := make([]string, 0, len(f.Attributes)), make([]string, 0, len(f.Attributes))
		for name, value := range f.Attributes {
			names, values = append(names, name), append(values, value)
		}
		where.add(`NOT EXISTS (SELECT FROM unnest(@names::text[], @values::text[]) AS a(name, value)
			WHERE e.attributes->>a.name IS DISTINCT FROM a.value)`, pgx.NamedArgs{"names": names, "values": values})
	}
	if f.Related != "" {
		var from, to []uc.EstateKind
		for _, r := range uc.RelationsOf(f.Kind) {
			if slices.Contains(r.From, f.Kind) {
				from = append(from, r.Kind)
			} else {
				to = append(to, r.Kind)
			}
		}
		where.add(`EXISTS (SELECT FROM estate_related r WHERE r.from_uuid = e.uuid AND r.call_processor = e.call_processor
				AND r.kind = ANY (@from) AND lower(@related) IN (r.to_uuid::text, lower(r.attributes->>'name'))
			UNION ALL SELECT FROM estate_related r WHERE r.to_uuid = e.uuid AND r.call_processor = e.call_processor
				AND r.kind = ANY (@to) AND lower(@related) IN (r.from_uuid::text, lower(r.attributes->>'name')))`,
			pgx.NamedArgs{"related": f.Related, "from": from, "to": to})
	}
	return where
}

// EstateObjects returns the objects of the call processor with these ids, of whatever
// kind; what is not there is left out.
func (d *DB) EstateObjects(ctx context.Context, callProcessor string, uuids ...string) ([]uc.EstateObject, error) {
	return list[uc.EstateObject](ctx, d.pool, "estate objects", `SELECT `+estateColumns+estateTables+`
		WHERE e.call_processor = @call_processor AND e.uuid = ANY (@ids::uuid[]) ORDER BY e.kind, e.uuid`,
		pgx.NamedArgs{"call_processor": callProcessor, "ids": bare(uuids)})
}

// EstateLabel is what people know an object by.
type EstateLabel struct{ UUID, Name, Partition string }

// EstateLabels returns how the objects with these ids are called on the call processor,
// by id; what is not in the copy is left out.
func (d *DB) EstateLabels(ctx context.Context, callProcessor string, uuids []string) (map[string]EstateLabel, error) {
	found, err := list[EstateLabel](ctx, d.pool, "estate labels", `SELECT uuid::text AS uuid, name, partition FROM estate
		WHERE call_processor = @call_processor AND uuid = ANY (@ids::uuid[])`,
		pgx.NamedArgs{"call_processor": callProcessor, "ids": uuids})
	out := make(map[string]EstateLabel, len(found))
	for _, l := range found {
		out[l.UUID] = l
	}
	return out, err
}

// objectKinds lists every kind of object.
func objectKinds() []uc.EstateKind {
	out := make([]uc.EstateKind, len(uc.EstateKinds))
	for i, k := range uc.EstateKinds {
		out[i] = k.Kind
	}
	return out
}

// EstateAges tells how old the copies are, by call processor and kind; an empty
// argument is every one. A kind that was never read completely has no age.
func (d *DB) EstateAges(ctx context.Context, callProcessor string, kind uc.EstateKind) ([]uc.EstateAge, error) {
	return list[uc.EstateAge](ctx, d.pool, "estate ages", `SELECT k.call_processor, k.kind, s.id AS sync_id, k.read_at,
			k.applied_at,
			CASE WHEN w.gap_at > k.read_at THEN w.gap_from ELSE w.heard_at END AS last_change
		FROM estate_kinds k JOIN syncs s ON s.number = k.sync_number
		LEFT JOIN estate_watches w ON w.call_processor = k.call_processor
		WHERE (@call_processor = '' OR k.call_processor = @call_processor) AND (@kind = '' OR k.kind = @kind)
		ORDER BY k.call_processor, k.kind`, pgx.NamedArgs{"call_processor": callProcessor, "kind": kind})
}
