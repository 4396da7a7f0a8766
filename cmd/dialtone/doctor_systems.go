package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/api/workflowservice/v1"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
	"github.com/dialtone/dialtone/worker"
)

// all checks everything that the settings name.
func (d *doctor) all(c config.Config) {
	d.check("settings", "read", "", func(context.Context) (string, error) {
		from := "from the environment alone"
		if c.File != "" {
			from = c.File
		}
		return strings.Join(append([]string{from}, c.Warnings...), "; "), nil
	})
	catalog := d.database(c)
	d.temporal(c.Temporal)
	for _, p := range c.CallProcessors {
		d.callProcessor(p, catalog)
	}
	for _, one := range c.Directories {
		d.directory(one, catalog)
	}
	if c.Mail.Address != "" {
		d.check("mail", "connect and log in", "see mail in the settings", func(ctx context.Context) (string, error) {
			m, err := newMail(c.Mail)
			if err != nil {
				return "", err
			}
			return c.Mail.Address, m.Check(ctx)
		})
	}
	for _, one := range c.HR {
		d.check(one.Name, "connect", "see hr in the settings", func(ctx context.Context) (string, error) {
			h, err := newHR(one)
			if err != nil {
				return "", err
			}
			return one.URL, h.Check(ctx)
		})
	}
	if c.PINDelivery.URL != "" {
		d.check("pin delivery", "connect", "see pinDelivery in the settings", func(ctx context.Context) (string, error) {
			p, err := newPINDelivery(c.PINDelivery)
			if err != nil {
				return "", err
			}
			return c.PINDelivery.URL, p.Check(ctx)
		})
	}
	d.references(c, catalog)
}

// database checks the database and returns the catalog that it holds.
func (d *doctor) database(c config.Config) uc.Catalog {
	var catalog uc.Catalog
	var open *db.DB
	ok := d.check("database", "connect", "check database.url in the settings", func(ctx context.Context) (detail string, err error) {
		open, err = db.OpenWith(ctx, db.Options{URL: c.Database.URL.Reveal(), MaxConns: 2})
		if err != nil {
			return "", err
		}
		return "", open.Ping(ctx)
	})
	if open != nil {
		defer open.Close()
	}
	ok = ok && d.check("database", "schema", "run `dialtone migrate`", func(ctx context.Context) (string, error) {
		have, want, err := open.MigrationVersion(ctx)
		if err == nil && have < want {
			err = &uc.Error{Kind: uc.Invalid, Detail: fmt.Sprintf("the schema is version %d, this program needs %d", have, want)}
		}
		return fmt.Sprintf("version %d", have), err
	})
	if ok {
		d.check("database", "catalog", "send one with `dialtone apply -f`", func(ctx context.Context) (detail string, err error) {
			catalog, err = open.Catalog(ctx)
			return fmt.Sprintf("%d service areas, %d pools", len(catalog.ServiceAreas), len(catalog.Pools)), err
		})
	}
	return catalog
}

func (d *doctor) temporal(c config.Temporal) {
	options, err := temporalOptions(c, zap.NewNop())
	namespace := namespaceOf(options)
	t, dialErr := dialTemporal(c, zap.NewNop())
	if err == nil {
		err = dialErr
	}
	ok := d.check("temporal", "connect", "check the TEMPORAL_* variables and temporal.address", func(ctx context.Context) (string, error) {
		if err != nil {
			return "", err
		}
		return options.HostPort, temporalHealth(ctx, t)
	})
	if !ok {
		return
	}
	defer t.Close()
	ok = d.check("temporal", "namespace", "register the namespace, or name another one", func(ctx context.Context) (string, error) {
		_, err := t.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
		if err != nil {
			err = &uc.Error{Kind: uc.NotFound, System: "temporal", Op: "DescribeNamespace", Detail: err.Error(), Err: err}
		}
		return namespace, err
	})
	if ok {
		d.check("temporal", "search attributes", "a worker adds them when it starts; if it may not, let an administrator add them", func(ctx context.Context) (string, error) {
			missing, err := worker.MissingSearchAttributes(ctx, t, namespace)
			if err == nil && len(missing) > 0 {
				err = &uc.Error{Kind: uc.NotFound, System: "temporal", Detail: fmt.Sprintf("%d search attributes are missing", len(missing))}
			}
			return "all there", err
		})
	}
}

