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
	text, err := s.token(p, s.clock.Skew(req.URL).Round(time.Minute))
	if err != nil {
		return err
	}
	return value{}.Sign(req, withToken(cred, text))
}

// Reveals lists the tokens that are in use, none before the first was signed.
// One with {random} is another at every call: what could be listed is none that
// was sent, and who learns it for each call learns without end.
func (s *tokenSigner) Reveals(cred host.Credential) (list []string) {
	if random(cred.Auth) {
		return nil
	}
	p, err := partsOf(cred)
	if err != nil {
		return nil
	}
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tokens[p.id()] {
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

// parts are what a token is made of, beside the time.
type parts struct {
	auth           abi.Auth
	key            string
	header, claims map[string]string
}

func partsOf(cred host.Credential) (parts, error) {
	p := parts{auth: cred.Auth}
	var err error
	if p.key, err = fill(cred, cred.Auth.KeyTemplate(), mayHoldLines); err != nil {
		return p, err
	}
	if p.key == "" {
		return p, host.Errorf(host.NeedsAuth, "the connection has no key to sign with")
	}
	if p.header, err = fillAll(cred, cred.Auth.Header); err != nil {
		return p, err
	}
	p.claims, err = fillAll(cred, cred.Auth.Claims)
	return p, err
}

func (p parts) id() [sha256.Size]byte {
	// fmt prints maps in the order of their keys.
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %d %q %q", p.auth.Algorithm, p.key, p.auth.Lifetime, p.header, p.claims))
}

// token is a living token of these parts, for a clock that is off by skew.
func (s *tokenSigner) token(p parts, skew time.Duration) (string, error) {
	now := s.clock.Now()
	if random(p.auth) {
		return makeToken(p, now.Add(skew))
	}
	id := p.id()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tokens[id] {
		if t.skew == skew && now.Before(t.until) {
			return t.text, nil
		}
	}
	text, err := makeToken(p, now.Add(skew))
	if err != nil {
		return "", err
	}
	for other, list := range s.tokens {
		list = slices.DeleteFunc(list, func(t token) bool { return !now.Before(t.until) })
		if s.tokens[other] = list; len(list) == 0 {
			delete(s.tokens, other)
		}
	}
	list := append(s.tokens[id], token{text, now.Add(p.auth.TokenLife() / 3), skew})
	s.tokens[id] = list[max(0, len(list)-maxTokens):]
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
func makeToken(p parts, now time.Time) (string, error) {
	a := p.auth
	signing, err := signingKey(a.Algorithm, p.key)
	if err != nil {
		return "", err
	}
	opts := (&jose.SignerOptions{}).WithType("JWT")
	for name, text := range p.header {
		opts = opts.WithHeader(jose.HeaderKey(name), text)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(a.Algorithm), Key: signing}, opts)
	if err != nil {
		return "", wrongKey(a.Algorithm).Because(err)
	}
	all := map[string]any{"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(a.TokenLife()).Unix()}
	for name, text := range p.claims {
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
