package oauth_test

import (
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

// sent is what a request looks like to the service.
type sent struct {
	method, url, auth, kind, body string
}

// record keeps the last call and answers with tokens.
func record(into *sent, last *host.Call) egressFunc {
	answer := canned(200, nil, `{"access_token":"access-token-two"}`)
	return func(call host.Call) (*http.Response, error) {
		*last = call
		*into = sent{method: call.Method, url: call.URL.String(), auth: call.Header.Get("Authorization"), kind: call.Header.Get("Content-Type")}
		if call.Body != nil {
			body, _ := call.Body()
			b, _ := io.ReadAll(body)
			into.body = string(b)
		}
		return answer(call)
	}
}

const (
	formKind = "application/x-www-form-urlencoded"
	jsonKind = "application/json"
	// "client+id%2F1:s3cr3t%2Fclient%2Bsecret%3D1", RFC 6749 section 2.3.1
	basicPair = "Basic Y2xpZW50K2lkJTJGMTpzM2NyM3QlMkZjbGllbnQlMkJzZWNyZXQlM0Qx"
)

func TestExchangeRequests(t *testing.T) {
	const url = "https://acme.test/token"
	verifier := host.NewSecret("the-verifier-of-this-flow")
	for name, c := range map[string]struct {
		change func(*abi.Auth)
		want   sent
	}{
		"RFC 6749": {func(*abi.Auth) {}, sent{"POST", url, basicPair, formKind,
			"code=code-from-the-callback&code_verifier=the-verifier-of-this-flow&grant_type=authorization_code&redirect_uri=http%3A%2F%2F127.0.0.1%3A8976%2Fcallback%2Facme"}},
		"client in the body, names changed": {func(a *abi.Auth) {
			a.ClientAuth = abi.ClientAuthBody
			a.Token.Form = map[string]string{"redirect_uri": "", "client_id": "", "appid": "{client_id}", "extra": "{unset|}", "audience": "api"}
		}, sent{"POST", url, "", formKind,
			"appid=client+id%2F1&audience=api&client_secret=s3cr3t%2Fclient%2Bsecret%3D1&code=code-from-the-callback&code_verifier=the-verifier-of-this-flow&grant_type=authorization_code"}},
		"public client": {func(a *abi.Auth) {
			a.ClientAuth = abi.ClientAuthNone
			a.Token.Form = map[string]string{"redirect_uri": "", "code_verifier": ""}
		}, sent{"POST", url, "", formKind, "client_id=client+id%2F1&code=code-from-the-callback&grant_type=authorization_code"}},
		"an empty JSON object": {func(a *abi.Auth) { a.Token.JSON = abi.BodyOf(map[string]string{}) }, sent{"POST", url, basicPair, jsonKind,
			`{"code":"code-from-the-callback","code_verifier":"the-verifier-of-this-flow","grant_type":"authorization_code","redirect_uri":"http://127.0.0.1:8976/callback/acme"}`}},
		"GET": {func(a *abi.Auth) {
			a.Token.Method = "GET"
			a.Token.Query = map[string]string{"redirect_uri": "", "code_verifier": "", "v": "1"}
		}, sent{"GET", url + "?code=code-from-the-callback&grant_type=authorization_code&v=1", basicPair, "", ""}},
		"POST with a query and a header": {func(a *abi.Auth) {
			a.Token.Query = map[string]string{"v": "1"}
			a.Token.Headers = map[string]string{"Authorization": "Key {client_secret}", "Content-Type": "text/plain"}
			a.Token.Form = map[string]string{"redirect_uri": "", "code_verifier": ""}
		}, sent{"POST", url + "?v=1", "Key " + clientSecret, "text/plain", "code=code-from-the-callback&grant_type=authorization_code"}},
	} {
		m := manifest("https://acme.test")
		c.change(&m.Auth)
		var got sent
		var call host.Call
		_, err := oauth.New(record(&got, &call), nil, host.Clock{Now: clock}).Exchange(t.Context(), target(m), code, callback, verifier)
		if err != nil || got != c.want {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", name, err, got, c.want)
		}
	}
}

func TestRefreshRequests(t *testing.T) {
	const url = "https://acme.test/token"
	for name, c := range map[string]struct {
		change func(*abi.Manifest)
		want   sent
	}{
		"RFC 6749": {func(*abi.Manifest) {},
			sent{"POST", url, basicPair, formKind, "grant_type=refresh_token&refresh_token=refresh-token-number-one"}},
		"as the token request": {func(m *abi.Manifest) {
			m.Auth.Token.JSON = abi.BodyOf(map[string]string{"grant_type": "special", "auth_code": "{code}", "audience": "api"})
			m.Refresh = &abi.Refresh{Request: abi.Request{JSON: abi.BodyOf(map[string]string{"audience": "other"})}, Margin: 1}
		}, sent{"POST", url, basicPair, jsonKind, `{"audience":"other","grant_type":"refresh_token","refresh_token":"refresh-token-number-one"}`}},
		"an endpoint of its own": {func(m *abi.Manifest) {
			m.Auth.Token.JSON = abi.BodyOf(map[string]string{})
			m.Refresh = &abi.Refresh{Request: abi.Request{URL: "https://acme.test/renew", Method: "GET", Query: map[string]string{"refresh_token": "", "token": "{refresh_token}"}}}
		}, sent{"GET", "https://acme.test/renew?grant_type=refresh_token&token=refresh-token-number-one", basicPair, "", ""}},
	} {
		m := manifest("https://acme.test")
		c.change(&m)
		var got sent
		var call host.Call
		to := target(m)
		to.Endpoints.Token = url // fixed at begin: an own refresh endpoint still counts
		_, err := oauth.New(record(&got, &call), nil, host.Clock{Now: clock}).Refresh(t.Context(), to, host.NewSecret(oldRefresh))
		if err != nil || got != c.want {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", name, err, got, c.want)
		}
	}
}

func TestRequestsAreBoundToTheirEndpoint(t *testing.T) {
	m := manifest("https://acme.test")
	m.Hosts = []string{"other.test"}
	for tokenURL, want := range map[string]string{"": "acme.test:443", "https://fixed.test:8443/t": "fixed.test:8443"} {
		to := target(m)
		to.Endpoints.Token = tokenURL
		var got sent
		var call host.Call
		if _, err := oauth.New(record(&got, &call), nil, host.Clock{Now: clock}).Refresh(t.Context(), to, host.NewSecret(oldRefresh)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(call.Hosts, []string{want}) || !call.Bound || !call.NoRedirect || call.Challenge != nil {
			t.Errorf("hosts %v (bound %v), redirects off %v, challenge %v", call.Hosts, call.Bound, call.NoRedirect, call.Challenge != nil)
		}
		// The service may send the same refresh token again; masked it would
		// be stored as "[redacted]".
		if call.Redactor != nil {
			t.Error("the token answer is masked before it is read")
		}
		// Egress takes a call with a Sign for one that carries a credential.
		if call.Sign == nil || call.Timeout != oauth.Timeout || call.MaxBytes != 1<<20 {
			t.Errorf("sign %v, timeout %v, max %d", call.Sign != nil, call.Timeout, call.MaxBytes)
		}
	}
}

func TestWhatIsSentIsKnownBefore(t *testing.T) {
	to := target(manifest("https://acme.test"))
	verifier := "the-verifier-of-this-flow"
	check := egressFunc(func(call host.Call) (*http.Response, error) {
		for _, s := range []string{code, verifier, clientSecret, basicPair[6:]} {
			if got := to.Redactor.Text(s); got == s {
				t.Errorf("%s is sent before the redactor knows it", s)
			}
		}
		return canned(200, nil, `{"access_token":"access-token-two","refresh_token":"refresh-token-two"}`)(call)
	})
	if _, err := oauth.New(check, nil, host.Clock{Now: clock}).Exchange(t.Context(), to, code, callback, host.NewSecret(verifier)); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"access-token-two", "refresh-token-two"} {
		if got := to.Redactor.Text(s); got != host.Mask {
			t.Errorf("%s was received and is not known", s)
		}
	}
}
