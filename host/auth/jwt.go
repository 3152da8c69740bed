package auth

import (
	"crypto"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// tokenSigner sends a JSON Web Token (RFC 7519) that it signs itself. A token
// serves the calls of a third of its life, unless it holds {random}, which is
// new for each.
type tokenSigner struct {
	now func() time.Time

	mu     sync.Mutex
	tokens map[[sha256.Size]byte]token
}

type token struct {
	text  string
	until time.Time
}

var _ host.Signer = (*tokenSigner)(nil)

func newTokenSigner(now func() time.Time) *tokenSigner {
	return &tokenSigner{now: now, tokens: map[[sha256.Size]byte]token{}}
}

// Sign puts the token at its place.
func (s *tokenSigner) Sign(req *http.Request, cred host.Credential) error {
	cred, err := s.withToken(cred)
	if err != nil {
		return err
	}
	return value{}.Sign(req, cred)
}

// Reveals lists the token of now. One with {random} is another at every call:
// what could be listed is none that was sent, and who learns it for each call
// learns without end.
func (s *tokenSigner) Reveals(cred host.Credential) []string {
	if random(cred.Auth) {
		return nil
	}
	cred, err := s.withToken(cred)
	if err != nil {
		return nil
	}
	return append(value{}.Reveals(cred), cred.Secret["jwt"].Reveal())
}

// withToken gives a copy of a credential that holds a token as well.
func (s *tokenSigner) withToken(cred host.Credential) (host.Credential, error) {
	key, err := fill(cred, cred.Auth.KeyTemplate(), mayHoldLines)
	if err != nil {
		return cred, err
	}
	if key == "" {
		return cred, host.Errorf(host.NeedsAuth, "the connection has no key to sign with")
	}
	header, err := fillAll(cred, cred.Auth.Header)
	if err != nil {
		return cred, err
	}
	claims, err := fillAll(cred, cred.Auth.Claims)
	if err != nil {
		return cred, err
	}
	text, err := s.token(cred.Auth, key, header, claims)
	if err != nil {
		return cred, err
	}
	cred.Secret = host.WithKey(cred.Secret, "jwt", host.NewSecret(text))
	return cred, nil
}

// token is a living token of these parts.
func (s *tokenSigner) token(a abi.Auth, key string, header, claims map[string]string) (string, error) {
	now := s.now()
	if random(a) {
		return makeToken(a, key, header, claims, now)
	}
	// fmt prints maps in the order of their keys.
	id := sha256.Sum256(fmt.Appendf(nil, "%q %q %d %q %q", a.Algorithm, key, a.Lifetime, header, claims))
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.tokens[id]; ok && now.Before(t.until) {
		return t.text, nil
	}
	text, err := makeToken(a, key, header, claims, now)
	if err != nil {
		return "", err
	}
	for other, t := range s.tokens {
		if !now.Before(t.until) {
			delete(s.tokens, other)
		}
	}
	s.tokens[id] = token{text, now.Add(a.TokenLife() / 3)}
	return text, nil
}

func random(a abi.Auth) bool {
	for _, m := range []map[string]string{a.Header, a.Claims} {
		for _, template := range m {
			places, _ := abi.Places(template)
			if slices.ContainsFunc(places, func(p abi.Place) bool { return p.Name == "random" }) {
				return true
			}
		}
	}
	return false
}

// makeToken signs. A minute before now is the time of issue, because clocks
// differ.
func makeToken(a abi.Auth, key string, header, claims map[string]string, now time.Time) (string, error) {
	signing, err := signingKey(a.Algorithm, key)
	if err != nil {
		return "", err
	}
	opts := (&jose.SignerOptions{}).WithType("JWT")
	for name, text := range header {
		opts = opts.WithHeader(jose.HeaderKey(name), text)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(a.Algorithm), Key: signing}, opts)
	if err != nil {
		return "", wrongKey(a.Algorithm).Because(err)
	}
	all := map[string]any{"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(a.TokenLife()).Unix()}
	for name, text := range claims {
		if text != "" {
			all[name] = text
		}
	}
	text, err := jwt.Signed(signer).Claims(all).Serialize()
	if err != nil {
		return "", wrongKey(a.Algorithm).Because(err)
	}
	return text, nil
}

// signingKey is the bytes of the text for an HMAC, a private key otherwise.
func signingKey(algorithm, text string) (any, error) {
	if strings.HasPrefix(algorithm, "HS") {
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
	return host.Errorf(host.Failed, "the connection's key cannot sign with %s", algorithm).
		WithHint("authorize the connection again with a key of that kind")
}
