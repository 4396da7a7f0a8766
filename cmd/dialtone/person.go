package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
)

func newPersonCommand(a *app) *cobra.Command {
	return a.clientFlags(group("person", "See people", newPersonGetCommand(a)))
}

func newPersonGetCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "get USER", Short: "Show everything that is known about a person",
		Args: exactArgs("USER"), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			p, err := c.Person(ctx, args[0])
			if err != nil {
				return err
			}
			if a.output != formatTable {
				return a.print(p, personListing(p))
			}
			return a.printPerson(p)
		}),
	}
}

// personListing is one person as rows: numbers, services and orders by their kind.
func personListing(p api.Person) listing {
	l := listing{header: []string{"USER", "WHAT", "WHERE", "NAME", "STATE", "ORDER"}}
	for _, n := range p.Numbers {
		l.add(p.UserID, "number", n.CallProcessor+" "+n.Partition, n.Digits, string(n.State), n.OrderID)
	}
	for _, s := range p.Services {
		l.add(p.UserID, s.Type, s.System, s.Key, adoptedText(s), s.OrderID)
	}
	for _, o := range p.Orders {
		l.add(p.UserID, "order", o.ServiceArea, string(o.Kind), string(o.State), o.ID)
	}
	return l
}

func adoptedText(s api.Service) string {
	if s.Adopted {
		return "adopted"
	}
	return "made"
}

func (a *app) printPerson(p api.Person) error {
	name := p.UserID
	if p.User != nil && p.User.Name() != "" {
		name += ", " + p.User.Name()
	}
	if p.User != nil && p.User.Mail != "" {
		name += ", " + p.User.Mail
	}
	services := listing{header: []string{"SERVICE", "NAME", "SYSTEM", "HOW", "ORDER"}}
	for _, s := range p.Services {
		services.add(s.Type, s.Key, s.System, adoptedText(s), s.OrderID)
	}
	if _, err := fmt.Fprintln(a.out, plain(name)); err != nil {
		return err
	}
	for _, part := range []struct {
		title string
		rows  listing
	}{{"Numbers", numberListing(p.Numbers)}, {"Services", services}, {"Orders", orderListing(p.Orders)}} {
		if _, err := fmt.Fprintf(a.out, "\n%s\n", part.title); err != nil {
			return err
		}
		if err := writeTable(a.out, part.rows); err != nil {
			return err
		}
	}
	return nil
}
