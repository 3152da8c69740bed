package lab

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
)

// token answers RFC 6749 sections 4.1.3 and 6. Nested answers put the tokens
// under "data", as many services do, so that a connector needs a token hook.
// Refusals are the RFC's in both forms.
func (l *Lab) token(w http.ResponseWriter, r *http.Request, nested bool) {
	w.Header().Set("Cache-Control", "no-store")
	if !clientRequest(w, r) {
		return
	}
	var pair issued
	var refused string
	l.mu.Lock()
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
		ask := r.PostForm
		pair, refused = l.exchange(r, ask.Get("code"), ask.Get("redirect_uri"), ask.Get("code_verifier"))
	case "refresh_token":
		pair, refused = l.rotate(r, r.PostForm.Get("refresh_token"))
	default:
		refused = "unsupported_grant_type"
	}
	l.mu.Unlock()
	switch {
	case refused != "":
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": refused, "error_description": entry(r).Outcome})
	case nested:
		writeJSON(w, http.StatusOK, map[string]issued{"data": pair})
	default:
		writeJSON(w, http.StatusOK, pair)
	}
}

// exchange swaps a code. One that comes again may be in two hands, so all that
// came of it dies. The caller holds the lock.
func (l *Lab) exchange(r *http.Request, text, redirect, verifier string) (issued, string) {
	c := l.codes[text]
	if c == nil {
		return refuse(r, "unknown code")
	}
	entry(r).Grant = c.grant.id
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	switch {
	case c.used:
		c.grant.ended = true
		return refuse(r, "code used again, grant ended")
	case c.grant.ended || !l.now().Before(c.expires):
		return refuse(r, "code expired")
	case redirect != c.redirect:
		return refuse(r, "another redirect_uri")
	case !l.rules.open && subtle.ConstantTimeCompare([]byte(challenge), []byte(c.challenge)) != 1:
		return refuse(r, "wrong code_verifier")
	}
	c.used = true
	outcome(r, "exchanged")
	return l.issue(c.grant), ""
}

// rotate swaps a refresh token for the next one. One that comes again was
// stolen or replayed, which the lab cannot tell apart, so the grant dies with
// its living access token (RFC 9700 section 4.14.2). The caller holds the lock.
func (l *Lab) rotate(r *http.Request, text string) (issued, string) {
	t := l.tokens[text]
	if t == nil || !t.refresh {
		return refuse(r, "unknown refresh token")
	}
	entry(r).Grant = t.grant.id
	now := l.now()
	switch {
	case t.grant.ended:
		return refuse(r, "grant ended")
	case l.aged(t.grant):
		return refuse(r, "grant lived its life")
	case l.rules.idle > 0 && !now.Before(t.since.Add(l.rules.idle)):
		return refuse(r, "refresh token died of disuse")
	case !l.good(t):
		t.grant.ended = true
		return refuse(r, "refresh token used again, grant ended")
	}
	l.refreshes++
	outcome(r, "refreshed")
	t.since = now
	if !l.rules.rotates {
		pair := l.issue(t.grant)
		delete(l.tokens, pair.Refresh)
		pair.Refresh = ""
		return pair, ""
	}
	if t.replaced.IsZero() {
		t.replaced = now
	}
	return l.issue(t.grant), ""
}

// good says whether a refresh token was not replaced, or not longer ago than it
// may be used. Without such a grace no clock is asked: it may have been set back.
// The caller holds the lock.
func (l *Lab) good(t *token) bool {
	return t.replaced.IsZero() || l.rules.grace > 0 && l.now().Before(t.replaced.Add(l.rules.grace))
}

func refuse(r *http.Request, why string) (issued, string) {
	outcome(r, why)
	return issued{}, "invalid_grant"
}

// revoke ends a token (RFC 7009): a refresh token with its whole grant, an
// access token alone. A token that nobody knows is as good as ended.
func (l *Lab) revoke(w http.ResponseWriter, r *http.Request) {
	if !clientRequest(w, r) {
		return
	}
	l.mu.Lock()
	l.end(r, r.PostForm.Get("token"))
	l.mu.Unlock()
	w.WriteHeader(http.StatusOK)
}

// end ends a token. The caller holds the lock.
func (l *Lab) end(r *http.Request, text string) {
	if t := l.tokens[text]; t == nil {
		outcome(r, "unknown token")
	} else if entry(r).Grant = t.grant.id; t.refresh {
		t.grant.ended = true
		outcome(r, "grant ended")
	} else {
		delete(l.tokens, text)
		outcome(r, "access token ended")
	}
}

// clientRequest reads the form and authenticates the client: by Basic or in
// the body, never both (RFC 6749 section 2.3).
func clientRequest(w http.ResponseWriter, r *http.Request) bool {
	if err := r.ParseForm(); err != nil || len(r.PostForm) == 0 {
		fail(w, r, http.StatusBadRequest, "invalid_request")
		return false
	}
	for _, texts := range r.PostForm {
		if len(texts) > 1 { // RFC 6749 section 3.2
			fail(w, r, http.StatusBadRequest, "invalid_request")
			return false
		}
	}
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	user, password, basic := r.BasicAuth()
	if basic {
		if secret != "" {
			fail(w, r, http.StatusBadRequest, "invalid_request")
			return false
		}
		// Section 2.3.1: both were form-encoded first.
		id, _ = url.QueryUnescape(user)
		secret, _ = url.QueryUnescape(password)
	}
	if id != ClientID || !same(secret, ClientSecret) {
		w.Header().Set("WWW-Authenticate", `Basic realm="lab"`)
		fail(w, r, http.StatusUnauthorized, "invalid_client")
		return false
	}
	return true
}

// same compares in a time that does not depend on where they differ.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// Expire ends every living access token now, whatever its life was to be: a
// service that forgets. Refresh tokens stay good.
func (l *Lab) Expire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.tokens {
		if !t.refresh {
			t.expires = l.now()
		}
	}
}

// EndAll ends every grant, as people do on the service's own page: neither
// their access nor their refresh tokens are good any more.
func (l *Lab) EndAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.endGrants()
}

// endGrants ends every grant. The caller holds the lock.
func (l *Lab) endGrants() {
	for _, g := range l.grants {
		g.ended = true
	}
}
