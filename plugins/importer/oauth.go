package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// A flow is one of oauth2 as OpenAPI names it; Swagger 2 has another name for
// two of them.
type flow struct {
	kind                              string
	authorize, token, device, refresh string
	scopes                            node
	at                                node
}

var flowNames = map[string]string{
	"authorizationcode": "authorizationCode", "accesscode": "authorizationCode", "clientcredentials": "clientCredentials", "application": "clientCredentials",
	"password": "password", "implicit": "implicit", "deviceauthorization": "deviceAuthorization",
}

// flowOrder is the best first.
var flowOrder = []string{"authorizationCode", "clientCredentials", "deviceAuthorization", "password", "implicit"}

// flows are those of a scheme, the best first.
func flows(n node) (list []flow) {
	read := func(kind string, at node) {
		if kind = flowNames[strings.ToLower(kind)]; kind == "" {
			return
		}
		list = append(list, flow{
			kind: kind, authorize: at.get("authorizationUrl").text(), token: at.get("tokenUrl").text(),
			device: at.get("deviceAuthorizationUrl").text(), refresh: at.get("refreshUrl").text(), scopes: at.get("scopes"), at: at,
		})
	}
	if kind := n.get("flow").text(); kind != "" {
		read(kind, n)
	}
	for _, kind := range n.get("flows").keys() {
		read(kind, n.get("flows").get(kind))
	}
	slices.SortStableFunc(list, func(a, b flow) int {
		return cmp.Compare(slices.Index(flowOrder, a.kind), slices.Index(flowOrder, b.kind))
	})
	return list
}

func (s *scheme) oauth2(n node, b base) {
	list := flows(n)
	for _, f := range list {
		if s.flow(f, b, n) {
			break
		}
	}
	if s.rank == rankNone {
		s.why = first(s.why, "it has no flow with the URLs that it needs")
		return
	}
	if len(list) > 1 {
		var kinds []string
		for _, f := range list {
			kinds = append(kinds, f.kind)
		}
		s.extra.notes = append(s.extra.notes, "the scheme "+quoted(s.name)+" has the flows "+few(kinds, 5)+"; the draft has the first of them that it can")
	}
	if s.auth.Type != abi.AuthOAuth2 {
		return
	}
	s.extra.notes = append(s.extra.notes, "whether the service takes PKCE and the client secret in the header (auth.client_auth) or the body, and what gives a refresh token, is not in the document")
}

// flow makes auth of one flow, if it has the URLs that it needs.
func (s *scheme) flow(f flow, b base, n node) bool {
	a := abi.Auth{Type: abi.AuthOAuth2}
	authorize, token := s.url(f.authorize, b), s.url(f.token, b)
	switch {
	case f.kind == "authorizationCode" && authorize != "" && token != "":
		a.Authorize, a.Token, s.rank = &abi.Request{URL: authorize}, &abi.Request{URL: token}, rankCode
	case f.kind == "clientCredentials" && token != "":
		a.Grant, a.Token, s.rank = abi.GrantClient, &abi.Request{URL: token}, rankClient
	case f.kind == "deviceAuthorization" && token != "" && f.device != "":
		a.Grant, a.Device, a.Token, s.rank = abi.GrantDevice, &abi.Request{URL: s.url(f.device, b)}, &abi.Request{URL: token}, rankClient
	case f.kind == "password" && token != "":
		a.Grant, s.rank = abi.GrantClient, rankPassword
		a.Token = &abi.Request{URL: token, Form: map[string]string{"grant_type": "password", "username": "{username}", "password": "{password}"}}
		s.extra.parameters = []abi.Parameter{{Key: "username", Label: "User name", Required: true}, {Key: "password", Label: "Password", Secret: true}}
		s.extra.notes = append(s.extra.notes, "the password grant wants a client id and secret too: where the service has none, anything can be given")
	case f.kind == "implicit" && authorize != "":
		s.implicit(authorize, n)
		if s.auth.Type == abi.AuthOAuth2 {
			s.scopes = scopesOf(f.scopes)
		}
		return true
	default:
		return false
	}
	s.auth, s.scopes = a, scopesOf(f.scopes)
	person := a.GrantOr() == abi.GrantCode || a.GrantOr() == abi.GrantDevice
	if refresh := s.url(f.refresh, b); person && refresh != "" && refresh != token {
		s.extra.refresh = &abi.Refresh{Request: abi.Request{URL: refresh}}
	}
	return true
}

