package config

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// finish checks what several settings say together and completes the database's
// address.
func (c *Config) finish(l *loader) {
	if (c.API.CertFile == "") != (c.API.KeyFile == "") {
		l.problem("api", "certFile, keyFile", "give both, or none for plain HTTP")
	}
	if c.Mail.Username != "" && !c.Mail.Password.IsSet() {
		l.problem("mail.username", c.Mail.Username, "give mail.password too")
	}
	for i, d := range c.Directories {
		at := fmt.Sprintf("directories[%d].", i)
		ldaps := strings.HasPrefix(d.URL, "ldaps://")
		if ldaps && d.StartTLS {
			l.problem(at+"startTLS", "true", "an ldaps:// connection is encrypted already: remove it")
		}
		if !ldaps && !d.StartTLS {
			l.problem(at+"url", d.URL, "use ldaps://, or set startTLS: true: a password is never sent in plain")
		}
	}
	once(l, "callProcessors", c.CallProcessors, func(p CallProcessor) string { return p.Name })
	once(l, "directories", c.Directories, func(d Directory) string { return d.Name })
	once(l, "hr", c.HR, func(h HR) string { return h.Name })
	if c.Database.Password.IsSet() {
		u, err := url.Parse(c.Database.URL.Reveal())
		if err != nil {
			l.problem("database.url", c.Database.URL, "write a URL like postgres://dialtone@db.example.com:5432/dialtone")
			return
		}
		u.User = url.UserPassword(u.User.Username(), c.Database.Password.Reveal())
		c.Database.URL = NewSecret(c.Database.URL.String(), u.String())
	}
}

// once reports names that two items of a list share.
func once[T any](l *loader, list string, items []T, name func(T) string) {
	seen := map[string]int{}
	for i, item := range items {
		key := strings.ToLower(name(item))
		if before, twice := seen[key]; twice {
			l.problem(fmt.Sprintf("%s[%d].name", list, i), name(item), fmt.Sprintf("%s[%d] has this name already", list, before))
			continue
		}
		seen[key] = i
	}
}

// unusedVariables names the environment variables that look like settings and are
// none. They are no problem: an orchestrator may set some that begin alike.
func (l *loader) unusedVariables() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(l.env)) {
		if strings.HasPrefix(name, envPrefix) && !l.used[name] && !l.referenced[name] && !clientVariables[name] {
			out = append(out, "the environment variable "+name+" sets nothing: no setting has this name")
		}
	}
	return out
}

// clientVariables are read by the commands that talk to the API.
var clientVariables = map[string]bool{
	"DIALTONE_CONFIG": true, "DIALTONE_DATA": true, "DIALTONE_URL": true, "DIALTONE_TOKEN": true, "DIALTONE_CA_FILE": true,
}
