package peers_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/connhost/connhost/host/hosttest/peers"
)

func TestZitadel(t *testing.T) {
	const callback = "http://127.0.0.1:8976/callback/acme"
	z := peers.Zitadel(t, callback)
	newClient := func(id string, auth func(http.Header, url.Values)) *client {
		return &client{t: t, http: http.DefaultClient, base: z.URL, id: id, auth: auth}
	}
	web := newClient(peers.ZitadelClient, basic(peers.ZitadelClient, peers.ZitadelSecret))
	token := func(c *client, form url.Values) answer {
		t.Helper()
		return c.post("/oauth/token", form)
	}
	exchange := func(c *client, subject string) answer {
		t.Helper()
		return token(c, url.Values{
			"grant_type":           {"urn:ietf:params:oauth:grant-type:token-exchange"},
			"subject_token":        {subject},
			"subject_token_type":   {"urn:ietf:params:oauth:token-type:access_token"},
			"requested_token_type": {"urn:ietf:params:oauth:token-type:access_token"},
			"scope":                {"openid profile"},
		})
	}
	userinfo := func(accessToken string) answer {
		t.Helper()
		return web.do(http.MethodGet, "/userinfo", http.Header{"Authorization": {"Bearer " + accessToken}}, "", "")
	}
	login := func(c *client, redirect, user string) answer {
		t.Helper()
		a := c.authorization()
		a.form.Set("redirect_uri", redirect)
		a.form.Del("prompt")
		code := z.Consent(t, a.page(z.URL), user).Query().Get("code")
		return token(c, url.Values{
			"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {a.verifier},
		})
	}

	t.Run("JWT bearer", func(t *testing.T) {
		block, _ := pem.Decode(z.ServiceKey)
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		ask := func(key *rsa.PrivateKey, audience string) answer {
			now := time.Now().Unix()
			return token(newClient(peers.ZitadelService, nil), url.Values{
				"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "scope": {"openid"},
				"assertion": {jwt(t, map[string]any{"alg": "RS256", "kid": "key1"}, map[string]any{
					"iss": peers.ZitadelService, "sub": peers.ZitadelService, "aud": audience, "iat": now, "exp": now + 60,
				}, key)},
			})
		}
		got := ask(key, z.Issuer)
		if me := userinfo(got.text("access_token")); me.text("sub") != peers.ZitadelService {
			t.Errorf("the token request answered %d: %v, and userinfo %v", got.status, got.body, me.body)
		}
		if got := ask(key, "https://other.example"); got.status == http.StatusOK {
			t.Errorf("for another audience: %v", got.body)
		}
	})

	t.Run("token exchange", func(t *testing.T) {
		ada := login(web, callback, "ada")
		got := exchange(web, ada.text("access_token"))
		if got.text("issued_token_type") != "urn:ietf:params:oauth:token-type:access_token" || got.text("access_token") == ada.text("access_token") {
			t.Fatalf("the exchange answered %d: %v", got.status, got.body)
		}
		if me := userinfo(got.text("access_token")); me.text("sub") != "ada" || me.text("given_name") != "Ada" {
			t.Errorf("userinfo answered %d: %v", me.status, me.body)
		}
		if got := exchange(web, "no token"); got.text("error") != "invalid_request" {
			t.Errorf("for no token: %d %v", got.status, got.body)
		}
		bob := login(web, callback, "bob")
		if got := exchange(web, bob.text("access_token")); got.status == http.StatusOK {
			t.Errorf("bob's token was exchanged: %v", got.body)
		}
	})

	t.Run("other grants", func(t *testing.T) {
		native := newClient(peers.ZitadelNative, nil)
		got := login(native, "http://127.0.0.1:50321/callback/zitadel", "ada")
		again := token(native, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.text("refresh_token")}})
		if again.text("refresh_token") == "" || again.text("refresh_token") == got.text("refresh_token") {
			t.Errorf("the refresh answered %d: %v", again.status, again.body)
		}
		machine := newClient(peers.ZitadelMachine, basic(peers.ZitadelMachine, peers.ZitadelMachineSecret))
		if got := token(machine, url.Values{"grant_type": {"client_credentials"}}); got.text("access_token") == "" {
			t.Errorf("client credentials answered %d: %v", got.status, got.body)
		}
	})
}
