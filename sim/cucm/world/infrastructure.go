// Package world fills a new cluster: the infrastructure every one has and, on
// request, any number of people, phones and lines. The same seed makes the same
// rows, uuids included. It writes by SQL and knows no AXL request.
package world

import (
	"context"
	_ "embed"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

//go:embed default.txt
var defaults string

// Object is a named object: Type is AXL's element, Fields are elements and what
// they hold, references by name.
type Object struct {
	Type, Name string
	Fields     map[string]string
}

// Options say what a new cluster holds.
type Options struct {
	Seed                 int64
	Users, Phones, Lines int
	Objects              []Object // beside the default ones
	Agreements           []string // LDAP agreements
	Accounts             []string // application users
	PINMinLength         int
}

// filler writes rows with uuids from its own dice.
type filler struct {
	conn *store.Conn
	dice *rand.Rand
	made uint32
	ids  map[string]map[string]string // table, name → pkid of rows made here
}

// id makes a uuid that counts up, so that the index over a big world grows at its
// end only.
func (f *filler) id() string {
	var u uuid.UUID
	f.made++
	binary.BigEndian.PutUint32(u[:], f.made)
	binary.BigEndian.PutUint32(u[4:], f.dice.Uint32())
	binary.BigEndian.PutUint64(u[8:], f.dice.Uint64())
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return u.String()
}

// Fill makes the world in an empty database; a filled one stays as it is.
func Fill(ctx context.Context, db *store.DB, o Options) error {
	return db.Update(ctx, func(conn *store.Conn) error {
		var done string
		found, err := conn.Get(ctx, []any{&done}, "SELECT value FROM sim_meta WHERE name = 'filled'")
		if err != nil || found {
			return err
		}
		f := &filler{
			conn: conn, dice: rand.New(rand.NewPCG(uint64(o.Seed), 0xa71)),
			ids: map[string]map[string]string{},
		}
		if err := f.infrastructure(ctx, o); err != nil {
			return err
		}
		if err := f.people(ctx, o); err != nil {
			return err
		}
		conn.Renamed()
		_, err = conn.Exec(ctx, "INSERT INTO sim_meta (name, value) VALUES ('filled', 'yes')")
		return err
	})
}

func (f *filler) infrastructure(ctx context.Context, o Options) error {
	for line := range strings.Lines(defaults) {
		part := strings.SplitN(strings.TrimSpace(line), "|", 3)
		if len(part) != 3 || strings.HasPrefix(line, "#") {
			continue
		}
		obj := Object{
			Type: strings.TrimSpace(part[0]), Name: strings.TrimSpace(part[1]),
			Fields: map[string]string{},
		}
		for kv := range strings.SplitSeq(part[2], ";") {
			if k, v, ok := strings.Cut(strings.TrimSpace(kv), "="); ok {
				obj.Fields[k] = v
			}
		}
		if err := f.put(ctx, obj); err != nil {
			return fmt.Errorf("default infrastructure: %w", err)
		}
	}
	if err := f.generated(ctx, o); err != nil {
		return err
	}
	for _, obj := range o.Objects {
		if err := f.put(ctx, obj); err != nil {
			return fmt.Errorf("infrastructure: %w", err)
		}
	}
	return nil
}

// generated makes what follows a rule: security profiles of each product, what
// search spaces search, LDAP agreements, ranks and the PIN's length.
func (f *filler) generated(ctx context.Context, o Options) error {
	for _, product := range store.Products() {
		if !product.Speaks("SIP") || product.Form == "any" {
			continue
		}
		if err := f.put(ctx, Object{
			Type: "phoneSecurityProfile",
			Name: product.Name + " - Standard SIP Non-Secure Profile", Fields: map[string]string{
				"phoneType": product.Name, "protocol": "SIP", "deviceSecurityMode": "Non Secure",
			},
		}); err != nil {
			return err
		}
	}
	reach := []string{"PT_Local", "PT_National", "PT_Mobile", "PT_International"}
	for _, site := range []string{"Berlin", "Lisbon"} {
		for i, class := range []string{"Local", "National", "Mobile", "International"} {
			css := "CSS_" + site + "_" + class
			for n, part := range append([]string{"PT_" + site, "PT_E164"}, reach[:i+1]...) {
				if err := f.insert(ctx, "callingsearchspacemember", "", map[string]any{
					"fkcallingsearchspace": f.ids["callingsearchspace"][css], "fkroutepartition": f.ids["routepartition"][part], "sortorder": n + 1,
				}); err != nil {
					return err
				}
			}
		}
	}
	for _, name := range o.Agreements {
		if err := f.put(ctx, Object{Type: "ldapDirectory", Name: name, Fields: map[string]string{
			"ldapDn": "cn=cucm,dc=example,dc=com", "userSearchBase": "ou=People,dc=example,dc=com",
		}}); err != nil {
			return err
		}
	}
	for _, name := range o.Accounts {
		if err := f.insert(ctx, "applicationuser", "", map[string]any{"name": name}); err != nil {
			return err
		}
	}
	if err := f.insert(ctx, "routelist", "", map[string]any{
		"fkdevice": f.ids["device"]["HL_Reception"], "fklinegroup": f.ids["linegroup"]["LG_Reception"], "selectionorder": 1,
	}); err != nil {
		return err
	}
	if _, err := f.conn.Exec(ctx, "UPDATE dirgroup SET userrank = 1 WHERE name = 'Standard CCM Super Users'"); err != nil {
		return err
	}
	_, err := f.conn.Exec(ctx, "UPDATE credentialpolicy SET mincredlength = ?", o.PINMinLength)
	return err
}

// put writes one object by its AXL element names.
func (f *filler) put(ctx context.Context, obj Object) error {
	i := slices.IndexFunc(schema.Objects(), func(o *schema.Object) bool { return o.Name == obj.Type })
	if i < 0 {
		return fmt.Errorf("%s %s: no such type", obj.Type, obj.Name)
	}
	o := schema.Objects()[i]
	row := map[string]any{}
	if o.Shared() {
		row["sim_object"] = o.Name
	}
	if o.Class != "" {
		row["tkclass"] = store.MustNumber("typeclass", o.Class)
	}
	if o.Usage != "" {
		row["tkpatternusage"] = store.MustNumber("typepatternusage", o.Usage)
	}
	row[o.Element(o.Keys[0]).Column] = obj.Name
	for name, value := range obj.Fields {
		col, val, err := f.field(o, name, value)
		if err != nil {
			return fmt.Errorf("%s %s: %w", obj.Type, obj.Name, err)
		}
		row[col] = val
	}
	if o.Op == "CallPickupGroup" {
		plan := f.id()
		if err := f.insert(ctx, "numplan", "", map[string]any{
			"pkid": plan, "dnorpattern": row["pattern"], "fkroutepartition": row["fkroutepartition"],
			"tkpatternusage": store.MustNumber("typepatternusage", "Call Pick Up Group"), "sim_object": o.Name,
		}); err != nil {
			return err
		}
		row["fknumplan_pickup"] = plan
	}
	return f.insert(ctx, o.Table, obj.Name, row)
}

func (f *filler) field(o *schema.Object, name, value string) (string, any, error) {
	e := o.Element(name)
	if o.Op == "PhoneButtonTemplate" && name == "buttons" {
		text, err := buttons(value)
		return e.Column, text, err
	}
	if o.Op == "PhoneButtonTemplate" && (name == "model" || name == "protocol") {
		e = schema.Lookup("Phone").Element(name)
	}
	if e == nil || e.Column == "" {
		return "", nil, fmt.Errorf("no field %q", name)
	}
	switch e.Kind {
	case schema.FK, schema.Key:
		id, ok := f.ids[e.Arg][value]
		if !ok {
			return "", nil, fmt.Errorf("%s %q is not there", name, value)
		}
		return e.Column, id, nil
	case schema.TK:
		n, ok := store.Number(e.Arg, value)
		if !ok {
			return "", nil, fmt.Errorf("%s %q is no word of %s", name, value, e.Arg)
		}
		return e.Column, n, nil
	case schema.Bool:
		return e.Column, store.Flag(value == "true" || value == "t"), nil
	default:
		return e.Column, value, nil
	}
}

// buttons writes "Line*2, Speed Dial*3" as AXL's list of buttons.
func buttons(text string) (string, error) {
	var out strings.Builder
	number := 0
	for part := range strings.SplitSeq(text, ",") {
		feature, times, _ := strings.Cut(strings.TrimSpace(part), "*")
		n, err := strconv.Atoi(times)
		if err != nil {
			return "", fmt.Errorf("buttons %q: write Line*2, Speed Dial*3", text)
		}
		for range n {
			number++
			fmt.Fprintf(&out, "<button><feature>%s</feature><label>%s</label><buttonNumber>%d</buttonNumber>"+
				"<isFixedFeature>false</isFixedFeature></button>", feature, feature, number)
		}
	}
	return out.String(), nil
}

func (f *filler) insert(ctx context.Context, table, name string, row map[string]any) error {
	if row["pkid"] == nil {
		row["pkid"] = f.id()
	}
	cols := make([]string, 0, len(row))
	for col := range row {
		cols = append(cols, col)
	}
	slices.Sort(cols)
	vals := make([]any, len(cols))
	for i, col := range cols {
		vals[i] = row[col]
	}
	if name != "" {
		if f.ids[table] == nil {
			f.ids[table] = map[string]string{}
		}
		f.ids[table][name] = row["pkid"].(string)
	}
	_, err := f.conn.Exec(ctx, "INSERT INTO "+table+" ("+strings.Join(cols,
		", ")+") VALUES ("+strings.Repeat(", ?", len(cols))[2:]+")", vals...)
	return err
}
