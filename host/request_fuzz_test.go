package host_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
)

// A value in a template goes where it stands and nowhere else: whatever it is,
// the scheme, the host around it, the number of segments and the names of the
// query stay those of the template.
func FuzzValueInURL(f *testing.F) {
	for _, seed := range []string{"a", "a.b", "a/b", "..", ".", "?x=1", "#f", "@evil.test", "evil.test:80", "%2e%2e", "\\", "a\r\nb", "\x00", "é", "{x}", "", "//", " "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		v := host.Values{Params: map[string]string{"v": value}}
		u, err := v.URL("https://{v}.acme.test/a/{v}/b?q={v}&r={v}")
		if err == nil {
			if label, ok := strings.CutSuffix(u.Host, ".acme.test"); !ok || label != value || strings.ContainsAny(label, ".:@/") {
				t.Errorf("%q made the host %q", value, u.Host)
			}
		}
		u, err = v.URL("https://acme.test/a/{v}/b?q={v}&r={v}")
		if err != nil {
			return
		}
		if u.Scheme != "https" || u.Host != "acme.test" || u.User != nil || u.Fragment != "" || strings.Count(u.EscapedPath(), "/") != 3 ||
			!strings.HasPrefix(u.EscapedPath(), "/a/") || !strings.HasSuffix(u.EscapedPath(), "/b") {
			t.Errorf("%q made %s", value, u)
		}
		if q := u.Query(); len(q) != 2 || q.Get("q") != value || q.Get("r") != value {
			t.Errorf("%q made the query %q", value, u.RawQuery)
		}
		if again, err := url.Parse(u.String()); err != nil || again.Path != "/a/"+value+"/b" {
			t.Errorf("%q is read again as %v, %v", value, again, err)
		}
	})
}

// A value of kind path makes segments below the place where it stands, each of
// which is its own again when it is read.
func FuzzPathInURL(f *testing.F) {
	for _, seed := range []string{"a", "a/b", "/a", "a/", "a//b", "..", "a/../b", ".", "?x=1", "#f", "%2e%2e/x", "\\..", "é/ü", "{x}", "", "a/%2F/b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		v := host.Values{Params: map[string]string{"v": value}, Paths: map[string]bool{"v": true}}
		u, err := v.URL("https://acme.test/a/{v}/b")
		if err != nil || value == "" {
			return
		}
		if u.Host != "acme.test" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "/a/"+value+"/b" || u.JoinPath().Path != u.Path {
			t.Errorf("%q made %s", value, u)
		}
	})
}

// A value of kind host that is taken is a host and a port, and nothing of a
// URL besides.
func FuzzHost(f *testing.F) {
	for _, seed := range []string{"a.test", "a.test:80", "127.0.0.1", "[::1]:1", "::1", "a@b", "a/b", "a:b:c", "a..b", "-a", "a%41", "[::1%25lo]", "a:", "[", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if host.CheckHost(s) != nil {
			return
		}
		u, err := url.Parse("https://" + s + "/x?y")
		if err != nil || u.Host != s || u.User != nil || u.Path != "/x" || u.RawQuery != "y" {
			t.Errorf("%q: got %v, %v", s, u, err)
		}
	})
}
