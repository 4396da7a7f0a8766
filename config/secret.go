package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Secret is a value that is never shown: fmt, JSON and the log see where it came
// from, not what it is.
type Secret struct{ source, value string }

// NewSecret holds a value that the program made itself. The source is what is
// shown instead, "made by dialtone up".
func NewSecret(source, value string) Secret { return Secret{source, value} }

// Reveal returns the value. Give it to the client that needs it and to nothing else.
func (s Secret) Reveal() string { return s.value }

// IsSet reports whether there is a value.
func (s Secret) IsSet() bool { return s.value != "" }

// String is the source: "env:NAME", "file:PATH".
func (s Secret) String() string { return s.source }

// GoString keeps %#v from showing the value.
func (s Secret) GoString() string { return fmt.Sprintf("config.Secret(%s)", s.source) }

// MarshalText is the source.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.source), nil }

// secretSetting reports whether a setting holds a Secret.
func secretSetting(key string) bool {
	return key == "database.url" || strings.HasSuffix(key, ".password") || strings.HasSuffix(key, ".secret")
}

func isReference(written string) bool {
	return strings.HasPrefix(written, "env:") || strings.HasPrefix(written, "file:")
}

const referenceForm = "write a reference: env:NAME (an environment variable) or file:PATH (a file that only its owner may read)"

// secret reads a reference.
func secret(l *loader, raw string) (any, string) {
	kind, where, found := strings.Cut(raw, ":")
	switch {
	case found && kind == "env":
		l.referenced[where] = true
		value, ok := l.env[where]
		if !ok || value == "" {
			return nil, "set the environment variable " + where + ", it is not set or empty"
		}
		return Secret{raw, value}, ""
	case found && kind == "file":
		value, fix := l.readPrivate(where)
		return Secret{raw, value}, fix
	}
	return nil, "a secret never stands here in plain: " + referenceForm
}

// readPrivate reads a file that others may not read. A relative path is relative
// to the settings file.
func (l *loader) readPrivate(path string) (value, fix string) {
	path = l.path(path)
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return "", "make the file " + path + ", it does not exist"
	case err != nil:
		return "", "make the file readable: " + err.Error()
	case info.IsDir():
		return "", "name a file, " + path + " is a folder"
	case info.Mode().Perm()&0o007 != 0:
		return "", fmt.Sprintf("everybody may read %s (mode %04o): chmod 600 %s", path, info.Mode().Perm(), path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", "make the file readable: " + err.Error()
	}
	value = strings.TrimRight(string(content), "\r\n")
	if value == "" {
		return "", "write the secret into " + path + ", the file is empty"
	}
	return value, ""
}

func (l *loader) path(p string) string {
	if filepath.IsAbs(p) || l.file == "" {
		return p
	}
	return filepath.Join(filepath.Dir(l.file), p)
}
