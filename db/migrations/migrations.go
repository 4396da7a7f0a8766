// Package migrations holds the schema of the database as SQL files, one change
// each, applied in order of their numbers. It holds no Go code: what a migration
// cannot say in SQL does not belong in one.
package migrations

import "embed"

// FS holds the migrations, named 00001_what_it_adds.sql.
//
//go:embed *.sql
var FS embed.FS
