package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/db"
)

func newMigrateCommand(a *app) *cobra.Command {
	var path, url string
	cmd := &cobra.Command{
		Use: "migrate", Short: "Bring the database to this program's schema",
		Long: "Brings the database to this program's schema. Safe to run at any time and by several processes at once; " +
			"a program accepts a newer schema than its own, so migrate first, then replace the processes. " +
			"Without settings it is the database of the `dialtone up` that runs on the data folder.",
		Args: exactArgs(),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&url, "database", "", "the database (default $DIALTONE_DATABASE_URL, else that of the settings)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		at := config.DatabaseURL(url)
		if at == "" {
			c, err := a.loadSettings(a.upOrOwn(path))
			if err != nil {
				return err
			}
			at = c.Database.URL.Reveal()
		}
		d, err := db.Open(cmd.Context(), at)
		if err != nil {
			return err
		}
		defer d.Close()
		before, want, err := d.MigrationVersion(cmd.Context())
		if err != nil {
			return err
		}
		if err := db.Migrate(cmd.Context(), at); err != nil {
			return err
		}
		text := fmt.Sprintf("schema brought from version %d to %d", before, want)
		if before >= want {
			text = fmt.Sprintf("schema is at version %d: nothing to do", before)
		}
		_, err = fmt.Fprintln(a.out, text)
		return err
	}
	return cmd
}
