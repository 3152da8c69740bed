package oauth_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest/peers"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

// oauthlib's client, as hosttest/peers/testdata/oauth1.py knows it.
const (
	peerClient = "printer-client-1"
	peerSecret = "printer secret & more"
)

// signing is wire with the call's credential.
type signing struct{ wire }

func (s signing) Do(ctx context.Context, call host.Call) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, call.Method, call.URL.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header, req.GetBody = call.Header, call.Body
	if err := call.Sign(req); err != nil {
		return nil, err
	}
	call.Header = req.Header
	return s.wire.Do(ctx, call)
}

// legs goes the three legs with a peer and gives what signs.
func legs(t *testing.T, base, method string) host.Credential {
	t.Helper()
	m := abi.Manifest{ID: "peer", Name: "Peer", BaseURL: base, Auth: abi.Auth{
		Type: abi.AuthOAuth1, SignatureMethod: method, Realm: "photos",
		Request: &abi.Request{Path: "/request_token"}, Authorize: &abi.Request{Path: "/authorize"}, Token: &abi.Request{Path: "/access_token"},
	}}
	to := target(m)
	to.ClientID, to.ClientSecret = peerClient, host.NewSecret(peerSecret)
	flow := oauth.NewClient1(signing{}, host.Clock{Now: time.Now})
	begun, err := flow.Begin(t.Context(), to, callback, nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	page, err := browser.Get(begun.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = page.Body.Close()
	back, err := page.Location()
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := flow.Code(to, back.Query(), begun.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := flow.Exchange(t.Context(), to, verifier, callback, begun.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	return host.Credential{Auth: m.Auth, Params: map[string]string{"client_id": peerClient}, Secret: map[string]host.Secret{
		"client_secret": to.ClientSecret, "access_token": tokens.Access, "token_secret": tokens.Params["token_secret"],
	}}
}

// Every shape of request that has tripped signers up (security.md, fact 9) is
// accepted by oauthlib, with GET and POST, and each signature that it knows.
func TestOAuth1Shapes(t *testing.T) {
	base := peers.OAuth1(t)
	const form = "application/x-www-form-urlencoded"
	shapes := []struct{ name, target, kind, body string }{
		{"nothing", "/echo", "", ""},
		{"duplicate query keys", "/echo?a=2&a=1&a=%20&a=1", "", ""},
		{"empty values and bare keys", "/echo?empty=&bare&x=1", "", ""},
		{"encoded slashes", "/echo/a%2Fb/c?k=%2F%3D%26", "", ""},
		{"a semicolon", "/echo?c=a%3Bb&d=%3B", "", ""},
		{"letters beyond ASCII", "/echo/%C3%BC?k=%C3%A9&%E2%82%AC=1", "", ""},
		{"spaces, both ways", "/echo?a=x+y&b=x%20y", "", ""},
		{"what is not encoded everywhere", "/echo?t=~-._&s=*!'()", "", ""},
		{"percent of percent", "/echo?p=%25%2525", "", ""},
		{"names that differ in case and sign", "/echo?a=1&A=2&a-=3&a.=4&a1=5", "", ""},
		{"a form", "/echo", form, "a3=2+q&a3=a&c2=&%C3%A9=%3B"},
		{"a form with a charset", "/echo?a3=a", form + "; charset=UTF-8", "a3=2%20q&b=1"},
		{"a form with a bare key", "/echo?q=1", form, "bare&empty=&x=1"},
		{"JSON", "/echo?a=1", "application/json", `{"a":"b&c=d"}`},
	}
	for _, method := range []string{abi.HMACSHA1, abi.HMACSHA256, abi.PlainText} {
		cred := legs(t, base, method)
		signer := oauth.NewSigner1(host.Clock{Now: time.Now})
		for _, verb := range []string{"GET", "POST"} {
			for _, s := range shapes {
				var body io.Reader
				if s.body != "" {
					body = strings.NewReader(s.body)
				}
				req, err := http.NewRequestWithContext(t.Context(), verb, base+s.target, body)
				if err != nil {
					t.Fatal(err)
				}
				if s.kind != "" {
					req.Header.Set("Content-Type", s.kind)
				}
				if err := signer.Sign(req, cred); err != nil {
					t.Fatal(err)
				}
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				var echo struct{ Path, Body string }
				err = json.NewDecoder(res.Body).Decode(&echo)
				_ = res.Body.Close()
				if err != nil || res.StatusCode != 200 || echo.Path != s.target || echo.Body != s.body {
					t.Errorf("%s, %s, %s: got %d %+v, %v", method, verb, s.name, res.StatusCode, echo, err)
				}
			}
		}
		// It does refuse: another body than the signed one, and the same twice.
		req, err := http.NewRequestWithContext(t.Context(), "POST", base+"/echo", strings.NewReader("a=1"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", form)
		if err := signer.Sign(req, cred); err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{200, 401} {
			req.Body, _ = req.GetBody()
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != want {
				t.Errorf("%s, presented %d times: %d", method, i+1, res.StatusCode)
			}
		}
		if method == abi.PlainText { // signs no body
			continue
		}
		if err := signer.Sign(req, cred); err != nil {
			t.Fatal(err)
		}
		req.Body, req.URL.RawQuery = io.NopCloser(strings.NewReader("a=1")), url.Values{"b": {"2"}}.Encode()
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != 401 {
			t.Errorf("%s: a request that was changed: %d", method, res.StatusCode)
		}
	}
}
