package oauth_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

// pushed begins with a service that answers a pushed request, and gives its body.
func pushed(t *testing.T, m abi.Manifest, status int, body string) (host.Begun, url.Values, error) {
	t.Helper()
	m.Auth.PAR = &abi.Request{URL: "https://acme.test/par"}
	var sent url.Values
	e := egressFunc(func(call host.Call) (*http.Response, error) {
		if call.URL.String() != "https://acme.test/par" || call.Method != "POST" || !call.NoRedirect {
			t.Errorf("pushed to %s %s", call.Method, call.URL)
		}
		b, err := call.Body()
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(b)
		sent, _ = url.ParseQuery(string(text))
		return canned(status, http.Header{"Location": {"https://evil.test/"}}, body)(call)
	})
	begun, err := oauth.New(e, nil, host.Clock{Now: clock}).Begin(t.Context(), target(m), callback, []string{"read"})
	return begun, sent, err
}

// The service gets everything, the browser a reference (RFC 9126 section 4).
// The endpoint's own query stays in the URL (RFC 6749 section 3.1).
func TestPushKeepsTheParametersOutOfTheBrowser(t *testing.T) {
	m := manifest("https://acme.test")
	m.Auth.ClientAuth = abi.ClientAuthBody
	m.Auth.Authorize = &abi.Request{URL: "https://acme.test/authorize?policy=sign-in", Query: map[string]string{"prompt": "consent"}}
	reference := "urn:x:1&redirect_uri=https://evil.test/#\r\nSet-Cookie: a=b"
	begun, sent, err := pushed(t, m, 201, `{"request_uri":"urn:x:1&redirect_uri=https://evil.test/#\r\nSet-Cookie: a=b","expires_in":60}`)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"response_type": {"code"}, "client_id": {"client id/1"}, "client_secret": {clientSecret}, "redirect_uri": {callback}, "scope": {"read"},
		"state": {begun.State.Reveal()}, "code_challenge_method": {"S256"}, "code_challenge": {challengeOf(begun.Verifier.Reveal())},
		"prompt": {"consent"}, "policy": {"sign-in"},
	}
	if sent.Encode() != want.Encode() {
		t.Errorf("pushed %s\nwant   %s", sent.Encode(), want.Encode())
	}
	u, err := url.Parse(begun.URL)
	if err != nil || strings.ContainsAny(begun.URL, "\r\n #") {
		t.Fatalf("the browser gets %q, %v", begun.URL, err)
	}
	shown := url.Values{"client_id": {"client id/1"}, "request_uri": {reference}, "policy": {"sign-in"}}
	if u.Host != "acme.test" || u.Path != "/authorize" || u.Query().Encode() != shown.Encode() {
		t.Errorf("the browser gets %s", begun.URL)
	}
}

func TestPushRefused(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		code   host.Code
		text   string
	}{
		"an error":          {400, `{"error":"invalid_request","error_description":"c4n4ry"}`, host.Failed, "invalid_request"},
		"the client":        {401, `{"error":"invalid_client"}`, host.Failed, "invalid_client"},
		"an unknown error":  {400, `{"error":"c4n4ry"}`, host.Failed, "status 400"},
		"a 5xx":             {503, `c4n4ry`, host.Unavailable, "status 503"},
		"too many":          {429, `{}`, host.Unavailable, "status 429"},
		"a redirect":        {307, `{"request_uri":"urn:x:1"}`, host.Failed, "status 307"},
		"no reference":      {201, `{"expires_in":60}`, host.Unavailable, "no reference"},
		"an empty one":      {201, `{"request_uri":""}`, host.Unavailable, "no reference"},
		"two":               {201, `{"request_uri":"urn:x:1","request_uri":"urn:x:2"}`, host.Unavailable, "no reference"},
		"a list":            {201, `{"request_uri":["urn:x:1"]}`, host.Unavailable, "no reference"},
		"a page":            {200, `<html>c4n4ry`, host.Unavailable, "no reference"},
		"one of 100 KB":     {201, `{"request_uri":"urn:` + strings.Repeat("x", 100<<10) + `"}`, host.Unavailable, "no reference"},
		"an error with 200": {200, `{"error":"access_denied"}`, host.Unavailable, "no reference"},
	} {
		begun, _, err := pushed(t, manifest("https://acme.test"), c.status, c.body)
		if host.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "c4n4ry") || begun.URL != "" {
			t.Errorf("%s: got %q, %v (%s)", name, begun.URL, err, host.CodeOf(err))
		}
	}
}
