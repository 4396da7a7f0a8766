package hr

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

const secretPrefix = "whsec_"

// parseSecret returns the signing key.
//
// Source: Standard Webhooks 1.0, "Signature scheme": 24 to 64 bytes.
func parseSecret(secret string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(secret, secretPrefix)
	if !ok {
		return nil, errors.New("the secret must begin with " + secretPrefix)
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errors.New("the secret is not base64")
	}
	if len(key) < 24 || len(key) > 64 {
		return nil, errors.New("the secret must hold 24 to 64 bytes")
	}
	return key, nil
}

// sign returns the value of webhook-signature over the exact bytes sent.
//
// Source: Standard Webhooks 1.0, "Signature scheme": v1 is HMAC-SHA256 of
// id.timestamp.body.
func sign(key []byte, id, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
