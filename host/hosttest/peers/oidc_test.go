package peers_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host/hosttest/peers"
)

func newClient(t *testing.T, o *peers.OIDCServer, id string, auth func(http.Header, url.Values)) *client {
	return &client{t: t, http: o.HTTP(t), base: o.URL, id: id, auth: auth}
}

// tokens goes through the code flow.
func tokens(t *testing.T, o *peers.OIDCServer, c *client) answer {
	t.Helper()
	a := c.authorization()
	got := c.exchange(a, o.Consent(t, a.page(c.base), peers.Answer{}))
	if got.status != http.StatusOK {
		t.Fatalf("the token request answered %d: %v", got.status, got.body)
	}
	return got
}

func TestOIDCClients(t *testing.T) {
	o := peers.OIDC(t, peers.OIDCOptions{})
	post := func(secret string) func(http.Header, url.Values) {
		return func(_ http.Header, form url.Values) {
			form.Set("client_id", peers.PostClient)
			form.Set("client_secret", secret)
		}
	}
	for _, test := range []struct {
		id          string
		right       func(http.Header, url.Values)
		wrong       func(http.Header, url.Values)
		certificate *peers.KeyPair
	}{
		{id: peers.BasicClient, right: basic(peers.BasicClient, peers.BasicSecret), wrong: basic(peers.BasicClient, "other")},
		{id: peers.PostClient, right: post(peers.PostSecret), wrong: post("other")},
		{id: peers.SecretJWTClient,
			right: assertion(t, peers.SecretJWTClient, o.URL, "HS256", "", peers.SecretJWTSecret),
			wrong: assertion(t, peers.SecretJWTClient, o.URL, "HS256", "", "other")},
		{id: peers.ES256Client,
			right: assertion(t, peers.ES256Client, o.URL, "ES256", o.ES256.ID, o.ES256.Signer),
			wrong: assertion(t, peers.ES256Client, "https://other.example", "ES256", o.ES256.ID, o.ES256.Signer)},
		{id: peers.RS256Client,
			right: assertion(t, peers.RS256Client, o.URL, "RS256", o.RS256.ID, o.RS256.Signer),
			wrong: assertion(t, peers.RS256Client, o.URL, "ES256", o.ES256.ID, o.ES256.Signer)},
		{id: peers.PublicClient},
		{id: peers.MTLSClient, certificate: &o.TLSClient},
		{id: peers.SelfSignedClient, certificate: &o.SelfSigned},
	} {
		t.Run(test.id, func(t *testing.T) {
			c := newClient(t, o, test.id, test.right)
			if test.certificate != nil {
				c.base, c.http = o.TLSURL, o.HTTP(t, *test.certificate)
			}
			got := tokens(t, o, c)
			if me := c.me(got.text("access_token")); me.text("sub") != "ada" || me.text("name") != "Ada" {
				t.Errorf("/me answered %d: %v", me.status, me.body)
			}
			if again := c.refresh(got.text("refresh_token")); again.text("refresh_token") == "" {
				t.Errorf("the refresh answered %d: %v", again.status, again.body)
			}

			stranger := newClient(t, o, test.id, test.wrong)
			if test.certificate != nil {
				stranger.base = o.TLSURL
				if me := stranger.me(got.text("access_token")); me.status != http.StatusUnauthorized {
					t.Errorf("without the certificate, /me answered %d: %v", me.status, me.body)
				}
			}
			if test.wrong == nil && test.certificate == nil {
				return
			}
			if refused := stranger.refresh("any"); refused.text("error") != "invalid_client" {
				t.Errorf("a stranger was answered %d: %v", refused.status, refused.body)
			}
		})
	}
}

