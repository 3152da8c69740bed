package oauth_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

// found is a manifest that leaves everything to the metadata of an issuer.
func found(issuer string) abi.Manifest {
	return abi.Manifest{
		ID: "acme", Name: "Acme", BaseURL: "https://api.acme.test", Hosts: []string{"files.acme.test"},
		Auth: abi.Auth{Type: abi.AuthOAuth2, Issuer: issuer},
	}
}

// metadata is a document of an issuer, with more members.
func metadata(issuer, more string) string {
	return fmt.Sprintf(`{"issuer":%q,"authorization_endpoint":"https://acme.test/authorize"%s}`, issuer, more)
}

// at serves documents by URL, as JSON, and notes what was asked.
func at(asked *[]string, documents map[string]string) egressFunc {
	return func(call host.Call) (*http.Response, error) {
		*asked = append(*asked, call.URL.String())
		if body, ok := documents[call.URL.String()]; ok {
			return canned(200, nil, body)(call)
		}
		return canned(404, nil, "not found")(call)
	}
}

func discover(t *testing.T, m abi.Manifest, params map[string]string, e host.Egress) (host.Endpoints, error) {
	t.Helper()
	to := target(m)
	to.Params = params
	return oauth.New(e, nil, host.Clock{Now: clock}).Discover(t.Context(), to)
}

const (
	oauthPlace  = "https://acme.test/.well-known/oauth-authorization-server"
	openidPlace = "https://acme.test/.well-known/openid-configuration"
)

// RFC 8414 section 3.1 puts the well-known part before the issuer's path,
// OpenID Connect Discovery section 4 behind it; both drop a final slash, which
// the issuer itself keeps.
func TestDiscoverAsksInTheRightPlaces(t *testing.T) {
	for _, c := range []struct {
		issuer, tenant string
		want           []string
		named          string
	}{
		{"https://acme.test", "", []string{oauthPlace, openidPlace}, "https://acme.test"},
		{"https://acme.test/", "", []string{oauthPlace, openidPlace}, "https://acme.test/"},
		{"https://acme.test/a/b/", "", []string{oauthPlace + "/a/b", "https://acme.test/a/b/.well-known/openid-configuration"}, "https://acme.test/a/b/"},
		{"https://acme.test:8443/a", "", []string{
			"https://acme.test:8443/.well-known/oauth-authorization-server/a", "https://acme.test:8443/a/.well-known/openid-configuration",
		}, "https://acme.test:8443/a"},
		{"https://ACME.test", "", []string{
			"https://ACME.test/.well-known/oauth-authorization-server", "https://ACME.test/.well-known/openid-configuration",
		}, "https://ACME.test"},
		{"https://xn--bcher-kva.test", "", []string{
			"https://xn--bcher-kva.test/.well-known/oauth-authorization-server", "https://xn--bcher-kva.test/.well-known/openid-configuration",
		}, "https://xn--bcher-kva.test"},
		{"https://acme.test/{tenant}/v2", "one", []string{oauthPlace + "/one/v2", "https://acme.test/one/v2/.well-known/openid-configuration"}, "https://acme.test/one/v2"},
		// What a person gives is one segment, and stays one.
		{"https://acme.test/{tenant}/v2", "../x?y", []string{
			oauthPlace + "/..%2Fx%3Fy/v2", "https://acme.test/..%2Fx%3Fy/v2/.well-known/openid-configuration",
		}, "https://acme.test/..%2Fx%3Fy/v2"},
		{"https://{tenant}.acme.test", "one", []string{
			"https://one.acme.test/.well-known/oauth-authorization-server", "https://one.acme.test/.well-known/openid-configuration",
		}, "https://one.acme.test"},
	} {
		var asked []string
		last := c.want[len(c.want)-1]
		params := map[string]string{"tenant": c.tenant}
		got, err := discover(t, found(c.issuer), params, at(&asked, map[string]string{last: fmt.Sprintf(`{"issuer":%q}`, c.named)}))
		if err != nil || got.Issuer != c.named || strings.Join(asked, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s %s: got %q, asked %q, %v", c.issuer, c.tenant, got.Issuer, asked, err)
		}
	}
	var asked []string
	for _, tenant := range []string{"evil.test/", "a.b", ""} { // one label
		if _, err := discover(t, found("https://{tenant}.acme.test"), map[string]string{"tenant": tenant}, at(&asked, nil)); err == nil || asked != nil {
			t.Errorf("tenant %q: asked %q, %v", tenant, asked, err)
		}
	}
}

