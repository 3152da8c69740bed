package abi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/plugins/abi"
)

func TestFields(t *testing.T) {
	type p = abi.Parameter
	for _, c := range []struct {
		name string
		m    abi.Manifest
		want string // key "label" with ! for required and * for secret
	}{
		{"none", abi.Manifest{Auth: abi.Auth{Type: "none"}}, ``},
		{"api key", abi.Manifest{Auth: abi.Auth{Type: "api_key"}}, `key "API key"!*`},
		{"bearer", abi.Manifest{Auth: abi.Auth{Type: "bearer"}}, `token "Token"!*`},
		{"basic", abi.Manifest{Auth: abi.Auth{Type: "basic"}}, `username "User name"!, password "Password"!*`},
		{"oauth2", abi.Manifest{Auth: abi.Auth{Type: "oauth2"}}, ``},
		{"declared with its own words", abi.Manifest{Auth: abi.Auth{Type: "api_key"}, Parameters: []p{{Key: "key", Label: "Secret key", Secret: true}}}, `key "Secret key"!*`},
		{"declared without a label", abi.Manifest{Auth: abi.Auth{Type: "basic"}, Parameters: []p{{Key: "password", Secret: true}}}, `password "Password"!*, username "User name"!`},
		{"value of another name", abi.Manifest{Auth: abi.Auth{Type: "api_key", Value: "{email}:{pat}"}, Parameters: []p{{Key: "email"}, {Key: "pat", Secret: true}}}, `email "email"!, pat "pat"!*`},
		{"value with the standard name", abi.Manifest{Auth: abi.Auth{Type: "basic", Username: "{email}/token"}, Parameters: []p{{Key: "email", Label: "Email"}}}, `email "Email"!, password "Password"!*`},
		{"a key as the user name, no password", abi.Manifest{Auth: abi.Auth{Type: "basic", Username: "{key}", Password: abi.EmptyText}, Parameters: []p{{Key: "key", Secret: true}}}, `key "API key"!*`},
		{"a fallback is enough", abi.Manifest{Auth: abi.Auth{Type: "basic", Password: "{password|x}"}}, `username "User name"!, password "Password"*`},
		{"a default is enough", abi.Manifest{Auth: abi.Auth{Type: "bearer"}, BaseURL: "https://{region}.test", Parameters: []p{{Key: "region", Default: "eu"}}}, `region "Region", token "Token"!*`},
		{"a host needs a value", abi.Manifest{Auth: abi.Auth{Type: "bearer"}, BaseURL: "https://{sub}.test", Parameters: []p{{Key: "sub"}, {Key: "note"}}}, `sub "sub"!, note "note", token "Token"!*`},
		{"an authorization URL needs a value", abi.Manifest{Auth: abi.Auth{Type: "oauth2", Authorize: &abi.Request{URL: "https://{tenant}.test/a", Query: map[string]string{"hint": "{hint}"}}}, Parameters: []p{{Key: "tenant"}, {Key: "hint"}}}, `tenant "tenant"!, hint "hint"`},
	} {
		var got []string
		for _, f := range c.m.Fields() {
			s := fmt.Sprintf("%s %q", f.Key, f.Label)
			if f.Required {
				s += "!"
			}
			if f.Secret {
				s += "*"
			}
			got = append(got, s)
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, text, c.want)
		}
	}
}

func TestCredentialTemplates(t *testing.T) {
	for _, c := range []struct {
		a                                    abi.Auth
		value, username, password, place, at string
	}{
		{abi.Auth{Type: "none"}, "", "", "", "header", "Authorization"},
		{abi.Auth{Type: "basic"}, "", "{username}", "{password}", "header", "Authorization"},
		{abi.Auth{Type: "basic", Username: "{a}", Password: "{b}"}, "", "{a}", "{b}", "header", "Authorization"},
		{abi.Auth{Type: "api_key", Name: "X-Key"}, "{key}", "", "", "header", "X-Key"},
		{abi.Auth{Type: "api_key", Value: "Key {key}"}, "Key {key}", "", "", "header", "Authorization"},
		{abi.Auth{Type: "bearer"}, "Bearer {token}", "", "", "header", "Authorization"},
		{abi.Auth{Type: "bearer", In: "query", Name: "t"}, "{token}", "", "", "query", "t"},
		{abi.Auth{Type: "oauth2"}, "Bearer {access_token}", "", "", "header", "Authorization"},
		{abi.Auth{Type: "oauth2", Value: "OAuth {access_token}"}, "OAuth {access_token}", "", "", "header", "Authorization"},
	} {
		if c.a.ValueTemplate() != c.value || c.a.UsernameTemplate() != c.username || c.a.PasswordTemplate() != c.password || c.a.Place() != c.place || c.a.PlaceName() != c.at {
			t.Errorf("%+v: got %q %q %q %q %q", c.a, c.a.ValueTemplate(), c.a.UsernameTemplate(), c.a.PasswordTemplate(), c.a.Place(), c.a.PlaceName())
		}
	}
}

