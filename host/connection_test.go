package host_test

import (
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
)

// Design rule 2.
func TestLinkNames(t *testing.T) {
	for name, want := range map[string]string{
		"Canary Connection":       "canary_connection",
		"  A--b  c!":              "a_b_c",
		"42 things":               "c_42_things",
		"Größe":                   "gr_e",
		"日本":                      "c",
		strings.Repeat("ab ", 40): "ab_ab_ab_ab_ab_ab_ab_ab_ab_ab_ab_ab_ab_ab_ab_ab_ab",
	} {
		got := host.LinkName(name)
		if got != want || host.CheckLinkName(got) != nil {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	for _, bad := range []string{"", "A", "1a", "_a", "a-b", "a b", strings.Repeat("a", 51)} {
		if host.CheckLinkName(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// Design rules 1 and 3.
func TestNames(t *testing.T) {
	for n, want := range map[int]string{0: "Acme Connection", 1: "Acme Connection 1", 12: "Acme Connection 12"} {
		if got := host.DefaultName("Acme", n); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := host.DefaultName(strings.Repeat("é", 50), 7); host.CheckName(got) != nil {
		t.Errorf("%q is no name", got)
	}
	for _, bad := range []string{"", " a", "a ", "a\tb", "a\x00b", strings.Repeat("a", 51)} {
		if host.CheckName(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if err := host.CheckName(strings.Repeat("日", 50)); err != nil {
		t.Error(err)
	}
}

// Design rule 9.
func TestClientIDs(t *testing.T) {
	for id, ok := range map[string]bool{
		`aZ09*_-@/!:|&~\+`: true, "": false, "a.b": false, "a b": false, strings.Repeat("a", 51): false,
	} {
		if (host.CheckClientID(id, "") == nil) != ok {
			t.Errorf("%q: %v", id, host.CheckClientID(id, ""))
		}
	}
	if err := host.CheckClientID("1-x.apps.example.com", `[a-z0-9.-]+`); err != nil {
		t.Error(err)
	}
}

// A value in a host is one label, unless the parameter is a host; in a path
// and a query it is escaped, and climbs nowhere.
func TestValuesInURLs(t *testing.T) {
	v := host.Values{
		Params: map[string]string{
			"label": "acme", "bad": "evil.example/", "at": "x@evil.example", "path": "a/b?c#d", "dots": "..",
			"host": "self.example:8443", "empty": "", "base": "https://eu.example/v1/",
		},
		Whole: map[string]bool{"host": true},
	}
	for template, want := range map[string]string{
		"https://{label}.example/x":         "https://acme.example/x",
		"https://{host}/x":                  "https://self.example:8443/x",
		"https://{none|login}.example":      "https://login.example",
		"https://a.example/{path}?q={path}": "https://a.example/a%2Fb%3Fc%23d?q=a%2Fb%3Fc%23d",
		"{base}/items":                      "https://eu.example/v1/items",
		"https://{bad}.example":             "",
		"https://{at}/":                     "",
		"https://a.example/{dots}/secret":   "",
		"https://user@a.example/":           "",
		"https://{none}.example":            "",
		"{path}/x":                          "",
		"no-scheme/{label}":                 "",
	} {
		got := ""
		u, err := v.URL(template)
		if err == nil {
			got = u.String()
		}
		if got != want {
			t.Errorf("%s: got %q, %v, want %q", template, got, err, want)
		}
	}
}
