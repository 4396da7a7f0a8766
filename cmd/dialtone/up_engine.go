package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/worker"
)

// startEngine starts what is ours: token, API and worker, in this process.
func (r *running) startEngine(ctx context.Context) error {
	d, err := openDatabase(ctx, r.settings.Database)
	if err != nil {
		return err
	}
	r.started("database", func(context.Context) error { d.Close(); return nil })
	// Not by the TEMPORAL_* variables: they are about somebody else's Temporal.
	t, err := client.DialContext(ctx, client.Options{
		HostPort: r.settings.Temporal.Address, Namespace: r.settings.Temporal.Namespace, Logger: temporalLogger(r.log),
	})
	if err != nil {
		return &uc.Error{Kind: uc.Unavailable, System: "temporal", Op: "dial", Detail: err.Error(), Err: err}
	}
	r.started("Temporal client", func(context.Context) error { t.Close(); return nil })
	if err := r.adminToken(ctx, d); err != nil {
		return err
	}
	if err := r.step("API", func() (string, error) { return r.startAPI(ctx, d, t) }); err != nil {
		return err
	}
	return r.step("worker", func() (string, error) { return r.startWorker(ctx, d, t) })
}

func (r *running) startAPI(ctx context.Context, d *db.DB, t client.Client) (string, error) {
	l, err := listen(ctx, apiPort)
	if err != nil {
		return "", err
	}
	handler := api.New(apiOptions(r.settings, d, t, r.log.With(zap.String("part", "api"))))
	r.goPart(ctx, "API", func(ctx context.Context) error { return api.Serve(ctx, l, handler, r.log) })
	url := "http://" + l.Addr().String()
	r.client = config.ClientFile{URL: url, TokenFile: tokenFile}
	if err := r.writeClientFile(); err != nil {
		return "", err
	}
	r.page("API", url+"/v1/openapi.yaml")
	return url, nil
}

func (r *running) startWorker(ctx context.Context, d *db.DB, t client.Client) (string, error) {
	systems, err := openSystems(r.settings)
	if err != nil {
		return "", err
	}
	r.started("clients", func(context.Context) error { systems.close(r.log); return nil })
	options := systems.worker(t, r.settings.Temporal.Namespace, d, r.log.With(zap.String("part", "worker")))
	r.goPart(ctx, "worker", func(ctx context.Context) error { return worker.Run(ctx, options) })
	return "in this process", nil
}

// adminToken makes the administrator's token once; the file in the data folder is
// the only place that knows it.
func (r *running) adminToken(ctx context.Context, d *db.DB) error {
	path := filepath.Join(r.dir, tokenFile)
	if text, err := os.ReadFile(path); err == nil {
		if _, err := d.AuthenticateToken(ctx, strings.TrimSpace(string(text))); err == nil {
			return nil
		}
	}
	const name = "dialtone up"
	if err := d.RevokeToken(ctx, name); err != nil && !errors.Is(err, uc.NotFound) {
		return err
	}
	token, err := d.CreateToken(ctx, name, uc.RoleAdmin)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(token+"\n"), 0o600)
}

// writeClientFile lets the client commands find the API while it runs.
func (r *running) writeClientFile() error {
	text, err := json.Marshal(r.client)
	if err != nil {
		return err
	}
	path := filepath.Join(r.dir, config.ClientFileName)
	if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return err
	}
	r.started("client file", func(context.Context) error { return os.Remove(path) })
	return nil
}
