package db_test

import (
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/db/dbtest"
)

// migrateEnv tells TestMigrateHere which database to migrate.
const migrateEnv = "DIALTONE_TEST_MIGRATE"

func TestMigrate(t *testing.T) {
	t.Parallel()
	url := dbtest.Empty(t)
	d, err := db.Open(t.Context(), url)
	must(t, err)
	defer d.Close()
	have, want, err := d.MigrationVersion(t.Context())
	must(t, err)
	if have != 0 || want == 0 {
		t.Errorf("an empty database has version %d of %d, want 0", have, want)
	}
	for range 2 {
		must(t, db.Migrate(t.Context(), url))
		have, want, err = d.MigrationVersion(t.Context())
		must(t, err)
		if have != want {
			t.Errorf("a migrated database has version %d of %d", have, want)
		}
	}
}

func TestMigrateByManyProcesses(t *testing.T) {
	t.Parallel()
	url := dbtest.Empty(t)
	self, err := os.Executable()
	must(t, err)
	var done sync.WaitGroup
	for range 6 {
		done.Go(func() {
			child := exec.CommandContext(t.Context(), self, "-test.run=^TestMigrateHere$")
			child.Env = append(os.Environ(), migrateEnv+"="+url)
			if out, err := child.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	done.Wait()
	d, err := db.Open(t.Context(), url)
	must(t, err)
	defer d.Close()
	have, want, err := d.MigrationVersion(t.Context())
	must(t, err)
	if have != want {
		t.Errorf("version %d of %d", have, want)
	}
}

// TestMigrateHere is what the processes of TestMigrateByManyProcesses run.
func TestMigrateHere(t *testing.T) {
	t.Parallel()
	if url := os.Getenv(migrateEnv); url != "" {
		must(t, db.Migrate(t.Context(), url))
	}
}
