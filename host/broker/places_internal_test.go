package broker

import (
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// A version that would send another secret, or to another place, or signs for
// somebody else, is another one; what only names other parameters is not.
func TestOtherPlaces(t *testing.T) {
	request := func(path string) *abi.Request { return &abi.Request{URL: "https://login.test" + path} }
	base := func() abi.Manifest {
		return abi.Manifest{
			BaseURL:    "https://api.test",
			Parameters: []abi.Parameter{{Key: "pin", Secret: true}, {Key: "tenant"}},
			Auth: abi.Auth{Type: abi.AuthOAuth2, ClientAuth: abi.ClientAuthPrivateKey, Token: request("/token"), Device: request("/device"), PAR: request("/par"),
				ClientAssertion: &abi.Assertion{Claims: map[string]string{"aud": "https://login.test"}}},
			Introspect: request("/introspect"), Refresh: &abi.Refresh{}, Revoke: &abi.Revoke{Request: *request("/revoke")}, Test: &abi.Request{Path: "/me"},
		}
	}
	named := func(name string) map[string]string { return map[string]string{"x": "{" + name + "}"} }
	for name, c := range map[string]struct {
		change func(*abi.Manifest)
		same   bool
	}{
		"nothing":            {func(*abi.Manifest) {}, true},
		"another parameter":  {func(m *abi.Manifest) { m.Auth.Token.Form = named("tenant") }, true},
		"another action":     {func(m *abi.Manifest) { m.Actions = []abi.Action{{Name: "a"}} }, true},
		"another kid":        {func(m *abi.Manifest) { m.Auth.ClientAssertion.Header = map[string]string{"kid": "k2"} }, true},
		"device":             {func(m *abi.Manifest) { m.Auth.Device = request("/other") }, false},
		"no device":          {func(m *abi.Manifest) { m.Auth.Device = nil }, false},
		"par":                {func(m *abi.Manifest) { m.Auth.PAR.URL = "https://evil.test/par" }, false},
		"introspect":         {func(m *abi.Manifest) { m.Introspect = request("/other") }, false},
		"an issuer":          {func(m *abi.Manifest) { m.Auth.Issuer = "https://login.test" }, false},
		"the secret as text": {func(m *abi.Manifest) { m.Auth.ClientAuth = abi.ClientAuthBody }, false},
		"basic":              {func(m *abi.Manifest) { m.Auth.ClientAuth = "" }, false},
		"the key in a form":  {func(m *abi.Manifest) { m.Auth.Token.Form = named("client_secret") }, false},
		"in a header":        {func(m *abi.Manifest) { m.Introspect.Headers = named("client_secret") }, false},
		"a secret more":      {func(m *abi.Manifest) { m.Auth.Token.Form = named("pin") }, false},
		"in the test":        {func(m *abi.Manifest) { m.Test.Headers = named("pin") }, false},
		"in each call":       {func(m *abi.Manifest) { m.Auth.Value = "Bearer {access_token}.{pin}" }, false},
		"no proof":           {func(m *abi.Manifest) { m.Auth.Proof = abi.ProofDPoP }, false},
		"signed for another": {func(m *abi.Manifest) { m.Auth.ClientAssertion.Claims["aud"] = "https://bank.test" }, false},
	} {
		next := base()
		c.change(&next)
		if samePlaces(base(), next) != c.same || samePlaces(next, base()) != c.same {
			t.Errorf("%s: the same %v", name, !c.same)
		}
	}
	session := func(change func(*abi.Manifest)) abi.Manifest {
		m := abi.Manifest{BaseURL: "https://api.test", Auth: abi.Auth{Type: abi.AuthSession, Name: "Cookie", Value: "SID={session}",
			Login: &abi.Request{URL: "https://login.test/login", Form: map[string]string{"u": "{username}", "p": "{password}"}}}}
		change(&m)
		return m
	}
	for name, change := range map[string]func(*abi.Manifest){
		"login": func(m *abi.Manifest) { m.Auth.Login.URL = "https://evil.test/login" }, "password": func(m *abi.Manifest) { m.Auth.Value = "{session}:{password}" },
		"logout": func(m *abi.Manifest) { m.Revoke = &abi.Revoke{Request: *request("/logout")} }, "a header": func(m *abi.Manifest) { m.Auth.Name = "X-Session" },
	} {
		if samePlaces(session(func(*abi.Manifest) {}), session(change)) {
			t.Errorf("session, %s: the same", name)
		}
	}
	bearer := func(aud string) abi.Manifest {
		return abi.Manifest{Auth: abi.Auth{Type: abi.AuthOAuth2, Grant: abi.GrantJWT, Token: request("/token"), Assertion: &abi.Assertion{Claims: map[string]string{"aud": aud}}}}
	}
	if samePlaces(bearer("https://login.test"), bearer("https://bank.test")) {
		t.Error("an assertion for another is the same")
	}
}

// What the code may read of an answer counts as what it may read by name: an
// authorization does not go along to a version that reads more.
func TestPublicIsAgreedTo(t *testing.T) {
	a := abi.Manifest{ID: "acme", Hooks: []string{abi.HookToken}, Public: []string{"/team", "/region"}}
	b := a
	b.Public = []string{"/region", "/team"}
	if !samePlaces(a, b) {
		t.Error("the order of public matters")
	}
	b.Public = append(b.Public, "/data/key")
	if samePlaces(a, b) || samePlaces(b, a) {
		t.Error("another pointer in public does not matter")
	}
}
