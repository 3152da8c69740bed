package oauth_test

import (
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

func TestRevokeRequests(t *testing.T) {
	const url = "https://acme.test/revoke"
	both := host.Secrets{Access: host.NewSecret("access-token-one"), Refresh: host.NewSecret(oldRefresh)}
	for name, c := range map[string]struct {
		revoke abi.Revoke
		tokens host.Secrets
		want   sent
		auth   string
	}{
		"RFC 7009": {abi.Revoke{Request: abi.Request{URL: url}}, both,
			sent{"POST", url, basicPair, formKind, "token=refresh-token-number-one&token_type_hint=refresh_token"}, ""},
		"the access token": {abi.Revoke{Request: abi.Request{Path: "/revoke"}, Token: abi.RevokeAccess}, both,
			sent{"POST", url, basicPair, formKind, "token=access-token-one&token_type_hint=access_token"}, ""},
		"no refresh token": {abi.Revoke{Request: abi.Request{URL: url}}, host.Secrets{Access: both.Access},
			sent{"POST", url, basicPair, formKind, "token=access-token-one&token_type_hint=access_token"}, ""},
		"bearer and no body": {abi.Revoke{Request: abi.Request{URL: url, Headers: map[string]string{"Authorization": "Bearer {access_token}"}, Form: map[string]string{"token": "", "token_type_hint": ""}}}, both,
			sent{"POST", url, "Bearer access-token-one", "", ""}, ""},
		"no client": {abi.Revoke{Request: abi.Request{URL: url, Headers: map[string]string{"Authorization": ""}, Form: map[string]string{"token_type_hint": ""}}}, both,
			sent{"POST", url, "", formKind, "token=refresh-token-number-one"}, ""},
		"DELETE with JSON": {abi.Revoke{Request: abi.Request{Method: "DELETE", URL: "https://acme.test/applications/{client_id}/token", JSON: abi.BodyOf(map[string]string{"token": "", "token_type_hint": "", "access_token": "{access_token}"})}}, both,
			sent{"DELETE", "https://acme.test/applications/client%20id%2F1/token", basicPair, jsonKind, `{"access_token":"access-token-one"}`}, ""},
		"no client in the body": {abi.Revoke{Request: abi.Request{URL: url, Form: map[string]string{"client_id": "", "client_secret": ""}}}, both,
			sent{"POST", url, "", formKind, "token=refresh-token-number-one&token_type_hint=refresh_token"}, abi.ClientAuthBody},
	} {
		m := manifest("https://acme.test")
		m.Revoke, m.Auth.ClientAuth = &c.revoke, c.auth
		var got sent
		var call host.Call
		if err := oauth.New(record(&got, &call), nil, host.Clock{Now: clock}).Revoke(t.Context(), target(m), c.tokens); err != nil || got != c.want || !call.NoRedirect {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", name, err, got, c.want)
		}
	}
}

func TestRevokeOutcomes(t *testing.T) {
	m := manifest("https://acme.test")
	m.Revoke = &abi.Revoke{Request: abi.Request{URL: "https://acme.test/revoke"}}
	tokens := host.Secrets{Refresh: host.NewSecret(oldRefresh)}
	for status, want := range map[int]host.Code{200: "", 204: "", 302: host.Failed, 400: host.Failed, 429: host.Unavailable, 503: host.Unavailable} {
		client := oauth.New(canned(status, nil, `{"error":"unsupported_token_type","error_description":"`+oldRefresh+`"}`), nil, host.Clock{Now: clock})
		err := client.Revoke(t.Context(), target(m), tokens)
		if host.CodeOf(err) != want || err != nil && (strings.Contains(err.Error(), oldRefresh) || !strings.Contains(err.Error(), "unsupported_token_type")) {
			t.Errorf("%d: got %s (%v), want %s", status, host.CodeOf(err), err, want)
		}
	}
	if err := oauth.New(nil, nil, host.Clock{Now: clock}).Revoke(t.Context(), target(m), host.Secrets{}); host.CodeOf(err) != host.Failed {
		t.Errorf("without a token: %v", err)
	}
	if err := oauth.New(nil, nil, host.Clock{Now: clock}).Revoke(t.Context(), target(manifest("https://acme.test")), tokens); host.CodeOf(err) != host.Failed {
		t.Errorf("without an endpoint: %v", err)
	}
}
