package db

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// Token is a credential of the API, without its secret.
type Token struct {
	Name      string    `json:"name"`
	Role      uc.Role   `json:"role"`
	CreatedAt time.Time `json:"createdAt"`
}

const tokenPrefix = "dt_"

// CreateToken makes a token and returns its secret, which is not stored and cannot
// be shown again: 32 random bytes after "dt_". Fails with Conflict when the name is
// taken and Invalid when there is none or the role is not one.
func (d *DB) CreateToken(ctx context.Context, name string, role uc.Role) (secret string, err error) {
	const op = "create token"
	if name == "" || strings.ContainsAny(name, "\r\n\x00") {
		return "", refuse(uc.Invalid, op, "give the token a name of one line")
	}
	if !role.Valid() {
		return "", refuse(uc.Invalid, op, fmt.Sprintf("role %q: use hr, admin or viewer", role))
	}
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return "", fail(op, err)
	}
	secret = tokenPrefix + base64.RawURLEncoding.EncodeToString(random)
	n, err := exec(ctx, d.pool, op, `INSERT INTO tokens (name, role, hash) VALUES (@name, @role, @hash)
		ON CONFLICT (name) DO NOTHING`, pgx.NamedArgs{"name": name, "role": role, "hash": tokenHash(secret)})
	if err != nil {
		return "", err
	}
	if n == 0 {
		return "", refuse(uc.Conflict, op, fmt.Sprintf("token %q exists: revoke it first, or take another name", name))
	}
	return secret, nil
}

// tokenHash is what is stored of a secret. It is fast on purpose: 256 random bits
// cannot be guessed, and looking up a hash tells nothing about the secret by its time.
func tokenHash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// AuthenticateToken returns the token of the secret. Fails with Denied when there
// is none.
func (d *DB) AuthenticateToken(ctx context.Context, secret string) (Token, error) {
	const op = "authenticate token"
	found, err := list[Token](ctx, d.pool, op, `SELECT name, role, created_at FROM tokens WHERE hash = @hash`,
		pgx.NamedArgs{"hash": tokenHash(secret)})
	if err != nil {
		return Token{}, err
	}
	if len(found) == 0 {
		return Token{}, refuse(uc.Denied, op, "the token is not known")
	}
	return found[0], nil
}

// ListTokens returns every token by name.
func (d *DB) ListTokens(ctx context.Context) ([]Token, error) {
	return list[Token](ctx, d.pool, "list tokens", `SELECT name, role, created_at FROM tokens ORDER BY name`, nil)
}

// RevokeToken removes the token: its secret is refused from now on. Fails with
// NotFound.
func (d *DB) RevokeToken(ctx context.Context, name string) error {
	const op = "revoke token"
	n, err := exec(ctx, d.pool, op, `DELETE FROM tokens WHERE name = @name`, pgx.NamedArgs{"name": name})
	if err == nil && n == 0 {
		return refuse(uc.NotFound, op, fmt.Sprintf("token %q does not exist", name))
	}
	return err
}
