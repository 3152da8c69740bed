package lab

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/connhost/connhost/host/jwt"
	"github.com/connhost/connhost/plugins/abi"
)

// byCode swaps a code (RFC 6749 section 4.1.3). What the manifest takes out of
// the request is not asked for.
func (s *service) byCode(v *visit) {
	key, ok := s.tokenRequest(v)
	if !ok {
		return
	}
	redirect, asked := v.bound["redirect_uri"], mentions(v.endpoint.request, "redirect_uri")
	s.mu.Lock()
	c := s.codes[v.bound["code"]]
	if c != nil && !asked {
		redirect = c.redirect
	}
	var pair issued
	var refused string
	if c != nil && c.key != "" && c.key != key {
		pair, refused = refuse(v.r, "the proof is of another key than was announced")
	} else {
		pair, refused = s.exchange(v.r, v.bound["code"], redirect, v.bound["code_verifier"])
	}
	if refused == "" {
		c.grant.key = key
	}
	s.mu.Unlock()
	s.give(v, pair, refused)
}

// byRefresh swaps a refresh token, by the manifest's rules for it.
func (s *service) byRefresh(v *visit) {
	key, ok := s.tokenRequest(v)
	if !ok {
		return
	}
	s.mu.Lock()
	var pair issued
	var refused string
	text := cmp.Or(s.swapped[v.bound["refresh_token"]], v.bound["refresh_token"])
	if t := s.tokens[text]; t != nil && t.grant.key != key {
		pair, refused = refuse(v.r, "the proof is of another key")
	} else {
		pair, refused = s.rotate(v.r, text)
	}
	s.mu.Unlock()
	s.give(v, pair, refused)
}

// byAssertion gives a token for a signed assertion (RFC 7523 section 2.1).
func (s *service) byAssertion(v *visit) {
	rules := s.m.Auth.Bearer()
	token, err := jwt.Verify(rules.Algorithm, s.fill(rules.Key), v.bound["assertion"], s.at(v.r))
	why := ""
	if err != nil {
		why = err.Error()
	} else if why = s.says(token, rules.Header, rules.Claims); why == "" && rules.Random() && !s.fresh("assertion "+v.bound["assertion"]) {
		why = "it was used before"
	}
	if why != "" {
		outcome(v.r, "the assertion is not taken: "+why)
		s.refused(v, http.StatusBadRequest, "invalid_grant")
		return
	}
	s.mint(v)
}

// mint gives a token without a person.
func (s *service) mint(v *visit) {
	key, ok := s.tokenRequest(v)
	if !ok {
		return
	}
	scopes, ok := s.scopes(v)
	if !ok {
		return
	}
	s.mu.Lock()
	g := s.begin(s.account, scopes)
	g.key = key
	pair := s.issue(g)
	s.mu.Unlock()
	entry(v.r).Grant = g.id
	outcome(v.r, "minted")
	s.give(v, pair, "")
}

// scopes are those that a request asks for, or its refusal.
func (s *service) scopes(v *visit) (list []string, ok bool) {
	if list, ok = s.granted(v.bound["scope"]); !ok {
		outcome(v.r, "unknown scope")
		s.refused(v, http.StatusBadRequest, "invalid_scope")
	}
	return list, ok
}

// tokenRequest is what all token requests have in common: the client, and the
// proof of a key where the manifest says so. It gives that key's thumbprint.
func (s *service) tokenRequest(v *visit) (key string, ok bool) {
	if !s.client(v) {
		return "", false
	}
	if s.m.Auth.Proof != abi.ProofDPoP {
		return "", true
	}
	key, why := s.proof(v, "")
	if why != "" {
		outcome(v.r, why)
		s.refused(v, http.StatusBadRequest, "invalid_dpop_proof")
		return "", false
	}
	return key, true
}

// proof reads the proof of possession of a request (RFC 9449 section 4.3).
func (s *service) proof(v *visit, token string) (key, why string) {
	u := *v.r.URL
	u.Scheme, u.Host, _ = strings.Cut(v.origin, "://")
	key, id, err := jwt.Proof{Method: v.r.Method, URL: &u, Token: token}.Verify(v.r.Header.Get("DPoP"), s.at(v.r))
	switch {
	case err != nil:
		return "", "the proof is not taken: " + err.Error()
	case !s.fresh("proof " + id):
		return "", "the proof was used before"
	}
	return key, ""
}

