package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/stack"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/workflows"
)

// The ports of API and Temporal's web UI, when they are free; any otherwise.
const (
	apiPort        = 8080
	temporalUIPort = 8233
)

// database is the name of the product's database in the private PostgreSQL.
const database = "dialtone"

// start starts every part, in order: each needs the ones before it.
func (r *running) start(ctx context.Context, e *example) error {
	p, err := r.startPostgres(ctx)
	if err != nil {
		return err
	}
	t, err := r.startTemporal(ctx, p)
	if err != nil {
		return err
	}
	if err := r.startWorld(ctx, e); err != nil {
		return err
	}
	r.settings.Database.URL = config.NewSecret("made by dialtone up", p.URL(database))
	r.settings.Database.MaxConnections = 24
	r.settings.Temporal = config.Temporal{Address: t.HostPort, Namespace: t.Namespace}
	// For `dialtone doctor`, and for whoever wants a worker more.
	if err := r.settings.Save(r.dir); err != nil {
		return err
	}
	return r.startEngine(ctx)
}

func (r *running) startPostgres(ctx context.Context) (*stack.Postgres, error) {
	var p *stack.Postgres
	err := r.step("PostgreSQL", func() (detail string, err error) {
		p, err = stack.StartPostgres(ctx, stack.PostgresOptions{Dir: filepath.Join(r.dir, postgresDir), OnChange: r.onChange})
		if err != nil {
			return "", err
		}
		r.started("PostgreSQL", p.Stop)
		return "on a unix socket of its own", p.CreateDatabase(ctx, database)
	})
	if err != nil {
		return nil, err
	}
	return p, r.step("schema", func() (string, error) {
		if err := db.Migrate(ctx, p.URL(database)); err != nil {
			return "", err
		}
		return "database " + database, nil
	})
}

func (r *running) startTemporal(ctx context.Context, p *stack.Postgres) (*stack.Temporal, error) {
	attributes := map[string]string{}
	for name, kind := range workflows.SearchAttributes() {
		attributes[name] = kind.String()
	}
	log, err := os.OpenFile(filepath.Join(r.dir, "temporal.log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	var t *stack.Temporal
	err = r.step("Temporal", func() (detail string, err error) {
		options := stack.TemporalOptions{
			Postgres: p, Dir: filepath.Join(r.dir, temporalDir), UIPort: preferred(ctx, temporalUIPort),
			SearchAttributes: attributes, Log: log, OnChange: r.onChange,
		}
		t, err = stack.StartTemporal(ctx, options)
		if errors.Is(err, uc.Conflict) && options.UIPort != 0 { // somebody took it meanwhile
			options.UIPort = 0
			t, err = stack.StartTemporal(ctx, options)
		}
		if err != nil {
			return "", errors.Join(err, log.Close())
		}
		r.started("Temporal", func(ctx context.Context) error { return errors.Join(t.Stop(ctx), log.Close()) })
		r.page("Temporal: every run", t.UIURL+"/namespaces/"+t.Namespace+"/workflows")
		return t.HostPort, nil
	})
	return t, err
}
