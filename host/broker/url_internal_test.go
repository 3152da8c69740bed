package broker

import (
	"path"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// However the URL of a call is written: it has a host and no user, no secret is
// filled into it, and a path stays below the base URL's host.
func FuzzCallURL(f *testing.F) {
	for _, seed := range []string{
		"/items?x={p}", "/{p}/{q}", "/{s}", "{p}/x", "https://{p}.acme.test/", "https://acme.test/{s}", "//evil.test/", "/%7Bs%7D", "/{{s}}", "/{", "/}", "/{s|x}", "/a#b",
		"https:acme.test", "http://u:p@acme.test/", "/\\evil.test", "/@evil.test", "https://acme.test:{p}/", "{u}/x", "/?q=é ^`|<>", "/%zz", "?x", "/\r\nX: y",
	} {
		f.Add(seed, "value")
		f.Add("/{p}?q={p}", seed)
	}
	const secret = "c4n4ryB1rd"
	f.Fuzz(func(t *testing.T, raw, value string) {
		r := &route{
			connection: host.Connection{LinkName: "acme_connection"}, connector: host.Connector{Manifest: abi.Manifest{BaseURL: "https://api.acme.test/v1"}},
			values: host.Values{Params: map[string]string{"p": value, "u": "https://eu.acme.test"}, Secret: map[string]host.Secret{"s": host.NewSecret(secret)}},
		}
		u, err := r.url(raw)
		if err != nil {
			if host.CodeOf(err) == host.Internal || strings.Contains(err.Error(), secret) {
				t.Errorf("%q: got %#v", raw, err)
			}
		} else {
			whole := u.String()
			if u.Host == "" || u.User != nil || u.Opaque != "" || strings.Contains(whole, secret) && !strings.Contains(raw+value, secret) {
				t.Errorf("%q with %q: got %s", raw, value, whole)
			}
			if strings.HasPrefix(raw, "/") && !strings.HasPrefix(raw, "//") && (u.Host != "api.acme.test" || u.Scheme != "https") {
				t.Errorf("%q with %q leads to %s", raw, value, whole)
			}
			if strings.HasPrefix(raw, "/") && !strings.HasPrefix(raw, "//") && !strings.HasPrefix(path.Clean(u.Path), "/v1") {
				t.Errorf("%q with %q leaves the base URL: %s", raw, value, whole)
			}
			if strings.ContainsFunc(u.RawQuery, func(r rune) bool { return r <= ' ' || r >= 0x7f }) || u.Fragment != "" {
				t.Errorf("%q with %q: the query is %q", raw, value, u.RawQuery)
			}
		}
		if u, err := parseURL(raw); err == nil && (u.Host == "" || u.Opaque != "") {
			t.Errorf("%q: got %s", raw, u)
		}
	})
}

// A path below the base URL stays there, however a server between may read it.
func TestPathStaysBelowTheBaseURL(t *testing.T) {
	r := &route{
		connection: host.Connection{LinkName: "acme_connection"}, connector: host.Connector{ID: "acme", Manifest: abi.Manifest{BaseURL: "https://api.acme.test/v1/{t}/"}},
		values: host.Values{Params: map[string]string{"t": "north", "p": "a..b"}},
	}
	for path, refused := range map[string]bool{
		"/items": false, "/a/../b": false, "/a..b/..c": false, "/{p}/x": false, "/a?x=../../..": false, "/%7E/x%2Fy": false, "/a/b/../../c": false,
		"/..": true, "/../../x": true, "/a/../../x": true, "/%2e%2e/x": true, "/%2E./x": true, "/..%2fx": true, "/%252e%252e/x": true, `/..\x`: true, "/..%5cx": true,
		"/..;a=b/x": true, "/a//../../x": true, "/./../x": true, "/a/..%2f..%2fx": true, "/.. /x": true,
	} {
		u, err := r.url(path)
		if got := host.CodeOf(err) == host.Refused; got != refused || err != nil && !refused {
			t.Errorf("%s: got %v, %v", path, u, err)
		}
	}
}

// The places of the base URL are the manifest's: a fallback counts. In what a
// caller writes, a place with one is none, and stays as it was written.
func TestFallbackInTheBaseURL(t *testing.T) {
	r := &route{
		connector: host.Connector{ID: "acme", Manifest: abi.Manifest{BaseURL: "https://{region|api}.acme.test/{unit|main}"}},
		values:    host.Values{Params: map[string]string{"region": "", "unit": "", "p": "a b"}},
	}
	for _, c := range []struct{ region, given, want string }{
		{"", "/items?x={p}", "https://api.acme.test/main/items?x=a+b"},
		{"eu", "/items", "https://eu.acme.test/main/items"},
		{"", "/{p|x}", "https://api.acme.test/main/%7Bp%7Cx%7D"},
	} {
		r.values.Params["region"] = c.region
		if u, err := r.url(c.given); err != nil || u.String() != c.want {
			t.Errorf("%s: got %v, %v, want %s", c.given, u, err, c.want)
		}
	}
}
