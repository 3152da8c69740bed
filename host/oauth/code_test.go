package oauth_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/oauth"
)

// "wrong or missing iss" (security.md): a callback is of the issuer that was
// asked, errors too (RFC 9207 section 2.4), and says nothing twice.
func TestCodeOfACallback(t *testing.T) {
	const issuer = "https://acme.test"
	for _, c := range []struct {
		query  string
		always bool // the metadata says that every callback names its issuer
		code   host.Code
		text   string
	}{
		{"code=c&iss=https://acme.test", true, "", "c"},
		{"code=c&iss=https://acme.test", false, "", "c"},
		{"code=c", false, "", "c"},
		{"code=c", true, host.Refused, "does not name its issuer"},
		{"code=c&iss=", true, host.Refused, "another issuer"},
		{"code=c&iss=", false, host.Refused, "another issuer"},
		{"code=c&iss=https://evil.test", true, host.Refused, "another issuer"},
		{"code=c&iss=https://evil.test", false, host.Refused, "another issuer"},
		{"code=c&iss=https://acme.test/", true, host.Refused, "another issuer"},
		{"code=c&iss=https://ACME.test", true, host.Refused, "another issuer"},
		{"code=c&iss=https://acme.test:443", true, host.Refused, "another issuer"},
		{"code=c&iss=https://acme.test&iss=https://acme.test", true, host.Refused, "another issuer"},
		{"code=c&iss=https://acme.test&iss=https://evil.test", true, host.Refused, "another issuer"},
		{"error=access_denied&iss=https://acme.test", true, host.Failed, "access_denied"},
		{"error=access_denied", true, host.Refused, "does not name its issuer"},
		{"error=access_denied&iss=https://evil.test", true, host.Refused, "another issuer"},
		{"error=%1b]0%3Bc4n4ry&iss=https://acme.test", true, host.Failed, "an error of its own"},
		{"code=c&error=access_denied", false, host.Failed, "access_denied"},
		{"code=", false, host.Failed, "no code"},
		{"code=c&code=d", false, host.Refused, "its code more than once"},
		{"code=c&code=c", false, host.Refused, "its code more than once"},
		{"code=c&state=s&state=t", false, host.Refused, "its state more than once"},
		{"error=access_denied&error=server_error", false, host.Refused, "its error more than once"},
	} {
		query, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		to := target(manifest(issuer))
		to.Endpoints = host.Endpoints{Issuer: issuer, NamesIssuer: c.always}
		got, err := oauth.New(nil, nil, host.Clock{Now: clock}).Code(to, query, host.Secret{})
		if c.code == "" && (err != nil || got != c.text) {
			t.Errorf("%s: got %q, %v", c.query, got, err)
		}
		if c.code != "" && (host.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "c4n4ry") || got != "") {
			t.Errorf("%s (%v): got %q, %v (%s)", c.query, c.always, got, err, host.CodeOf(err))
		}
	}
}

// OAuth 1.0a says nothing twice either.
func TestCode1OfACallback(t *testing.T) {
	kept := host.NewSecret(url.Values{"token": {"t"}, "secret": {"s"}}.Encode())
	for query, fine := range map[string]bool{
		"oauth_token=t&oauth_verifier=v":                  true,
		"oauth_token=t&oauth_token=u&oauth_verifier=v":    false,
		"oauth_token=t&oauth_verifier=v&oauth_verifier=w": false,
		"oauth_token=t&oauth_verifier=v&state=a&state=b":  false,
		"oauth_token=u&oauth_verifier=v":                  false,
	} {
		q, _ := url.ParseQuery(query)
		got, err := oauth.NewClient1(nil, host.Clock{Now: clock}).Code(target(manifest("https://acme.test")), q, kept)
		if fine && (err != nil || got != "v") || !fine && (host.CodeOf(err) != host.Refused || got != "") {
			t.Errorf("%s: got %q, %v", query, got, err)
		}
	}
}