// A secret that is not form-encoded is another secret, or none.
func TestOIDCBasicSecretIsEncoded(t *testing.T) {
	o := peers.OIDC(t, peers.OIDCOptions{})
	c := newClient(t, o, peers.BasicClient, func(header http.Header, _ url.Values) {
		(&http.Request{Header: header}).SetBasicAuth(peers.BasicClient, peers.BasicSecret)
	})
	if got := c.refresh("any"); got.text("error") != "invalid_request" {
		t.Errorf("it was answered %d: %v", got.status, got.body)
	}
}

func TestOIDCAuthorization(t *testing.T) {
	o := peers.OIDC(t, peers.OIDCOptions{Connectors: []string{"acme"}})
	c := newClient(t, o, peers.PublicClient, nil)

	a := c.authorization()
	a.form.Set("redirect_uri", "http://127.0.0.1:8976/callback/acme")
	callback := o.Consent(t, a.page(o.URL), peers.Answer{User: "bob"})
	if callback.Host != "127.0.0.1:8976" || callback.Path != "/callback/acme" {
		t.Errorf("the callback is %s", callback)
	}
	if q := callback.Query(); q.Get("iss") != o.URL || q.Get("state") != "state-1" {
		t.Errorf("the callback has %v", q)
	}
	got := c.exchange(a, callback)
	if me := c.me(got.text("access_token")); me.text("sub") != "bob" {
		t.Errorf("/me answered %v", me.body)
	}
	// A code is good for one exchange: a second revokes what the first gave.
	if again := c.exchange(a, callback); again.text("error") != "invalid_grant" {
		t.Errorf("the second exchange answered %d: %v", again.status, again.body)
	}
	if me := c.me(got.text("access_token")); me.status != http.StatusUnauthorized {
		t.Errorf("after the second exchange, /me answered %d", me.status)
	}

	denied := o.Consent(t, c.authorization().page(o.URL), peers.Answer{Deny: true})
	if q := denied.Query(); q.Get("error") != "access_denied" || q.Get("code") != "" || q.Get("iss") != o.URL {
		t.Errorf("a refusal gives %s", denied)
	}

	open := c.authorization()
	open.form.Del("code_challenge")
	open.form.Del("code_challenge_method")
	if q := o.Consent(t, open.page(o.URL), peers.Answer{}).Query(); q.Get("error") != "invalid_request" {
		t.Errorf("without PKCE: %v", q)
	}

	for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"} {
		meta := c.do(http.MethodGet, path, http.Header{}, "", "")
		if meta.text("issuer") != o.URL || meta.body["authorization_response_iss_parameter_supported"] != true {
			t.Errorf("%s answered %d: %v", path, meta.status, meta.body)
		}
	}
}

func TestOIDCRefresh(t *testing.T) {
	o := peers.OIDC(t, peers.OIDCOptions{AccessTokenLife: 2 * time.Second})
	c := newClient(t, o, peers.BasicClient, basic(peers.BasicClient, peers.BasicSecret))
	first := tokens(t, o, c)
	if life := first.body["expires_in"]; life != 2.0 {
		t.Errorf("the access token lives %v seconds", life)
	}
	refused := false
	for end := time.Now().Add(10 * time.Second); !refused && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		refused = c.me(first.text("access_token")).status == http.StatusUnauthorized
	}
	if !refused {
		t.Error("the access token lives too long")
	}

	old := first.text("refresh_token")
	second := c.refresh(old)
	if second.status != http.StatusOK || second.text("refresh_token") == old {
		t.Fatalf("the refresh answered %d, and the token is the same: %t", second.status, second.text("refresh_token") == old)
	}
	reused := c.refresh(old)
	if reused.text("error") != "invalid_grant" {
		t.Errorf("the old token was answered %d: %v", reused.status, reused.body)
	}
	if after := c.refresh(second.text("refresh_token")); after.text("error") != "invalid_grant" {
		t.Errorf("after the reuse, the new token was answered %d: %v", after.status, after.body)
	}

	requests, revoked := o.Log(t)
	if len(requests) != 4 || len(revoked) != 1 {
		t.Fatalf("the log has %v and %v", requests, revoked)
	}
	if got := revoked[0]; got.Cause != "refresh_token reused" || got.ClientID != peers.BasicClient {
		t.Errorf("the grant was revoked for %v", got)
	}
	sum := sha256.Sum256([]byte(old))
	want := hex.EncodeToString(sum[:])
	if a, b := requests[1], requests[2]; a.RefreshTokenSHA256 != want || !a.OK || b.RefreshTokenSHA256 != want || b.OK || b.Error != "invalid_grant" {
		t.Errorf("the log has %+v and %+v", a, b)
	}
	if got := requests[0]; got.GrantType != "authorization_code" || got.RefreshTokenSHA256 != "" || got.ClientID != peers.BasicClient || got.Time.IsZero() {
		t.Errorf("the log has %+v", got)
	}

	resp, err := http.Get(o.URL + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{old, second.text("refresh_token"), first.text("access_token"), peers.BasicSecret} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the log has the secret %s", secret)
		}
	}
}