func TestEmptyPassword(t *testing.T) {
	m := parsed(t, strings.Replace(skeleton, `"type": "api_key", "in": "header", "name": "X-Key"`, `"type": "basic", "username": "{key}", "password": ""`, 1))
	got, err := abi.Expand(m.Auth.PasswordTemplate(), func(p abi.Place) (string, error) { return p.Fallback, nil })
	if got != "" || err != nil || len(m.Fields()) != 1 {
		t.Errorf("got %q, %v, %v", got, err, m.Fields())
	}
}

func TestDefaults(t *testing.T) {
	var m abi.Manifest
	if m.Margin() != 30*time.Second || m.Lifetime() != 0 || !m.Rotates() || !m.PKCE() || m.ClientAuth() != "basic" || m.ScopeSeparator() != " " {
		t.Error("defaults of an empty manifest")
	}
	if got := m.RefreshAnswer(); got.Access != "/access_token" || got.Refresh != "/refresh_token" || got.ExpiresIn != "/expires_in" || got.Scope != "/scope" || got.TokenType != "/token_type" || got.Error != "/error" || got.RefreshExpiresIn != "" || len(got.RefreshExpiresPointers()) != 3 {
		t.Errorf("got %+v", got)
	}
	if m.Idle() != 0 || m.Life() != 0 {
		t.Error("lives are known of an empty manifest")
	}
	m = parsed(t, oauth)
	m.Refresh.Answer = &abi.Answer{Refresh: "/new", RefreshExpiresIn: "/rest"}
	m.Refresh.Idle, m.Refresh.Life = 60, 3600
	if got := m.RefreshAnswer().RefreshExpiresPointers(); m.Idle() != time.Minute || m.Life() != time.Hour || len(got) != 1 || got[0] != "/rest" {
		t.Errorf("idle %s, life %s, %v", m.Idle(), m.Life(), got)
	}
	if m.Margin() != time.Minute || m.Lifetime() != time.Hour || m.Rotates() || m.PKCE() || m.ClientAuth() != "body" || m.ScopeSeparator() != "," {
		t.Error("what the manifest gives")
	}
	if got := m.RefreshAnswer(); got.Access != "/tok/access" || got.Refresh != "/new" || got.Error != "/err" || got.Scope != "/scope" {
		t.Errorf("got %+v", got)
	}
}

func TestParameterCheck(t *testing.T) {
	for _, c := range []struct {
		p           abi.Parameter
		value, want string
	}{
		{abi.Parameter{Key: "p"}, "", ""},
		{abi.Parameter{Key: "p", Required: true}, "", `"p" needs a value`},
		{abi.Parameter{Key: "p", Required: true, Default: "x"}, "", ""},
		{abi.Parameter{Key: "p"}, "a\nb", `the value of "p" may not hold a line break`},
		{abi.Parameter{Key: "p"}, "a\x00b", `the value of "p" may not hold a NUL character`},
		{abi.Parameter{Key: "p", Secret: true}, "-----BEGIN\n", ""},
		{abi.Parameter{Key: "p", Secret: true, Pattern: "[a-z]+"}, "HUNTER2", `the value of "p" does not match [a-z]+`},
		{abi.Parameter{Key: "p", Pattern: "a|b"}, "ab", `the value of "p" does not match a|b`},
		{abi.Parameter{Key: "p", Pattern: "a|b"}, "b", ""},
		{abi.Parameter{Key: "p", Kind: "host"}, "a.test:8080", ""},
		{abi.Parameter{Key: "p", Kind: "host"}, "{a}", `the value of "p" must be a host name, with a port or without`},
		{abi.Parameter{Key: "p", Kind: "host"}, "a.test/x", `the value of "p" must be a host name, with a port or without`},
	} {
		if got := text(c.p.Check(c.value)); got != c.want {
			t.Errorf("%+v %q: got %q, want %q", c.p, c.value, got, c.want)
		}
	}
}