func (d *doctor) callProcessor(c config.CallProcessor, catalog uc.Catalog) {
	p, err := newCallProcessor(c)
	ok := d.check(c.Name, "connect", "see callProcessors in the settings", func(ctx context.Context) (string, error) {
		if err != nil {
			return "", err
		}
		schema, server, err := p.Version(ctx)
		return fmt.Sprintf("version %s, AXL %s", server, schema), err
	})
	if err == nil {
		defer p.Close()
	}
	if !ok {
		return
	}
	var missing []string
	wanted := objectsOn(catalog, c.Name)
	ok = d.check(c.Name, "log in, AXL right", "give the account the role Standard AXL API Access", func(ctx context.Context) (string, error) {
		_, err := p.Exists(ctx, wanted[0].kind, wanted[0].name)
		return "as " + c.Username, err
	})
	if !ok {
		return
	}
	d.check(c.Name, "what the catalog names", "make these objects there, or correct the catalog", func(ctx context.Context) (string, error) {
		for _, o := range wanted {
			there, err := p.Exists(ctx, o.kind, o.name)
			if err != nil {
				return "", err
			}
			if !there {
				missing = append(missing, fmt.Sprintf("%s %q (%s)", o.kind, o.name, o.usedBy))
			}
		}
		if len(missing) > 0 {
			return "", &uc.Error{Kind: uc.NotFound, System: "cucm", Detail: "not there: " + strings.Join(missing, ", ")}
		}
		return fmt.Sprintf("%d objects, all there", len(wanted)), nil
	})
}

func (d *doctor) directory(c config.Directory, catalog uc.Catalog) {
	var attributes []string
	for _, domain := range catalog.Domains {
		for _, w := range domain.WriteBack {
			if domain.Directory == c.Name && !slices.Contains(attributes, w.Attribute) {
				attributes = append(attributes, w.Attribute)
			}
		}
	}
	d.check(c.Name, "bind, read, write numbers", "see directories in the settings; let the account write the attributes of writeBack", func(ctx context.Context) (string, error) {
		client, err := newDirectory(c)
		if err != nil {
			return "", err
		}
		if err := client.Check(ctx, attributes...); err != nil {
			return "", err
		}
		return strings.TrimSpace("as " + c.BindDN + " " + strings.Join(attributes, ", ")), client.Close()
	})
}

// references checks that the systems that the catalog names are in the settings.
func (d *doctor) references(c config.Config, catalog uc.Catalog) {
	var missing []string
	miss := func(what, name string, known bool) {
		text := fmt.Sprintf("%s %q", what, name)
		if name != "" && !known && !slices.Contains(missing, text) {
			missing = append(missing, text)
		}
	}
	for _, a := range catalog.ServiceAreas {
		miss("call processor", a.CallProcessor, slices.ContainsFunc(c.CallProcessors,
			func(p config.CallProcessor) bool { return p.Name == a.CallProcessor }))
	}
	for _, domain := range catalog.Domains {
		miss("directory", domain.Directory, slices.ContainsFunc(c.Directories,
			func(one config.Directory) bool { return one.Name == domain.Directory }))
		miss("HR receiver", domain.HR, slices.ContainsFunc(c.HR, func(h config.HR) bool { return h.Name == domain.HR }))
	}
	d.check("catalog", "systems are in the settings", "add them to the settings of every worker", func(context.Context) (string, error) {
		if len(missing) > 0 {
			return "", &uc.Error{Kind: uc.NotFound, Detail: "not in the settings: " + strings.Join(missing, ", ")}
		}
		return "all there", nil
	})
}
