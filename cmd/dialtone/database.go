package main

import (
	"context"
	"fmt"

	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

// openDatabase returns the migrated database. Fails with uc.Invalid when its schema
// is older than this program.
func openDatabase(ctx context.Context, c config.Database) (*db.DB, error) {
	d, err := db.OpenWith(ctx, db.Options{URL: c.URL.Reveal(), MaxConns: int32(c.MaxConnections)})
	if err != nil {
		return nil, err
	}
	have, want, err := d.MigrationVersion(ctx)
	if err == nil && have < want {
		err = &uc.Error{Kind: uc.Invalid, Detail: fmt.Sprintf(
			"the database's schema is version %d, this program needs %d: run `dialtone migrate`", have, want)}
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}