// give answers a token request.
func (s *service) give(v *visit, pair issued, refused string) {
	if refused != "" {
		s.refused(v, http.StatusBadRequest, refused)
		return
	}
	pointers := s.m.TokenAnswer()
	if v.endpoint.kind == "refresh" {
		pointers = s.m.RefreshAnswer()
	}
	if pointers.Refresh == pointers.Access {
		s.mu.Lock()
		s.swapped[pair.Access] = pair.Refresh
		s.mu.Unlock()
	}
	v.w.Header().Set("Cache-Control", "no-store")
	writeJSON(v.w, http.StatusOK, s.tokenDocument(pointers, pair))
}

// tokenDocument puts a pair of tokens where the manifest looks for them. Beside
// them stands what it captures or shows to its code, and where the token is not
// at its usual place, another one that is good for nothing: services that give
// two do so, and a client that takes the wrong one must find out.
func (s *service) tokenDocument(p abi.Answer, pair issued) any {
	var doc any = map[string]any{}
	if p.Access != "/access_token" && strings.HasPrefix(p.Access, "/") {
		s.mu.Lock()
		doc = set(doc, "/access_token", s.secret("other"))
		s.mu.Unlock()
	}
	for _, pointer := range s.m.Public {
		if _, callback := abi.CallbackPointer(pointer); !callback {
			doc = set(doc, pointer, "lab"+strings.ReplaceAll(pointer, "/", "-"))
		}
	}
	for name, pointer := range s.m.Capture {
		if _, callback := abi.CallbackPointer(pointer); !callback {
			doc = set(doc, pointer, s.values[name])
		}
	}
	kind := "Bearer"
	if s.m.Auth.Proof == abi.ProofDPoP {
		kind = "DPoP"
	}
	if p.TokenType != "" {
		doc = set(doc, p.TokenType, kind)
	}
	if s.m.Lifetime() == 0 {
		doc = set(doc, p.ExpiresIn, pair.ExpiresIn)
	}
	if pair.Scope != "" {
		doc = set(doc, p.Scope, s.scopeText(p.Scope, strings.Fields(pair.Scope)))
	}
	if pair.Refresh != "" {
		doc = set(doc, p.Refresh, pair.Refresh)
		if life := s.rules.life; life > 0 && p.RefreshExpiresIn != "" {
			doc = set(doc, p.RefreshExpiresIn, life.Seconds())
		}
	}
	if strings.HasPrefix(p.Access, "/") {
		doc = set(doc, p.Access, pair.Access)
	}
	return doc
}

// scopeText is a list of scopes as a service writes it: as a list where its
// member is called by a plural.
func (s *service) scopeText(pointer string, scopes []string) any {
	if strings.HasSuffix(pointer, "scopes") {
		return scopes
	}
	return strings.Join(scopes, s.m.ScopeSeparator())
}

// revokeShaped ends the token that a request names, whatever it calls it. One
// that names none, and a value of the authorization, ends all of the account.
func (s *service) revokeShaped(v *visit) {
	if !s.client(v) {
		return
	}
	s.mu.Lock()
	found := ""
	for _, name := range []string{"token", "refresh_token", "access_token", abi.SessionName} {
		if text := v.bound[name]; found == "" {
			found = text
		}
	}
	if found == "" && s.mentionsCaptured(v.endpoint.request) {
		s.endGrants()
		outcome(v.r, "grant ended")
	} else {
		s.end(v.r, found)
	}
	s.mu.Unlock()
	v.w.WriteHeader(http.StatusOK)
}

// mentionsCaptured says whether a request tells the service what it told at the
// authorization, such as the account's id.
func (s *service) mentionsCaptured(r abi.Request) bool {
	for name := range s.m.Capture {
		if mentions(r, name) {
			return true
		}
	}
	return false
}

// introspect says whether a token is active (RFC 7662 section 2.2), and changes
// nothing.
func (s *service) introspect(v *visit) {
	if !s.client(v) {
		return
	}
	s.mu.Lock()
	t := s.tokens[v.bound["token"]]
	active := t != nil && !t.grant.ended && !s.aged(t.grant)
	switch {
	case active && t.refresh:
		active = s.good(t) && (s.rules.idle == 0 || s.now().Before(t.since.Add(s.rules.idle)))
	case active:
		active = s.now().Before(t.expires)
	}
	s.mu.Unlock()
	outcome(v.r, map[bool]string{true: "active", false: "not active"}[active])
	writeJSON(v.w, http.StatusOK, map[string]any{"active": active})
}

// allowsAll says whether a grant has every scope of a list, or one of those that
// stand for each other.
func allowsAll(g *grant, scopes []abi.OneOf) bool {
	return !slices.ContainsFunc(scopes, func(s abi.OneOf) bool { return !slices.ContainsFunc(s, g.allows) })
}
