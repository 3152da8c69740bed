package abi_test

import (
	"net/url"
	"slices"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

func TestHostRules(t *testing.T) {
	host := func(h string) func(*abi.Manifest) { return func(m *abi.Manifest) { m.Hosts = []string{h} } }
	check(t, skeleton, []rule{
		{"name", host("files.acme.test"), ""},
		{"port", host("acme.test:8443"), ""},
		{"address", host("192.0.2.1"), ""},
		{"address and port", host("127.0.0.1:9100"), ""},
		{"IPv6", host("[2001:db8::1]:8443"), ""},
		{"upper case", host("API.acme.test"), ""},
		{"scheme", host("https://acme.test"), `hosts[0]: "https://acme.test" is not a host or host:port`},
		{"path", host("acme.test/v1"), `hosts[0]: "acme.test/v1" is not a host or host:port`},
		{"wildcard", host("*.acme.test"), `hosts[0]: "*.acme.test" is not a host or host:port`},
		{"bare IPv6", host("2001:db8::1"), `hosts[0]: "2001:db8::1" is not a host or host:port`},
		{"port zero", host("acme.test:0"), `hosts[0]: "acme.test:0" is not a host or host:port`},
		{"port with a sign", host("acme.test:+80"), `hosts[0]: "acme.test:+80" is not a host or host:port`},
		{"no port", host("acme.test:"), `hosts[0]: "acme.test:" is not a host or host:port`},
		{"empty", host(""), `hosts[0]: "" is not a host or host:port`},
		{"final dot", host("acme.test."), `hosts[0]: "acme.test." is not a host or host:port`},
		{"not ASCII", host("ácme.test"), `hosts[0]: "ácme.test" is not a host or host:port`},
		{"unknown place", host("{region}.acme.test"), `hosts[0]: {region} names no parameter`},
		{"place", func(m *abi.Manifest) {
			m.Parameters = append(m.Parameters, abi.Parameter{Key: "region"})
			m.Hosts = []string{"{region}.acme.test", "api-{region|eu}.acme.test", "acme.test:{region|8080}"}
		}, ""},
		{"fallback that is no host", func(m *abi.Manifest) {
			m.Parameters = append(m.Parameters, abi.Parameter{Key: "region"})
			m.Hosts = []string{"{region|a b}.acme.test"}
		}, `hosts[0]: "{region|a b}.acme.test" is not a host or host:port`},
		{"whole host", func(m *abi.Manifest) {
			m.Parameters = append(m.Parameters, abi.Parameter{Key: "server", Kind: "host"})
			m.Hosts = []string{"{server}", "{server|login.acme.test}:8443"}
		}, ""},
		{"whole host as a label", func(m *abi.Manifest) {
			m.Parameters = append(m.Parameters, abi.Parameter{Key: "server", Kind: "host"})
			m.Hosts = []string{"{server}.acme.test"}
		}, "hosts[0]: {server} is a whole host name, and nothing but a port may follow it"},
		{"twice", func(m *abi.Manifest) { m.Hosts = []string{"a.test", "a.test"} }, `hosts[1]: the host "a.test" is declared twice`},
	})
}

func TestDeclaredHosts(t *testing.T) {
	server := abi.Parameter{Key: "server", Kind: abi.KindHost}
	needed := abi.Parameter{Key: "server", Kind: abi.KindHost, Required: true}
	for _, c := range []struct {
		name string
		m    abi.Manifest
		want []string
	}{
		{"nothing", abi.Manifest{}, nil},
		{"both", abi.Manifest{Hosts: []string{"files.test"}, BaseURL: "https://api.test:8443/v1"}, []string{"files.test", "api.test:8443"}},
		{"once", abi.Manifest{Hosts: []string{"api.test"}, BaseURL: "https://api.test"}, []string{"api.test"}},
		{"template", abi.Manifest{BaseURL: "https://{sub}.api.test?x"}, []string{"{sub}.api.test"}},
		{"captured URL", abi.Manifest{Hosts: []string{"files.test"}, BaseURL: "{instance_url|https://api.test}/v1"}, []string{"files.test"}},
		{"whole host", abi.Manifest{BaseURL: "https://{server}/v1", Parameters: []abi.Parameter{needed}}, []string{"{server}"}},
		{"whole host beside", abi.Manifest{BaseURL: "https://api.test", Parameters: []abi.Parameter{needed}}, []string{"api.test", "{server}"}},
		{"optional whole host beside", abi.Manifest{BaseURL: "https://api.test", Parameters: []abi.Parameter{server}}, []string{"api.test"}},
	} {
		before := slices.Clone(c.m.Hosts)
		if got := c.m.DeclaredHosts(); !slices.Equal(got, c.want) || !slices.Equal(c.m.Hosts, before) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestMatchHost(t *testing.T) {
	for _, c := range []struct {
		declared, url string
		want          bool
	}{
		{"api.test", "https://api.test/x", true},
		{"api.test", "https://API.test:443/x", true},
		{"api.test", "http://api.test", true},
		{"api.test", "http://api.test:80", true},
		{"api.test", "https://api.test:80", false},
		{"api.test", "http://api.test:443", false},
		{"api.test", "https://api.test:8443", false},
		{"api.test:443", "https://api.test", true},
		{"api.test:443", "http://api.test", false},
		{"api.test:8443", "https://api.test:8443", true},
		{"api.test:8443", "https://api.test", false},
		{"api.test", "https://api.test.evil.test", false},
		{"api.test", "https://xapi.test", false},
		{"api.test", "ftp://api.test", false},
		{"[::1]:9000", "http://[0:0:0:0:0:0:0:1]:9000", true},
		{"127.0.0.1", "http://127.0.0.1", true},
		{"", "https://api.test", false},
		{"api.test", "/x", false},
	} {
		u, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		if got := abi.MatchHost(c.declared, u); got != c.want {
			t.Errorf("%s, %s: got %v", c.declared, c.url, got)
		}
	}
}