// implicit makes the authorization code flow of one that gave tokens to
// browsers, which nobody should use any more. Where the token is exchanged is a
// guess, and told as one.
func (s *scheme) implicit(authorize string, n node) {
	at := strings.LastIndex(authorize, "/auth")
	if at < 0 || strings.Contains(authorize[at+1:], "/") {
		s.auth, s.rank = abi.Auth{Type: abi.AuthBearer}, rankImplicit
		s.extra.parameters = []abi.Parameter{{Key: "token", Label: "Access token", Help: schemeHelp(n), Secret: true}}
		s.extra.notes = append(s.extra.notes, "the document has the implicit flow alone, so the draft asks for a token; if the service has the authorization code flow, write auth.type: oauth2 with authorize and token")
		return
	}
	s.auth = abi.Auth{Type: abi.AuthOAuth2, Authorize: &abi.Request{URL: authorize}, Token: &abi.Request{URL: authorize[:at] + "/token"}}
	s.rank = rankImplicit
	s.extra.unverified = append(s.extra.unverified, "auth.token.url")
	s.extra.notes = append(s.extra.notes, "the document has the implicit flow alone; auth.token.url is a guess from "+authorize)
}

// url is the template of an endpoint. A relative one lies at the service; what
// stands in braces is a parameter.
func (s *scheme) url(text string, b base) string {
	text = clean(text)
	if text, _, _ = strings.Cut(text, "#"); text == "" || strings.Contains(text, " ") {
		return ""
	}
	if !strings.Contains(text, "://") {
		if root := strings.SplitAfterN(b.url, "/", 4); strings.HasPrefix(text, "/") && len(root) >= 3 {
			return strings.TrimSuffix(strings.Join(root[:3], ""), "/") + literal(text)
		}
		return b.url + "/" + literal(strings.TrimPrefix(text, "./"))
	}
	scheme, rest, _ := strings.Cut(text, "://")
	if scheme != "https" && scheme != "http" {
		return ""
	}
	var own base
	name, path, slash := strings.Cut(rest, "/")
	own.url = scheme + "://" + place.ReplaceAllStringFunc(name, func(p string) string { return own.value(p[1:len(p)-1], node{}) })
	if slash {
		own.url += "/" + own.path(strings.SplitN(path, "?", 2)[0], node{})
	}
	if _, query, ok := strings.Cut(path, "?"); ok {
		own.url += "?" + literal(query)
	}
	s.extra.parameters = append(s.extra.parameters, own.parameters...)
	return own.url
}

// scopesOf are the scopes of a flow with what they permit.
func scopesOf(n node) (list []abi.Scope) {
	for _, name := range n.keys() {
		if goodScope(name) {
			list = append(list, abi.Scope{Name: name, Text: phrase(n.get(name).text(), maxHelp)})
		}
	}
	return list
}

func goodScope(name string) bool {
	return name != "" && len(name) <= 500 && !strings.Contains(name, " ") && clean(name) == name
}

// openID is an issuer whose metadata tells the rest.
func (s *scheme) openID(n node, b base) {
	text := clean(first(n.get("openIdConnectUrl").text(), n.get("openIdConnectURL").text()))
	issuer, found := strings.CutSuffix(text, "/.well-known/openid-configuration")
	issuer = s.url(issuer, b)
	if issuer == "" || strings.ContainsAny(issuer, "?") {
		s.why = "its openIdConnectUrl is no URL"
		return
	}
	s.auth, s.rank = abi.Auth{Type: abi.AuthOAuth2, Issuer: issuer}, rankIssuer
	if !found {
		s.extra.notes = append(s.extra.notes, fmt.Sprintf("auth.issuer is %s as the document has it, which is not where metadata is found", issuer))
		s.extra.unverified = append(s.extra.unverified, "auth.issuer")
	}
}
