package config

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// Every setting stands in the operator's guide, in the words of the table.
func TestOperationsListsSettings(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	for _, s := range settings {
		fallback := "–"
		if s.required {
			fallback = "required"
		} else if s.fallback != "" {
			fallback = "`" + s.fallback + "`"
		}
		row := fmt.Sprintf("| `%s` | %s | %s |", s.key, fallback, s.what)
		if !strings.Contains(string(text), row) {
			missing = append(missing, row)
		}
	}
	if len(missing) > 0 {
		t.Errorf("docs/operations.md lacks these rows:\n%s", strings.Join(missing, "\n"))
	}
}

// The example settings are right, but for the secrets and certificates that they
// refer to.
func TestExampleSettings(t *testing.T) {
	t.Parallel()
	_, err := load("../examples/dialtone.yaml", nil, nil)
	var problems *Problems
	if !errors.As(err, &problems) {
		t.Fatalf("got %v, want the missing secrets", err)
	}
	for _, p := range problems.List {
		last := p.Field[strings.LastIndex(p.Field, ".")+1:]
		if last != "password" && last != "secret" && last != "caFile" {
			t.Error(p)
		}
	}
}
