package lab

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// An ask is what an authorization asks for, by the names of RFC 6749 whatever
// the manifest calls them.
type ask struct {
	client, redirect, state, challenge, key string
	scopes                                  []string
}

// asked reads the parameters of an authorization, and says what is wrong.
func (s *service) asked(got bound) (ask, string) {
	a := ask{client: got["client_id"], redirect: got["redirect_uri"], state: got["state"], challenge: got["code_challenge"], key: got["dpop_jkt"]}
	var ok bool
	if a.scopes, ok = s.granted(got["scope"]); !ok {
		return a, "invalid_scope"
	}
	if s.m.PKCE() && len(a.challenge) != 43 || a.state == "" {
		return a, "invalid_request"
	}
	return a, ""
}

// push takes the parameters before the browser comes (RFC 9126).
func (s *service) push(v *visit) {
	if !s.client(v) {
		return
	}
	a, wrong := s.asked(v.bound)
	if wrong == "" && (a.client != s.credential.ClientID || !s.ownRedirect(a.redirect)) {
		wrong = "invalid_request"
	}
	if wrong != "" {
		outcome(v.r, wrong)
		s.refused(v, http.StatusBadRequest, wrong)
		return
	}
	s.mu.Lock()
	reference := "urn:ietf:params:oauth:request_uri:" + s.secret("par")
	s.pushed[reference] = &a
	s.mu.Unlock()
	writeJSON(v.w, http.StatusCreated, map[string]any{"request_uri": reference, "expires_in": 60})
}

// authorizeShaped answers the person's browser. What it may not send back it
// says here (RFC 6749 section 4.1.2.1).
func (s *service) authorizeShaped(v *visit) {
	a, wrong, ok := s.request(v)
	if !ok {
		return
	}
	if wrong != "" {
		outcome(v.r, wrong)
		s.back(v, a, url.Values{"error": {wrong}})
		return
	}
	s.mu.Lock()
	asks, who := s.ask, s.account
	s.mu.Unlock()
	if hinted, ok := findAccount(v.query.Get("login_hint")); ok {
		who = hinted
	}
	if asks {
		outcome(v.r, "asked")
		showConsent(v.w, v.query, a.scopes, who)
		return
	}
	s.allow(v, a, who)
}

// consentedShaped takes the choice that was made on the page, which holds the
// query that it was shown for.
func (s *service) consentedShaped(v *visit) {
	i := slices.IndexFunc(s.endpoints, func(e *endpoint) bool { return e.kind == "authorize" })
	page := *v
	page.endpoint, page.query, page.bound, page.chosen = s.endpoints[i], v.form, bound{}, true
	r := *v.r
	r.Method = http.MethodGet
	page.r = &r
	if page.wrong, _ = s.fits(page.endpoint, &page, page.bound); page.wrong != "" {
		s.misfit(&page)
		return
	}
	a, wrong, ok := s.request(&page)
	if !ok {
		return
	}
	who, known := findAccount(v.form.Get("account"))
	if wrong == "" && (!known || v.form.Get("choice") != "allow") {
		wrong = "access_denied"
	}
	if wrong != "" {
		outcome(v.r, wrong)
		s.back(&page, a, url.Values{"error": {wrong}})
		return
	}
	s.allow(&page, a, who)
}

// request is what the browser asks for, itself or by reference. It has answered
// where the client or its address are not known.
func (s *service) request(v *visit) (a ask, wrong string, ok bool) {
	if reference := v.bound["request_uri"]; s.m.Auth.PAR != nil {
		s.mu.Lock()
		kept := s.pushed[reference]
		if !s.ask || v.chosen { // the page that asks comes first
			delete(s.pushed, reference)
		}
		s.mu.Unlock()
		if kept == nil || v.bound["client_id"] != kept.client {
			fail(v.w, v.r, http.StatusBadRequest, "unknown_request_uri")
			return a, "", false
		}
		return *kept, "", true
	}
	a, wrong = s.asked(v.bound)
	if a.redirect == "" { // a parameter of the connection stands there
		a.redirect = v.query.Get("redirect_uri")
	}
	switch {
	case mentions(v.endpoint.request, "client_id") && a.client != s.credential.ClientID:
		fail(v.w, v.r, http.StatusBadRequest, "unknown_client")
	case !s.ownRedirect(a.redirect):
		fail(v.w, v.r, http.StatusBadRequest, "unknown_redirect_uri")
	default:
		return a, wrong, true
	}
	return a, "", false
}

// allow begins a grant and sends the browser back with its code.
func (s *service) allow(v *visit, a ask, who account) {
	s.mu.Lock()
	text := s.newCode(who, a.scopes, a.challenge, a.redirect)
	s.codes[text].key = a.key
	g := s.codes[text].grant
	s.mu.Unlock()
	entry(v.r).Grant = g.id
	answer := url.Values{"code": {text}}
	for name, place := range s.m.Capture {
		if pointer, ok := abi.CallbackPointer(place); ok {
			answer.Set(strings.TrimPrefix(pointer, "/"), s.values[name])
		}
	}
	s.back(v, a, answer)
}

func (s *service) back(v *visit, a ask, answer url.Values) {
	if s.m.Auth.Issuer != "" {
		answer.Set("iss", s.fill(s.m.Auth.Issuer)) // RFC 9207
	}
	sendBack(v.w, v.r, url.Values{"redirect_uri": {a.redirect}, "state": {a.state}}, answer)
}

// split takes scopes apart.
func split(text, separator string) []string {
	if strings.TrimSpace(separator) == "" {
		return strings.Fields(text)
	}
	var list []string
	for part := range strings.SplitSeq(text, separator) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
