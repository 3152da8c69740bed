package oauth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

const callback = "http://127.0.0.1:8976/callback/acme"

func beginURL(t *testing.T, m abi.Manifest, scopes ...string) (host.Begun, url.Values) {
	t.Helper()
	begun, err := oauth.New(nil, nil, host.Clock{Now: clock}).Begin(t.Context(), target(m), callback, scopes)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(begun.URL)
	if err != nil {
		t.Fatal(err)
	}
	return begun, u.Query()
}

// challengeOf is RFC 7636 section 4.2.
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// RFC 7636 appendix B, for the library that Begin asks and for the test.
func TestPKCEExample(t *testing.T) {
	const verifier, want = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	if got, ours := oauth2.S256ChallengeFromVerifier(verifier), challengeOf(verifier); got != want || ours != want {
		t.Errorf("got %s and %s, want %s", got, ours, want)
	}
}

func TestBeginAsksWithPKCEAndState(t *testing.T) {
	begun, q := beginURL(t, manifest("https://acme.test"), "read", "write")
	want := url.Values{
		"response_type": {"code"}, "client_id": {"client id/1"}, "redirect_uri": {callback}, "scope": {"read write"},
		"state": {begun.State.Reveal()}, "code_challenge_method": {"S256"},
		"code_challenge": {challengeOf(begun.Verifier.Reveal())},
	}
	if got := q.Encode(); got != want.Encode() {
		t.Errorf("got  %s\nwant %s", got, want.Encode())
	}
	if n := len(begun.State.Reveal()); n != 43 {
		t.Errorf("the state has %d characters, want 43 (256 bits)", n)
	}
	if begun.Endpoints.Authorize != "https://acme.test/authorize" || begun.Endpoints.Token != "https://acme.test/token" {
		t.Errorf("the pair is %s, %s", begun.Endpoints.Authorize, begun.Endpoints.Token)
	}
	again, _ := beginURL(t, manifest("https://acme.test"))
	if again.State.Reveal() == begun.State.Reveal() || again.Verifier.Reveal() == begun.Verifier.Reveal() {
		t.Error("state or verifier came twice")
	}
}

func TestBeginFollowsTheManifest(t *testing.T) {
	m := manifest("https://acme.test")
	m.Auth.Authorize = &abi.Request{
		URL: "https://{region}.acme.test/authorize?version=2&response_type=none",
		Query: map[string]string{
			"access_type": "offline", "response_type": "", "client_id": "", "appid": "{client_id}", "hint": "{hint|}",
		},
	}
	m.Auth.PKCE = abi.PKCENone
	m.Auth.ScopeSeparator = ","
	to := target(m)
	to.Params = map[string]string{"region": "eu"}
	begun, err := oauth.New(nil, nil, host.Clock{Now: clock}).Begin(t.Context(), to, callback, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(begun.URL)
	want := url.Values{
		"version": {"2"}, "access_type": {"offline"}, "appid": {"client id/1"}, "redirect_uri": {callback},
		"scope": {"a,b"}, "state": {begun.State.Reveal()},
	}
	if got := u.Query().Encode(); u.Host != "eu.acme.test" || got != want.Encode() {
		t.Errorf("got  %s %s\nwant %s", u.Host, got, want.Encode())
	}
	if !begun.Verifier.Empty() {
		t.Error("there is a verifier although PKCE is off")
	}
}

func TestBeginRefuses(t *testing.T) {
	for name, change := range map[string]func(*abi.Manifest){
		"a state of the manifest":     func(m *abi.Manifest) { m.Auth.Authorize.Query = map[string]string{"state": "x"} },
		"a challenge of the manifest": func(m *abi.Manifest) { m.Auth.Authorize.Query = map[string]string{"code_challenge": ""} },
		"plain http":                  func(m *abi.Manifest) { m.Auth.Authorize.URL = "http://acme.test/authorize" },
		"another scheme":              func(m *abi.Manifest) { m.Auth.Authorize.URL = "javascript://acme.test/authorize" },
		"a fragment":                  func(m *abi.Manifest) { m.Auth.Authorize.URL = "https://acme.test/#/authorize" },
		"two labels in a host":        func(m *abi.Manifest) { m.Auth.Token.URL = "https://{evil}.acme.test/token" },
		"no token endpoint":           func(m *abi.Manifest) { m.Auth.Token = nil },
	} {
		m := manifest("https://acme.test")
		change(&m)
		to := target(m)
		to.Params = map[string]string{"evil": "evil.test/"}
		begun, err := oauth.New(nil, nil, host.Clock{Now: clock}).Begin(t.Context(), to, callback, nil)
		if code := host.CodeOf(err); code != host.Failed && code != host.Refused {
			t.Errorf("%s: got %q, %v", name, begun.URL, err)
		}
	}
}

// What the hook gives stands over the manifest's, but for what protects the
// flow. A request object would replace all of it (RFC 9101 section 6.3).
func TestBeginHoldsTheHook(t *testing.T) {
	for _, c := range []struct {
		name, text string
		fine       bool
	}{
		{"audience", "x", true}, {"redirect_uri", "", true}, {"redirect_uri", callback, true}, {"client_id", "", true}, {"scope", "", true},
		{"redirect_uri", "https://evil.test/", false}, {"client_id", "theirs", false}, {"response_type", "token", false},
		{"request", "eyJ", false}, {"request_uri", "https://evil.test/r", false}, {"state", "x", false}, {"code_challenge_method", "plain", false},
	} {
		to := target(manifest("https://acme.test"))
		to.Query = map[string]string{c.name: c.text}
		begun, err := oauth.New(nil, nil, host.Clock{Now: clock}).Begin(t.Context(), to, callback, []string{"read"})
		if c.fine && err != nil || !c.fine && (host.CodeOf(err) != host.Failed || !strings.Contains(err.Error(), c.name)) {
			t.Errorf("%s=%s: got %q, %v", c.name, c.text, begun.URL, err)
		}
	}
}

func TestBeginTeachesTheVerifierAndNotTheState(t *testing.T) {
	to := target(manifest("https://acme.test"))
	begun, err := oauth.New(nil, nil, host.Clock{Now: clock}).Begin(t.Context(), to, callback, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := to.Redactor.Text("v=" + begun.Verifier.Reveal()); got != "v="+host.Mask {
		t.Errorf("the verifier is not known: %s", got)
	}
	// The person must be able to open the URL that is printed for them.
	if got := to.Redactor.Text(begun.URL); strings.Contains(got, host.Mask) {
		t.Errorf("the printed URL is damaged: %s", got)
	}
}
