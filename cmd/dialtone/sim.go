package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/stack"
)

const simHelp = `Serves every system outside of Dialtone, simulated: two call processors (AXL), a
directory (LDAPS), a mail server and an HR receiver. Writes DATA/dialtone.yaml, the
settings by which an API and workers reach them, and prints READY. Nothing is
delivered to anybody.`

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
func (a *app) sim(ctx context.Context, host, folder string) (err error) {
	e, err := loadExample(folder)
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(a.dataDir())
	if err != nil {
		return err
	}
	lock, err := stack.Lock(dir)
	var other *stack.ErrRunning
	if errors.As(err, &other) {
		return a.sayRunning(other)
	}
	if err != nil {
		return err
	}
	r := &running{a: a, dir: dir, host: host, fixed: true, lock: lock, broken: make(chan error, 8), urls: map[string]string{}}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	log, err := r.openLog("sim")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	defer func() { err = errors.Join(err, r.stop(ctx)) }()
	if err := r.startWorld(ctx, e); err != nil {
		return r.explain(ctx, err)
	}
	if err := r.settings.Save(dir); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(a.out, "READY"); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-r.broken:
		return err
	}
}
