package auth

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/jwt"
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
	if cred.Auth.JWT().Random() {
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
	t := cred.Auth.JWT()
	text, err := s.token(jwt.Token{Algorithm: t.Algorithm, Key: key, Header: header, Claims: claims, Life: t.Life()}, t.Random())
	if err != nil {
		return cred, err
	}
	cred.Secret = host.WithKey(cred.Secret, "jwt", host.NewSecret(text))
	return cred, nil
}

// token is a living token, a new one where it is another each time.
func (s *tokenSigner) token(t jwt.Token, random bool) (string, error) {
	now := s.now()
	if random {
		return signedToken(t, now)
	}
	// fmt prints maps in the order of their keys.
	id := sha256.Sum256(fmt.Appendf(nil, "%q %q %d %q %q", t.Algorithm, t.Key, t.Life, t.Header, t.Claims))
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.tokens[id]; ok && now.Before(old.until) {
		return old.text, nil
	}
	text, err := signedToken(t, now)
	if err != nil {
		return "", err
	}
	for other, old := range s.tokens {
		if !now.Before(old.until) {
			delete(s.tokens, other)
		}
	}
	s.tokens[id] = token{text, now.Add(t.Life / 3)}
	return text, nil
}

// signedToken signs a token of a connection.
func signedToken(t jwt.Token, now time.Time) (string, error) {
	text, err := jwt.Sign(t, now)
	if e, ok := err.(*host.Error); ok {
		return "", e.WithHint("authorize the connection again with a key for %s", t.Algorithm)
	}
	return text, err
}
