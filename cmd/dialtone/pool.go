package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dialtone/dialtone/api"
	"github.com/dialtone/dialtone/api/apiclient"
	"github.com/dialtone/dialtone/uc"
)

func newPoolCommand(a *app) *cobra.Command {
	return a.clientFlags(group("pool", "See number pools and fill them",
		newPoolListCommand(a), newPoolGetCommand(a), newPoolImportCommand(a)))
}

func (a *app) poolNames() cobra.CompletionFunc {
	return a.complete(func(ctx context.Context, c *apiclient.Client) ([]string, error) {
		pools, err := c.Pools(ctx)
		if err != nil {
			return nil, err
		}
		words := make([]string, len(pools.Items))
		for i, p := range pools.Items {
			words[i] = fmt.Sprintf("%s\t%d eligible in %s", p.Name, p.Eligible, p.Partition)
		}
		return words, nil
	})
}

func newPoolListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List number pools with their numbers by state", Args: exactArgs(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, _ []string) error {
			pools, err := c.Pools(ctx)
			if err != nil {
				return err
			}
			return a.print(pools, poolListing(pools.Items))
		}),
	}
}

func poolListing(pools []api.Pool) listing {
	l := listing{header: []string{"POOL", "CALL PROCESSOR", "PARTITION", "ELIGIBLE"}}
	for _, s := range uc.NumberStates {
		l.header = append(l.header, strings.ToUpper(string(s)))
	}
	for _, p := range pools {
		row := []string{p.Name, p.CallProcessor, p.Partition, strconv.Itoa(p.Eligible)}
		for _, s := range uc.NumberStates {
			row = append(row, strconv.Itoa(p.Counts[s]))
		}
		l.add(row...)
	}
	return l
}

func newPoolGetCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "get POOL", Short: "Show one number pool", Args: exactArgs("POOL"), ValidArgsFunction: a.poolNames(),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			pool, err := c.Pool(ctx, args[0])
			if err != nil {
				return err
			}
			return a.print(pool, poolListing([]api.Pool{pool}))
		}),
	}
}

const poolImportHelp = `Adds numbers to a pool: single ones (4711), ranges (4700-4999) and E.164 numbers
(+49301234700-+49301234999), from the command line or from a file. A CSV has them
in the column number, or in the first one; a JSON file is {"numbers": ["4711"]}.
Numbers that are there already stay as they are. Wrong rows are reported, the rest
go in, and the exit code is 2.`

func newPoolImportCommand(a *app) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "import POOL [NUMBER|RANGE]...", Short: "Add numbers to a pool", Long: poolImportHelp,
		Example:           "  dialtone pool import berlin 4700-4799 4811\n  dialtone pool import berlin -f numbers.csv",
		ValidArgsFunction: a.poolNames(),
		Args:              someArgs("a POOL and either numbers or -f FILE", func(n int) bool { return n > 0 && (n == 1) != (file == "") }),
		RunE: a.withClient(func(ctx context.Context, c *apiclient.Client, args []string) error {
			body, contentType, err := a.importBody(args[1:], file)
			if err != nil {
				return err
			}
			report, err := c.ImportNumbers(ctx, args[0], contentType, body)
			if err := errors.Join(err, body.Close()); err != nil {
				return err
			}
			return a.printImport(report)
		}),
	}
	cmd.Flags().StringVarP(&file, "file", "f", "", "CSV or JSON file; - reads CSV from the standard input")
	return cmd
}

// importBody is what an import sends: the file, or the numbers of the command line.
func (a *app) importBody(numbers []string, file string) (body io.ReadCloser, contentType string, err error) {
	if file == "" {
		text, err := json.Marshal(map[string][]string{"numbers": numbers})
		return io.NopCloser(bytes.NewReader(text)), "application/json", err
	}
	contentType = "text/csv"
	if strings.EqualFold(filepath.Ext(file), ".json") {
		contentType = "application/json"
	}
	body, err = a.open(file)
	return body, contentType, err
}

// open opens a file that a command was given; "-" is the standard input.
func (a *app) open(file string) (io.ReadCloser, error) {
	if file == "-" {
		return io.NopCloser(a.in), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, usageError(err.Error())
	}
	return f, nil
}

// printImport shows the rows: in a table only the rejected ones, on the error output.
func (a *app) printImport(r api.ImportReport) error {
	l := listing{header: []string{"LINE", "TEXT", "ADDED", "EXISTING", "PROBLEM"}}
	for _, row := range r.Rows {
		l.add(strconv.Itoa(row.Line), row.Text, strconv.Itoa(row.Added), strconv.Itoa(row.Existing), row.Problem)
	}
	if a.output != formatTable {
		if err := a.print(r, l); err != nil {
			return err
		}
	} else {
		_, err := fmt.Fprintf(a.out, "%d added, %d already there, %d rows rejected\n", r.Added, r.Existing, r.Rejected)
		if err != nil {
			return err
		}
	}
	for _, row := range r.Rows {
		if row.Problem == "" {
			continue
		}
		if _, err := fmt.Fprintf(a.errOut, "row %d: %s\n", row.Line, plain(row.Problem)); err != nil {
			return err
		}
	}
	if r.Rejected > 0 {
		return &codeError{code: exitUsage}
	}
	return nil
}
