package db_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dialtone/dialtone/db"
	"github.com/dialtone/dialtone/uc"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	secret, err := w.CreateToken(ctx, "workday", uc.RoleHR)
	must(t, err)
	random, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(secret, "dt_"))
	if err != nil || len(random) != 32 || !strings.HasPrefix(secret, "dt_") {
		t.Errorf("secret %q: %v", secret, err)
	}
	other, err := w.CreateToken(ctx, "ann", uc.RoleAdmin)
	must(t, err)
	if other == secret {
		t.Error("two tokens have one secret")
	}
	times := cmpopts.IgnoreFields(db.Token{}, "CreatedAt")
	token, err := w.AuthenticateToken(ctx, secret)
	must(t, err)
	equal(t, "token", db.Token{Name: "workday", Role: uc.RoleHR}, token, times)
	for _, wrong := range []string{"", "dt_", secret[:len(secret)-1], secret + "x", strings.ToUpper(secret), "\x00"} {
		_, err := w.AuthenticateToken(ctx, wrong)
		wantKind(t, err, uc.Denied)
	}
	for _, c := range []struct {
		name string
		role uc.Role
		kind uc.Kind
	}{{"workday", uc.RoleHR, uc.Conflict}, {"", uc.RoleHR, uc.Invalid}, {"a\nb", uc.RoleHR, uc.Invalid}, {"x", "root", uc.Invalid}} {
		secret, err := w.CreateToken(ctx, c.name, c.role)
		wantKind(t, err, c.kind)
		if secret != "" {
			t.Errorf("a refused token %q has a secret", c.name)
		}
	}
	all, err := w.ListTokens(ctx)
	must(t, err)
	equal(t, "tokens", []db.Token{{Name: "ann", Role: uc.RoleAdmin}, {Name: "workday", Role: uc.RoleHR}}, all, times)
	must(t, w.RevokeToken(ctx, "workday"))
	wantKind(t, w.RevokeToken(ctx, "workday"), uc.NotFound)
	_, err = w.AuthenticateToken(ctx, secret)
	wantKind(t, err, uc.Denied)

	var stored string
	must(t, w.sql.QueryRow(ctx, `SELECT tokens::text FROM tokens`).Scan(&stored))
	if strings.Contains(stored, other) || strings.Contains(stored, strings.TrimPrefix(other, "dt_")) {
		t.Errorf("the secret is stored: %s", stored)
	}
}
