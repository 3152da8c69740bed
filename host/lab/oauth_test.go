package lab_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host/lab"
)

func TestCodeFlow(t *testing.T) {
	b := newBench(t, lab.Options{})
	got := b.signIn()
	if got.Type != "Bearer" || got.ExpiresIn != 5 || got.Scope != "items.read orders.write" {
		t.Errorf("got %+v", got)
	}
	if s := b.me(got.Access); s != http.StatusOK {
		t.Errorf("me: %d", s)
	}
}

// A connector needs a token hook for these.
func TestNestedAnswers(t *testing.T) {
	b := newBench(t, lab.Options{TokenLife: 90 * time.Second})
	pair := url.QueryEscape(lab.ClientID) + ":" + url.QueryEscape(lab.ClientSecret)
	form := exchange(b.authorize(ask()).Get("code"))
	form.Del("client_id")
	form.Del("client_secret")
	status, header, body := b.do("POST", "/oauth/token", form.Encode(), "Authorization", basic(pair))
	if status != http.StatusOK || !strings.HasPrefix(body, `{"data":{"access_token":"lab-access-`) || !strings.Contains(body, `"expires_in":90,`) {
		t.Errorf("%d %s", status, body)
	}
	if header.Get("Cache-Control") != "no-store" { // RFC 6749 section 5.1
		t.Error("the token answer may be cached")
	}
}

func TestTokensLiveAsLongAsTheySay(t *testing.T) {
	b := newBench(t, lab.Options{})
	first := b.signIn()
	b.now = b.now.Add(5*time.Second - time.Millisecond)
	if s := b.me(first.Access); s != http.StatusOK {
		t.Errorf("just before: %d", s)
	}
	b.now = b.now.Add(time.Millisecond)
	status, header, _ := b.do("GET", "/api/me", "", "Authorization", "Bearer "+first.Access)
	if want := `Bearer realm="lab", error="invalid_token"`; status != http.StatusUnauthorized || !strings.HasPrefix(header.Get("WWW-Authenticate"), want) {
		t.Errorf("just after: %d %s", status, header.Get("WWW-Authenticate"))
	}
	if s, _, body := b.do("POST", "/control", `{"token_life":"2s"}`); s != http.StatusOK {
		t.Errorf("control: %d %s", s, body)
	}
	status, second := b.token(refresh(first.Refresh))
	if status != http.StatusOK || second.ExpiresIn != 2 || b.me(second.Access) != http.StatusOK || b.lab.Refreshes() != 1 {
		t.Errorf("after a refresh: %d %+v, %d refreshes", status, second, b.lab.Refreshes())
	}
}

// A refresh token that comes twice ends everything: what security.md, fact 1,
// is about.
func TestReuseEndsTheGrant(t *testing.T) {
	b := newBench(t, lab.Options{})
	first := b.signIn()
	_, second := b.token(refresh(first.Refresh))
	if b.me(second.Access) != http.StatusOK {
		t.Fatal("the new token does not work")
	}
	if status, got := b.token(refresh(first.Refresh)); status != http.StatusBadRequest || got.Error != "invalid_grant" {
		t.Errorf("a used token: %d %+v", status, got)
	}
	if b.me(second.Access) != http.StatusUnauthorized || b.me(first.Access) != http.StatusUnauthorized {
		t.Error("an access token of the grant still works")
	}
	if status, got := b.token(refresh(second.Refresh)); status != http.StatusBadRequest || got.Error != "invalid_grant" {
		t.Errorf("the next token of the grant: %d %+v", status, got)
	}
	other := b.signIn()
	if b.me(other.Access) != http.StatusOK || b.lab.Refreshes() != 1 {
		t.Errorf("another grant is touched, or %d refreshes", b.lab.Refreshes())
	}
}

func TestAUsedCodeEndsTheGrant(t *testing.T) {
	b := newBench(t, lab.Options{})
	code := b.authorize(ask()).Get("code")
	_, got := b.token(exchange(code))
	if status, again := b.token(exchange(code)); status != http.StatusBadRequest || again.Error != "invalid_grant" {
		t.Errorf("a used code: %d %+v", status, again)
	}
	if b.me(got.Access) != http.StatusUnauthorized {
		t.Error("what came of the code still works")
	}
}

func TestTokenRefusals(t *testing.T) {
	b := newBench(t, lab.Options{})
	late := b.authorize(ask()).Get("code")
	b.now = b.now.Add(2 * time.Minute)
	access := b.signIn().Access
	for name, c := range map[string]struct {
		form   url.Values
		status int
		error  string
	}{
		"unknown code":              {exchange("lab-code-x"), 400, "invalid_grant"},
		"late code":                 {exchange(late), 400, "invalid_grant"},
		"no verifier":               {exchange(b.authorize(ask()).Get("code"), "code_verifier", ""), 400, "invalid_grant"},
		"wrong verifier":            {exchange(b.authorize(ask()).Get("code"), "code_verifier", verifier+"x"), 400, "invalid_grant"},
		"altered redirect":          {exchange(b.authorize(ask()).Get("code"), "redirect_uri", "http://127.0.0.1:1/callback/lab"), 400, "invalid_grant"},
		"wrong secret":              {exchange(b.authorize(ask()).Get("code"), "client_secret", "x"), 401, "invalid_client"},
		"no secret":                 {exchange(b.authorize(ask()).Get("code"), "client_secret", ""), 401, "invalid_client"},
		"wrong client":              {exchange(b.authorize(ask()).Get("code"), "client_id", "x"), 401, "invalid_client"},
		"another grant type":        {exchange("x", "grant_type", "password"), 400, "unsupported_grant_type"},
		"access instead of refresh": {refresh(access), 400, "invalid_grant"},
		"no refresh token":          {refresh(""), 400, "invalid_grant"},
		"a parameter twice":         {url.Values{"grant_type": {"refresh_token", "refresh_token"}}, 400, "invalid_request"},
		"nothing":                   {url.Values{}, 400, "invalid_request"},
	} {
		if status, got := b.token(c.form); status != c.status || got.Error != c.error || got.Access != "" {
			t.Errorf("%s: %d %+v, want %d %s", name, status, got, c.status, c.error)
		}
	}
	form := refresh("x")
	if status, _, body := b.do("POST", "/oauth2/token", form.Encode(), "Authorization", basic("a:b")); status != 400 || !strings.Contains(body, "invalid_request") {
		t.Errorf("two ways to authenticate: %d %s", status, body)
	}
}

