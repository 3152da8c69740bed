package auth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/auth"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/plugins/abi"
)

func secrets(pairs ...string) map[string]host.Secret {
	m := map[string]host.Secret{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = host.NewSecret(pairs[i+1])
	}
	return m
}

func sign(t *testing.T, cred host.Credential, u string) (*http.Request, error) {
	t.Helper()
	req, err := http.NewRequest("GET", u, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := auth.Signers(host.Clock{Now: time.Now})[cred.Auth.Type]
	if s == nil {
		t.Fatalf("no signer for %q", cred.Auth.Type)
	}
	return req, s.Sign(req, cred)
}

func TestSigners(t *testing.T) {
	for name, cred := range map[string]host.Credential{
		"none":           {Auth: abi.Auth{Type: abi.AuthNone}},
		"basic":          {Auth: abi.Auth{Type: abi.AuthBasic}, Params: map[string]string{"username": "ann"}, Secret: secrets("password", "pass word: ü")},
		"basic template": {Auth: abi.Auth{Type: abi.AuthBasic, Username: "{key}", Password: abi.EmptyText}, Secret: secrets("key", "sk_123456")},
		"api_key":        {Auth: abi.Auth{Type: abi.AuthAPIKey, Name: "x-api-key"}, Secret: secrets("key", "k-123456")},
		"api_key query":  {Auth: abi.Auth{Type: abi.AuthAPIKey, In: abi.InQuery, Name: "api key"}, Secret: secrets("key", "k&1=2 3/+%é")},
		"api_key value":  {Auth: abi.Auth{Type: abi.AuthAPIKey, Name: "Authorization", Value: "Token {id}:{key}"}, Params: map[string]string{"id": "7"}, Secret: secrets("key", "k-123456")},
		"bearer":         {Auth: abi.Auth{Type: abi.AuthBearer}, Secret: secrets("token", "tok-123456")},
		"oauth2":         {Auth: abi.Auth{Type: abi.AuthOAuth2}, Secret: secrets("access_token", "at-123456")},
		"session":        {Auth: abi.Auth{Type: abi.AuthSession, Name: "Cookie", Value: "SID={session}"}, Secret: secrets("session", "s-123456")},
		"more texts":     {Auth: abi.Auth{Type: abi.AuthBearer, Also: []abi.Placement{{Name: "X-App", Value: "app {id}"}, {In: abi.InQuery, Name: "second", Value: "{pass}"}}}, Params: map[string]string{"id": "7"}, Secret: secrets("token", "tok-123456", "pass", "pass-123456")},
		"digest":         {Auth: abi.Auth{Type: abi.AuthDigest}, Params: map[string]string{"username": "ann"}, Secret: secrets("password", "pass word: ü")},
		"sigv4":          {Auth: abi.Auth{Type: abi.AuthSigV4, Service: "s3"}, Params: map[string]string{"access_key_id": "AKID", "region": "eu-central-1", "session_token": ""}, Secret: secrets("secret_access_key", "sk-123456")},
	} {
		t.Run(name, func(t *testing.T) { hosttest.Signer(t, auth.Signers(host.Clock{Now: time.Now})[cred.Auth.Type], cred) })
	}
}

func TestSignedForms(t *testing.T) {
	for _, c := range []struct {
		name       string
		cred       host.Credential
		header     string
		want, wire string
	}{
		// RFC 7617 section 2 and 2.1.
		{"basic", host.Credential{Auth: abi.Auth{Type: abi.AuthBasic}, Params: map[string]string{"username": "Aladdin"},
			Secret: secrets("password", "open sesame")}, "Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", ""},
		{"basic utf-8", host.Credential{Auth: abi.Auth{Type: abi.AuthBasic}, Params: map[string]string{"username": "test"},
			Secret: secrets("password", "123£")}, "Authorization", "Basic dGVzdDoxMjPCow==", ""},
		{"basic, empty password", host.Credential{Auth: abi.Auth{Type: abi.AuthBasic}, Params: map[string]string{"username": "u", "password": ""}},
			"Authorization", "Basic dTo=", ""},
		// RFC 6750 section 2.1.
		{"bearer", host.Credential{Auth: abi.Auth{Type: abi.AuthBearer}, Secret: secrets("token", "mF_9.B5f-4.1JqM")},
			"Authorization", "Bearer mF_9.B5f-4.1JqM", ""},
		{"oauth2 of its own kind", host.Credential{Auth: abi.Auth{Type: abi.AuthOAuth2, Value: "Zoho-oauthtoken {access_token}"},
			Secret: secrets("access_token", "a.b.c")}, "Authorization", "Zoho-oauthtoken a.b.c", ""},
		{"api_key", host.Credential{Auth: abi.Auth{Type: abi.AuthAPIKey, Name: "X-Key"}, Secret: secrets("key", "abc")}, "X-Key", "abc", ""},
		{"query", host.Credential{Auth: abi.Auth{Type: abi.AuthAPIKey, In: abi.InQuery, Name: "key"}, Secret: secrets("key", "a b&c=d+é")},
			"", "", "https://api.test/p?x=%2F&y&key=a%20b%26c%3Dd%2B%C3%A9"},
		{"none", host.Credential{Auth: abi.Auth{Type: abi.AuthNone}}, "Authorization", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			req, err := sign(t, c.cred, "https://api.test/p?x=%2F&y")
			if err != nil {
				t.Fatal(err)
			}
			if c.wire == "" {
				c.wire = "https://api.test/p?x=%2F&y"
			}
			if got := req.Header.Get(c.header); got != c.want || req.URL.String() != c.wire {
				t.Errorf("got %q and %s, want %q and %s", got, req.URL, c.want, c.wire)
			}
		})
	}
}

func TestRefusedCredentials(t *testing.T) {
	for _, c := range []struct {
		name string
		cred host.Credential
		code host.Code
		want string
	}{
		{"a colon in the user name", host.Credential{Auth: abi.Auth{Type: abi.AuthBasic}, Params: map[string]string{"username": "a:b"},
			Secret: secrets("password", "hidden-one")}, host.Refused, "colon"},
		{"not UTF-8", host.Credential{Auth: abi.Auth{Type: abi.AuthBasic}, Params: map[string]string{"username": "a"},
			Secret: secrets("password", "hidden-one\xff")}, host.Refused, "UTF-8"},
		{"no user name", host.Credential{Auth: abi.Auth{Type: abi.AuthBasic}, Secret: secrets("password", "hidden-one")}, host.NeedsAuth, `"username"`},
		{"an empty key", host.Credential{Auth: abi.Auth{Type: abi.AuthAPIKey, Name: "K"}, Secret: secrets("key", "")}, host.NeedsAuth, `"key"`},
		{"not a template", host.Credential{Auth: abi.Auth{Type: abi.AuthBearer, Value: "{token"}, Secret: secrets("token", "hidden-one")}, host.Failed, "template"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sign(t, c.cred, "https://api.test/")
			if host.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hidden-one") {
				t.Errorf("got %v, want %s with %s", err, c.code, c.want)
			}
		})
	}
}

// Short keys are not masked wherever they stand; the header as a whole is.
func TestShortKeyIsMaskedInItsHeader(t *testing.T) {
	cred := host.Credential{Auth: abi.Auth{Type: abi.AuthBearer}, Secret: secrets("token", "abc")}
	r := host.NewRedactor(nil)
	r.Learn(auth.Signers(host.Clock{Now: time.Now})[abi.AuthBearer].Reveals(cred)...)
	if got := r.Text("sent Bearer abc"); got != "sent "+host.Mask {
		t.Errorf("got %q", got)
	}
}
