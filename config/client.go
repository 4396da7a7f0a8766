package config

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dialtone/dialtone/uc"
)

// ClientFileName is the file in the data folder by which the command line finds
// a running product: `dialtone up` writes it, the client commands read it.
const ClientFileName = "client.json"

// ClientFile is the content of the client file.
type ClientFile struct {
	URL       string `json:"url"`              // where the API answers: "http://127.0.0.1:8080"
	TokenFile string `json:"tokenFile"`        // a file with the token alone; relative to the data folder
	CAFile    string `json:"caFile,omitempty"` // certificates that the API's is checked with; "" = the system's
}

// Client is how the command line reaches the API.
type Client struct {
	URL    string
	Token  string
	CAFile string // "" = the system's certificates
}

// ClientFlags are what the command line was given; "" = not given.
type ClientFlags struct {
	Data      string // the data folder
	URL       string
	TokenFile string
	CAFile    string
}

// DataDir is the folder with the product's state: the flag, else DIALTONE_DATA,
// else .dialtone in the current folder.
func DataDir(flag string) string { return dataDir(flag, os.Getenv) }

func dataDir(flag string, env func(string) string) string {
	return cmp.Or(flag, env("DIALTONE_DATA"), ".dialtone")
}

// DatabaseURL is the database that a command works on directly: the flag, else
// DIALTONE_DATABASE_URL, else "".
func DatabaseURL(flag string) string { return cmp.Or(flag, os.Getenv("DIALTONE_DATABASE_URL")) }

// LoadClient finds the API's address and token: flags first, then DIALTONE_URL,
// DIALTONE_TOKEN and DIALTONE_CA_FILE, then the client file in the data folder.
// The token of the client file is used only for the address of the client file:
// it is never sent anywhere else. Fails with uc.Invalid when no address is known
// or a file cannot be read.
func LoadClient(f ClientFlags) (Client, error) { return loadClient(f, os.Getenv) }

func loadClient(f ClientFlags, env func(string) string) (Client, error) {
	dir := dataDir(f.Data, env)
	file, err := readClientFile(dir)
	if err != nil {
		return Client{}, err
	}
	c := Client{URL: cmp.Or(f.URL, env("DIALTONE_URL")), CAFile: cmp.Or(f.CAFile, env("DIALTONE_CA_FILE"))}
	if c.URL == "" || c.URL == file.URL {
		c.URL, c.CAFile = file.URL, cmp.Or(c.CAFile, inside(dir, file.CAFile))
	} else {
		file.TokenFile = ""
	}
	if c.URL == "" {
		return Client{}, unusable("no API is known: run `dialtone up` here, or give --url or DIALTONE_URL", nil)
	}
	if f.TokenFile == "" {
		c.Token = env("DIALTONE_TOKEN")
	}
	if tokenFile := cmp.Or(f.TokenFile, inside(dir, file.TokenFile)); c.Token == "" && tokenFile != "" {
		text, err := os.ReadFile(tokenFile)
		if err != nil {
			return Client{}, unusable("the token file cannot be read: "+err.Error(), err)
		}
		c.Token = strings.TrimSpace(string(text))
	}
	return c, nil
}

// readClientFile reads the client file of the data folder; the zero ClientFile
// when there is none.
func readClientFile(dir string) (ClientFile, error) {
	var out ClientFile
	path := filepath.Join(dir, ClientFileName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		return out, unusable("the client file "+path+" cannot be read: "+err.Error(), err)
	}
	return out, nil
}

func unusable(detail string, cause error) error {
	return &uc.Error{Kind: uc.Invalid, Detail: detail, Err: cause}
}

// inside makes a relative path one below dir; "" stays "".
func inside(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
