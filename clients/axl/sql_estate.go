package axl

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dialtone/dialtone/clients/axl/gen"
	"github.com/dialtone/dialtone/uc"
)

// EstateQuery asks for one page of the objects of a kind that AXL has no good list
// for, or of a relation between two kinds.
type EstateQuery struct {
	Kind  uc.EstateKind // one of those that ReadEstate knows
	After UUID          // Last of the page before; "" = the first page
	First int           // rows at most; 0 = all that are left

	// Of narrows to these objects, of a relation to what these objects are first in;
	// With to what they are second in, of a relation only. Nil = all. Both together
	// hold a few hundred at most, the statement grows with them.
	Of, With []UUID
}

// EstateOut says where a page ended.
type EstateOut struct {
	Rows       int
	Last       UUID // of the last row, After when there was none: After of the next page
	More       bool // the page was full: there may be a next one
	Bytes      int  // of the answer, about
	Unexpected []Unexpected
}

// ReadEstate calls each for every object of one page while the answer arrives:
// memory does not grow with the answer. A page begins behind the id where the one
// before ended: objects that come and go never shift one out of a page. Of a
// relation the Object has the id of its row as Key, by which a page of it ends, the
// first object's id as UUID and the second one's as Name. Kinds: user, phone,
// deviceProfile, remoteDestinationProfile, remoteDestination, line, specialNumber;
// rel_user_device, rel_user_group, rel_user_extension, rel_device_line,
// rel_device_service, rel_css_partition.
// Attributes are those of ListObjects. An error of each ends the call and comes
// back as it is. Fails with uc.Invalid for another kind, for an id that is none,
// and when the page exceeds 8 MB (errors.As finds a *LimitError), with
// uc.Throttled when all reads under way exceed 16 MB, and with uc.Unavailable
// when the answer broke off: objects already handed over are not taken back.
//
// Source: AXL 15.0 executeSQLQuery; CUCM data dictionary, tables in estateTables.
func (c *Client) ReadEstate(ctx context.Context, q EstateQuery, each func(Object) error) (EstateOut, error) {
	const op = "executeSQLQuery"
	table, ok := estateTables[q.Kind]
	if !ok {
		return EstateOut{}, c.invalid(op, fmt.Sprintf("%q is read by a list, or not at all", q.Kind))
	}
	statement, err := table.statement(q)
	if err != nil {
		return EstateOut{}, c.invalid(op, err.Error())
	}
	page := newEstatePage(table.parse(), q.After, each)
	page.fail = func(detail string) error {
		return &uc.Error{Kind: uc.Unavailable, System: system, Op: op, Detail: named(c.name, detail)}
	}
	r := rows{each: page.row}
	err = c.large(ctx, op, &gen.ExecuteSQLQuery{Sql: statement}, r.read)
	out := EstateOut{Rows: page.count, Last: page.last, More: q.First > 0 && page.count+page.strange >= q.First, Bytes: page.bytes}
	if page.strange > 0 {
		out.Unexpected = []Unexpected{{Element: "row without an id", Count: page.strange, Example: page.example}}
	}
	return out, err
}

// CountEstate returns how many objects or rows of the kind there are. Fails with
// uc.Invalid for a kind that ReadEstate does not know.
//
// Source: AXL 15.0 executeSQLQuery.
func (c *Client) CountEstate(ctx context.Context, kind uc.EstateKind) (int, error) {
	const op = "executeSQLQuery"
	table, ok := estateTables[kind]
	if !ok {
		return 0, c.invalid(op, fmt.Sprintf("%q is read by a list, or not at all", kind))
	}
	// Outer joins bring no row and take none away.
	from, _, _ := strings.Cut(table.from, " LEFT JOIN ")
	statement := "SELECT COUNT(*) AS c1 FROM " + from
	if table.where != "" {
		statement += " WHERE " + table.where
	}
	n := 0
	err := c.QuerySQL(ctx, statement, func(r Row) (err error) {
		if len(r) != 1 {
			return &uc.Error{Kind: uc.Unavailable, System: system, Op: op, Detail: named(c.name, "a count has one column")}
		}
		n, err = strconv.Atoi(strings.TrimSuffix(r[0].Value, ".0"))
		return err
	})
	return n, err
}