func TestOIDCRevocation(t *testing.T) {
	o := peers.OIDC(t, peers.OIDCOptions{RefreshTokenLife: 100 * time.Second})
	c := newClient(t, o, peers.PostClient, func(_ http.Header, form url.Values) {
		form.Set("client_id", peers.PostClient)
		form.Set("client_secret", peers.PostSecret)
	})
	got := tokens(t, o, c)
	introspect := func(token string) map[string]any {
		return c.post("/token/introspection", url.Values{"token": {got.text(token)}}).body
	}
	kept := introspect("refresh_token")
	from, _ := kept["iat"].(float64)
	if until, _ := kept["exp"].(float64); until-from != 100 {
		t.Errorf("the refresh token is %v", kept)
	}
	if introspect("access_token")["active"] != true {
		t.Error("a new token is not active")
	}
	if a := c.post("/token/revocation", url.Values{"token": {got.text("refresh_token")}}); a.status != http.StatusOK {
		t.Errorf("the revocation answered %d: %v", a.status, a.body)
	}
	if introspect("access_token")["active"] != false {
		t.Error("a revoked token is active")
	}
	if a := c.refresh(got.text("refresh_token")); a.text("error") != "invalid_grant" {
		t.Errorf("a revoked token was answered %d: %v", a.status, a.body)
	}
}

func TestOIDCPushedRequest(t *testing.T) {
	o := peers.OIDC(t, peers.OIDCOptions{})
	c := newClient(t, o, peers.PARClient, basic(peers.PARClient, peers.PARSecret))
	a := c.authorization()
	if q := o.Consent(t, a.page(o.URL), peers.Answer{}).Query(); q.Get("error") != "invalid_request" {
		t.Errorf("a request that was not pushed is answered with %v", q)
	}
	pushed := c.post("/request", a.form)
	if pushed.status != http.StatusCreated {
		t.Fatalf("the push answered %d: %v", pushed.status, pushed.body)
	}
	short := url.Values{"client_id": {c.id}, "request_uri": {pushed.text("request_uri")}}
	got := c.exchange(a, o.Consent(t, o.URL+"/auth?"+short.Encode(), peers.Answer{}))
	if got.text("refresh_token") == "" {
		t.Errorf("the exchange answered %d: %v", got.status, got.body)
	}
}

