package config

import (
	"encoding/pem"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// check turns the text of a setting into its value. A fix other than "" says what
// to do instead; the value is then nothing.
type check func(l *loader, raw string) (value any, fix string)

func text(_ *loader, raw string) (any, string) { return raw, "" }

func oneOf(words ...string) check {
	return func(_ *loader, raw string) (any, string) {
		if slices.Contains(words, raw) {
			return raw, ""
		}
		return nil, "use " + strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
	}
}

func whole(least, most int) check {
	return func(_ *loader, raw string) (any, string) {
		n, err := strconv.Atoi(raw)
		if err != nil || n < least || n > most {
			return nil, fmt.Sprintf("write a whole number from %d to %d", least, most)
		}
		return n, ""
	}
}

func rate(_ *loader, raw string) (any, string) {
	n, err := strconv.ParseFloat(raw, 64)
	if err != nil || !(n >= 0 && n <= 100_000) {
		return nil, "write a number per second such as 20 or 0.5; 0 = no limit"
	}
	return n, ""
}

func boolean(_ *loader, raw string) (any, string) {
	if raw != "true" && raw != "false" {
		return nil, "use true or false"
	}
	return raw == "true", ""
}

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

func name(_ *loader, raw string) (any, string) {
	if !nameForm.MatchString(raw) {
		return nil, "use letters, digits and . _ - only, 63 at most"
	}
	return raw, ""
}

func hostPort(_ *loader, raw string) (any, string) {
	_, port, err := net.SplitHostPort(raw)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
		return nil, "write it like host:8080 or 127.0.0.1:8080"
	}
	return raw, ""
}

// httpsURL allows plain HTTP to this machine only.
func httpsURL(_ *loader, raw string) (any, string) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return nil, "write it like https://host:8443/path"
	}
	if u.User != nil {
		return nil, "put no user or password into the url"
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return nil, "use https:// (plain http:// only to this machine)"
	}
	return raw, ""
}

func ldapURL(_ *loader, raw string) (any, string) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "ldaps" && u.Scheme != "ldap") {
		return nil, "write it like ldaps://dc1.example.com or ldap://dc1.example.com with startTLS"
	}
	return raw, ""
}

func axlVersion(_ *loader, raw string) (any, string) {
	if !slices.Contains([]string{"11.5", "12.5", "14.0", "15.0"}, raw) {
		return nil, `use 11.5, 12.5, 14.0 or 15.0 (in quotes), or leave it out and it is asked of the cluster`
	}
	return raw, ""
}

func mailAddress(_ *loader, raw string) (any, string) {
	if _, err := mail.ParseAddress(raw); err != nil {
		return nil, "write one address like telephony@example.com"
	}
	return raw, ""
}

func pemFile(l *loader, raw string) (any, string) {
	path := l.path(raw)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, "make the file readable: " + err.Error()
	}
	if block, _ := pem.Decode(content); block == nil || block.Type != "CERTIFICATE" {
		return nil, path + " holds no certificate: give a PEM file (-----BEGIN CERTIFICATE-----)"
	}
	return path, ""
}

func keyFile(l *loader, raw string) (any, string) {
	content, fix := l.readPrivate(raw)
	if fix != "" {
		return nil, fix
	}
	if block, _ := pem.Decode([]byte(content)); block == nil || !strings.HasSuffix(block.Type, "PRIVATE KEY") {
		return nil, raw + " holds no private key: give a PEM file (-----BEGIN PRIVATE KEY-----)"
	}
	return l.path(raw), ""
}

// databaseURL is a reference, or a URL without a password.
func databaseURL(l *loader, raw string) (any, string) {
	s := Secret{raw, raw}
	if isReference(raw) {
		value, fix := secret(l, raw)
		if fix != "" {
			return nil, fix
		}
		s, _ = value.(Secret)
	}
	u, err := url.Parse(s.value)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return nil, "write a URL like postgres://dialtone@db.example.com:5432/dialtone, or a reference to one"
	}
	_, inUser := u.User.Password()
	if !isReference(raw) && (inUser || u.Query().Has("password")) {
		return nil, "take the password out of the url: put it into database.password as a reference, or the whole url into env: or file:"
	}
	return s, ""
}

func webhookSecret(l *loader, raw string) (any, string) {
	value, fix := secret(l, raw)
	if fix != "" {
		return nil, fix
	}
	if s, ok := value.(Secret); !ok || !strings.HasPrefix(s.value, "whsec_") {
		return nil, "the secret must begin with whsec_ followed by base64, as Standard Webhooks writes it"
	}
	return value, ""
}
