package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

func newPersonCommand(a *app) *cobra.Command {
	return a.clientFlags(group("person", "See people", newPersonGetCommand(a), newPersonListCommand(a)))
}

func newPersonGetCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "get USER", Short: "Show everything that is known about a person",
		Args: exactArgs("USER"), ValidArgsFunction: a.userIDs(uc.Active, uc.Leaving, uc.Left),
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

func newPersonListCommand(a *app) *cobra.Command {
	var q apiclient.PersonQuery
	cmd := &cobra.Command{
		Use: "list", Short: "List the people that orders know", Args: exactArgs(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, _ []string) error {
			list, err := c.People(ctx, q)
			if err != nil {
				return err
			}
			l := listing{header: []string{"USER", "NAME", "STATE", "SERVICE AREA", "NUMBER", "EMPLOYEE ID", "UPDATED AT"}}
			for _, p := range list.Items {
				l.add(p.UserID, p.Joiner.User.Name(), string(p.State), p.Joiner.ServiceArea, p.Number().Digits,
					p.Joiner.User.EmployeeID, moment(&p.UpdatedAt))
			}
			if err := a.print(list, l); err != nil {
				return err
			}
			if list.Next != "" && a.output == formatTable {
				_, err = fmt.Fprintf(a.errOut, "there are more: --limit shows up to %d, --cursor %s the next\n", maxPage, list.Next)
			}
			return err
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&q.Domain, "domain", "", "only people of this domain")
	flags.StringVar(&q.ServiceArea, "service-area", "", "only people of this service area")
	flags.StringVar((*string)(&q.State), "state", "", "only people in this state: active, leaving, left")
	flags.StringVar(&q.EmployeeID, "employee-id", "", "only the person with HR's key")
	flags.StringVar(&q.Cursor, "cursor", "", "go on after an earlier list")
	flags.IntVar(&q.Limit, "limit", 50, "at most so many")
	must(cmd.RegisterFlagCompletionFunc("service-area", a.serviceAreas()))
	return cmd
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
	if p.State != "" {
		name += fmt.Sprintf("\n%s, service area %s, domain %s", p.State, p.ServiceArea, p.Domain)
	}
	for line := range strings.Lines(name) {
		if _, err := fmt.Fprintln(a.out, plain(strings.TrimSuffix(line, "\n"))); err != nil {
			return err
		}
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
