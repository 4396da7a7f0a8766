package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

const applyHelp = `Makes or changes domains, service areas, templates and number pools as the files
say. An object that no file names stays as it is. With --dry-run nothing changes
and the plan is shown: + is made, ~ is changed, - is taken away.`

func newApplyCommand(a *app) *cobra.Command {
	var files []string
	var dryRun bool
	cmd := &cobra.Command{
		Use: "apply -f FILE", Short: "Make or change domains, service areas, templates and pools", Long: applyHelp,
		Args: exactArgs(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, _ []string) error {
			catalog, err := a.readCatalog(files)
			if err != nil {
				return err
			}
			plan, err := c.ApplyCatalog(ctx, catalog, dryRun)
			if err != nil {
				return a.explainCatalog(err)
			}
			return a.printPlan(plan)
		}),
	}
	cmd.Flags().StringArrayVarP(&files, "file", "f", nil,
		"YAML or JSON file; - reads the standard input; may be repeated")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only show what would change")
	must(cmd.MarkFlagRequired("file"))
	return a.clientFlags(cmd)
}

// readCatalog reads the files into one catalog; a field that is not known is an error.
func (a *app) readCatalog(files []string) (uc.Catalog, error) {
	var all uc.Catalog
	for _, file := range files {
		in, err := a.open(file)
		if err != nil {
			return all, err
		}
		text, err := io.ReadAll(in)
		if cerr := in.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return all, err
		}
		for _, document := range documents(text) {
			var c uc.Catalog
			if err := yaml.UnmarshalStrict(document, &c); err != nil {
				return all, usageError(fmt.Sprintf("%s: %v", file, listError(err)))
			}
			all.Domains = append(all.Domains, c.Domains...)
			all.Pools = append(all.Pools, c.Pools...)
			all.Templates = append(all.Templates, c.Templates...)
			all.ServiceAreas = append(all.ServiceAreas, c.ServiceAreas...)
		}
	}
	return all, nil
}

// documents splits YAML at its document marks: the reader would see the first alone
// and leave the others out without a word.
func documents(text []byte) [][]byte {
	var out [][]byte
	begin := 0
	for _, mark := range documentMark.FindAllIndex(text, -1) {
		out = append(out, text[begin:mark[0]])
		begin = mark[1]
	}
	return append(out, text[begin:])
}

var documentMark = regexp.MustCompile(`(?m)^---(?:[ \t\r]|$)`)

// explainCatalog lists what is wrong, one finding a line, when the API did.
func (a *app) explainCatalog(err error) error {
	p := apiclient.Problem(err)
	if p == nil || len(p.Errors) < 2 {
		return err
	}
	for _, v := range p.Errors {
		if _, werr := fmt.Fprintln(a.errOut, plain(fieldText(v))); werr != nil {
			return werr
		}
	}
	return &codeError{exitUsage, "nothing was changed: the catalog has " + strconv.Itoa(len(p.Errors)) + " problems"}
}

func (a *app) printPlan(plan api.CatalogPlan) error {
	l := listing{header: []string{"OP", "OBJECT", "FIELD", "FROM", "TO"}}
	for _, c := range plan.Changes {
		l.add(c.Op, c.Object, c.Field, c.From, c.To)
	}
	if a.output != formatTable {
		return a.print(plan, l)
	}
	count := map[string]map[string]bool{"+": {}, "~": {}, "-": {}}
	for _, c := range plan.Changes {
		text := c.Op + " " + c.Object
		if c.Field != "" {
			text += fmt.Sprintf(": %s %q -> %q", c.Field, c.From, c.To)
		}
		if _, err := fmt.Fprintln(a.out, plain(text)); err != nil {
			return err
		}
		if count[c.Op] != nil {
			count[c.Op][c.Object] = true
		}
	}
	verbs := []any{len(count["+"]), len(count["~"]), len(count["-"])}
	text := "%d made, %d changed, %d taken away\n"
	if !plan.Applied {
		text = "%d to make, %d to change, %d to take away; nothing was changed\n"
	}
	_, err := fmt.Fprintf(a.out, text, verbs...)
	return err
}
