package api

import (
	"context"
	"time"

	"github.com/dialtone/dialtone/uc"
)

// Token is an API token without its secret.
type Token struct {
	Name      string    `json:"name"`
	Role      uc.Role   `json:"role"`
	CreatedAt time.Time `json:"createdAt"`
}

// TokenRequest asks for a token.
type TokenRequest struct {
	Name string  `json:"name" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]*$" doc:"Who uses it; orders remember the name"`
	Role uc.Role `json:"role" enum:"hr,admin,viewer"`
}

// NewToken is a token at the only moment when its secret is known.
type NewToken struct {
	Name   string  `json:"name"`
	Role   uc.Role `json:"role"`
	Secret string  `json:"secret" doc:"Send it as Authorization: Bearer …; it is stored as a hash and cannot be shown again"`
}

// TokenList is every token, by name.
type TokenList struct {
	Items []Token `json:"items"`
}

type (
	listTokensOut  struct{ Body TokenList }
	createTokenIn  struct{ Body TokenRequest }
	createTokenOut struct{ Body NewToken }
	revokeTokenIn  struct {
		Name string `path:"name" maxLength:"64"`
	}
)

func (s *server) listTokens(ctx context.Context, _ *struct{}) (*listTokensOut, error) {
	tokens, err := s.db.ListTokens(ctx)
	if err != nil {
		return nil, err
	}
	out := &listTokensOut{TokenList{Items: make([]Token, len(tokens))}}
	for i, t := range tokens {
		out.Body.Items[i] = Token{Name: t.Name, Role: t.Role, CreatedAt: t.CreatedAt}
	}
	return out, nil
}

func (s *server) createToken(ctx context.Context, in *createTokenIn) (*createTokenOut, error) {
	secret, err := s.db.CreateToken(ctx, in.Body.Name, in.Body.Role)
	if err != nil {
		return nil, err
	}
	return &createTokenOut{NewToken{Name: in.Body.Name, Role: in.Body.Role, Secret: secret}}, nil
}

func (s *server) revokeToken(ctx context.Context, in *revokeTokenIn) (*struct{}, error) {
	return nil, s.db.RevokeToken(ctx, in.Name)
}
