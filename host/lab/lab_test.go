package lab_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host/lab"
)

const (
	redirect = "http://127.0.0.1:40123/callback/lab"
	verifier = "a-verifier-of-43-characters-and-a-few-more-ones"
)

// A bench is a lab with a clock in the hand, and a browser that follows
// nothing.
type bench struct {
	*testing.T
	lab *lab.Lab
	url string
	now time.Time
}

func newBench(t *testing.T, o lab.Options) *bench {
	t.Helper()
	b := &bench{T: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	o.Now = func() time.Time { return b.now }
	b.lab = lab.New(o)
	s := httptest.NewServer(b.lab)
	t.Cleanup(s.Close)
	b.url = s.URL
	return b
}

// do sends a request and returns status, header and body.
func (b *bench) do(method, path, body string, header ...string) (int, http.Header, string) {
	b.Helper()
	req, err := http.NewRequest(method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if strings.Contains(body, "=") && !strings.HasPrefix(body, "{") {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	return res.StatusCode, res.Header, string(text)
}

func ask(change ...string) url.Values {
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {lab.ClientID}, "redirect_uri": {redirect}, "state": {"st"},
		"scope": {"items.read orders.write"}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}
	for i := 0; i < len(change); i += 2 {
		q.Set(change[i], change[i+1])
	}
	return q
}

// authorize opens the URL and gives what the redirect back says.
func (b *bench) authorize(q url.Values) url.Values {
	b.Helper()
	status, header, body := b.do("GET", "/oauth/authorize?"+q.Encode(), "")
	back, err := url.Parse(header.Get("Location"))
	if err != nil || status != http.StatusFound || !strings.HasPrefix(back.String(), q.Get("redirect_uri")+"?") || back.Query().Get("state") != "st" {
		b.Fatalf("authorize: %d to %s: %s", status, back, body)
	}
	return back.Query()
}

func exchange(code string, change ...string) url.Values {
	q := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {verifier},
		"client_id": {lab.ClientID}, "client_secret": {lab.ClientSecret},
	}
	for i := 0; i < len(change); i += 2 {
		q.Set(change[i], change[i+1])
	}
	return q
}

func refresh(token string) url.Values {
	return url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {token},
		"client_id": {lab.ClientID}, "client_secret": {lab.ClientSecret},
	}
}

type tokens struct {
	Access    string  `json:"access_token"`
	Refresh   string  `json:"refresh_token"`
	Type      string  `json:"token_type"`
	ExpiresIn float64 `json:"expires_in"`
	Scope     string  `json:"scope"`
	Error     string  `json:"error"`
}

// token asks for tokens in the RFC's form.
func (b *bench) token(form url.Values) (int, tokens) {
	b.Helper()
	status, _, body := b.do("POST", "/oauth2/token", form.Encode())
	var t tokens
	if err := json.Unmarshal([]byte(body), &t); err != nil {
		b.Fatalf("%s: %v", body, err)
	}
	return status, t
}

// signIn runs the whole code flow.
func (b *bench) signIn() tokens {
	b.Helper()
	status, t := b.token(exchange(b.authorize(ask()).Get("code")))
	if status != http.StatusOK || t.Access == "" || t.Refresh == "" {
		b.Fatalf("exchange: %d %+v", status, t)
	}
	return t
}

func (b *bench) me(access string) int {
	b.Helper()
	status, _, _ := b.do("GET", "/api/me", "", "Authorization", "Bearer "+access)
	return status
}
