package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// GetPlacement returns the service area with everything that it refers to. Fails
// with NotFound, naming the area and the ones that exist.
func (d *DB) GetPlacement(ctx context.Context, serviceArea string) (uc.Placement, error) {
	const op = "get placement"
	type row struct {
		Domain   uc.Domain
		Area     uc.ServiceArea
		Template uc.Template
		uc.NumberPool
	}
	found, err := list[row](ctx, d.pool, op, `SELECT d.spec AS domain, a.spec AS area, t.spec AS template,
			p.name, p.call_processor, p.partition, p.policy, p.retention, p.e164_mask
		FROM service_areas a JOIN domains d ON d.name = a.domain JOIN templates t ON t.name = a.template
		JOIN number_pools p ON p.name = a.pool
		WHERE a.name = @name`, pgx.NamedArgs{"name": serviceArea})
	if err != nil {
		return uc.Placement{}, err
	}
	if len(found) == 0 {
		return uc.Placement{}, d.noArea(ctx, op, serviceArea)
	}
	r := found[0]
	return uc.Placement{Domain: r.Domain, Area: r.Area, Pool: r.NumberPool, Template: r.Template}, nil
}

func (d *DB) noArea(ctx context.Context, op, serviceArea string) error {
	names, err := column[string](ctx, d.pool, op, `SELECT name FROM service_areas ORDER BY name LIMIT @limit`,
		pgx.NamedArgs{"limit": shownNames + 1})
	if err != nil {
		return err
	}
	known := "no service area does"
	if len(names) > 0 {
		known = "there are " + someNames(names)
	}
	return refuse(uc.NotFound, op, fmt.Sprintf("service area %q does not exist: %s", serviceArea, known))
}
