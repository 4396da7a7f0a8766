package axl

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/dialtone/dialtone/clients/axl/gen"
	"github.com/dialtone/dialtone/uc"
)

// schemas are the AXL versions this client speaks, newest first: axl.xsd holds
// nothing that one of them lacks.
var schemas = []string{"15.0", "14.0", "12.5", "11.5"}

// bootstrap is the namespace every server answers with its oldest schema, when
// no SOAPAction is sent. Source: AXL developer guide, "Versioning".
const bootstrap = "1.0"

const statusVersion = 599 // Source: AXL developer guide, "Incorrect axl version"

func known(schema string) bool { return slices.Contains(schemas, schema) }

// version is what was agreed with the server. The channel is a lock that a
// context can give up waiting for.
type version struct {
	lock           chan struct{}
	schema, server string // "" = not known yet
}

func newVersion(schema string) version {
	return version{lock: make(chan struct{}, 1), schema: schema}
}

// Version returns the AXL schema in use ("15.0") and the server's own version
// ("15.0.1.12900(43)"), and asks the server when it does not know them yet.
// Fails with uc.Denied when the server is older than any schema we speak.
//
// Source: AXL 15.0 getCCMVersion.
func (c *Client) Version(ctx context.Context) (schema, server string, err error) {
	if err := c.lockVersion(ctx); err != nil {
		return "", "", err
	}
	defer c.unlockVersion()
	if c.version.server == "" {
		if err := c.negotiate(ctx); err != nil {
			return "", "", err
		}
	}
	return c.version.schema, c.version.server, nil
}

// schema returns the version to speak, negotiated when there is none.
func (c *Client) schema(ctx context.Context) (string, error) {
	if err := c.lockVersion(ctx); err != nil {
		return "", err
	}
	defer c.unlockVersion()
	if c.version.schema == "" {
		if err := c.negotiate(ctx); err != nil {
			return "", err
		}
	}
	return c.version.schema, nil
}

// negotiate asks the server for its version and picks the newest schema both
// sides have; one given in the options stands.
func (c *Client) negotiate(ctx context.Context) error {
	server, err := c.askVersion(ctx, bootstrap)
	if versionRefused(err) {
		if c.version.schema != "" {
			return c.climb(ctx, []string{c.version.schema})
		}
		return c.climb(ctx, schemas)
	}
	if err != nil {
		return c.classify(ctx, "getCCMVersion", err)
	}
	c.version.server = server
	if c.version.schema != "" {
		return nil
	}
	for _, s := range schemas {
		if !olderThan(server, s) {
			c.version.schema = s
			return nil
		}
	}
	return c.tooOld(server)
}

// climb finds the first of these schemas that the server answers.
func (c *Client) climb(ctx context.Context, candidates []string) error {
	var err error
	for _, s := range candidates {
		var server string
		server, err = c.askVersion(ctx, s)
		if versionRefused(err) {
			continue
		}
		if err != nil {
			return c.classify(ctx, "getCCMVersion", err)
		}
		c.version.schema, c.version.server = s, server
		return nil
	}
	return c.classify(ctx, "getCCMVersion", err)
}

// renegotiate replaces a schema that the server refused. Of many callers who
// were refused together the first asks, the others take its result.
func (c *Client) renegotiate(ctx context.Context, refused string) (string, error) {
	if err := c.lockVersion(ctx); err != nil {
		return "", err
	}
	defer c.unlockVersion()
	if c.version.schema == refused {
		others := slices.DeleteFunc(slices.Clone(schemas), func(s string) bool { return s == refused })
		if err := c.climb(ctx, others); err != nil {
			return "", err
		}
	}
	return c.version.schema, nil
}

func (c *Client) askVersion(ctx context.Context, schema string) (string, error) {
	var out gen.GetCCMVersionResponse
	if err := c.send(ctx, schema, "getCCMVersion", &gen.GetCCMVersion{}, &out); err != nil {
		return "", err
	}
	if out.Return_ == nil || out.Return_.ComponentVersion == nil || out.Return_.ComponentVersion.Version == nil {
		return "", errors.New("the answer holds no version")
	}
	return *out.Return_.ComponentVersion.Version, nil
}

func (c *Client) tooOld(server string) error {
	return &uc.Error{
		Kind: uc.Denied, System: system, Op: "getCCMVersion",
		Detail: named(c.name, "version "+server+" is older than AXL "+schemas[len(schemas)-1]),
	}
}

func (c *Client) lockVersion(ctx context.Context) error {
	select {
	case c.version.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return c.classify(ctx, "getCCMVersion", ctx.Err())
	}
}

func (c *Client) unlockVersion() { <-c.version.lock }

func versionRefused(err error) bool {
	var a *answer
	return errors.As(err, &a) && a.status == statusVersion
}

// olderThan compares major.minor of "14.0.1.13900(155)" with a schema.
func olderThan(server, schema string) bool {
	a, b := majorMinor(server), majorMinor(schema)
	return slices.Compare(a[:], b[:]) < 0
}

func majorMinor(v string) (out [2]int) {
	for i, part := range strings.SplitN(v, ".", 3) {
		if i == len(out) {
			break
		}
		n, err := strconv.Atoi(part)
		if err != nil {
			return out
		}
		out[i] = n
	}
	return out
}
