package directory

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// entry is one object. It is never changed once it is in the store: a change
// makes a new one, so a search needs no lock while it answers.
type entry struct {
	dn      string
	key     string // normalised DN
	guid    string // 16 bytes, stored order
	created uint64 // uSNCreated: the order of searches and the paging position
	attrs   map[string][]string
}

func (e *entry) deleted() bool { return len(e.attrs["isdeleted"]) > 0 }

func (e *entry) isPerson() bool {
	return !e.deleted() && slices.Contains(e.attrs["objectclass"], "user")
}

func (e *entry) userID() string { return strings.ToLower(first(e.attrs["samaccountname"])) }

// store holds the objects. Every change is one line in the state file, written
// before the change is visible or answered: ending the process loses nothing
// that was answered. The machine's own crash may: nothing is synced.
type store struct {
	mu    sync.RWMutex
	usn   uint64
	order []*entry // by created
	guids map[string]int
	keys  map[string]int   // by normalised DN
	index map[string][]int // by indexKey
	log   *os.File         // nil in memory
	size  int64            // of the log
}

// dnKey normalises a DN: types and values in lower case, no optional spaces.
func dnKey(dn string) (string, error) {
	d, err := ldap.ParseDN(dn)
	if err != nil {
		return "", fmt.Errorf("reading DN %q: %w", dn, err)
	}
	for _, rdn := range d.RDNs {
		for _, a := range rdn.Attributes {
			a.Value = strings.ToLower(a.Value)
		}
	}
	return d.String(), nil
}

// splitDN cuts the first RDN off a DN; an escaped comma is no cut.
func splitDN(dn string) (rdn, parent string) {
	for i := 0; i < len(dn); i++ {
		switch dn[i] {
		case '\\':
			i++
		case ',':
			return dn[:i], strings.TrimLeft(dn[i+1:], " ")
		}
	}
	return dn, ""
}

// commit stamps the object, writes it down and makes it visible. Callers hold
// the lock; nothing is visible when it fails.
func (st *store) commit(e *entry) error {
	now := time.Now().UTC().Format("20060102150405.0Z")
	usn := strconv.FormatUint(st.usn+1, 10)
	if e.created == 0 {
		e.created = st.usn + 1
		e.attrs["usncreated"] = []string{usn}
		e.attrs["whencreated"] = []string{now}
	}
	e.attrs["usnchanged"] = []string{usn}
	e.attrs["whenchanged"] = []string{now}
	e.attrs["distinguishedname"] = []string{e.dn}
	e.attrs["objectguid"] = []string{e.guid}
	if err := st.append(e); err != nil {
		return err
	}
	st.usn++
	st.publish(e)
	return nil
}

// publish replaces the object in place, so the order of a search never changes.
func (st *store) publish(e *entry) {
	i, known := st.guids[e.guid]
	if !known {
		i = len(st.order)
		st.order = append(st.order, e)
		st.guids[e.guid] = i
	} else {
		delete(st.keys, st.order[i].key)
		for _, k := range st.order[i].indexKeys() {
			st.index[k] = slices.DeleteFunc(st.index[k], func(x int) bool { return x == i })
		}
		st.order[i] = e
	}
	st.keys[e.key] = i
	for _, k := range e.indexKeys() {
		st.index[k] = append(st.index[k], i)
	}
}

// indexed are the attributes by which people are looked for.
var indexed = []string{"samaccountname", "employeeid", "mail", "objectguid"}

func indexKey(key, value string) string { return key + "=" + schema[key].fold(value) }

func (e *entry) indexKeys() []string {
	var out []string
	for _, key := range indexed {
		for _, v := range e.attrs[key] {
			out = append(out, indexKey(key, v))
		}
	}
	return out
}

// candidates returns the only objects that a filter can hold for, in order, when
// an index tells; all objects otherwise.
func (st *store) candidates(f *ber.Packet) []*entry {
	if f == nil {
		return nil
	}
	conditions := []*ber.Packet{f}
	if f.Tag == ldap.FilterAnd {
		conditions = f.Children
	}
	for _, c := range conditions {
		if c.Tag != ldap.FilterEqualityMatch || len(c.Children) != 2 {
			continue
		}
		key, _ := str(c, 0)
		value, _ := str(c, 1)
		if key = strings.ToLower(key); !slices.Contains(indexed, key) {
			continue
		}
		var out []*entry
		for _, i := range slices.Sorted(slices.Values(st.index[indexKey(key, value)])) {
			out = append(out, st.order[i])
		}
		return out
	}
	return st.order
}

// find returns the live object at a DN or <GUID=...>, and the nearest ancestor
// that exists when it does not.
func (st *store) find(dn string) (e *entry, nearest string, code uint16) {
	if g, ok := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(dn)), "<GUID="); ok {
		guid, err := guidBytes(strings.TrimSuffix(g, ">"))
		if err != nil {
			return nil, "", ldap.LDAPResultInvalidDNSyntax
		}
		if i, ok := st.guids[guid]; ok && !st.order[i].deleted() {
			return st.order[i], "", 0
		}
		return nil, "", ldap.LDAPResultNoSuchObject
	}
	key, err := dnKey(dn)
	if err != nil {
		return nil, "", ldap.LDAPResultInvalidDNSyntax
	}
	if i, ok := st.keys[key]; ok && !st.order[i].deleted() {
		return st.order[i], "", 0
	}
	for key != "" {
		_, key = splitDN(key)
		if i, ok := st.keys[key]; ok {
			return nil, st.order[i].dn, ldap.LDAPResultNoSuchObject
		}
	}
	return nil, "", ldap.LDAPResultNoSuchObject
}

// leaf reports whether nothing lives below the object.
func (st *store) leaf(key string) bool {
	for k, i := range st.keys {
		if strings.HasSuffix(k, ","+key) && !st.order[i].deleted() {
			return false
		}
	}
	return true
}

func first(v []string) string {
	if len(v) == 0 {
		return ""
	}
	return v[0]
}