// Metadata must be that of the issuer it is asked of (RFC 8414 section 3.3),
// and something that can be read.
func TestDiscoverRefusesDocuments(t *testing.T) {
	const issuer = "https://acme.test"
	for name, c := range map[string]struct {
		status int
		body   string
		code   host.Code
		text   string
	}{
		"another issuer":       {200, metadata("https://evil.test", ""), host.Refused, "another issuer"},
		"a final slash more":   {200, metadata(issuer+"/", ""), host.Refused, "another issuer"},
		"another scheme":       {200, metadata("http://acme.test", ""), host.Refused, "another issuer"},
		"another case":         {200, metadata("https://Acme.test", ""), host.Refused, "another issuer"},
		"its default port":     {200, metadata(issuer+":443", ""), host.Refused, "another issuer"},
		"no issuer":            {200, `{"token_endpoint":"https://acme.test/token"}`, host.Unavailable, "status 200"},
		"two issuers":          {200, `{"issuer":"https://acme.test","issuer":"https://evil.test"}`, host.Unavailable, "status 200"},
		"a list of issuers":    {200, `{"issuer":["https://acme.test"]}`, host.Unavailable, "status 200"},
		"a list":               {200, `[` + metadata(issuer, "") + `]`, host.Unavailable, "status 200"},
		"a page":               {200, "<!doctype html><title>Sign in</title>", host.Unavailable, "status 200"},
		"nothing":              {200, "", host.Unavailable, "status 200"},
		"half":                 {200, metadata(issuer, "")[:30], host.Unavailable, "status 200"},
		"2 MiB":                {200, metadata(issuer, `,"x":"`+strings.Repeat("x", 2<<20)+`"`), host.Unavailable, "could not be read"},
		"a redirect":           {302, metadata(issuer, ""), host.Failed, "status 302"},
		"not found":            {404, metadata(issuer, ""), host.Failed, "status 404"},
		"not well":             {503, metadata(issuer, ""), host.Unavailable, "status 503"},
		"an error, and a name": {500, metadata(issuer, ""), host.Unavailable, "status 500"},
	} {
		got, err := discover(t, found(issuer), nil, canned(c.status, http.Header{"Location": {"https://evil.test/"}}, c.body))
		if host.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.text) || got != (host.Endpoints{}) {
			t.Errorf("%s: got %+v, %v (%s)", name, got, err, host.CodeOf(err))
		}
	}
}

// Endpoints lie at the issuer's host or at one that the connector declares.
func TestDiscoverTakesEndpointsOfDeclaredHosts(t *testing.T) {
	for _, c := range []struct {
		endpoint string // of tokens
		code     host.Code
		text     string
	}{
		{"https://acme.test/token", "", ""},
		{"https://acme.test:443/token?v=2", "", ""},
		{"https://ACME.test/token", "", ""},
		{"https://api.acme.test/token", "", ""},
		{"https://Files.acme.test/token", "", ""},
		{"https://evil.test/token", host.Refused, "another host"},
		{"https://acme.test.evil.test/token", host.Refused, "another host"},
		{"https://acme.test:8443/token", host.Refused, "another host"},
		{"https://files.acme.test:8443/token", host.Refused, "another host"},
		{"https://10.0.0.1/token", host.Refused, "another host"},
		{"https://169.254.169.254/latest", host.Refused, "another host"},
		{"https://[::1]/token", host.Refused, "another host"},
		{"http://acme.test/token", host.Refused, "is not https"},
		{"http://files.acme.test/token", host.Refused, "is not https"},
		{"https://acme.test@evil.test/token", host.Unavailable, "no URL"},
		{"https://user@acme.test/token", host.Unavailable, "no URL"},
		{"https://acme.test/#/token", host.Unavailable, "no URL"},
		{"javascript:alert(1)", host.Unavailable, "no URL"},
		{"ftp://acme.test/token", host.Unavailable, "no URL"},
		{"//acme.test/token", host.Unavailable, "no URL"},
		{"/token", host.Unavailable, "no URL"},
		{"https://acme.test/a b", host.Unavailable, "no URL"},
		{"https://acme.test/?\u009b31m", host.Unavailable, "no URL"},
		// U+017F folds to s: equal to a declared host, and dialled as xn--file-dxb.
		{"https://file\u017f.acme.test/token", host.Unavailable, "no URL"},
		{"https://file%C5%BF.acme.test/token", host.Unavailable, "no URL"},
	} {
		got, err := discover(t, found("https://acme.test"), nil, canned(200, nil, metadata("https://acme.test", fmt.Sprintf(`,"token_endpoint":%q`, c.endpoint))))
		if c.code == "" && (err != nil || got.Token != c.endpoint) || c.code != "" && (host.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.text)) {
			t.Errorf("%s: got %q, %v (%s)", c.endpoint, got.Token, err, host.CodeOf(err))
		}
	}
}

// What metadata says twice, or as something else than a text, it does not say;
// what the manifest gives stays.
func TestDiscoverTakesWhatIsSaidOnce(t *testing.T) {
	m := found("https://acme.test")
	m.Auth.Authorize = &abi.Request{URL: "https://login.acme.test/authorize"}
	got, err := discover(t, m, nil, canned(200, nil, metadata("https://acme.test", `,
		"token_endpoint":"https://acme.test/token","token_endpoint":"https://files.acme.test/token",
		"revocation_endpoint":["https://acme.test/revoke"],
		"pushed_authorization_request_endpoint":"https://acme.test/par",
		"device_authorization_endpoint":"https://acme.test/device",
		"authorization_response_iss_parameter_supported":"true"`)))
	if want := (host.Endpoints{Issuer: "https://acme.test", Device: "https://acme.test/device"}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	begun := target(m)
	begun.Endpoints = got
	if _, err := oauth.New(nil, nil, host.Clock{Now: clock}).Begin(t.Context(), begun, callback, nil); host.CodeOf(err) != host.Failed || !strings.Contains(err.Error(), "where the token endpoint is") {
		t.Errorf("got %v", err)
	}
}

// A service that does not answer holds nobody: the caller's context ends it.
func TestDiscoverLeavesASlowService(t *testing.T) {
	stop := make(chan struct{})
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		<-stop
	})
	t.Cleanup(func() { close(stop) })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := oauth.New(wire{}, nil, host.Clock{Now: clock}).Discover(ctx, target(found(base)))
	if host.CodeOf(err) != host.Unavailable || time.Since(begun) > 5*time.Second {
		t.Errorf("got %v after %s", err, time.Since(begun))
	}
}
