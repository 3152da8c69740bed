package abi

import (
	"maps"
	"slices"
	"strings"
)

// A use says what the templates of one part of a manifest may name beyond the
// connection's fields.
type use struct {
	params   []string // parameters of the action
	plain    []string // names of the host's values that are no secrets
	secret   []string // names of the host's secrets
	captured bool     // values that the token answer gave, and those that were chosen
	unchosen bool     // but none that was chosen: it is sent before that, or without it
	fields   bool     // secret fields too, outside of URLs
	inPath   []string // secrets that may stand in a path
	body     bool     // the request may have headers and a body
	flat     bool     // its parameters stand beside those of an RFC
	answer   []string // pointers into the answer that mean something
	method   string   // unless given
	byHook   bool     // nobody sends it: it needs no URL
}

var (
	tokenAnswer   = []string{"access", "refresh", "expires_in", "scope", "token_type", "refresh_expires_in", "error"}
	accountAnswer = []string{"key", "label", "error"}
	actionAnswer  = []string{"error"}

	hostUse       = use{captured: true}
	headerUse     = use{captured: true, plain: []string{"client_id"}}
	credentialUse = use{captured: true, fields: true, plain: []string{"client_id"}, secret: []string{"access_token", "session"}}
	jwtUse        = use{captured: true, fields: true, params: []string{"jwt"}}
	claimUse      = use{captured: true, params: []string{"random"}}
	assertionUse  = use{plain: []string{"client_id", "scope"}, params: []string{"random"}}
	issuerUse     = use{}
	authorize1Use = use{plain: []string{"client_id", "redirect_uri"}, method: "GET"}
	authorizeUse  = use{plain: []string{"client_id", "redirect_uri", "scope"}, method: "GET"}
	callUse       = use{captured: true, fields: true, body: true, answer: accountAnswer, method: "GET"}
	chooseUse     = use{captured: true, unchosen: true, fields: true, body: true, method: "GET"}
	token1Use     = use{plain: []string{"redirect_uri", "client_id"}, body: true, flat: true, method: "POST"}
	actionUse     = use{captured: true, fields: true, body: true, answer: actionAnswer, method: "GET"}
	loginUse      = use{fields: true, body: true, answer: []string{"access", "expires_in", "error"}, method: "POST"}
	deviceUse     = use{fields: true, body: true, flat: true, method: "POST", plain: []string{"client_id", "scope"}, secret: []string{"client_secret"}}
	parUse        = use{
		fields: true, body: true, flat: true, method: "POST",
		plain:  []string{"client_id", "redirect_uri", "scope"},
		secret: []string{"client_secret"},
	}
	tokenUse = use{
		fields: true, body: true, flat: true, answer: tokenAnswer, method: "POST",
		plain:  []string{"redirect_uri", "client_id", "scope"},
		secret: []string{"code", "code_verifier", "client_secret", "refresh_token", "access_token", "assertion"},
	}
	refreshUse = use{
		captured: true, unchosen: true, fields: true, body: true, flat: true, answer: tokenAnswer, method: "POST",
		plain:  tokenUse.plain,
		secret: tokenUse.secret,
	}
	revokeUse = use{
		captured: true, unchosen: true, fields: true, body: true, flat: true, method: "POST",
		plain:  []string{"client_id"},
		secret: []string{"client_secret", "token", "access_token", "refresh_token", "session"},
		inPath: []string{"token"},
	}
	introspectUse = use{
		captured: true, unchosen: true, fields: true, body: true, flat: true, method: "POST",
		plain:  []string{"client_id"},
		secret: []string{"client_secret", "token"},
	}
)

// own are the host's names in a use, as far as the auth type has them.
func (c *checker) own(u use) []string {
	session := func(name string) bool { return name == "session" }
	switch c.m.Auth.Type {
	case AuthOAuth1:
		return u.plain
	case AuthOAuth2:
		return slices.DeleteFunc(slices.Concat(u.plain, u.secret), session)
	case AuthSession:
		return slices.DeleteFunc(slices.Clone(u.secret), func(name string) bool { return !session(name) })
	}
	return nil
}

// reserved are the host's names that no parameter and no capture may have.
func (c *checker) reserved() []string {
	if c.m.Auth.Type == AuthOAuth1 {
		names := []string{"client_id", "client_secret", "access_token", "redirect_uri"}
		if c.m.Auth.Authorize != nil {
			names = append(names, PastedSecret)
		}
		return names
	}
	if c.m.Auth.Type == AuthSession {
		return []string{"session"}
	}
	if c.m.Auth.Type != AuthOAuth2 {
		return nil
	}
	return slices.Concat(tokenUse.plain, tokenUse.secret, revokeUse.secret, []string{"state", DPoPKey})
}

// free are names that a flow fills in its own requests and that no call knows: a
// parameter of an action may have them, as services do.
var free = []string{"state", "scope", "code", "token", "client_id", "redirect_uri"}

// reservedInActions are the host's names that no parameter of an action may
// have: those of what a connection keeps secret.
func (c *checker) reservedInActions() []string {
	return slices.DeleteFunc(slices.Clone(c.reserved()), func(name string) bool { return slices.Contains(free, name) })
}

// secret says whether a name stands for a secret.
func (c *checker) secret(name string, u use) bool {
	f, ok := c.fields[name]
	return ok && f.Secret || !ok && slices.Contains(u.secret, name) && slices.Contains(c.own(u), name)
}

// template checks a text: its braces and what its places name.
func (c *checker) template(path, text string, u use) {
	places, err := Places(text)
	if err != nil {
		c.fault("M430", path, "write {{ and }} for single braces", "%v", err)
		return
	}
	for _, p := range places {
		if p.Name == "none" && p.HasFall {
			continue
		}
		if c.known(path, p.Name, u) && c.secret(p.Name, u) && !u.fields && !slices.Contains(u.inPath, p.Name) {
			c.fault("M431", path, "a secret stands in auth, in a query, a header or a body", "the secret {%s} may not stand in %s", p.Name, last(path))
		}
	}
}

// known says whether a place names something, and that it is used now.
func (c *checker) known(path, name string, u use) bool {
	c.used[name] = true
	if _, ok := c.fields[name]; ok || c.unsure || slices.Contains(c.own(u), name) || slices.Contains(u.params, name) {
		return true
	}
	_, captured := c.m.Capture[name]
	switch {
	case captured && u.captured || c.m.chosen(name) && u.captured && !u.unchosen:
		return true
	case c.m.chosen(name):
		c.fault("M433", path, "", "{%s} is chosen after the authorization, and this request has to do without it", name)
	case captured:
		c.fault("M433", path, "", "{%s} is captured from the token answer and not known before it", name)
	default:
		c.fault("M432", path, "declare it under parameters", "{%s} names no parameter%s", name, meant(name, c.names(u)))
	}
	return false
}

// names are all names that a template may use, for a suggestion.
func (c *checker) names(u use) []string {
	if len(c.problems) > maxProblems {
		return nil
	}
	names := slices.Concat(slices.Collect(maps.Keys(c.fields)), c.own(u), u.params)
	if u.captured {
		names = append(names, c.m.CapturedNames()...)
	}
	slices.Sort(names)
	return names
}

// controls says whether a text holds a control character.
func controls(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// plain refuses what could end a line or a text on the wire.
func (c *checker) plain(path, text string) bool {
	if controls(text) {
		c.fault("M013", path, "", "%s may not hold line breaks or control characters", last(path))
		return false
	}
	return true
}
