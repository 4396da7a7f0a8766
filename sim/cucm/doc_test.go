package cucm_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryGuessIsWrittenDown holds the marks in the code against the table in
// docs/simulator.md, by file.
func TestEveryGuessIsWrittenDown(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/simulator.md")
	if err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !strings.Contains(".go.txt.sql", filepath.Ext(path)) {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), "assumed:") && !strings.Contains(string(doc), "`"+filepath.ToSlash(path)+"`") {
			t.Errorf("%s guesses something that docs/simulator.md does not list", path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