func TestAuthorizeRefusals(t *testing.T) {
	b := newBench(t, lab.Options{Redirects: []string{"https://connhost.test/callback/lab"}})
	for name, c := range map[string]struct{ key, text, want string }{
		"no PKCE":        {"code_challenge", "", "invalid_request"},
		"plain PKCE":     {"code_challenge_method", "plain", "invalid_request"},
		"implicit":       {"response_type", "token", "unsupported_response_type"},
		"unknown scope":  {"scope", "items.read admin", "invalid_scope"},
		"nothing wrong":  {"scope", "items.read", ""},
		"exact redirect": {"redirect_uri", "https://connhost.test/callback/lab", ""},
		"another port":   {"redirect_uri", "http://[::1]:1/callback/acme", ""},
	} {
		if got := b.authorize(ask(c.key, c.text)); got.Get("error") != c.want || (got.Get("code") == "") != (c.want != "") {
			t.Errorf("%s: %v", name, got)
		}
	}
	// These are not sent back: whoever made them up is not the client.
	for _, c := range [][2]string{
		{"client_id", "x"}, {"redirect_uri", ""}, {"redirect_uri", "http://evil.test/callback/lab"}, {"redirect_uri", "http://localhost:1/callback/lab"},
		{"redirect_uri", "https://127.0.0.1/callback/lab"}, {"redirect_uri", "http://127.0.0.1/callback/lab/x"}, {"redirect_uri", "http://127.0.0.1/callback/lab?x=1"},
		{"redirect_uri", "http://127.0.0.1@evil.test/callback/lab"}, {"redirect_uri", "https://connhost.test/callback/lab/"}, {"redirect_uri", "http://127.0.0.1/callback/lab#x"},
	} {
		if status, header, _ := b.do("GET", "/oauth/authorize?"+ask(c[0], c[1]).Encode(), ""); status != 400 || header.Get("Location") != "" {
			t.Errorf("%v: %d to %s", c, status, header.Get("Location"))
		}
	}
}

func TestConsentPage(t *testing.T) {
	b := newBench(t, lab.Options{AskConsent: true})
	q := ask("state", `st"><script>`)
	status, _, page := b.do("GET", "/oauth/authorize?"+q.Encode(), "")
	if status != 200 || !strings.Contains(page, "Grace Hopper") || !strings.Contains(page, "orders.write") || strings.Contains(page, "<script>") {
		t.Errorf("%d %s", status, page)
	}
	for _, c := range []struct{ choice, account, want string }{{"allow", "acc_2", "code"}, {"deny", "acc_1", "error"}, {"allow", "acc_9", "error"}} {
		form := ask("choice", c.choice, "account", c.account)
		status, header, _ := b.do("POST", "/oauth/authorize", form.Encode())
		back, _ := url.Parse(header.Get("Location"))
		if status != 302 || !back.Query().Has(c.want) || back.Query().Get("state") != "st" {
			t.Errorf("%+v: %d to %s", c, status, back)
		}
		if code := back.Query().Get("code"); code != "" {
			_, got := b.token(exchange(code))
			if _, _, me := b.do("GET", "/api/me", "", "Authorization", "Bearer "+got.Access); !strings.Contains(me, "Grace") {
				t.Errorf("another account than chosen: %s", me)
			}
		}
	}
}

func TestRevoke(t *testing.T) {
	b := newBench(t, lab.Options{})
	revoke := func(token string) int {
		form := refresh("")
		form.Set("token", token)
		status, _, _ := b.do("POST", "/oauth/revoke", form.Encode())
		return status
	}
	one, two := b.signIn(), b.signIn()
	if s := revoke(one.Access); s != 200 || b.me(one.Access) != 401 {
		t.Errorf("the access token: %d", s)
	}
	if s, _ := b.token(refresh(one.Refresh)); s != 200 {
		t.Errorf("its refresh token is gone too: %d", s)
	}
	if s := revoke(two.Refresh); s != 200 || b.me(two.Access) != 401 {
		t.Errorf("the refresh token: %d", s)
	}
	if s := revoke("unknown"); s != 200 { // RFC 7009 section 2.2
		t.Errorf("an unknown token: %d", s)
	}
	if s, _, _ := b.do("POST", "/oauth/revoke", "token=x"); s != 401 {
		t.Errorf("without the client: %d", s)
	}
}

// The same seed and the same requests give the same secrets.
func TestASeedRepeatsARun(t *testing.T) {
	run := func(seed uint64) string { return newBench(t, lab.Options{Seed: seed}).signIn().Access }
	if run(1) != run(1) || run(1) == run(2) {
		t.Error("a seed decides nothing")
	}
}
