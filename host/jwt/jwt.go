// Package jwt signs JSON Web Tokens (RFC 7519), those that calls carry, those
// that token requests present (RFC 7523), and proofs of possession (RFC 9449), and
// verifies them for the fake services.
// It holds nothing and fills no templates.
package jwt

import (
	"crypto"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/connhost/connhost/host"
)

// A Token is what is signed.
type Token struct {
	Algorithm string // RFC 7518 section 3.1
	Key       string // PEM, or any text for HS256 and its kind
	Header    map[string]string
	Claims    map[string]string // empty ones are left out
	Life      time.Duration
}

// Sign gives the token as text. A minute before now is its time of issue,
// because clocks differ.
func Sign(t Token, now time.Time) (string, error) {
	key, err := signingKey(t.Algorithm, t.Key)
	if err != nil {
		return "", err
	}
	opts := (&jose.SignerOptions{}).WithType("JWT")
	for name, text := range t.Header {
		if text != "" {
			opts = opts.WithHeader(jose.HeaderKey(name), text)
		}
	}
	claims := map[string]any{"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(t.Life).Unix()}
	for name, text := range t.Claims {
		if text != "" {
			claims[name] = text
		}
	}
	return sign(t.Algorithm, key, opts, claims)
}

func sign(algorithm string, key any, opts *jose.SignerOptions, claims map[string]any) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(algorithm), Key: key}, opts)
	if err != nil {
		return "", wrongKey(algorithm).Because(err)
	}
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		return "", wrongKey(algorithm).Because(err)
	}
	return text, nil
}

// signingKey is the bytes of the text for an HMAC, a private key otherwise.
func signingKey(algorithm, text string) (any, error) {
	if strings.HasPrefix(algorithm, "HS") {
		// RFC 7518 section 3.2: at least as long as the hash.
		if bits, err := strconv.Atoi(algorithm[2:]); err == nil && len(text) < bits/8 {
			return nil, host.Errorf(host.Failed, "the key is too short for %s: it has %d bytes, at least %d are needed", algorithm, len(text), bits/8).
				WithHint("have the service make a longer one")
		}
		return []byte(text), nil
	}
	// Pasted into one line, PEM is common.
	text = strings.ReplaceAll(text, `\n`, "\n")
	key, err := host.ParsePrivateKey([]byte(text))
	if err != nil {
		return nil, err
	}
	return crypto.PrivateKey(key), nil
}

func wrongKey(algorithm string) *host.Error {
	return host.Errorf(host.Failed, "the key cannot sign with %s", algorithm).
		WithHint("give a key of that kind")
}
