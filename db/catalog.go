package db

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// catalogLock is the advisory lock of the one transaction that changes the catalog.
const catalogLock = 0x636174616c6f67

// errDryRun ends a transaction that only looked.
var errDryRun = errors.New("dry run")

// CatalogPlan is what an apply changes, or would.
type CatalogPlan struct {
	Changes []Change `json:"changes"`
}

// Change is one object that is made, or one field that gets another value.
type Change struct {
	Op     string `json:"op"`              // "+" made, "~" changed
	Object string `json:"object"`          // "pool berlin"
	Field  string `json:"field,omitempty"` // "lineCss.local"; "" of a made object
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
}

// Catalog returns everything that was applied, each list by name.
func (d *DB) Catalog(ctx context.Context) (uc.Catalog, error) { return readCatalog(ctx, d.pool) }

func readCatalog(ctx context.Context, q querier) (c uc.Catalog, err error) {
	const op = "get catalog"
	if c.Domains, err = column[uc.Domain](ctx, q, op, `SELECT spec FROM domains ORDER BY name`, nil); err != nil {
		return uc.Catalog{}, err
	}
	c.Pools, err = list[uc.NumberPool](ctx, q, op, `SELECT `+poolColumns+` FROM number_pools ORDER BY name`, nil)
	if err != nil {
		return uc.Catalog{}, err
	}
	if c.Templates, err = column[uc.Template](ctx, q, op, `SELECT spec FROM templates ORDER BY name`, nil); err != nil {
		return uc.Catalog{}, err
	}
	c.ServiceAreas, err = column[uc.ServiceArea](ctx, q, op, `SELECT spec FROM service_areas ORDER BY name`, nil)
	if err != nil {
		return uc.Catalog{}, err
	}
	return c, nil
}

// ApplyCatalog makes or replaces the named objects, all of them or none, and
// returns what that changed; objects that are not named stay. With dryRun it says
// what it would change. Applying the same again changes nothing. Fails with Invalid
// when an object is wrong, is named twice or refers to one that does not exist, and
// with Conflict when a pool with numbers would move.
func (d *DB) ApplyCatalog(ctx context.Context, c uc.Catalog, dryRun bool) (CatalogPlan, error) {
	c.Pools = slices.Clone(c.Pools)
	for i := range c.Pools {
		c.Pools[i].Policy = cmp.Or(c.Pools[i].Policy, uc.Lowest)
	}
	if err := uc.ProblemsError(append(c.Problems(), twice(c)...)); err != nil {
		return CatalogPlan{}, err
	}
	plan := CatalogPlan{Changes: []Change{}}
	err := d.inTx(ctx, "apply catalog", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(catalogLock)); err != nil {
			return err
		}
		before, err := readCatalog(ctx, tx)
		if err != nil {
			return err
		}
		if err := uc.ProblemsError(unknown(c, merge(before, c))); err != nil {
			return err
		}
		if plan.Changes, err = diffCatalog(before, c); err != nil {
			return err
		}
		if err := saveCatalog(ctx, tx, c); err != nil {
			return err
		}
		if dryRun {
			// The writes were made to hear what the constraints say to them.
			return errDryRun
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return CatalogPlan{}, err
	}
	return plan, nil
}

func saveCatalog(ctx context.Context, tx pgx.Tx, c uc.Catalog) error {
	const op = "apply catalog"
	for _, p := range c.Pools {
		if err := savePool(ctx, tx, p); err != nil {
			return err
		}
	}
	for _, v := range c.Domains {
		_, err := exec(ctx, tx, op, `INSERT INTO domains (name, spec) VALUES (@name, @spec)
			ON CONFLICT (name) DO UPDATE SET spec = excluded.spec`, pgx.NamedArgs{"name": v.Name, "spec": v})
		if err != nil {
			return err
		}
	}
	for _, v := range c.Templates {
		_, err := exec(ctx, tx, op, `INSERT INTO templates (name, spec) VALUES (@name, @spec)
			ON CONFLICT (name) DO UPDATE SET spec = excluded.spec`, pgx.NamedArgs{"name": v.Name, "spec": v})
		if err != nil {
			return err
		}
	}
	for _, v := range c.ServiceAreas {
		_, err := exec(ctx, tx, op, `INSERT INTO service_areas (name, domain, pool, template, spec)
			VALUES (@name, @domain, @pool, @template, @spec)
			ON CONFLICT (name) DO UPDATE SET domain = excluded.domain, pool = excluded.pool,
				template = excluded.template, spec = excluded.spec`, pgx.NamedArgs{
			"name": v.Name, "domain": v.Domain, "pool": v.Pool, "template": v.Template, "spec": v,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
