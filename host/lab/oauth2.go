package lab

import (
	"maps"
	"net/http"
	"slices"

	"github.com/connhost/connhost/plugins/abi"
)

// What the grants are called on the wire.
const (
	wireCode     = "authorization_code"
	wireClient   = "client_credentials"
	wireDevice   = "urn:ietf:params:oauth:grant-type:device_code"           // RFC 8628 section 3.4
	wireJWT      = "urn:ietf:params:oauth:grant-type:jwt-bearer"            // RFC 7523 section 2.1
	wireExchange = "urn:ietf:params:oauth:grant-type:token-exchange"        // RFC 8693 section 2.1
	accessType   = "urn:ietf:params:oauth:token-type:access_token"          // RFC 8693 section 3
	assertJWT    = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" // RFC 7523 section 2.2
)

// oauth2 are the endpoints of an authorization server.
func (s *service) oauth2() []*endpoint {
	a := s.m.Auth
	var list []*endpoint
	add := func(kind string, r abi.Request, url string, serve func(*visit)) {
		if url != "" {
			list = append(list, s.endpoint(kind, r, url, serve))
		}
	}
	token := s.url(a.Token, "/token")
	if s.m.ByBrowser() {
		page := s.url(a.Authorize, "/authorize")
		ask := over(a.Authorize, http.MethodGet, s.asks())
		if a.PAR != nil {
			add("par", s.toClient(a.PAR, ask.Query), s.url(a.PAR, "/par"), s.push)
			ask = abi.Request{Method: http.MethodGet, Query: map[string]string{"client_id": "{client_id}", "request_uri": "{request_uri}"}}
		}
		add("authorize", ask, page, s.authorizeShaped)
		add("consent", abi.Request{Method: http.MethodPost}, page, s.consentedShaped)
		add("token", s.toClient(a.Token, map[string]string{
			"grant_type": wireCode, "code": "{code}", "redirect_uri": "{redirect_uri}", "code_verifier": "{code_verifier}",
		}), token, s.byCode)
	}
	if s.m.ByDevice() {
		codes := s.url(a.Device, "/device")
		add("device", s.toClient(a.Device, map[string]string{"scope": "{scope}"}), codes, s.giveDevice)
		add("enter", abi.Request{Method: http.MethodGet}, codes+"/enter", s.enter)
		add("enter", abi.Request{Method: http.MethodPost}, codes+"/enter", s.enter)
		add("token", s.toClient(a.Token, map[string]string{"grant_type": wireDevice, "device_code": "{device_code}"}), token, s.byDevice)
	}
	switch {
	case !s.m.Mints():
		r := s.m.RefreshRequest()
		add("refresh", s.toClient(&r, map[string]string{"grant_type": "refresh_token", "refresh_token": "{refresh_token}"}), s.url(&r, "/token"), s.byRefresh)
	case a.GrantOr() == abi.GrantJWT:
		add("token", s.toClient(a.Token, map[string]string{"grant_type": wireJWT, "assertion": "{assertion}", "scope": "{scope}"}), token, s.byAssertion)
	case a.GrantOr() == abi.GrantExchange:
		add("token", s.toClient(a.Token, map[string]string{
			"grant_type": wireExchange, "subject_token": a.SubjectToken(), "subject_token_type": accessType, "scope": "{scope}",
		}), token, s.mint)
	default:
		add("token", s.toClient(a.Token, map[string]string{"grant_type": wireClient, "scope": "{scope}"}), token, s.mint)
	}
	if s.m.Revoke != nil || a.Issuer != "" {
		r := &abi.Request{}
		if s.m.Revoke != nil {
			r = &s.m.Revoke.Request
		}
		add("revoke", s.toClient(r, map[string]string{"token": "{token}", "token_type_hint": "{hint}"}), s.url(r, "/revoke"), s.revokeShaped)
	}
	if s.m.Introspect != nil || a.Issuer != "" {
		add("introspect", s.toClient(s.m.Introspect, map[string]string{"token": "{token}", "token_type_hint": "{hint}"}), s.url(s.m.Introspect, "/introspect"), s.introspect)
	}
	return append(list, s.metadata()...)
}

// asks are the parameters of an authorization (RFC 6749 section 4.1.1, RFC 7636
// section 4.3).
func (s *service) asks() map[string]string {
	ask := map[string]string{
		"response_type": "code", "client_id": "{client_id}", "redirect_uri": "{redirect_uri}", "scope": "{scope}", "state": "{state}",
	}
	if s.m.PKCE() {
		ask["code_challenge"], ask["code_challenge_method"] = "{code_challenge}", "S256"
	}
	if s.m.Auth.Proof == abi.ProofDPoP {
		ask["dpop_jkt"] = "{dpop_jkt}"
	}
	return ask
}

// toClient is a request in which the client authenticates (RFC 6749 section
// 2.3).
func (s *service) toClient(given *abi.Request, defaults map[string]string) abi.Request {
	all := maps.Clone(defaults)
	switch kind := s.m.ClientAuth(); {
	case s.credential.ClientSecret == "":
		if s.credential.ClientID != "" {
			all["client_id"] = "{client_id}"
		}
	case kind == abi.ClientAuthBody:
		all["client_id"], all["client_secret"] = "{client_id}", "{client_secret}"
	case kind == abi.ClientAuthPrivateKey || kind == abi.ClientAuthSecretKey:
		all["client_id"], all["client_assertion_type"], all["client_assertion"] = "{client_id}", assertJWT, "{client_assertion}"
	case kind == abi.ClientAuthMTLS:
		all["client_id"] = "{client_id}"
	}
	return over(given, http.MethodPost, all)
}

// granted are the scopes that a request asks for: all that there are where it
// asks for none; false where it asks for one that is not there.
func (s *service) granted(text string) ([]string, bool) {
	var all []string
	for _, scope := range s.m.Scopes {
		all = append(all, scope.Name)
	}
	if text == "" {
		return all, true
	}
	asked := split(text, s.m.ScopeSeparator())
	for _, scope := range asked {
		if len(all) > 0 && !slices.Contains(all, scope) {
			return nil, false
		}
	}
	return asked, true
}