func TestOIDCDPoP(t *testing.T) {
	o := peers.OIDC(t, peers.OIDCOptions{})
	for _, c := range []*client{
		newClient(t, o, peers.DPoPClient, basic(peers.DPoPClient, peers.DPoPSecret)),
		newClient(t, o, peers.DPoPPublicClient, nil),
	} {
		t.Run(c.id, func(t *testing.T) {
			c.t = t
			a := c.authorization()
			callback := o.Consent(t, a.page(o.URL), peers.Answer{})
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			c.dpop = key
			if first := c.exchange(a, callback); first.text("error") != "use_dpop_nonce" || first.header.Get("DPoP-Nonce") == "" {
				t.Fatalf("without a nonce, the exchange answered %d: %v", first.status, first.body)
			}
			got := c.exchange(a, callback)
			if got.text("token_type") != "DPoP" {
				t.Fatalf("the exchange answered %d: %v", got.status, got.body)
			}
			nonce := c.nonce
			c.nonce = ""
			if me := c.me(got.text("access_token")); me.status != http.StatusUnauthorized ||
				!strings.Contains(me.header.Get("WWW-Authenticate"), "use_dpop_nonce") {
				t.Errorf("without a nonce, /me answered %d: %v", me.status, me.header)
			}
			c.nonce = nonce
			if me := c.me(got.text("access_token")); me.text("sub") != "ada" {
				t.Errorf("/me answered %d: %v", me.status, me.body)
			}
			if again := c.refresh(got.text("refresh_token")); again.text("token_type") != "DPoP" {
				t.Errorf("the refresh answered %d: %v", again.status, again.body)
			}
			c.dpop = nil
			if me := c.me(got.text("access_token")); me.status != http.StatusUnauthorized {
				t.Errorf("as a bearer token, it was answered %d: %v", me.status, me.body)
			}
		})
	}
}

func TestOIDCDevice(t *testing.T) {
	o := peers.OIDC(t, peers.OIDCOptions{})
	c := newClient(t, o, peers.DeviceClient, nil)
	begin := func() (page string, poll func() answer) {
		device := c.post("/device/auth", url.Values{"scope": {"openid offline_access"}, "prompt": {"consent"}})
		if device.status != http.StatusOK {
			t.Fatalf("the device request answered %d: %v", device.status, device.body)
		}
		return device.text("verification_uri_complete"), func() answer {
			return c.token(url.Values{
				"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {device.text("device_code")},
			})
		}
	}
	page, poll := begin()
	if got := poll(); got.text("error") != "authorization_pending" {
		t.Errorf("the first poll answered %d: %v", got.status, got.body)
	}
	o.ApproveDevice(t, page, peers.Answer{})
	got := poll()
	if me := c.me(got.text("access_token")); me.text("sub") != "ada" || got.text("refresh_token") == "" {
		t.Errorf("the poll answered %d, and /me %v", got.status, me.body)
	}

	page, poll = begin()
	o.ApproveDevice(t, page, peers.Answer{Deny: true})
	if got := poll(); got.text("error") != "access_denied" {
		t.Errorf("after a refusal, the poll answered %d: %v", got.status, got.body)
	}
}

func TestOIDCMachine(t *testing.T) {
	o := peers.OIDC(t, peers.OIDCOptions{AccessTokenLife: 90 * time.Second})
	c := newClient(t, o, peers.MachineClient, basic(peers.MachineClient, peers.MachineSecret))
	got := c.token(url.Values{"grant_type": {"client_credentials"}, "scope": {"items.read"}, "resource": {peers.Resource}})
	if got.text("scope") != "items.read" || got.body["expires_in"] != 90.0 || got.text("refresh_token") != "" {
		t.Fatalf("the token request answered %d: %v", got.status, got.body)
	}
	seen := c.post("/token/introspection", url.Values{"token": {got.text("access_token")}})
	if seen.body["active"] != true || seen.text("aud") != peers.Resource || seen.text("client_id") != c.id {
		t.Errorf("introspection answered %d: %v", seen.status, seen.body)
	}
	plain := c.token(url.Values{"grant_type": {"client_credentials"}, "scope": {"items.write"}})
	if plain.text("scope") != "items.write" {
		t.Errorf("without a resource: %d %v", plain.status, plain.body)
	}
	other := c.token(url.Values{"grant_type": {"client_credentials"}, "resource": {"https://other.example/"}})
	if other.text("error") != "invalid_target" {
		t.Errorf("for another resource: %d %v", other.status, other.body)
	}
}
