package store

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed types.txt
var typesText string

// Product is a kind of device: what it is called, what it speaks and how its
// names look.
type Product struct {
	Enum      int
	Name      string
	Protocols []string
	Form      string // "SEP", "CSF", "TCT", "BOT", "TAB", "ATA", "AN", "CTIRD" or "any"
}

type typeTables struct {
	numbers  map[string]map[string]int
	words    map[string]map[int]string
	order    map[string][]int
	products map[string]Product
}

var types = sync.OnceValue(func() typeTables {
	t := typeTables{
		numbers: map[string]map[string]int{}, words: map[string]map[int]string{},
		order: map[string][]int{}, products: map[string]Product{},
	}
	for line := range strings.Lines(typesText) {
		f := strings.Split(strings.TrimSpace(line), "|")
		if len(f) < 3 || strings.HasPrefix(line, "#") {
			continue
		}
		n, err := strconv.Atoi(f[1])
		if err != nil {
			panic(fmt.Sprintf("store: types.txt: %q: %v", line, err))
		}
		if f[0] != "product" {
			t.add(f[0], n, f[2])
			continue
		}
		t.add("typeproduct", n, f[2])
		t.add("typemodel", n, f[2])
		t.products[f[2]] = Product{n, f[2], strings.Split(f[3], ","), f[4]}
	}
	return t
})

func (t *typeTables) add(table string, n int, word string) {
	if t.numbers[table] == nil {
		t.numbers[table], t.words[table] = map[string]int{}, map[int]string{}
	}
	t.numbers[table][word], t.words[table][n] = n, word
	t.order[table] = append(t.order[table], n)
}

// Number is a word's number in a type table.
func Number(table, word string) (int, bool) {
	n, ok := types().numbers[table][word]
	return n, ok
}

// MustNumber is Number for words written in the program.
func MustNumber(table, word string) int {
	n, ok := Number(table, word)
	if !ok {
		panic(fmt.Sprintf("store: %s has no %q", table, word))
	}
	return n
}

// Word is a number's word in a type table, "" when there is none.
func Word(table string, n int) string { return types().words[table][n] }

// LookupProduct finds a product by its name.
func LookupProduct(name string) (Product, bool) {
	p, ok := types().products[name]
	return p, ok
}

// Speaks reports whether the product supports the protocol.
func (p Product) Speaks(protocol string) bool { return slices.Contains(p.Protocols, protocol) }

// Products are all kinds of devices, by number.
func Products() []Product {
	t := types()
	out := make([]Product, 0, len(t.products))
	for _, n := range t.order["typeproduct"] {
		out = append(out, t.products[t.words["typeproduct"][n]])
	}
	return out
}
