package host_test

import (
	"slices"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

func TestCapabilities(t *testing.T) {
	got := host.CapabilitiesOf(abi.Manifest{
		Auth: abi.Auth{Type: abi.AuthOAuth2}, Hosts: []string{"login.acme.test"}, BaseURL: "{instance_url}/v1",
		Hooks: []string{"token", "action"}, RevealSecrets: []string{"client_secret"},
		Public: []string{"/team/id", "/owner"}, Capture: map[string]string{"team": "/team/id", "realm": "callback:/realmId"},
		Limits: &abi.Limits{Memory: "128MB", HTTPCalls: 5},
	})
	for what, pair := range map[string][2][]string{
		"hosts":   {got.Hosts, {"login.acme.test", "{instance_url}"}},
		"hooks":   {got.Hooks, {"token", "action"}},
		"imports": {got.Imports, {"http", "secret"}},
		"reveals": {got.Reveals, {"client_secret"}},
		"shows":   {got.Shows, {"/owner", "/team/id", "callback:/realmId"}},
	} {
		if !slices.Equal(pair[0], pair[1]) {
			t.Errorf("%s: got %q, want %q", what, pair[0], pair[1])
		}
	}
	if l := got.Limits; len(l) != 2 || l[0].Name+l[0].Value != "memory128MB" || l[1].Name+l[1].Value != "http_calls5" {
		t.Errorf("limits: got %v", got.Limits)
	}
	plain := host.CapabilitiesOf(abi.Manifest{Auth: abi.Auth{Type: abi.AuthNone}, BaseURL: "https://api.acme.test"})
	if len(plain.Imports)+len(plain.Reveals)+len(plain.Shows)+len(plain.Limits)+len(plain.Hooks) != 0 || !slices.Equal(plain.Hosts, []string{"api.acme.test"}) {
		t.Errorf("a manifest without code: %+v", plain)
	}
}

func TestCapabilityDiff(t *testing.T) {
	base := func() abi.Manifest {
		return abi.Manifest{Auth: abi.Auth{Type: abi.AuthAPIKey}, BaseURL: "https://api.acme.test", Hooks: []string{"test"}}
	}
	limits := func(l abi.Limits) func(*abi.Manifest) { return func(m *abi.Manifest) { m.Limits = &l } }
	for name, c := range map[string]struct {
		before, after func(*abi.Manifest)
		want          []string
		widens        bool
	}{
		"nothing":      {nil, func(m *abi.Manifest) { m.Description = "x"; m.Version = "2.0.0" }, nil, false},
		"a host":       {nil, func(m *abi.Manifest) { m.Hosts = []string{"files.acme.test"} }, []string{"+ host files.acme.test"}, true},
		"a host less":  {func(m *abi.Manifest) { m.Hosts = []string{"files.acme.test"} }, nil, []string{"- host files.acme.test"}, false},
		"another host": {nil, func(m *abi.Manifest) { m.BaseURL = "https://api2.acme.test" }, []string{"- host api.acme.test", "+ host api2.acme.test"}, true},
		"another port": {nil, func(m *abi.Manifest) { m.BaseURL = "https://api.acme.test:8443" }, []string{"- host api.acme.test", "+ host api.acme.test:8443"}, true},
		"a token host": {func(m *abi.Manifest) {
			m.Auth = abi.Auth{Type: abi.AuthOAuth2, Token: &abi.Request{URL: "https://a.test/t"}}
		},
			func(m *abi.Manifest) { m.Auth = abi.Auth{Type: abi.AuthOAuth2, Issuer: "https://b.test"} }, []string{"- token host a.test", "+ token host b.test"}, true},
		"a key that is sent": {func(m *abi.Manifest) { m.Auth = abi.Auth{Type: abi.AuthOAuth2, ClientAuth: abi.ClientAuthPrivateKey} },
			func(m *abi.Manifest) { m.Auth = abi.Auth{Type: abi.AuthOAuth2} }, []string{"+ sent client_secret"}, true},
		"a key in a form": {func(m *abi.Manifest) {
			m.Auth = abi.Auth{Type: abi.AuthOAuth2, ClientAuth: abi.ClientAuthPrivateKey, Token: &abi.Request{URL: "https://a.test/t"}}
		}, func(m *abi.Manifest) {
			m.Auth = abi.Auth{Type: abi.AuthOAuth2, ClientAuth: abi.ClientAuthPrivateKey, Token: &abi.Request{URL: "https://a.test/t", Form: map[string]string{"k": "{client_secret}"}}}
		}, []string{"+ sent client_secret"}, true},
		"a key that signs": {func(m *abi.Manifest) {
			m.Auth = abi.Auth{Type: abi.AuthJWT, Algorithm: "ES256"}
		}, func(m *abi.Manifest) {
			m.Auth = abi.Auth{Type: abi.AuthJWT, Algorithm: "ES256", Also: []abi.Placement{{Name: "X", Value: "{private_key}"}}}
		}, []string{"+ sent private_key"}, true},
		"a log-in elsewhere": {func(m *abi.Manifest) {
			m.Auth = abi.Auth{Type: abi.AuthSession, Login: &abi.Request{URL: "https://a.test/login"}}
		}, func(m *abi.Manifest) {
			m.Auth = abi.Auth{Type: abi.AuthSession, Login: &abi.Request{URL: "https://b.test/login"}}
		}, []string{"- token host a.test", "+ token host b.test"}, true},
		"a hook":          {nil, func(m *abi.Manifest) { m.Hooks = []string{"test", "respond"} }, []string{"+ hook respond"}, true},
		"a hook less":     {nil, func(m *abi.Manifest) { m.Hooks = nil }, []string{"- hook test"}, false},
		"its own calls":   {nil, func(m *abi.Manifest) { m.Hooks = []string{"test", "action"} }, []string{"+ hook action", "+ import http"}, true},
		"a secret":        {nil, func(m *abi.Manifest) { m.RevealSecrets = []string{"key"} }, []string{"+ import secret", "+ secret key"}, true},
		"a shown value":   {nil, func(m *abi.Manifest) { m.Public = []string{"/user/token"} }, []string{"+ shown /user/token"}, true},
		"a captured one":  {nil, func(m *abi.Manifest) { m.Capture = map[string]string{"team": "/team"} }, []string{"+ shown /team"}, true},
		"another auth":    {nil, func(m *abi.Manifest) { m.Auth.Type = abi.AuthBearer }, []string{"- auth api_key", "+ auth bearer"}, false},
		"more memory":     {nil, limits(abi.Limits{Memory: "128MB"}), []string{"+ limit memory 128MB"}, true},
		"less memory":     {nil, limits(abi.Limits{Memory: "512KB"}), []string{"+ limit memory 512KB"}, false},
		"a raised limit":  {limits(abi.Limits{Time: "900ms"}), limits(abi.Limits{Time: "1s"}), []string{"- limit time 900ms", "+ limit time 1s"}, true},
		"a lower limit":   {limits(abi.Limits{Time: "1m"}), limits(abi.Limits{Time: "2s"}), []string{"- limit time 1m", "+ limit time 2s"}, false},
		"some fuel":       {nil, limits(abi.Limits{Fuel: 1000}), []string{"+ limit fuel 1000"}, false},
		"more fuel":       {limits(abi.Limits{Fuel: 1000}), limits(abi.Limits{Fuel: 1001}), []string{"- limit fuel 1000", "+ limit fuel 1001"}, true},
		"endless fuel":    {limits(abi.Limits{Fuel: 1000}), nil, []string{"- limit fuel 1000"}, true},
		"limit gone":      {limits(abi.Limits{Memory: "16MB"}), nil, []string{"- limit memory 16MB"}, true},
		"high limit gone": {limits(abi.Limits{Memory: "128MB"}), nil, []string{"- limit memory 128MB"}, false},
		"more calls":      {nil, limits(abi.Limits{HTTPCalls: 21}), []string{"+ limit http_calls 21"}, true},
		"fewer calls":     {nil, limits(abi.Limits{HTTPCalls: 19}), []string{"+ limit http_calls 19"}, false},
	} {
		before, after := base(), base()
		if c.before != nil {
			c.before(&before)
		}
		if c.after != nil {
			c.after(&after)
		}
		changes := host.CapabilitiesOf(before).Diff(host.CapabilitiesOf(after))
		var got []string
		for _, change := range changes {
			got = append(got, change.String())
		}
		if !slices.Equal(got, c.want) || host.Widens(changes) != c.widens {
			t.Errorf("%s: got %q, widens %t", name, got, host.Widens(changes))
		}
	}
}
