package cluster

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/dialtone/dialtone/sim/cucm/schema"
	"github.com/dialtone/dialtone/sim/cucm/soap"
	"github.com/dialtone/dialtone/sim/cucm/store"
)

// The kinds of credentials in table credential. assumed: the numbers.
const (
	password = 3
	pin      = 4
)

// DefaultPolicy is the credential policy of users that have no other.
const DefaultPolicy = "Default Credential Policy"

const hashRounds = 1000

// hash salts and hashes a secret; it is all that is kept of it.
func hash(secret string, salt []byte) (string, error) {
	sum, err := pbkdf2.Key(sha256.New, secret, salt, hashRounds, 32)
	return hex.EncodeToString(salt) + "$" + hex.EncodeToString(sum), err
}

func matches(secret, kept string) (bool, error) {
	head, _, _ := strings.Cut(kept, "$")
	salt, err := hex.DecodeString(head)
	if err != nil {
		return false, err
	}
	got, err := hash(secret, salt)
	return subtle.ConstantTimeCompare([]byte(got), []byte(kept)) == 1, err
}

// writeSecret checks a PIN or password against the policy and keeps its hash.
//
// assumed: the codes and texts of the refusals.
func writeSecret(kind int) func(context.Context, *request, string, *soap.Node) error {
	return func(ctx context.Context, r *request, id string, n *soap.Node) error {
		if err := r.checkPolicy(ctx, id, kind, n.Text); err != nil {
			return err
		}
		salt := make([]byte, 16)
		if _, err := rand.Read(salt); err != nil {
			return err
		}
		sum, err := hash(n.Text, salt)
		if err != nil {
			return err
		}
		_, err = r.conn.Exec(ctx, `INSERT INTO credential
			(pkid, fkenduser, tkcredential, credentials, timechanged) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (fkenduser, tkcredential) DO UPDATE SET credentials = excluded.credentials,
			timechanged = excluded.timechanged, hackcount = 0, usermustchange = 'f'`,
			store.NewID(), id, kind, sum, time.Now().Unix())
		return err
	}
}

func (r *request) checkPolicy(ctx context.Context, id string, kind int, secret string) error {
	var least int
	var trivial, userid string
	if _, err := r.conn.Get(ctx, []any{&least, &trivial},
		`SELECT p.mincredlength, p.trivialcredcheck FROM credentialpolicy p
		WHERE p.pkid = ifnull(
			(SELECT fkcredentialpolicy FROM credential WHERE fkenduser = ? AND tkcredential = ?),
			(SELECT pkid FROM credentialpolicy WHERE name = ?))`, id, kind, DefaultPolicy); err != nil {
		return err
	}
	if _, err := r.conn.Get(ctx, []any{&userid}, "SELECT userid FROM enduser WHERE pkid = ?", id); err != nil {
		return err
	}
	what := "password"
	if kind == pin {
		what = "PIN"
		if strings.Trim(secret, "0123456789") != "" {
			return soap.Faultf(soap.CodeDenied, "The PIN must be made of digits")
		}
	}
	switch {
	case len(secret) < least:
		return soap.Faultf(soap.CodeDenied, "The %s must have at least %d characters", what, least)
	case trivial == "t" && (isTrivial(secret) || strings.EqualFold(secret, userid)):
		return soap.Faultf(soap.CodeDenied, "The %s is trivial", what)
	}
	return nil
}

// isTrivial finds secrets of one repeated group and runs up or down. Source:
// administration guide, check for trivial passwords.
func isTrivial(s string) bool {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return true
		}
	}
	up, down := true, true
	for i := 1; i < len(s); i++ {
		up = up && s[i] == s[i-1]+1
		down = down && s[i] == s[i-1]-1
	}
	return up || down
}

// credentialColumns are the children of pinCredentials and passwordCredentials
// without their prefix.
var credentialColumns = map[string]string{
	"CredUserCantChange": "usercantchange", "CredUserMustChange": "usermustchange",
	"CredDoesNotExpire": "doesnotexpire", "CredLockedByAdministrator": "lockedbyadministrator",
}

func prefix(kind int) string {
	if kind == pin {
		return "pin"
	}
	return "pwd"
}

