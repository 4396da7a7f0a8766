package conformance

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// The npm package that carries Cisco's schemas, and what npm's registry says
// its content is. They are Cisco's: they stay in the user's cache.
const (
	schemaPackage = "cisco-axl@1.2.5"
	schemaArchive = "cisco-axl-1.2.5.tgz"
	schemaSHA512  = "Zs+84KM8qNb28mCAvXumNQV4D0qGG4tXx8TGRhndb57tNRjlL8kFChIKJatzPdYUulB01NqMZGUwaWzIjgFoCQ=="
	largestSchema = 64 << 20
)

// fetch lets the tests of one process load the schemas once. Processes do not
// need to agree: the finished folder is moved into place.
var fetch sync.Mutex

// schemaDir returns the folder with the schemas, which it fills on first use.
func schemaDir(ctx context.Context) (string, error) {
	if dir := os.Getenv(SchemaDirVariable); dir != "" {
		return filepath.Abs(dir)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "dialtone", "axl-schema")
	fetch.Lock()
	defer fetch.Unlock()
	if complete(dir) {
		return dir, nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", errors.New("npm is missing, which fetches Cisco's schemas: run make setup, or set " + SchemaDirVariable)
	}
	return dir, load(ctx, npm, dir)
}

func complete(dir string) bool {
	for _, v := range Versions {
		for _, f := range []string{"AXLSoap.xsd", "AXLEnums.xsd"} {
			if _, err := os.Stat(filepath.Join(dir, v, f)); err != nil {
				return false
			}
		}
	}
	return true
}

// load fetches the package, unpacks its schemas beside dir and moves them there.
func load(ctx context.Context, npm, dir string) (err error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), "axl-schema-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()

	cmd := exec.CommandContext(ctx, npm, "pack", "--loglevel=error", schemaPackage)
	cmd.Dir = tmp
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm could not fetch %s, which holds Cisco's schemas (check the network, or set %s): %w: %s",
			schemaPackage, SchemaDirVariable, err, strings.TrimSpace(string(out)))
	}
	unpacked := filepath.Join(tmp, "schema")
	if err := unpack(filepath.Join(tmp, schemaArchive), unpacked); err != nil {
		return fmt.Errorf("unpacking %s: %w", schemaArchive, err)
	}
	if err := os.Rename(unpacked, dir); err != nil && !complete(dir) {
		return err
	}
	return nil
}

func unpack(archive, into string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	sum := sha512.New()
	if _, err := io.Copy(sum, f); err != nil {
		return errors.Join(err, f.Close())
	}
	if got := base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != schemaSHA512 {
		return errors.Join(fmt.Errorf("its SHA-512 is %s, not the expected one", got), f.Close())
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return errors.Join(err, f.Close())
	}
	zip, err := gzip.NewReader(f)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(extract(tar.NewReader(zip), into), f.Close())
}

// extract writes schema/<version>/*.xsd of the versions we use.
func extract(t *tar.Reader, into string) error {
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, v := range Versions {
			if path.Dir(h.Name) != "package/schema/"+v || path.Ext(h.Name) != ".xsd" {
				continue
			}
			content, err := io.ReadAll(io.LimitReader(t, largestSchema))
			if err != nil {
				return err
			}
			if err := os.MkdirAll(filepath.Join(into, v), 0o750); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(into, v, path.Base(h.Name)), content, 0o600); err != nil {
				return err
			}
		}
	}
}
