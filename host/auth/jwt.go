package auth

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/jwt"
)

// tokenSigner sends a JSON Web Token (RFC 7519) that it signs itself. A token
// serves the calls of a third of its life to services whose clocks agree to the
// minute, unless it holds {random}, which is new for each.
type tokenSigner struct {
	clock host.Clock

	mu     sync.Mutex
	tokens map[[sha256.Size]byte][]token // of the same parts
}

type token struct {
	text  string
	until time.Time     // by our clock
	skew  time.Duration // with which its times were made
}

// maxTokens is how many tokens of the same parts are kept, for as many clocks.
const maxTokens = 8

var _ host.Signer = (*tokenSigner)(nil)

func newTokenSigner(clock host.Clock) *tokenSigner {
	return &tokenSigner{clock: clock, tokens: map[[sha256.Size]byte][]token{}}
}

// Sign puts the token at its place. Its times are those of the service's clock,
// to the minute: it is issued a minute ago.
func (s *tokenSigner) Sign(req *http.Request, cred host.Credential) error {
	p, err := partsOf(cred)
	if err != nil {
		return err
	}
	text, err := s.token(p, cred.Auth.JWT().Random(), s.clock.Skew(req.URL).Round(time.Minute))
	if err != nil {
		return err
	}
	return value{}.Sign(req, withToken(cred, text))
}

// Reveals lists the tokens that are in use, none before the first was signed.
// One with {random} is another at every call: what could be listed is none that
// was sent, and who learns it for each call learns without end.
func (s *tokenSigner) Reveals(cred host.Credential) (list []string) {
	if cred.Auth.JWT().Random() {
		return nil
	}
	p, err := partsOf(cred)
	if err != nil {
		return nil
	}
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tokens[idOf(p)] {
		if now.Before(t.until) {
			list = append(append(list, value{}.Reveals(withToken(cred, t.text))...), t.text)
		}
	}
	return list
}

// withToken gives a copy of a credential that holds a token as well.
func withToken(cred host.Credential, text string) host.Credential {
	cred.Secret = host.WithKey(cred.Secret, "jwt", host.NewSecret(text))
	return cred
}

// partsOf fills what a token is made of, beside the time.
func partsOf(cred host.Credential) (jwt.Token, error) {
	t := cred.Auth.JWT()
	p := jwt.Token{Algorithm: t.Algorithm, Life: t.Life()}
	var err error
	if p.Key, err = fill(cred, t.Key, mayHoldLines); err != nil {
		return p, err
	}
	if p.Key == "" {
		return p, host.Errorf(host.NeedsAuth, "the connection has no key to sign with")
	}
	if p.Key, err = jwt.DecodeKey(cred.Auth.KeyCode, p.Key); err != nil {
		return p, err
	}
	if p.Header, err = fillAll(cred, t.Header); err != nil {
		return p, err
	}
	p.Claims, err = fillAll(cred, t.Claims)
	return p, err
}

func idOf(p jwt.Token) [sha256.Size]byte {
	// fmt prints maps in the order of their keys.
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %d %q %q", p.Algorithm, p.Key, p.Life, p.Header, p.Claims))
}

// token is a living token of these parts, for a clock that is off by skew; a new
// one where it is another each time.
func (s *tokenSigner) token(p jwt.Token, random bool, skew time.Duration) (string, error) {
	now := s.clock.Now()
	if random {
		return signedToken(p, now.Add(skew))
	}
	id := idOf(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tokens[id] {
		if t.skew == skew && now.Before(t.until) {
			return t.text, nil
		}
	}
	text, err := signedToken(p, now.Add(skew))
	if err != nil {
		return "", err
	}
	for other, list := range s.tokens {
		list = slices.DeleteFunc(list, func(t token) bool { return !now.Before(t.until) })
		if s.tokens[other] = list; len(list) == 0 {
			delete(s.tokens, other)
		}
	}
	list := append(s.tokens[id], token{text, now.Add(p.Life / 3), skew})
	s.tokens[id] = list[max(0, len(list)-maxTokens):]
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
