package oauth

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A reader turns answers into tokens by the rules of one manifest. It is
// lenient for what must not be lost and strict for what must be right.
type reader struct {
	manifest abi.Manifest
	pointers abi.Answer
	start    time.Time // of the request: lifetimes count from it
	redactor *host.Redactor
}

// parts are what an answer says, before it is judged. A nil part was not said.
type parts struct {
	access, refresh, expires, scope, tokenType any
	refreshExpires                             any
	capture                                    map[string]string
	doubt                                      string // why the tokens cannot be taken
}

// read understands an answer that refuses nothing by itself: through the
// token hook where the connector has one.
//
// A hook that fails does not lose what the manifest's pointers find: the
// service has already replaced the token that was presented. Such tokens are
// returned with a warning.
func (c *Client) read(ctx context.Context, t host.FlowTarget, phase string, r reader, a answer) (host.Tokens, error) {
	plain := r.find(a)
	if !slices.Contains(r.manifest.Hooks, abi.HookToken) {
		return r.judge(a, plain)
	}
	found, hookErr := c.callHook(ctx, t, phase, r, a)
	if hookErr == nil {
		return r.judge(a, found.or(plain))
	}
	if fatal := reauth(t, hookErr); fatal != nil {
		return host.Tokens{}, fatal
	}
	tokens, err := r.judge(a, plain)
	if err != nil {
		return tokens, hookFailed(t, r, a, hookErr)
	}
	tokens.Warning = "the token hook failed, the tokens were read without it: " + hookReason(hookErr)
	return tokens, nil
}

// find reads the parts by the manifest's pointers.
func (r reader) find(a answer) parts {
	p := parts{capture: map[string]string{}}
	p.access = a.token(r.pointers.Access)
	if !a.readable {
		return p
	}
	p.refresh = a.part(r.pointers.Refresh)
	p.expires, p.scope = a.part(r.pointers.ExpiresIn), a.part(r.pointers.Scope)
	p.tokenType = a.part(r.pointers.TokenType)
	for _, pointer := range r.pointers.RefreshExpiresPointers() {
		if p.refreshExpires = a.part(pointer); p.refreshExpires != nil {
			break
		}
	}
	for name, pointer := range r.manifest.Capture {
		text, ok := asText(a.part(pointer)) // none for what the callback has told
		if ok && text != "" && !isToken(text, p.access, p.refresh) {
			p.capture[name] = text
		}
	}
	if v := a.part(r.pointers.Error); v != nil && v != "" && v != false && v != json.Number("0") {
		p.doubt = "it names an error"
	}
	for _, pointer := range []string{r.pointers.Access, r.pointers.Refresh, r.pointers.TokenType, r.pointers.Error} {
		if a.doubtful(pointer) {
			p.doubt = "it says " + pointer + " twice"
		}
	}
	return p
}

// part is the value at a pointer, nil where there is none or where two did not
// agree.
func (a *answer) part(pointer string) any {
	v, _ := a.at(pointer)
	if a.doubtful(pointer) {
		return nil
	}
	return v
}

// token is the value at a pointer, or of a header or a cookie of the answer.
func (a *answer) token(place string) any {
	if name, ok := strings.CutPrefix(place, "header:/"); ok {
		return only(a.header.Values(name))
	}
	if name, ok := strings.CutPrefix(place, "cookie:/"); ok {
		return a.cookie(name)
	}
	return a.part(place)
}

// cookie is what a browser would have of a name after the answer (RFC 6265
// section 5.3): the last of the same domain and path, unless that deletes it.
// Where others are left that do not agree there is none.
func (a *answer) cookie(name string) any {
	type place struct{ domain, path string }
	kept := map[place]string{}
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		switch at := (place{strings.ToLower(c.Domain), c.Path}); {
		case c.Name != name:
		case c.Value == "" || c.MaxAge < 0 || c.MaxAge == 0 && !c.Expires.IsZero() && c.Expires.Before(a.now):
			delete(kept, at)
		case c.Quoted: // the quotes are part of the value (section 4.1.1)
			kept[at] = `"` + c.Value + `"`
		default:
			kept[at] = c.Value
		}
	}
	return only(slices.Compact(slices.Sorted(maps.Values(kept))))
}

// only is the one value of a list; nil where there are none or several.
func only(values []string) any {
	if len(values) != 1 {
		return nil
	}
	return values[0]
}

// isToken says that a text is one of the tokens, which a capture, stored in
// the clear, must never be.
func isToken(text string, tokens ...any) bool {
	return slices.ContainsFunc(tokens, func(v any) bool {
		token, _ := asText(v)
		return token == text
	})
}

