package oauth

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// Whatever a service gives for another device, what a person is shown can be
// shown, and the time to wait is one that ends.
func FuzzDeviceAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://a.test/d","verification_uri_complete":"https://a.test/d?c=1","expires_in":1800,"interval":5}`,
		`{"device_code":"d","user_code":"A","verification_url":"http://a.test","interval":-1,"expires_in":"9e9"}`,
		`{"device_code":"d","user_code":"\u001b[2J","verification_uri":"javascript:alert(1)"}`,
		`{"device_code":"d","user_code":"A","verification_uri":"https://u:p@a.test/","interval":9e9}`, `[]`, "device_code=d&user_code=A&verification_uri=https%3A%2F%2Fa.test",
	} {
		f.Add(seed)
	}
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body string) {
		var out host.DeviceCode
		a := newAnswer("a.test", 200, http.Header{}, []byte(body))
		if a.device(&out, host.NewRedactor(nil), "A", "http", start) != nil {
			return
		}
		for _, shown := range []string{out.UserCode, out.URL, out.WholeURL} {
			if strings.ContainsFunc(shown, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q is shown", shown)
			}
		}
		if out.UserCode == "" || out.Code.Empty() || !strings.HasPrefix(out.URL, "http") {
			t.Errorf("taken: %q, %q", out.UserCode, out.URL)
		}
		if out.Interval < time.Second || !out.Expires.After(start) || out.Expires.After(start.Add(maxDeviceLife)) {
			t.Errorf("every %s until %s", out.Interval, out.Expires)
		}
	})
}

// Whatever metadata says, an endpoint that is taken lies at the issuer or at a
// declared host, and is no less secret than the issuer.
func FuzzMetadata(f *testing.F) {
	for _, seed := range []string{
		`{"issuer":"https://a.test","authorization_endpoint":"https://a.test/a","token_endpoint":"https://token.test/t","revocation_endpoint":"https://a.test:443/r"}`,
		`{"token_endpoint":"http://a.test/t"}`, `{"token_endpoint":"https://a.test@evil.test/t"}`, `{"token_endpoint":"https://A.TEST/t"}`, `{"token_endpoint":"//a.test"}`,
		`{"token_endpoint":"https://a.test\\@evil.test/"}`, `{"token_endpoint":["https://a.test"]}`, `{"token_endpoint":"https://a.test","token_endpoint":"https://evil.test"}`,
		`{"mtls_endpoint_aliases":{"token_endpoint":"https://mtls.test/"}}`, `{"require_pushed_authorization_requests":true,"pushed_authorization_request_endpoint":"https://evil.test"}`,
	} {
		f.Add(seed)
	}
	issuer := &url.URL{Scheme: "https", Host: "a.test"}
	m := abi.Manifest{ID: "a", Name: "A", Hosts: []string{"token.test"}, BaseURL: "https://api.test", Auth: abi.Auth{Type: abi.AuthOAuth2, Issuer: "https://a.test"}}
	to := host.FlowTarget{Connector: host.Connector{ID: "a", Manifest: m}}
	f.Fuzz(func(t *testing.T, body string) {
		a := newAnswer("a.test", 200, http.Header{}, []byte(body))
		found, err := discovered(to, values(to, nil, nil), issuer, &a)
		if err != nil {
			return
		}
		for _, text := range []string{found.Authorize, found.Token, found.Device, found.PAR, found.Revoke, found.Introspect} {
			if text == "" {
				continue
			}
			u, err := url.Parse(text)
			if err != nil || u.Scheme != "https" || u.User != nil || u.Fragment != "" {
				t.Fatalf("%q was taken: %v", text, err)
			}
			switch strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(u.Host), ":"), ":443") { // an empty port is none, RFC 3986 section 3.2.3
			case "a.test", "token.test", "api.test":
			default:
				t.Errorf("%q was taken", text)
			}
		}
	})
}
