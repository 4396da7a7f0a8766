package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

// offer is what the shell offers for the word that is being typed.
type offer func(ctx context.Context, c *apiclient.Client) ([]string, error)

// complete offers what the API knows for the first argument; nothing when the API
// does not answer at once.
func (a *app) complete(words offer) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.completeFlag(words)(cmd, args, typed)
	}
}

// completeFlag offers what the API knows for the value of a flag.
func (a *app) completeFlag(words offer) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		c, err := a.client()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer c.Close()
		parent := cmd.Context()
		if parent == nil {
			parent = context.Background()
		}
		ctx, cancel := context.WithTimeout(parent, completionTimeout)
		defer cancel()
		known, err := words(ctx, c)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return known, cobra.ShellCompDirectiveNoFileComp
	}
}

// userIDs completes people in one of the states.
func (a *app) userIDs(states ...uc.PersonState) cobra.CompletionFunc {
	return a.complete(func(ctx context.Context, c *apiclient.Client) ([]string, error) {
		var words []string
		for q := (apiclient.PersonQuery{Limit: maxPage}); ; {
			page, err := c.People(ctx, q)
			if err != nil {
				return nil, err
			}
			for _, p := range page.Items {
				if slices.Contains(states, p.State) {
					words = append(words, p.UserID+"\t"+p.Joiner.User.Name())
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" || len(words) > maxOffered {
				return words, nil
			}
		}
	})
}

// maxOffered is how many words a shell is offered, about.
const maxOffered = 2000

// serviceAreas completes the names of service areas.
func (a *app) serviceAreas() cobra.CompletionFunc {
	return a.completeFlag(func(ctx context.Context, c *apiclient.Client) ([]string, error) {
		catalog, err := c.Catalog(ctx)
		if err != nil {
			return nil, err
		}
		var words []string
		for _, area := range catalog.ServiceAreas {
			words = append(words, area.Name+"\t"+area.CallProcessor)
		}
		return words, nil
	})
}

// pools completes the names of number pools.
func (a *app) pools() cobra.CompletionFunc {
	return a.completeFlag(func(ctx context.Context, c *apiclient.Client) ([]string, error) {
		list, err := c.Pools(ctx)
		if err != nil {
			return nil, err
		}
		var words []string
		for _, p := range list.Items {
			words = append(words, p.Name+"\t"+p.CallProcessor)
		}
		return words, nil
	})
}

func classesOfService(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{string(uc.Local), string(uc.National), string(uc.Mobile), string(uc.International)},
		cobra.ShellCompDirectiveNoFileComp
}
