package axl

import (
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// TestGeneratedCodeIsUpToDate makes the code anew and compares.
func TestGeneratedCodeIsUpToDate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tool, err := filepath.Abs("../../tools/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"axl.wsdl", "axl.xsd"} {
		content, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, f), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "tool", "-modfile="+tool, "gowsdl",
		"-d", dir, "-p", "gen", "-o", "axl_gen.go", filepath.Join(dir, "axl.wsdl"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("gowsdl: %v\n%s", err, out)
	}
	want, err := os.ReadFile(filepath.Join(dir, "gen", "axl_gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("gen", "axl_gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("gen/axl_gen.go is not what axl.xsd and axl.wsdl make; run go generate ./clients/axl (-want +got):\n%s", diff)
	}
}

func TestSchemaKeepsTheRules(t *testing.T) {
	t.Parallel()
	root := readSchema(t, "axl.xsd")
	for _, problem := range lintSchema(root) {
		t.Error(problem)
	}
}

// TestLintFindsBrokenRules shows that each rule has teeth.
func TestLintFindsBrokenRules(t *testing.T) {
	t.Parallel()
	const ok = `<element name="addThing"><complexType><sequence><element name="thing" type="axl:Thing"/></sequence></complexType></element>`
	for name, tc := range map[string]struct{ reason, schema, want string }{
		"R1":       {"a shared request type gets the first operation's name", `<element name="addThing" type="axl:Thing"/>`, "R1"},
		"R2 case":  {"gowsdl makes every name public", `<complexType name="thing"/>`, "R2"},
		"R2 clash": {"a type and an element of one name are one Go type", ok + `<complexType name="AddThing"/>`, "R2"},
		"R3":       {"gowsdl drops or reorders choices", `<complexType name="Thing"><choice/></complexType>`, "R3"},
		"R3 nested": {
			"gowsdl drops nested sequences",
			`<complexType name="Thing"><sequence><sequence/></sequence></complexType>`, "R3",
		},
		"R4": {
			"an anonymous type is sent even when it is not set",
			`<complexType name="Thing"><sequence><element name="a"><complexType/></element></sequence></complexType>`, "R4",
		},
		"R5": {
			"gowsdl knows one and many",
			`<complexType name="Thing"><sequence><element name="a" type="axl:B" maxOccurs="3"/></sequence></complexType>`, "R5",
		},
		"R6 nillable": {
			"without a pointer false and empty cannot be sent",
			`<complexType name="Thing"><sequence><element name="a" type="xsd:string" minOccurs="0"/></sequence></complexType>`, "R6",
		},
		"R6 type": {
			"AXL's integers may be empty",
			`<complexType name="Thing"><sequence><element name="a" type="xsd:integer"/></sequence></complexType>`, "R6",
		},
		"R7": {
			"two fields of one name do not compile",
			`<complexType name="Thing"><sequence><element name="a" type="axl:B"/><element name="A" type="axl:B"/></sequence></complexType>`, "R7",
		},
		"R8": {
			"a base of xsd:string loses the uuid",
			`<complexType name="Ref"><simpleContent><extension base="xsd:string"/></simpleContent></complexType>`, "R8",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var root node
			if err := xml.Unmarshal([]byte("<schema>"+tc.schema+"</schema>"), &root); err != nil {
				t.Fatal(err)
			}
			got := lintSchema(root)
			if !slices.ContainsFunc(got, func(p string) bool { return strings.HasPrefix(p, tc.want+" ") }) {
				t.Errorf("%s: want a violation of %s, got %q", tc.reason, tc.want, got)
			}
		})
	}
}

type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []node     `xml:",any"`
}

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (n node) kind() string { return n.XMLName.Local }

func readSchema(t *testing.T, file string) node {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var root node
	if err := xml.Unmarshal(content, &root); err != nil {
		t.Fatal(err)
	}
	return root
}

// lintSchema returns every break of the rules in axl.xsd's head.
func lintSchema(root node) (problems []string) {
	report := func(rule, format string, args ...any) {
		problems = append(problems, rule+" "+fmt.Sprintf(format, args...))
	}
	elements := map[string]bool{}
	for _, c := range root.Children {
		if c.kind() == "element" {
			elements[strings.ToLower(c.attr("name"))] = true
		}
	}
	types := map[string]bool{}
	for _, c := range root.Children {
		name := c.attr("name")
		switch c.kind() {
		case "element":
			if c.attr("type") != "" || len(c.Children) == 0 {
				report("R1", "element %s must have an inline type", name)
			}
		case "complexType", "simpleType":
			if name == "" || !unicode.IsUpper(rune(name[0])) || elements[strings.ToLower(name)] || types[strings.ToLower(name)] {
				report("R2", "type %s must start upper-case and share its name with nothing", name)
			}
			types[strings.ToLower(name)] = true
		}
		lintContent(name, c, report)
	}
	return problems
}

func lintContent(where string, n node, report func(rule, format string, args ...any)) {
	fields := map[string]bool{}
	for _, c := range n.Children {
		switch c.kind() {
		case "choice", "all", "group", "any":
			report("R3", "%s: no %s", where, c.kind())
		case "sequence":
			if n.kind() == "sequence" {
				report("R3", "%s: no nested sequence", where)
			}
		case "extension":
			if n.kind() != "simpleContent" || c.attr("base") != "axl:FkText" {
				report("R8", "%s: only a reference extends, and only FkText", where)
			}
		case "element":
			if n.kind() != "sequence" {
				continue
			}
			lintElement(where, c, report)
			field := strings.ToUpper(c.attr("name")[:1]) + c.attr("name")[1:]
			if fields[field] {
				report("R7", "%s: two elements become %s", where, field)
			}
			fields[field] = true
		}
		lintContent(where, c, report)
	}
}

func lintElement(where string, e node, report func(rule, format string, args ...any)) {
	name := e.attr("name")
	if e.attr("type") == "" {
		report("R4", "%s: %s must have a named type", where, name)
	}
	if m := e.attr("maxOccurs"); m != "" && m != "1" && m != "unbounded" {
		report("R5", "%s: maxOccurs of %s is %s", where, name, m)
	}
	scalar, isScalar := strings.CutPrefix(e.attr("type"), "xsd:")
	if !isScalar {
		return
	}
	if !slices.Contains([]string{"string", "boolean", "unsignedLong", "anyType"}, scalar) {
		report("R6", "%s: %s is a %s", where, name, scalar)
	}
	if e.attr("minOccurs") == "0" && e.attr("maxOccurs") == "" && e.attr("nillable") != "true" {
		report("R6", "%s: %s is optional and must be nillable", where, name)
	}
}