// writeCredentials sets the flags beside a secret, whether there is one or not.
func writeCredentials(kind int) func(context.Context, *request, string, *soap.Node) error {
	return func(ctx context.Context, r *request, id string, n *soap.Node) error {
		if _, err := r.conn.Exec(ctx, "INSERT OR IGNORE INTO credential (pkid, fkenduser, tkcredential) VALUES (?, ?, ?)",
			store.NewID(), id, kind); err != nil {
			return err
		}
		row := &row{}
		for _, k := range n.Kids {
			name := strings.TrimPrefix(k.Name, prefix(kind))
			on := k.Text == "true" || k.Text == "t" || k.Text == "1"
			switch {
			case credentialColumns[name] != "":
				row.set(credentialColumns[name], store.Flag(on))
			case name == "ResetHackCount" && on:
				row.set("hackcount", 0)
			case name == "CredPolicyName":
				policy, err := r.reference(ctx, &schema.Element{Arg: "credentialpolicy"}, k)
				if err != nil {
					return err
				}
				row.set("fkcredentialpolicy", policy)
			}
		}
		if len(row.cols) == 0 {
			return nil
		}
		_, err := r.conn.Exec(ctx,
			"UPDATE credential SET "+strings.Join(row.cols, " = ?, ")+" = ? WHERE fkenduser = ? AND tkcredential = ?",
			append(row.vals, id, kind)...)
		return err
	}
}

func readCredentials(kind int) func(context.Context, *request, string, *schema.Element) error {
	return func(ctx context.Context, r *request, id string, e *schema.Element) error {
		all, err := r.credentialsOf(ctx, id)
		if err != nil {
			return err
		}
		c := all[kind]
		if c.policy == "" {
			c.policy, _ = r.db.ID("credentialpolicy", DefaultPolicy)
		}
		flags := map[string]string{
			"CredUserCantChange": c.cantChange, "CredUserMustChange": c.mustChange,
			"CredDoesNotExpire": c.doesNotExpire, "CredLockedByAdministrator": c.locked,
		}
		r.out.Open(e.Name)
		for _, child := range e.Children {
			name := strings.TrimPrefix(child.Name, prefix(kind))
			switch flag, ok := flags[name]; {
			case ok:
				r.out.Leaf(child.Name, strconv.FormatBool(flag == "t"))
			case name == "CredPolicyName":
				r.out.FK(child.Name, r.db.Name("credentialpolicy", c.policy), c.policy)
			default:
				r.out.Leaf(child.Name, "")
			}
		}
		r.out.Close()
		return nil
	}
}

// flagsOfSecret is a row of table credential without the secret.
type flagsOfSecret struct{ policy, cantChange, mustChange, doesNotExpire, locked string }

// credentialsOf are the flags of a user's secrets by kind, read once a request.
func (r *request) credentialsOf(ctx context.Context, user string) (map[int]flagsOfSecret, error) {
	if r.secrets != nil && r.secretsUser == user {
		return r.secrets, nil
	}
	r.secrets, r.secretsUser = map[int]flagsOfSecret{}, user
	err := r.conn.Each(ctx, func(scan func(...any) error) error {
		var f flagsOfSecret
		var kind int
		err := scan(&kind, &f.policy, &f.cantChange, &f.mustChange, &f.doesNotExpire, &f.locked)
		r.secrets[kind] = f
		return err
	}, `SELECT tkcredential, ifnull(fkcredentialpolicy, ''), usercantchange, usermustchange,
		doesnotexpire, lockedbyadministrator
		FROM credential WHERE fkenduser = ?`, user)
	return r.secrets, err
}

// The answers of doAuthenticateUser. assumed: the codes.
const (
	authOK     = 0
	authFailed = 1
	authLocked = 2
)

// hackLimit is how many failures lock a user. Source: default credential policy.
const hackLimit = 3

// authenticate answers whether a PIN or password is right; it counts failures.
func authenticate(ctx context.Context, r *request) error {
	if r.strict {
		if err := flat(r.in, "userid!", "password", "pin"); err != nil {
			return err
		}
	}
	kind, secret := pin, r.in.Value("pin")
	if k := r.in.Kid("password"); k != nil {
		kind, secret = password, k.Text
	}
	user, err := r.byName(ctx, "enduser", r.in.Value("userid"))
	if err != nil {
		return soap.NotFound("User")
	}
	var kept, must, locked string
	var hacks int
	if _, err := r.conn.Get(ctx, []any{&kept, &must, &locked, &hacks},
		`SELECT credentials, usermustchange, lockedbyadministrator, hackcount
		FROM credential WHERE fkenduser = ? AND tkcredential = ?`, user, kind); err != nil {
		return err
	}
	code := authFailed
	if kept != "" {
		ok, err := matches(secret, kept)
		if err != nil {
			return err
		}
		if ok {
			code = authOK
		}
	}
	if locked == "t" || hacks >= hackLimit {
		code = authLocked
	}
	set := "hackcount = hackcount + 1"
	if code == authOK {
		set = "hackcount = 0"
	}
	if _, err := r.conn.Exec(ctx, "UPDATE credential SET "+set+" WHERE fkenduser = ? AND tkcredential = ?",
		user, kind); err != nil {
		return err
	}
	r.out.Leaf("userAuthenticated", strconv.FormatBool(code == authOK))
	r.out.Leaf("code", strconv.Itoa(code))
	r.out.Leaf("isWarningNeeded", strconv.FormatBool(must == "t"))
	return nil
}
