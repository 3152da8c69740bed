package oauth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

func pkcs8(t testing.TB, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(hosttest.PEM("PRIVATE KEY", der))
}

// claimsOf verifies a token and gives its claims.
func claimsOf(t testing.TB, text, algorithm string, key any) (header jose.Header, claims map[string]any) {
	t.Helper()
	signed, err := jose.ParseSigned(text, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(algorithm)})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := signed.Verify(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return signed.Signatures[0].Header, claims
}

// form is the body of a request.
func form(t testing.TB, text string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// RFC 7523 sections 2.2 and 3: the claims are these, the audience is the issuer
// or the token endpoint, and each request has another id. The secret itself is
// in no request.
func TestClientAssertion(t *testing.T) {
	key := hosttest.NewKey(t)
	for name, c := range map[string]struct {
		change   func(*abi.Auth)
		issuer   string
		secret   string
		verify   any
		alg, aud string
	}{
		"by the issuer": {func(a *abi.Auth) {
			a.ClientAuth, a.ClientAssertion = abi.ClientAuthPrivateKey, &abi.Assertion{Algorithm: "ES256", Header: map[string]string{"kid": "k-{client_id}"}}
		}, "https://login.acme.test", pkcs8(t, key), key.Public(), "ES256", "https://login.acme.test"},
		"by the token endpoint": {func(a *abi.Auth) {
			a.ClientAuth, a.ClientAssertion = abi.ClientAuthPrivateKey, &abi.Assertion{Algorithm: "ES256"}
		}, "", strings.ReplaceAll(pkcs8(t, key), "\n", `\n`), key.Public(), "ES256", "https://acme.test/token"},
		"by the manifest": {func(a *abi.Auth) {
			a.ClientAuth, a.ClientAssertion = abi.ClientAuthPrivateKey, &abi.Assertion{Algorithm: "ES256", Claims: map[string]string{"aud": "https://aud.test"}, Lifetime: 60}
		}, "https://login.acme.test", pkcs8(t, key), key.Public(), "ES256", "https://aud.test"},
		"a shared secret": {func(a *abi.Auth) { a.ClientAuth = abi.ClientAuthSecretKey },
			"", clientSecret + "-of-thirty-two-bytes", []byte(clientSecret + "-of-thirty-two-bytes"), "HS256", "https://acme.test/token"},
	} {
		m := manifest("https://acme.test")
		c.change(&m.Auth)
		to := target(m)
		to.ClientSecret, to.Endpoints.Issuer = host.NewSecret(c.secret), c.issuer
		s := &script{replies: []reply{{status: 200, body: `{` + pair + `}`}}}
		flow := oauth.New(s.egress(t), nil, host.Clock{Now: clock})
		if _, err := flow.Refresh(t.Context(), to, host.NewSecret(oldRefresh)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := flow.Exchange(t.Context(), to, code, callback, host.NewSecret("the-verifier-of-this-flow")); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		to.Endpoints.Introspect, to.Endpoints.Revoke = "https://acme.test/introspect", "https://acme.test/revoke"
		_, _ = flow.Active(t.Context(), to, host.NewSecret(oldRefresh))
		_ = flow.Revoke(t.Context(), to, host.Secrets{Refresh: host.NewSecret(oldRefresh)})
		ids := map[any]bool{}
		for i, text := range s.forms {
			got := form(t, text)
			if got.Get("client_id") != to.ClientID || got.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" ||
				got.Has("client_secret") || s.headers[i].Get("Authorization") != "" {
				t.Errorf("%s: sent %v", name, got)
			}
			if strings.Contains(text, "PRIVATE") || strings.Contains(text, url.QueryEscape(c.secret)) {
				t.Errorf("%s: the secret itself is sent", name)
			}
			_, claims := claimsOf(t, got.Get("client_assertion"), c.alg, c.verify)
			life := time.Duration(300)
			if name == "by the manifest" {
				life = 60
			}
			if claims["iss"] != to.ClientID || claims["sub"] != to.ClientID || claims["aud"] != c.aud || len(claims) != 6 ||
				claims["iat"] != float64(begin.Add(-time.Minute).Unix()) || claims["exp"] != float64(begin.Add(life*time.Second).Unix()) {
				t.Errorf("%s: %v", name, claims)
			}
			ids[claims["jti"]] = true
			if to.Redactor.Text(got.Get("client_assertion")) != host.Mask {
				t.Errorf("%s: the assertion is not known to be secret", name)
			}
		}
		if len(s.forms) != 4 || len(ids) != 4 {
			t.Errorf("%s: %d ids in %d requests", name, len(ids), len(s.forms))
		}
	}
}

// A secret that is no such key: no request is made, nothing is used, and the
// error says what to give and nothing of what was given.
func TestClientKeyThatCannotSign(t *testing.T) {
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{
		"RSA": pkcs8(t, r), "another curve": pkcs8(t, p384), "garbage": "garbage-that-is-no-key", "a certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"encrypted": string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("sealed-by-a-passphrase-of-ann")})),
	} {
		m := manifest("https://acme.test")
		m.Auth.ClientAuth, m.Auth.ClientAssertion = abi.ClientAuthPrivateKey, &abi.Assertion{Algorithm: "ES256"}
		to := target(m)
		to.ClientSecret = host.NewSecret(secret)
		s := &script{replies: []reply{{status: 200, body: `{` + pair + `}`}}}
		_, err := oauth.New(s.egress(t), nil, host.Clock{Now: clock}).Refresh(t.Context(), to, host.NewSecret(oldRefresh))
		e := tokenError(t, err)
		if e.Class != host.TokenNotUsed || !strings.Contains(e.Msg, "the client secret cannot sign with ES256") || len(s.headers) != 0 {
			t.Errorf("%s: %s %v", name, e.Class, err)
		}
		whole := fmt.Sprintf("%v %+v %+v", err, e, e.Err)
		for _, line := range strings.Split(secret, "\n") {
			if len(line) > 8 && strings.Contains(whole, line) {
				t.Errorf("%s: %q stands in %s", name, line, whole)
			}
		}
	}
}

// A private key that a service quotes is masked, by the line and in every
// spelling, wherever it was pasted from.
func TestClientKeyIsMasked(t *testing.T) {
	key := pkcs8(t, hosttest.NewKey(t))
	lines := strings.Split(strings.TrimSpace(key), "\n")
	body := lines[1 : len(lines)-1]
	for name, pasted := range map[string]string{"as it is": key, "in one line": strings.ReplaceAll(key, "\n", `\n`), "from Windows": strings.ReplaceAll(key, "\n", "\r\n"), "both escaped": strings.ReplaceAll(key, "\n", `\r\n`)} {
		m := manifest("https://acme.test")
		m.Auth.ClientAuth, m.Auth.ClientAssertion = abi.ClientAuthPrivateKey, &abi.Assertion{Algorithm: "ES256"}
		to := target(m)
		to.ClientSecret = host.NewSecret(pasted)
		quoted, _ := json.Marshal(key)
		s := &script{replies: []reply{{status: 500, body: `{"error":"x"}`}}}
		_, _ = oauth.New(s.egress(t), nil, host.Clock{Now: clock}).Refresh(t.Context(), to, host.NewSecret(oldRefresh))
		for form, text := range map[string]string{
			"a line": "line 2: " + body[0] + " is bad", "the last line": body[len(body)-1], "joined": strings.Join(body, ""), "the text": key,
			"JSON": string(quoted), "escaped twice": strings.ReplaceAll(string(quoted), `\n`, `\\n`), "a URL": url.QueryEscape(key), "spaces": strings.Join(body, " "),
		} {
			masked := to.Redactor.Text(text)
			for _, line := range body {
				if plain, _ := url.QueryUnescape(masked); strings.Contains(masked, line) || strings.Contains(plain, line) {
					t.Errorf("pasted %s, quoted as %s: %s", name, form, masked)
				}
			}
		}
	}
}

// A certificate is shown to the endpoints of the client and is not sent as text.
func TestClientCertificate(t *testing.T) {
	certificate, key := hosttest.NewAuthority(t, "Clients").Issue("ann", nil)
	m := manifest("https://acme.test")
	m.Auth.ClientAuth = abi.ClientAuthMTLS
	to := target(m)
	to.ClientSecret = host.NewSecret(string(certificate) + string(key))
	var got sent
	var call host.Call
	if _, err := oauth.New(record(&got, &call), nil, host.Clock{Now: clock}).Refresh(t.Context(), to, host.NewSecret(oldRefresh)); err != nil {
		t.Fatal(err)
	}
	if call.Certificate == nil || call.Certificate.Leaf.Subject.CommonName != "ann" || got.auth != "" ||
		got.body != "client_id=client+id%2F1&grant_type=refresh_token&refresh_token=refresh-token-number-one" {
		t.Errorf("sent %+v, with a certificate %v", got, call.Certificate != nil)
	}
	_, other := hosttest.NewAuthority(t, "Clients").Issue("bob", nil)
	for name, c := range map[string]struct{ secret, want string }{
		"another's key": {string(certificate) + string(other), "not that of the client certificate"},
		"no key":        {string(certificate), "holds no private key"},
		"no PEM":        {"swordfish-of-ann", "not PEM"},
		"broken":        {"-----BEGIN CERTIFICATE-----\nc3dvcmRmaXNo\n-----END CERTIFICATE-----\n" + string(key), "cannot be read"},
	} {
		to.ClientSecret = host.NewSecret(c.secret)
		s := &script{replies: []reply{{status: 200, body: `{` + pair + `}`}}}
		_, err := oauth.New(s.egress(t), nil, host.Clock{Now: clock}).Refresh(t.Context(), to, host.NewSecret(oldRefresh))
		e := tokenError(t, err)
		if e.Class != host.TokenNotUsed || !strings.Contains(e.Msg, c.want) || len(s.headers) != 0 || strings.Contains(fmt.Sprintf("%+v %v", e, e.Err), "swordfish") {
			t.Errorf("%s: %s %v", name, e.Class, err)
		}
	}
}
