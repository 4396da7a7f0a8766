package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/config"
)

// connection is how the client commands were told to reach the API.
type connection struct {
	url       string
	tokenFile string
	caFile    string
}

// clientFlags gives a command, and those below it, the flags of the connection.
func (a *app) clientFlags(cmd *cobra.Command) *cobra.Command {
	flags := cmd.PersistentFlags()
	flags.StringVar(&a.api.url, "url", "",
		"address of the API (default $DIALTONE_URL, or that of \"dialtone up\" here)")
	flags.StringVar(&a.api.tokenFile, "token-file", "",
		"file with the token (default $DIALTONE_TOKEN, or that of \"dialtone up\" here)")
	flags.StringVar(&a.api.caFile, "ca-file", "",
		"PEM certificates that the API's is checked with (default $DIALTONE_CA_FILE, or the system's)")
	return cmd
}

// client reaches the API as the flags, the environment or the client file say.
func (a *app) client() (*apiclient.Client, error) {
	c, err := config.LoadClient(config.ClientFlags{
		Data: a.data, URL: a.api.url, TokenFile: a.api.tokenFile, CAFile: a.api.caFile,
	})
	if err != nil {
		return nil, err
	}
	return apiclient.New(apiclient.Options{URL: c.URL, Token: c.Token, CAFile: c.CAFile, Timeout: requestTimeout})
}

// The time limits of one request: the import of numbers may take longest.
const (
	requestTimeout    = 150 * time.Second
	completionTimeout = 2 * time.Second
)

// action is what a command does with the API and its arguments.
type action func(ctx context.Context, c *apiclient.Client, args []string) error

// withClient makes a command's action of one that needs the API.
func (a *app) withClient(act action) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		c, err := a.client()
		if err != nil {
			return err
		}
		defer c.Close()
		err = act(cmd.Context(), c, args)
		if coded := (*codeError)(nil); err != nil && cmd.Context().Err() != nil && !errors.As(err, &coded) {
			return &codeError{code: exitFailed, text: "interrupted; what was accepted goes on"}
		}
		return err
	}
}

// group is a command that only has commands below it.
func group(use, short string, below ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, RunE: helpOrUnknown,
	}
	cmd.AddCommand(below...)
	return cmd
}

// helpOrUnknown is what a command does that only has commands below it.
func helpOrUnknown(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	return unknownCommand(cmd, args[0])
}
