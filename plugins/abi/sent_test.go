package abi_test

import (
	"slices"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// What goes out as it is, whatever it is there for.
func TestWhatIsSent(t *testing.T) {
	oauth := func(kind string, change func(*abi.Manifest)) abi.Manifest {
		m := abi.Manifest{Auth: abi.Auth{Type: abi.AuthOAuth2, ClientAuth: kind, Token: &abi.Request{URL: "https://a.test/token"}}}
		if change != nil {
			change(&m)
		}
		return m
	}
	texts := map[string]string{"x": "k={client_secret}"}
	jwt := func(change func(*abi.Manifest)) abi.Manifest {
		m := abi.Manifest{Auth: abi.Auth{Type: abi.AuthOAuth2, Grant: abi.GrantJWT, ClientAuth: abi.ClientAuthNone, Assertion: &abi.Assertion{}, Token: &abi.Request{URL: "https://a.test/token"}}}
		if change != nil {
			change(&m)
		}
		return m
	}
	key := map[string]string{"x": "{private_key}"}
	for name, c := range map[string]struct {
		m      abi.Manifest
		secret bool
		keys   []string
	}{
		"basic":                {oauth("", nil), true, nil},
		"body":                 {oauth(abi.ClientAuthBody, nil), true, nil},
		"public":               {oauth(abi.ClientAuthNone, nil), false, nil},
		"a key":                {oauth(abi.ClientAuthPrivateKey, nil), false, nil},
		"a shared key":         {oauth(abi.ClientAuthSecretKey, nil), false, nil},
		"a certificate":        {oauth(abi.ClientAuthMTLS, nil), false, nil},
		"a key in a form":      {oauth(abi.ClientAuthPrivateKey, func(m *abi.Manifest) { m.Auth.Token.Form = texts }), true, nil},
		"in JSON":              {oauth(abi.ClientAuthPrivateKey, func(m *abi.Manifest) { m.Auth.Token.JSON = abi.BodyOf(texts) }), true, nil},
		"in a header":          {oauth(abi.ClientAuthMTLS, func(m *abi.Manifest) { m.Refresh = &abi.Refresh{Request: abi.Request{Headers: texts}} }), true, nil},
		"in a query":           {oauth(abi.ClientAuthMTLS, func(m *abi.Manifest) { m.Revoke = &abi.Revoke{Request: abi.Request{Query: texts}} }), true, nil},
		"by introspection":     {oauth(abi.ClientAuthSecretKey, func(m *abi.Manifest) { m.Introspect = &abi.Request{Form: texts} }), true, nil},
		"by the device":        {oauth(abi.ClientAuthNone, func(m *abi.Manifest) { m.Auth.Device = &abi.Request{Form: texts} }), true, nil},
		"by PAR":               {oauth(abi.ClientAuthNone, func(m *abi.Manifest) { m.Auth.PAR = &abi.Request{Form: texts} }), true, nil},
		"an assertion":         {jwt(nil), false, nil},
		"its key too":          {jwt(func(m *abi.Manifest) { m.Auth.Token.Form = key }), false, []string{"private_key"}},
		"in each call":         {jwt(func(m *abi.Manifest) { m.Auth.Also = []abi.Placement{{Name: "X", Value: "{private_key}"}} }), false, []string{"private_key"}},
		"in an action":         {jwt(func(m *abi.Manifest) { m.Actions = []abi.Action{{Request: abi.Request{Headers: key}}} }), false, []string{"private_key"}},
		"in a test":            {jwt(func(m *abi.Manifest) { m.Test = &abi.Request{Headers: key} }), false, []string{"private_key"}},
		"a jwt":                {abi.Manifest{Auth: abi.Auth{Type: abi.AuthJWT, Algorithm: "ES256"}}, false, nil},
		"a jwt and its key":    {abi.Manifest{Auth: abi.Auth{Type: abi.AuthJWT, Algorithm: "HS256", Also: []abi.Placement{{Name: "X", Value: "{private_key}"}}}}, false, []string{"private_key"}},
		"oauth1":               {abi.Manifest{Auth: abi.Auth{Type: abi.AuthOAuth1}}, false, nil},
		"oauth1 with the text": {abi.Manifest{Auth: abi.Auth{Type: abi.AuthOAuth1, SignatureMethod: abi.PlainText}}, true, nil},
	} {
		if got := c.m.SentKeys(); c.m.SendsSecret() != c.secret || !slices.Equal(got, c.keys) {
			t.Errorf("%s: sends the secret %v, want %v; keys %v, want %v", name, c.m.SendsSecret(), c.secret, got, c.keys)
		}
	}
}
