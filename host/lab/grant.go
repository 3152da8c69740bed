package lab

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A grant is one consent: an account lets the client do something. Codes and
// tokens belong to it and die with it.
type grant struct {
	id      string
	account account
	scopes  []string
	begun   time.Time
	key     string // the thumbprint of the key that its tokens are bound to
	ended   bool
}

// A code waits to be exchanged, once (RFC 6749 section 4.1.2).
type code struct {
	grant     *grant
	challenge string
	redirect  string
	expires   time.Time
	key       string // the thumbprint that was announced for its tokens
	used      bool
}

const codeLife = time.Minute

// A token is an access or a refresh token.
type token struct {
	grant    *grant
	refresh  bool
	expires  time.Time // of an access token
	since    time.Time // when a refresh token was made or used last
	replaced time.Time // when the next refresh token took its place; zero: not yet
}

// rules are what a service does with its tokens, where services differ.
type rules struct {
	renews  bool          // a refresh token comes with an access token
	rotates bool          // and is good for one use
	grace   time.Duration // for which one that was replaced still works
	idle    time.Duration // after which one that nobody uses dies; 0: never
	life    time.Duration // of a grant; 0: for ever
	open    bool          // codes come without PKCE
}

// knownScopes are what may be asked for.
var knownScopes = []string{scopeRead, scopeOrder}

const (
	scopeRead  = "items.read"
	scopeOrder = "orders.write"
)

// begin makes a grant. The caller holds the lock.
func (l *Lab) begin(a account, scopes []string) *grant {
	g := &grant{id: fmt.Sprintf("grt_%d", len(l.grants)+1), account: a, scopes: scopes, begun: l.now()}
	l.grants = append(l.grants, g)
	return g
}

// newCode begins a grant with a code. The caller holds the lock.
func (l *Lab) newCode(a account, scopes []string, challenge, redirect string) string {
	text := l.secret("code")
	l.codes[text] = &code{grant: l.begin(a, scopes), challenge: challenge, redirect: redirect, expires: l.now().Add(codeLife)}
	return text
}

// issued is one pair of tokens, before it is written in the one form or the
// other.
type issued struct {
	Access    string  `json:"access_token"`
	Refresh   string  `json:"refresh_token"`
	Type      string  `json:"token_type"`
	ExpiresIn float64 `json:"expires_in"`
	Scope     string  `json:"scope"`
}

// issue makes a pair of tokens. Access tokens that are dead are forgotten, so
// that a lab can run for long. The caller holds the lock.
func (l *Lab) issue(g *grant) issued {
	now := l.now()
	for text, t := range l.tokens {
		if !t.refresh && t.grant == g && now.After(t.expires) {
			delete(l.tokens, text)
		}
	}
	out := issued{Access: l.secret("access"), Type: "Bearer", ExpiresIn: l.life.Seconds(), Scope: strings.Join(g.scopes, " ")}
	l.tokens[out.Access] = &token{grant: g, expires: now.Add(l.life)}
	if l.rules.renews {
		out.Refresh = l.secret("refresh")
		l.tokens[out.Refresh] = &token{grant: g, refresh: true, since: now}
	}
	return out
}

// living is the grant of an access token that may be used now.
func (l *Lab) living(access string) (*grant, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tokens[access]
	if t == nil || t.refresh || t.grant.ended || l.aged(t.grant) || !l.now().Before(t.expires) {
		return nil, false
	}
	return t.grant, true
}

// aged says whether a grant has lived its life. The caller holds the lock.
func (l *Lab) aged(g *grant) bool {
	return l.rules.life > 0 && !l.now().Before(g.begun.Add(l.rules.life))
}

// allows says whether a grant has a scope; no grant is an API key or a
// password, which may do everything.
func (g *grant) allows(scope string) bool { return g == nil || slices.Contains(g.scopes, scope) }
