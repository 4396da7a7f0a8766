package stack

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dialtone/dialtone/uc"
)

// FindPostgres returns the directory that holds initdb and postgres: the one that
// PG_BIN names, else the newest under /usr/lib/postgresql, else that of the
// postgres in PATH, else the newest that `make setup` put into the user's cache.
// Fails with uc.NotFound in a sentence that says what to run.
func FindPostgres() (string, error) {
	found := postgresCandidates(os.Getenv("PG_BIN"))
	if len(found) == 0 {
		return "", startError(uc.NotFound, systemPostgres,
			"PostgreSQL is not installed: run `make setup`, or name the directory of initdb and postgres in PG_BIN", nil)
	}
	return found[0], nil
}

// postgresCandidates lists the places with a PostgreSQL, best first. A place that
// was named is the only one.
func postgresCandidates(named string) []string {
	if named != "" {
		return slices.DeleteFunc([]string{named}, lacksPostgres)
	}
	dirs := newestFirst("/usr/lib/postgresql/*/bin")
	if p, err := exec.LookPath("postgres"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			dirs = append(dirs, filepath.Dir(p))
		}
	}
	if cache, err := os.UserCacheDir(); err == nil {
		dirs = append(dirs, newestFirst(filepath.Join(cache, "dialtone", "postgres", "*", "native", "bin"))...)
	}
	return slices.DeleteFunc(dirs, lacksPostgres)
}

func lacksPostgres(dir string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.IsDir() {
			return true
		}
	}
	return false
}

var number = regexp.MustCompile(`\d+`)

// newestFirst expands the pattern and orders by the numbers in the path, so that
// 17 comes before 9.
func newestFirst(pattern string) []string {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		return nil
	}
	slices.SortFunc(dirs, func(a, b string) int { return slices.Compare(numbers(b), numbers(a)) })
	return dirs
}

func numbers(s string) []int {
	var out []int
	for _, digits := range number.FindAllString(s, -1) {
		if n, err := strconv.Atoi(digits); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// program is a PostgreSQL that runs here.
type program struct {
	bin     string
	major   string
	account account
}

// pickProgram returns the PostgreSQL for a data directory of the given major
// version; "" takes the best there is.
func pickProgram(named, major string) (program, error) {
	if named == "" {
		named = os.Getenv("PG_BIN")
	}
	dirs := postgresCandidates(named)
	if len(dirs) == 0 {
		if named != "" {
			return program{}, startError(uc.NotFound, systemPostgres, named+" does not hold initdb and postgres", nil)
		}
		_, err := FindPostgres()
		return program{}, err
	}
	var have []string
	var broken error
	for _, dir := range dirs {
		acc, version, err := pickAccount(dir)
		if err != nil {
			broken = err
			continue
		}
		p := program{bin: dir, major: number.FindString(version), account: acc}
		if major == "" || p.major == major {
			return p, nil
		}
		have = append(have, p.major+" ("+dir+")")
	}
	if len(have) == 0 {
		return program{}, broken
	}
	return program{}, startError(uc.Conflict, systemPostgres, fmt.Sprintf(
		"the data was written by PostgreSQL %s and this machine has %s: install PostgreSQL %s, or move the data directory away",
		major, strings.Join(have, ", "), major), nil)
}
