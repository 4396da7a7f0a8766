package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func newTokenCommand(a *app) *cobra.Command {
	return a.clientFlags(group("token", "Make and revoke API tokens",
		newTokenCreateCommand(a), newTokenListCommand(a), newTokenRevokeCommand(a)))
}

const tokenCreateHelp = `Makes an API token. Its secret goes to the standard output, this once: it is stored
as a hash only.

hr sends joiners and sees the orders it sent; viewer reads everything; admin may do
everything. The first admin token is made on the database itself, with --database.`

func newTokenCreateCommand(a *app) *cobra.Command {
	var role, database string
	cmd := &cobra.Command{
		Use: "create NAME --role hr|admin|viewer", Short: "Make a token", Long: tokenCreateHelp,
		Example: "  dialtone token create workday --role hr > workday.token\n" +
			"  dialtone token create first --role admin --database postgres://dialtone@db/dialtone",
		Args: exactArgs("NAME"), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !uc.Role(role).Valid() {
				return usageError(fmt.Sprintf("role %q: use hr, admin or viewer", role))
			}
			create := a.createToken
			if cmd.Flags().Changed("database") {
				create = func(ctx context.Context, name string, role uc.Role) (api.NewToken, error) {
					return createTokenOn(ctx, database, name, role)
				}
			}
			token, err := create(cmd.Context(), args[0], uc.Role(role))
			if err != nil {
				return err
			}
			return a.printToken(token)
		},
	}
	cmd.Flags().StringVar(&role, "role", "", "hr, admin or viewer")
	cmd.Flags().StringVar(&database, "database", "",
		"make it on this database instead of through the API; \"\" = $DIALTONE_DATABASE_URL")
	must(cmd.MarkFlagRequired("role"))
	must(cmd.RegisterFlagCompletionFunc("role",
		cobra.FixedCompletions([]string{"hr", "admin", "viewer"}, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

// createToken makes the token through the API.
func (a *app) createToken(ctx context.Context, name string, role uc.Role) (api.NewToken, error) {
	c, err := a.client()
	if err != nil {
		return api.NewToken{}, err
	}
	defer c.Close()
	return c.CreateToken(ctx, name, role)
}

// createTokenOn makes the token on the database itself: nobody has one to ask the
// API with when a product is new.
func createTokenOn(ctx context.Context, database, name string, role uc.Role) (api.NewToken, error) {
	address := config.DatabaseURL(database)
	if address == "" {
		return api.NewToken{}, usageError("--database names no database, and DIALTONE_DATABASE_URL is not set")
	}
	d, err := db.Open(ctx, address)
	if err != nil {
		return api.NewToken{}, err
	}
	defer d.Close()
	secret, err := d.CreateToken(ctx, name, role)
	return api.NewToken{Name: name, Role: role, Secret: secret}, err
}

// printToken writes the secret alone, so that it can be sent into a file.
func (a *app) printToken(t api.NewToken) error {
	if a.output != formatTable {
		l := listing{header: []string{"NAME", "ROLE", "SECRET"}}
		l.add(t.Name, string(t.Role), t.Secret)
		return a.print(t, l)
	}
	if a.terminal {
		_, err := fmt.Fprintf(a.errOut, "token %s, role %s; its secret cannot be shown again:\n", t.Name, t.Role)
		if err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(a.out, t.Secret)
	return err
}

func newTokenListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List tokens, without secrets", Args: exactArgs(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, _ []string) error {
			tokens, err := c.Tokens(ctx)
			if err != nil {
				return err
			}
			l := listing{header: []string{"NAME", "ROLE", "CREATED AT"}}
			for _, t := range tokens.Items {
				l.add(t.Name, string(t.Role), moment(&t.CreatedAt))
			}
			return a.print(tokens, l)
		}),
	}
}

func newTokenRevokeCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "revoke NAME", Short: "Revoke a token at once", Args: exactArgs("NAME"),
		ValidArgsFunction: a.complete(func(ctx context.Context, c *apiclient.Client) ([]string, error) {
			tokens, err := c.Tokens(ctx)
			if err != nil {
				return nil, err
			}
			words := make([]string, len(tokens.Items))
			for i, t := range tokens.Items {
				words[i] = t.Name + "\t" + string(t.Role)
			}
			return words, nil
		}),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			if err := c.RevokeToken(ctx, args[0]); err != nil {
				return err
			}
			_, err := fmt.Fprintf(a.errOut, "token %s is revoked\n", args[0])
			return err
		}),
	}
}
