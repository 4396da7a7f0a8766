package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/config"
)

// configFlag adds --config to a command.
func configFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "config", "",
		"settings file (default $DIALTONE_CONFIG, ./dialtone.yaml, /etc/dialtone/dialtone.yaml)")
}

// upOrOwn is the settings file of a command that looks after a product wherever it
// runs: beside a `dialtone up` or `dialtone sim`, and with no settings of one's own,
// the file that it wrote.
func (a *app) upOrOwn(path string) string {
	if ofUp := filepath.Join(a.dataDir(), config.FileName); config.Find(path) == "" && exists(ofUp) {
		return ofUp
	}
	return path
}

// loadSettings reads the settings. Everything that is wrong with them is shown, a
// line each.
func (a *app) loadSettings(path string) (config.Config, error) {
	c, err := config.Load(path)
	var problems *config.Problems
	if errors.As(err, &problems) {
		if _, werr := fmt.Fprintln(a.errOut, problems.Error()); werr != nil {
			return c, werr
		}
		return c, &codeError{code: exitUsage}
	}
	return c, err
}

// startLog makes the log of a server process on its error output.
func (a *app) startLog(c config.Config, process string) *zap.Logger {
	log := newLogger(a.errOut, c.Log, process)
	log.Info("settings read", zap.String("file", c.File))
	for _, w := range c.Warnings {
		log.Warn("settings: " + w)
	}
	return log
}
