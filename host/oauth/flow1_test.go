package oauth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

func legsOf(base string) abi.Manifest {
	return abi.Manifest{ID: "acme", Name: "Acme", BaseURL: base, Auth: abi.Auth{
		Type: abi.AuthOAuth1, Request: &abi.Request{Path: "/request_token"}, Authorize: &abi.Request{Path: "/authorize"}, Token: &abi.Request{Path: "/access_token"},
	}}
}

// RFC 5849 section 2.1: the service must say that it knows the callback. No
// answer without that, or without a token and its secret, opens a browser, and
// none is quoted.
func TestTemporaryTokenAnswers(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		status     int
		kind, body string
		ok         bool
	}{
		"as the RFC says":   {200, form, "oauth_token=tok1&oauth_token_secret=sec-c4n4ry&oauth_callback_confirmed=true", true},
		"JSON":              {200, "application/json", `{"oauth_token":"tok1","oauth_token_secret":"sec-c4n4ry","oauth_callback_confirmed":"true"}`, true},
		"a form as text":    {200, "text/plain; charset=utf-8", "oauth_token=tok1&oauth_token_secret=sec-c4n4ry&oauth_callback_confirmed=true", true},
		"a form as a page":  {200, "text/html", "oauth_token=tok1&oauth_token_secret=sec-c4n4ry&oauth_callback_confirmed=true\n", true},
		"a page with one":   {200, "text/html", "<a href=/?oauth_token=tok1-c4n4ry&oauth_token_secret=s>", false},
		"not confirmed":     {200, form, "oauth_token=tok1&oauth_token_secret=sec-c4n4ry&oauth_callback_confirmed=false", false},
		"nothing confirmed": {200, form, "oauth_token=tok1&oauth_token_secret=sec-c4n4ry", false},
		"confirmed twice":   {200, form, "oauth_token=tok1&oauth_token_secret=sec-c4n4ry&oauth_callback_confirmed=true&oauth_callback_confirmed=false", false},
		"no secret":         {200, form, "oauth_token=tok-c4n4ry&oauth_callback_confirmed=true", false},
		"two tokens":        {200, form, "oauth_token=a-c4n4ry&oauth_token=b&oauth_token_secret=s&oauth_callback_confirmed=true", false},
		"a page":            {200, "text/html", "<html>c4n4ry", false},
		"an error":          {500, form, "oauth_token=tok1&oauth_token_secret=sec-c4n4ry&oauth_callback_confirmed=true", false},
		"refused":           {401, form, "oauth_problem=c4n4ry", false},
		"too long":          {200, form, "oauth_token=tok1&oauth_token_secret=" + strings.Repeat("c4n4ry", 1<<18), false},
	} {
		flow := oauth.NewClient1(canned(c.status, http.Header{"Content-Type": {c.kind}}, c.body), host.Clock{Now: time.Now})
		begun, err := flow.Begin(t.Context(), target(legsOf("https://acme.test")), callback, nil)
		if (err == nil) != c.ok || c.ok != (begun.URL != "") {
			t.Errorf("%s: got %q, %v", name, begun.URL, err)
		}
		if err != nil && (strings.Contains(err.Error(), "c4n4ry") || host.CodeOf(err) == host.Internal && tokenError(t, err).Msg == "") {
			t.Errorf("%s: got %v", name, err)
		}
		if strings.Contains(begun.URL, "c4n4ry") {
			t.Errorf("%s: the secret is shown to the browser: %s", name, begun.URL)
		}
	}
}

// RFC 5849 section 2.2: the callback's token is the one that was given out.
func TestCallbackOfAnotherToken(t *testing.T) {
	kept := host.NewSecret(url.Values{"token": {"tok1"}, "secret": {"s"}}.Encode())
	for query, ok := range map[string]bool{
		"oauth_token=tok1&oauth_verifier=v": true, "oauth_token=tok2&oauth_verifier=v": false, "oauth_verifier=v": false, "oauth_token=&oauth_verifier=v": false,
		"oauth_token=tok1": false, "oauth_token=tok1&oauth_verifier=": false, "oauth_token=tok1&oauth_verifier=v&denied=tok1": false, "": false,
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		code, err := oauth.NewClient1(nil, host.Clock{Now: time.Now}).Code(host.FlowTarget{}, q, kept)
		if (err == nil) != ok || ok && code != "v" {
			t.Errorf("%q: got %q, %v", query, code, err)
		}
	}
	none := host.NewSecret("")
	if code, err := oauth.NewClient1(nil, host.Clock{Now: time.Now}).Code(host.FlowTarget{}, url.Values{"oauth_token": {""}, "oauth_verifier": {"v"}}, none); err == nil {
		t.Errorf("without a token: got %q", code)
	}
}