// EstateKinds returns the kinds that ReadEstate knows, sorted.
func EstateKinds() []uc.EstateKind {
	kinds := make([]uc.EstateKind, 0, len(estateTables))
	for k := range estateTables {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	return kinds
}

// estateTable is one statement.
type estateTable struct {
	// columns are "expression name" pairs; the first is what pages are ordered by. The
	// names uuid, name, partition and key go into the Object; "?" marks a boolean.
	columns string
	from    string
	where   string                       // "" = everything
	words   map[string]map[string]string // of a column: our word for each of its numbers
}

// estateColumn is a column of a statement.
type estateColumn struct {
	expression, name string
	boolean          bool
	words            map[string]string
	member           string // `"name":` of the attribute, "" for what is none
}

func (t estateTable) parse() []estateColumn {
	var list []estateColumn
	for pair := range strings.SplitSeq(t.columns, ",") {
		expression, name, _ := strings.Cut(strings.TrimSpace(pair), " ")
		name, boolean := strings.CutSuffix(name, "?")
		col := estateColumn{expression: expression, name: name, boolean: boolean, words: t.words[name]}
		if !contains([]string{columnUUID, columnName, columnPartition, columnKey}, name) {
			col.member = string(appendText(nil, name, "")) + ":"
		}
		list = append(list, col)
	}
	return list
}

const (
	columnUUID      = "uuid"
	columnName      = "name"
	columnPartition = "partition"
	columnKey       = "key"
)

// statement writes the SELECT. Columns come back under short names: a name is
// sent twice in every row, and 8 MB hold more rows without. The only values in it
// are a number and ids in the form of UUID.
func (t estateTable) statement(q EstateQuery) (string, error) {
	columns := t.parse()
	var b strings.Builder
	b.WriteString("SELECT ")
	if q.First > 0 {
		b.WriteString("FIRST " + strconv.Itoa(q.First) + " ")
	}
	for i, col := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(col.expression + " AS c" + strconv.Itoa(i+1))
	}
	b.WriteString(" FROM " + t.from)
	conditions, err := t.conditions(q, columns)
	if err != nil {
		return "", err
	}
	if len(conditions) > 0 {
		b.WriteString(" WHERE " + strings.Join(conditions, " AND "))
	}
	b.WriteString(" ORDER BY " + columns[0].expression)
	return b.String(), nil
}

func (t estateTable) conditions(q EstateQuery, columns []estateColumn) ([]string, error) {
	if q.First < 0 || q.After != "" && !q.After.Valid() {
		return nil, fmt.Errorf("no page of %d rows behind %q", q.First, q.After)
	}
	relation := columns[0].name == columnKey
	if len(q.With) > 0 && !relation {
		return nil, fmt.Errorf("%s is no relation", q.Kind)
	}
	var list []string
	if t.where != "" {
		list = append(list, t.where)
	}
	if q.After != "" {
		list = append(list, columns[0].expression+" > '"+string(q.After)+"'")
	}
	for _, narrow := range []struct {
		column string
		ids    []UUID
	}{{columnUUID, q.Of}, {columnName, q.With}} {
		if len(narrow.ids) == 0 {
			continue
		}
		ids, err := quoted(narrow.ids)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(columns, func(c estateColumn) bool { return c.name == narrow.column })
		list = append(list, columns[i].expression+" IN ("+ids+")")
	}
	return list, nil
}

// quoted is a list for IN of what is an id and nothing else.
func quoted(ids []UUID) (string, error) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		if !id.Valid() {
			return "", fmt.Errorf("%q is not the id of an object", id)
		}
		texts[i] = "'" + string(id) + "'"
	}
	return strings.Join(texts, ", "), nil
}
