package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

const simHelp = `Serves every system outside of Dialtone, simulated: two call processors (AXL), a
directory (LDAPS), a mail server, an HR receiver and an SMS gateway. Writes
DATA/dialtone.yaml, the settings by which an API and workers reach them, and prints
READY. Nothing is delivered to anybody.`

func newSimCommand(a *app) *cobra.Command {
	var host, examples string
	cmd := &cobra.Command{
		Use: "sim", Short: "Serve simulated systems", Long: simHelp, Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.sim(cmd.Context(), host, examples) },
	}
	cmd.Flags().StringVar(&host, "host", "127.0.0.1", "name or address at which others reach this machine; also in the certificates")
	cmd.Flags().StringVar(&examples, "examples", "", "folder with catalog.yaml and joiners.csv (default: those in the program)")
	cmd.AddCommand(newSimCUCMCommand(a), newSimFaultCommand(a), newSimSnapshotCommand(a), newSimDiffCommand(a))
	return cmd
}

// sim serves the simulated systems until the context ends.
func (a *app) sim(ctx context.Context, host, folder string) error {
	e, err := loadExample(folder)
	if err != nil {
		return err
	}
	return a.onData(func(r *running) error {
		r.host, r.fixed = host, true
		return r.logged(ctx, "sim", func() error { return r.serveWorld(ctx, e) })
	})
}

// serveWorld starts the simulated systems, says READY and stays until the context or
// one of them ends.
func (r *running) serveWorld(ctx context.Context, e *example) error {
	if err := r.startWorld(ctx, e); err != nil {
		return r.explain(ctx, err)
	}
	if err := r.settings.Save(r.dir); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(r.a.out, "READY"); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-r.broken:
		return err
	}
}
