package api

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
)

var update = flag.Bool("update", false, "write openapi.yaml anew")

// The committed document is what is served: it must be the one that the operations make.
func TestOpenAPIDocument(t *testing.T) {
	t.Parallel()
	_, doc := build(Options{Log: zap.NewNop()})
	words := readWords(t)
	for name, schema := range doc.Components.Schemas.Map() {
		words.describe(name, schema)
	}
	want, err := doc.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("openapi.yaml", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(openAPI, want) {
		t.Errorf("openapi.yaml is not what the operations make: run go test ./api -update\n%s",
			cmp.Diff(string(openAPI), string(want)))
	}
}

// words are the comments and the constants of package uc: the document says about
// a field what its declaration says.
type words struct {
	structs map[string]*ast.StructType
	docs    map[string]string
	consts  map[string][]any // by type
}

func readWords(t *testing.T) words {
	t.Helper()
	w := words{structs: map[string]*ast.StructType{}, docs: map[string]string{}, consts: map[string][]any{}}
	files, err := filepath.Glob("../uc/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no sources of package uc", err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				w.read(g)
			}
		}
	}
	delete(w.consts, "EstateKind") // there are more kinds than constants
	return w
}

func (w words) read(g *ast.GenDecl) {
	for _, spec := range g.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if st, ok := s.Type.(*ast.StructType); ok {
				w.structs[s.Name.Name] = st
				w.docs[s.Name.Name] = oneLine(g.Doc.Text())
			}
		case *ast.ValueSpec:
			if typ, ok := s.Type.(*ast.Ident); ok && g.Tok == token.CONST && len(s.Values) == 1 {
				if lit, ok := s.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					value, err := strconv.Unquote(lit.Value)
					if err == nil {
						w.consts[typ.Name] = append(w.consts[typ.Name], value)
					}
				}
			}
		}
	}
}

// describe adds descriptions and the closed lists of values to a schema.
func (w words) describe(name string, schema *huma.Schema) {
	st := w.structs[name]
	if st == nil {
		st = w.structs[map[string]string{"Pool": "NumberPool"}[name]]
	} else if schema.Description == "" {
		schema.Description = w.docs[name]
	}
	if name == "Person" || name == "Service" || st == nil {
		w.enums(name, schema)
		return
	}
	for _, f := range st.Fields.List {
		if f.Tag == nil {
			continue
		}
		tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`"))
		property, options, _ := strings.Cut(tag.Get("json"), ",")
		p := schema.Properties[property]
		if p == nil {
			continue
		}
		if text := oneLine(f.Comment.Text()); p.Description == "" && text != "" {
			p.Description = text
		}
		w.enum(f.Type, p, options == "")
	}
	w.enums(name, schema)
}

// enum closes the list of values of a field whose type has constants. A field that
// is always written may also be empty.
func (w words) enum(typ ast.Expr, p *huma.Schema, always bool) {
	id, ok := typ.(*ast.Ident)
	if !ok || p.Type != huma.TypeString || len(p.Enum) > 0 {
		return
	}
	values := w.consts[id.Name]
	if len(values) == 0 {
		return
	}
	if always && strings.Contains(p.Description, `"" =`) {
		values = append([]any{""}, values...)
	}
	p.Enum = slices.Clone(values)
}

// enums does the same for the fields of the API's own types.
func (w words) enums(schema string, s *huma.Schema) {
	for field, typ := range map[string]string{"Problem.kind": "Kind", "Token.role": "Role", "NewToken.role": "Role"} {
		if name, property, _ := strings.Cut(field, "."); name == schema {
			s.Properties[property].Enum = slices.Clone(w.consts[typ])
		}
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
