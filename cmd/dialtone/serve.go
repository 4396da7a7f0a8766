package main

import (
	"context"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/db"
)

// process is what a server process begins with.
type process struct {
	settings config.Config
	log      *zap.Logger
	db       *db.DB
	temporal client.Client
}

// serveCommand makes the command of a server process: it reads the settings, opens
// the database and Temporal, serves until the context ends, and closes them again.
func (a *app) serveCommand(cmd *cobra.Command, serve func(context.Context, process) error) *cobra.Command {
	var path string
	cmd.Args = exactArgs()
	configFlag(cmd, &path)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := a.loadSettings(path)
		if err != nil {
			return err
		}
		p := process{settings: c, log: a.startLog(c, cmd.Name())}
		if p.db, err = openDatabase(cmd.Context(), c.Database); err != nil {
			return err
		}
		defer p.db.Close()
		if p.temporal, err = dialTemporal(c.Temporal, p.log); err != nil {
			return err
		}
		defer p.temporal.Close()
		return serve(cmd.Context(), p)
	}
	return cmd
}
