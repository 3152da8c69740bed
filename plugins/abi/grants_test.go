package abi_test

import (
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// How a token is got and how a client shows that it is the one: what belongs to
// each grant and each way.
func TestGrantRules(t *testing.T) {
	type m = *abi.Manifest
	token := func() *abi.Request { return &abi.Request{URL: "https://crm.test/token"} }
	claims := map[string]string{"iss": "{client_email}", "scope": "{scope}", "jti": "{random}"}
	bare := func(m m, a abi.Auth, p ...abi.Parameter) {
		m.Auth, m.Parameters, m.Hooks, m.Refresh, m.Revoke, m.Capture, m.Public = a, p, nil, nil, nil, nil, nil
		m.BaseURL, m.Hosts, m.Test, m.Identity, m.Actions, m.RevealSecrets = "https://crm.test", nil, nil, nil, nil, nil
	}
	check(t, oauth, []rule{
		{"an issuer alone", func(m m) {
			bare(m, abi.Auth{Type: "oauth2", Issuer: "https://login.test/{tenant}"}, abi.Parameter{Key: "tenant"})
		}, ""},
		{"an issuer and a parameter", func(m m) {
			bare(m, abi.Auth{Type: "oauth2", Issuer: "https://login.test", Authorize: &abi.Request{Query: map[string]string{"prompt": "consent"}}, Token: &abi.Request{Form: map[string]string{"audience": "x"}}, PAR: &abi.Request{}})
		}, ""},
		{"an issuer with a query", func(m m) { bare(m, abi.Auth{Type: "oauth2", Issuer: "https://login.test?a=b"}) }, `auth.issuer: "issuer" has a form that is not allowed`},
		{"device", func(m m) {
			bare(m, abi.Auth{Type: "oauth2", Grant: "device_code", ClientAuth: "none", Token: token(), Device: &abi.Request{URL: "https://crm.test/device"}})
		}, ""},
		{"device without its request", func(m m) { bare(m, abi.Auth{Type: "oauth2", Grant: "device_code", Token: token()}) }, `auth.device: oauth2 needs the key "device" with a URL`},
		{"device with PAR", func(m m) {
			bare(m, abi.Auth{Type: "oauth2", Grant: "device_code", Token: token(), Device: token(), PAR: token()})
		}, `auth.par: "par" has no meaning with the grant device_code`},
		{"jwt bearer", func(m m) {
			bare(m, abi.Auth{Type: "oauth2", Grant: "jwt_bearer", ClientAuth: "none", Token: token(), Assertion: &abi.Assertion{Claims: claims}}, abi.Parameter{Key: "client_email"})
		}, ""},
		{"jwt bearer without what it presents", func(m m) { bare(m, abi.Auth{Type: "oauth2", Grant: "jwt_bearer", Token: token()}) }, `auth.assertion: the key "assertion" is missing`},
		{"an assertion without the grant", func(m m) { m.Auth.Assertion = &abi.Assertion{} }, `auth.assertion: "assertion" has no meaning with the grant authorization_code`},
		{"a secret claim", func(m m) {
			bare(m, abi.Auth{Type: "oauth2", Grant: "jwt_bearer", Token: token(), Assertion: &abi.Assertion{Claims: map[string]string{"sub": "{private_key}"}}})
		}, `auth.assertion.claims.sub: the secret {private_key} may not stand in "sub"`},
		{"a claim of the host", func(m m) {
			bare(m, abi.Auth{Type: "oauth2", Grant: "jwt_bearer", Token: token(), Assertion: &abi.Assertion{Claims: map[string]string{"exp": "1"}, Header: map[string]string{"alg": "none"}, Lifetime: 90_000}})
		}, `auth.assertion.lifetime: "lifetime" is a number of seconds, at most 86400
auth.assertion.header.alg: "alg" is set by the host
auth.assertion.claims.exp: "exp" is set by the host`},
		{"token exchange", func(m m) { bare(m, abi.Auth{Type: "oauth2", Grant: "token_exchange", Token: token()}) }, ""},
		{"token exchange with a refresh of its own", func(m m) {
			bare(m, abi.Auth{Type: "oauth2", Grant: "token_exchange", Token: token()})
			m.Refresh, m.Introspect = &abi.Refresh{Request: *token()}, token()
		}, `refresh: "refresh" has no meaning with the grant token_exchange
introspect: "introspect" has no meaning with the grant token_exchange`},
		{"private_key_jwt", func(m m) {
			m.Auth.ClientAuth, m.Auth.ClientAssertion = "private_key_jwt", &abi.Assertion{Algorithm: "ES256", Header: map[string]string{"kid": "{client_id}"}, Claims: map[string]string{"aud": "https://crm.test"}}
		}, ""},
		{"a client's token without it", func(m m) { m.Auth.ClientAssertion = &abi.Assertion{} }, `auth.client_assertion: "client_assertion" has no meaning unless "client_auth" is private_key_jwt or client_secret_jwt`},
		{"a client's token with a key", func(m m) {
			m.Auth.ClientAuth, m.Auth.ClientAssertion = "private_key_jwt", &abi.Assertion{Key: "x"}
		}, `auth.client_assertion.key: the key of a client's token is its secret`},
		{"a client's token of the other kind", func(m m) {
			m.Auth.ClientAuth, m.Auth.ClientAssertion = "client_secret_jwt", &abi.Assertion{Algorithm: "RS256", Claims: map[string]string{"sub": "x"}}
		}, `auth.client_assertion.algorithm: the algorithm RS256 does not go with the client_auth client_secret_jwt
auth.client_assertion.claims.sub: "sub" is set by the host`},
		{"dpop", func(m m) { m.Auth.Proof = "dpop" }, ""},
		{"a key of the host as a parameter", func(m m) { m.Capture["dpop_key"] = "/k" }, "capture.dpop_key: \"dpop_key\" is the host's own name\nwarning: capture.dpop_key: \"dpop_key\" is captured and used nowhere"},
		{"mtls", func(m m) { m.Auth.Proof, m.Auth.ClientAuth = "mtls", "mtls" }, ""},
		{"a certificate that nobody has", func(m m) { m.Auth.Proof = "mtls" }, `auth.proof: the certificate of a proof is the client's, which only the client_auth mtls has`},
		{"par", func(m m) {
			m.Auth.PAR = &abi.Request{URL: "https://crm.test/par", Form: map[string]string{"audience": "x"}}
		}, ""},
		{"par that replaces the state", func(m m) {
			m.Auth.PAR = &abi.Request{URL: "https://crm.test/par", Form: map[string]string{"state": ""}}
		}, `auth.par.form.state: "state" is set by the host and cannot be replaced`},
		{"introspect", func(m m) { m.Introspect = &abi.Request{URL: "https://crm.test/introspect"} }, ""},
	})
}

func TestSessionRules(t *testing.T) {
	type m = *abi.Manifest
	session := func(change func(m)) func(m) {
		return func(m m) {
			login := abi.Request{Path: "/login", JSON: abi.BodyOf(map[string]string{"user": "{username}", "password": "{password}"}), Answer: &abi.Answer{Access: "header:/X-Session"}}
			m.Auth, m.Parameters = abi.Auth{Type: "session", Name: "X-Session", Login: &login}, nil
			change(m)
		}
	}
	check(t, skeleton, []rule{
		{"as it is", session(func(m) {}), ""},
		{"in a cookie", session(func(m m) {
			m.Auth.Name, m.Auth.Value, m.Auth.Login.Answer.Access = "Cookie", "SID={session}", "cookie:/SID"
			m.Revoke, m.Refresh = &abi.Revoke{Request: abi.Request{Path: "/logout/{session}"}}, &abi.Refresh{Lifetime: 600}
		}), `revoke.path: the secret {session} may not stand in "path"`},
		{"without a log-in", session(func(m m) { m.Auth.Login = nil }), `auth.login: the key "login" is missing`},
		{"nowhere", session(func(m m) { m.Auth.Login.Answer = nil }), `auth.login: "login" needs an "answer" with "access"`},
		{"in no place", session(func(m m) { m.Auth.Login.Answer.Access = "header:X" }), `auth.login.answer.access: "header:X" is not a JSON pointer, which begins with '/' (RFC 6901)`},
		{"not sent", session(func(m m) { m.Auth.Value = "{username}" }), `auth.value: "value" does not name {session}, so no session would be sent`},
		{"refreshed", session(func(m m) { m.Refresh = &abi.Refresh{Rotation: "none"} }), "refresh: a session is renewed by its log-in"},
	})
}
