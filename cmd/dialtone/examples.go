package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"

	"sigs.k8s.io/yaml"

	"github.com/dialtone/dialtone/examples"
	"github.com/dialtone/dialtone/uc"
)

// example is the example company: its files, and what is in them.
type example struct {
	catalog uc.Catalog
	numbers []exampleNumbers // in the order of the file
	people  []exampleRow
	life    []exampleRow // what happens to them later
	cluster []exampleCluster
	joiners []byte // joiners.csv as it is
}

// exampleNumbers are numbers of one pool, a range or a single one. Those for later
// are what a waiting order waits for.
type exampleNumbers struct {
	pool, numbers string
	later         bool
}

// exampleRow is one person: the columns of the file by name.
type exampleRow struct {
	line int // in the file
	col  map[string]string
}

// exampleCluster is what a simulated call processor holds beside what each has.
type exampleCluster struct {
	Name           string    `json:"name"`
	Version        string    `json:"version"`
	Partitions     []string  `json:"partitions"`
	Users          []uc.User `json:"users"`
	LDAPAgreements []struct {
		Name  string   `json:"name"`
		Users []string `json:"users"` // user ids of joiners.csv
	} `json:"ldapAgreements"`
}

// loadExample reads the example company from a folder; from the program itself
// for "". Fails with uc.Invalid, naming the file.
func loadExample(folder string) (*example, error) {
	var files fs.FS = examples.FS
	if folder != "" {
		files = os.DirFS(folder)
	}
	e := &example{}
	bad := func(name string, err error) error {
		return &uc.Error{Kind: uc.Invalid, Detail: fmt.Sprintf("example file %s: %v", name, err), Err: err}
	}
	for name, into := range map[string]any{"catalog.yaml": &e.catalog, "clusters.yaml": &e.cluster} {
		text, err := fs.ReadFile(files, name)
		if err == nil {
			err = yaml.UnmarshalStrict(text, into)
		}
		if err != nil {
			return nil, bad(name, err)
		}
	}
	numbers, _, err := readExampleRows(files, "numbers.csv")
	if err != nil {
		return nil, bad("numbers.csv", err)
	}
	for _, row := range numbers {
		e.numbers = append(e.numbers, exampleNumbers{row.col["pool"], row.col["numbers"], row.col["when"] == "later"})
	}
	if e.life, _, err = readExampleRows(files, "life.csv"); err != nil {
		return nil, bad("life.csv", err)
	}
	if e.people, e.joiners, err = readExampleRows(files, "joiners.csv"); err != nil {
		return nil, bad("joiners.csv", err)
	}
	return e, nil
}

// readExampleRows reads a CSV file with a header.
func readExampleRows(files fs.FS, name string) ([]exampleRow, []byte, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, nil, err
	}
	r := csv.NewReader(bytes.NewReader(text))
	header, err := r.Read()
	if err != nil {
		return nil, nil, err
	}
	var out []exampleRow
	records, err := r.ReadAll()
	if err != nil {
		return nil, nil, err
	}
	for i, record := range records {
		row := exampleRow{line: i + 2, col: map[string]string{}} // no cell of ours holds a line break
		for j, name := range header {
			row.col[name] = record[j]
		}
		out = append(out, row)
	}
	return out, text, nil
}
