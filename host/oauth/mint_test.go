package oauth_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

// minting is a connection whose tokens are got without a person.
func minting(grant string) host.FlowTarget {
	m := manifest("https://acme.test")
	m.Auth.Authorize, m.Auth.Grant = nil, grant
	if grant != abi.GrantClient {
		m.Auth.ClientAuth = abi.ClientAuthNone
	}
	if grant == abi.GrantJWT {
		m.Auth.Assertion = &abi.Assertion{Algorithm: "ES256", Header: map[string]string{"kid": "{key_id}"}, Lifetime: 600,
			Claims: map[string]string{"iss": "{email}", "aud": "https://acme.test/token", "scope": "{scope}", "jti": "{random}", "sub": "{user|}"}}
	}
	to := target(m)
	to.Scopes = []string{"a", "b"}
	to.Params = map[string]string{"key_id": "k1", "email": "svc@acme.test"}
	return to
}

// A renewal is what the first request was, whatever refresh token came in
// between: none is ever presented.
func TestMintedWithoutARefreshToken(t *testing.T) {
	key := hosttest.NewKey(t)
	for grant, want := range map[string]url.Values{
		abi.GrantClient: {"grant_type": {"client_credentials"}, "scope": {"a b"}},
		abi.GrantExchange: {"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "scope": {"a b"}, "client_id": {"client id/1"},
			"subject_token": {"token-of-another-service"}, "subject_token_type": {"urn:ietf:params:oauth:token-type:access_token"}},
		abi.GrantJWT: {"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "scope": {"a b"}, "client_id": {"client id/1"}},
	} {
		to := minting(grant)
		to.Secret = map[string]host.Secret{"subject_token": host.NewSecret("token-of-another-service"), "private_key": host.NewSecret(pkcs8(t, key))}
		s := &script{replies: []reply{{status: 200, body: `{` + pair + `,"issued_token_type":"urn:ietf:params:oauth:token-type:jwt"}`}}}
		c := oauth.New(s.egress(t), nil, host.Clock{Now: clock})
		ids := map[any]bool{}
		for _, refresh := range []host.Secret{{}, host.NewSecret(oldRefresh)} {
			tokens, err := c.Refresh(t.Context(), to, refresh)
			if err != nil || tokens.Access.Reveal() != "access-token-two" {
				t.Fatalf("%s: %v", grant, err)
			}
			got := form(t, s.forms[len(s.forms)-1])
			if grant == abi.GrantJWT {
				header, claims := claimsOf(t, got.Get("assertion"), "ES256", key.Public())
				if header.KeyID != "k1" || claims["iss"] != "svc@acme.test" || claims["aud"] != "https://acme.test/token" || claims["scope"] != "a b" ||
					claims["sub"] != nil || claims["exp"] != float64(begin.Add(10*time.Minute).Unix()) {
					t.Errorf("%v: %v", header, claims)
				}
				ids[claims["jti"]] = true
				if to.Redactor.Text(got.Get("assertion")) != host.Mask {
					t.Error("the assertion is not known to be secret")
				}
				got.Del("assertion")
			}
			if got.Encode() != want.Encode() {
				t.Errorf("%s: sent %s, want %s", grant, got.Encode(), want.Encode())
			}
		}
		if len(s.forms) != 2 || grant == abi.GrantJWT && len(ids) != 2 {
			t.Errorf("%s: %d requests, %d ids", grant, len(s.forms), len(ids))
		}
	}
}

// What the authorization lacks, or cannot sign with, no later request cures: it
// needs authorizing, and no request is made. What the service says is its own.
func TestMintingIsRefused(t *testing.T) {
	key := pkcs8(t, hosttest.NewKey(t))
	for name, c := range map[string]struct {
		grant     string
		algorithm string
		secret    string
		reply     reply
		class     host.TokenClass
		want      string
		requests  int
	}{
		"no key":          {abi.GrantJWT, "ES256", "", reply{}, host.TokenFatal, "no value for the parameter \"private_key\"", 0},
		"garbage":         {abi.GrantJWT, "ES256", "garbage-that-is-no-key", reply{}, host.TokenFatal, "the private key is not PEM", 0},
		"another kind":    {abi.GrantJWT, "RS256", key, reply{}, host.TokenFatal, "cannot sign with RS256", 0},
		"unknown":         {abi.GrantJWT, "XX1", key, reply{}, host.TokenFatal, "cannot sign with XX1", 0},
		"no subject":      {abi.GrantExchange, "", "", reply{}, host.TokenFatal, "no value for the parameter \"subject_token\"", 0},
		"an old subject":  {abi.GrantExchange, "", "token-of-another-service", reply{status: 400, body: `{"error":"invalid_request"}`}, host.TokenUnknown, "invalid_request", 1},
		"a dead subject":  {abi.GrantExchange, "", "token-of-another-service", reply{status: 400, body: `{"error":"invalid_grant"}`}, host.TokenFatal, "invalid_grant", 1},
		"no access token": {abi.GrantExchange, "", "token-of-another-service", reply{status: 200, body: `{"access_token":"abcdefg","token_type":"N_A"}`}, host.TokenUnknown, "token type", 1},
		"refused":         {abi.GrantJWT, "ES256", key, reply{status: 401, body: `{"error":"invalid_client"}`}, host.TokenFatal, "invalid_client", 1},
		"later":           {abi.GrantJWT, "ES256", key, reply{status: 429}, host.TokenNotUsed, "come back later", 1},
	} {
		to := minting(c.grant)
		if c.grant == abi.GrantJWT {
			to.Connector.Manifest.Auth.Assertion.Algorithm = c.algorithm
		}
		to.Secret = map[string]host.Secret{"subject_token": host.NewSecret(c.secret), "private_key": host.NewSecret(c.secret)}
		s := &script{replies: []reply{c.reply}}
		_, err := oauth.New(s.egress(t), nil, host.Clock{Now: clock}).Refresh(t.Context(), to, host.Secret{})
		e := tokenError(t, err)
		if e.Class != c.class || !strings.Contains(e.Msg, c.want) || len(s.headers) != c.requests {
			t.Errorf("%s: %s %v, %d requests", name, e.Class, err, len(s.headers))
		}
		if whole := fmt.Sprintf("%+v %v", e, e.Err); len(c.secret) > 9 && (strings.Contains(whole, c.secret) || strings.Contains(whole, strings.Split(key, "\n")[1])) {
			t.Errorf("%s: a secret stands in %s", name, whole)
		}
		if c.requests == 0 && host.CodeOf(e.Err) != host.NeedsAuth {
			t.Errorf("%s: %s", name, host.CodeOf(e.Err))
		}
	}
}

// RFC 7662 section 2.2: only a clear word counts, and the token is sent as what
// it is, by the client.
func TestIntrospection(t *testing.T) {
	for body, want := range map[string]struct{ active, told bool }{
		`{"active":true,"scope":"a"}`: {true, true}, `{"active":false}`: {false, true},
		`{"active":"true"}`: {}, `{"active":1}`: {}, `{"active":null}`: {}, `{}`: {}, `[]`: {}, `active=true`: {}, `<html>`: {}, ``: {},
		`{"active":true,"active":false}`: {}, `{"active":false,"active":true}`: {}, `{"active":tr`: {},
	} {
		for _, status := range []int{200, 302, 400, 401, 403, 500} {
			to := target(manifest("https://acme.test"))
			to.Endpoints.Introspect = "https://acme.test/introspect"
			s := &script{replies: []reply{{status: status, body: body}}}
			active, err := oauth.New(s.egress(t), nil, host.Clock{Now: clock}).Active(t.Context(), to, host.NewSecret(oldRefresh))
			if told := want.told && status == 200; (err == nil) != told || active != (want.active && told) {
				t.Errorf("%d %s: %v, %v", status, body, active, err)
			}
			if s.forms[0] != "token=refresh-token-number-one&token_type_hint=refresh_token" || s.headers[0].Get("Authorization") != basicPair || len(s.forms) != 1 {
				t.Errorf("sent %q", s.forms)
			}
			if err != nil && strings.Contains(fmt.Sprintf("%+v %s", err, host.CodeOf(err)), oldRefresh) {
				t.Errorf("the token stands in %v", err)
			}
		}
	}
	to := target(manifest("https://acme.test"))
	if _, err := oauth.New(nil, nil, host.Clock{Now: clock}).Active(t.Context(), to, host.NewSecret(oldRefresh)); err == nil {
		t.Error("asked nobody")
	}
}