// or fills what the hook did not say from what the pointers found. A hook that
// names no access token leaves the judgement of the answer to them as well.
func (p parts) or(plain parts) parts {
	if p.access == nil {
		p.doubt = plain.doubt
		if p.tokenType == nil {
			p.tokenType = plain.tokenType
		}
	}
	for _, pair := range []struct{ mine, other *any }{
		{&p.access, &plain.access}, {&p.refresh, &plain.refresh},
		{&p.expires, &plain.expires}, {&p.scope, &plain.scope},
	} {
		if *pair.mine == nil {
			*pair.mine = *pair.other
		}
	}
	p.refreshExpires = plain.refreshExpires // the hook does not say
	for name, text := range plain.capture {
		if _, ok := p.capture[name]; !ok {
			p.capture[name] = text
		}
	}
	// Only now it is known which texts are the tokens.
	maps.DeleteFunc(p.capture, func(_, text string) bool { return isToken(text, p.access, p.refresh) })
	return p
}

// judge decides over the parts. The refresh token is returned with an error
// too: the one that was presented may be dead by now.
func (r reader) judge(a answer, p parts) (host.Tokens, error) {
	if !r.taken(a) {
		return host.Tokens{}, r.unclear(a, "")
	}
	access, accessErr := token(p.access)
	refresh, refreshErr := token(p.refresh)
	r.redactor.Learn(access, refresh)
	var kept host.Tokens
	if refresh != "" {
		kept.Refresh = host.NewSecret(refresh)
	}
	switch {
	case p.doubt != "":
		return kept, r.unclear(a, p.doubt)
	case (accessErr != nil || access == "") && !a.readable:
		return kept, r.unclear(a, "it is neither JSON nor a form")
	case accessErr != nil || access == "":
		return kept, r.unclear(a, "it has no access token that can be sent")
	case refreshErr != nil:
		return kept, r.unclear(a, "it has a refresh token that cannot be sent")
	case !r.sendable(p.tokenType):
		return kept, r.unclear(a, "its token type is none that this host can send")
	}
	kept.Access = host.NewSecret(access)
	kept.Expires = r.expiry(p.expires)
	if life, ok := lifetime(p.refreshExpires); ok {
		kept.RefreshExpires = r.start.Add(life)
	}
	kept.Scopes = scopes(p.scope, r.manifest.ScopeSeparator())
	kept.Capture = p.capture
	return kept, nil
}

// taken says whether the status of an answer is that of a service which took the
// request. One that gives a session in a cookie or a header to browsers sends
// them on to another page, which nobody here needs.
func (r reader) taken(a answer) bool {
	return a.status >= 200 && a.status <= 299 || a.sendsOn() && !strings.HasPrefix(r.pointers.Access, "/")
}

// sendsOn says whether an answer sends a browser on to another page by GET (RFC
// 9110 section 15.4).
func (a *answer) sendsOn() bool {
	return a.status == http.StatusFound || a.status == http.StatusSeeOther
}

// token is the text of a token: empty where there is none. A character that a
// header or form would alter makes it another token, so it is refused.
func token(v any) (string, error) {
	text, ok := asText(v)
	if !ok && v != nil && v != false {
		return "", fmt.Errorf("a %T is not a token", v)
	}
	bad := func(c rune) bool { return c < 0x20 || c >= 0x7f && c <= 0x9f || c == utf8.RuneError }
	if strings.ContainsFunc(text, bad) {
		return "", fmt.Errorf("a control character in a token")
	}
	return text, nil
}

// asText is a text, or a number as it was written.
func asText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

// sendable says whether a token of this type goes out as the manifest sends
// it: bearer, unnamed, or the scheme that the manifest itself puts before the
// token (RFC 6749 section 7.1).
func (r reader) sendable(tokenType any) bool {
	if tokenType == nil || tokenType == "" {
		return true
	}
	text, _ := tokenType.(string)
	if strings.EqualFold(text, "bearer") && r.manifest.Auth.Proof != abi.ProofDPoP {
		return true
	}
	scheme, _, ok := strings.Cut(r.manifest.Auth.ValueTemplate(), " {")
	return ok && strings.EqualFold(text, scheme)
}

// scopes reads what was granted: a text with spaces, commas or the manifest's
// separator between, or a list. Nil means that the answer does not say.
func scopes(v any, separator string) []string {
	var list []string
	switch v := v.(type) {
	case string:
		if s := strings.TrimSpace(separator); s != "" {
			v = strings.ReplaceAll(v, s, " ")
		}
		list = strings.FieldsFunc(v, func(c rune) bool { return c == ' ' || c == ',' || c == '\t' || c == '\n' })
	case []any:
		for _, e := range v {
			if text, ok := e.(string); ok && text != "" {
				list = append(list, text)
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list
}
