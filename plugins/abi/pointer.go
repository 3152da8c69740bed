package abi

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

func (c *checker) pointer(path, p string, form *regexp.Regexp) bool {
	ok := form.MatchString(p)
	if !ok {
		hint := ""
		if p != "" && !strings.HasPrefix(p, "/") {
			hint = fmt.Sprintf("write: %q", "/"+strings.ReplaceAll(strings.TrimPrefix(p, "$."), ".", "/"))
		}
		c.fault("M501", path, hint, "%q is not a JSON pointer, which begins with '/' (RFC 6901)", p)
	}
	return ok
}

// answer checks the pointers into an answer, and that they mean something for
// this request.
func (c *checker) answer(at string, a *Answer, u use) {
	if a == nil {
		return
	}
	for _, p := range []struct{ key, pointer string }{
		{"access", a.Access}, {"refresh", a.Refresh}, {"expires_in", a.ExpiresIn}, {"scope", a.Scope},
		{"token_type", a.TokenType}, {"refresh_expires_in", a.RefreshExpiresIn}, {"error", a.Error}, {"key", a.Key}, {"label", a.Label},
	} {
		path := KeyPath(at, p.key)
		switch {
		case p.pointer == "":
		case len(u.answer) == 0:
			c.fault("M502", path, "leave it out", "no answer of this request is read")
		case !slices.Contains(u.answer, p.key):
			c.fault("M502", path, "leave it out", "%q means nothing here; the answer of this request has %s", p.key, strings.Join(u.answer, ", "))
		case p.key == "access":
			c.pointer(path, p.pointer, accessForm)
		default:
			c.pointer(path, p.pointer, pointerForm)
		}
	}
}

// hasAnswer refuses an identity request whose answer nobody reads.
func (c *checker) hasAnswer(at string, r *Request) {
	if r != nil && (r.Answer == nil || r.Answer.Key == "" && r.Answer.Label == "") {
		c.fault("M503", at, "write for example: answer: {key: /id, label: /email}", `%s needs an "answer" with "key" or "label"`, last(at))
	}
}

// capture checks the values that are taken out of the token answer.
func (c *checker) capture() {
	c.few("capture", len(c.m.Capture), keyOf(manifestKeys, "capture"))
	for _, name := range slices.Sorted(maps.Keys(c.m.Capture)) {
		path := KeyPath("capture", name)
		c.captureName(path, name)
		c.shown(path, c.m.Capture[name])
	}
}

// captureName checks what a value of the service is called.
func (c *checker) captureName(path, name string) {
	_, declared := c.m.Parameter(name)
	switch {
	case !nameForm.MatchString(name) || len(name) > keyOf(manifestKeys, "capture").MaxLength || name == "none":
		c.fault("M504", path, "", "the name %q must begin with a letter and hold only letters, digits and '_', at most 50", name)
	case declared:
		c.fault("M505", path, "rename one of them", "%q is captured and declared as a parameter", name)
	case slices.Contains(c.reserved(), name):
		c.fault("M506", path, "choose another name", "%q is the host's own name", name)
	}
}

// unusedCaptures warns of values that nothing names.
func (c *checker) unusedCaptures() {
	for _, name := range slices.Sorted(maps.Keys(c.m.Capture)) {
		if !c.used[name] {
			c.warn("M507", KeyPath("capture", name), "write it in braces where its value belongs, or leave it out", "%q is captured and used nowhere", name)
		}
	}
	if c.m.Choose == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c.m.Choose.Values)) {
		if !c.used[name] {
			c.warn("M507", KeyPath("choose.values", name), "write it in braces where its value belongs, or leave it out", "%q is chosen and used nowhere", name)
		}
	}
}

// public checks the pointers that the token and callback hooks may read.
func (c *checker) public() {
	if !c.few("public", len(c.m.Public), keyOf(manifestKeys, "public")) {
		return
	}
	for i, p := range c.m.Public {
		at := ItemPath("public", i)
		hook := HookToken
		if _, callback := CallbackPointer(p); callback {
			hook = HookCallback
		}
		switch {
		case slices.Contains(c.m.Public[:i], p):
			c.fault("M509", at, "", "the pointer %q stands twice", p)
		case c.m.Auth.Type == AuthOAuth2 && !slices.Contains(c.m.Hooks, hook):
			c.fault("M508", at, "leave it out", "%q is for the hook %q, which is not declared", p, hook)
		default:
			c.shown(at, p)
		}
	}
}

// callbackPrefix begins a pointer into the callback's query.
const callbackPrefix = "callback:"

// CallbackPointer is the pointer into the callback's query that a text of
// capture or public is, and whether it is one.
func CallbackPointer(p string) (string, bool) { return strings.CutPrefix(p, callbackPrefix) }

// shown checks a pointer to something that is no secret: into the token answer
// or, with the prefix, into the callback's query.
func (c *checker) shown(path, p string) {
	inQuery, callback := CallbackPointer(p)
	switch {
	case !callback:
		if c.pointer(path, p, pointerForm) {
			c.shows(path, p)
		}
	case !c.pointer(path, inQuery, pointerForm):
	case strings.Count(inQuery, "/") > 1:
		c.fault("M511", path, "write for example: callback:/realmId", "a callback's query is flat, and %q points deeper", p)
	case inQuery == "/code" || inQuery == "/state" || inQuery == "/oauth_verifier":
		c.fault("M510", path, "", "%q is the host's own, which nobody may read", p)
	case tokenName(inQuery):
		c.fault("M510", path, "", "%q is a token by its name, which nobody may read", p)
	}
}

// shows refuses to make a token readable. Also a pointer to what holds one, and
// a second token by its usual name, are refused.
func (c *checker) shows(path, p string) {
	t, r := c.m.TokenAnswer(), c.m.RefreshAnswer()
	for _, token := range []string{t.Access, t.Refresh, r.Access, r.Refresh} {
		if rest, ok := strings.CutPrefix(token, p); ok && (rest == "" || rest[0] == '/') {
			c.fault("M510", path, "", "%q holds a token, which nobody may read", p)
			return
		}
		if strings.HasPrefix(p, token+"/") {
			c.fault("M510", path, "", "%q lies in a token, which nobody may read", p)
			return
		}
	}
	if tokenName(p) {
		c.fault("M510", path, "", "%q is a token by its name, which nobody may read", p)
	}
}

// tokenName reports whether a pointer leads to something with the usual name of
// a token.
func tokenName(p string) bool {
	switch p[strings.LastIndexByte(p, '/')+1:] {
	case "access_token", "refresh_token", "id_token", "client_secret", "oauth_token", "oauth_token_secret":
		return true
	}
	return false
}
