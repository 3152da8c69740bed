package egress_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

// nowhere resolves no name, so that what passes the policy ends as Unavailable.
func nowhere(t *testing.T) *egress.Client {
	return with(t, egress.Options{Resolver: zone(t, func(string) []string { return nil })})
}

func TestDeclaredHosts(t *testing.T) {
	c := nowhere(t)
	for _, k := range []struct {
		url   string
		hosts string
		ok    bool
	}{
		{"https://api.test/x", "api.test", true},
		{"https://API.Test./x", "api.test", true},
		{"https://api.test:443/x", "api.test", true},
		{"https://api.test/x", "API.TEST.:443", true},
		{"https://api.test:8443/x", "api.test:8443", true},
		{"https://bücher.test/", "xn--bcher-kva.test", true},
		{"https://BÜCHER.test/", "bücher.test", true},
		{"https://xn--bcher-kva.test/", "Bücher.test", true},
		{"http://api.test/x", "api.test", true},
		{"https://api.test:8443/x", "api.test", false},
		{"https://api.test/x", "api.test:8443", false},
		{"http://api.test/x", "api.test:443", false},
		{"https://api.test:80/x", "api.test", false},
		{"https://evil.test/x", "api.test", false},
		{"https://api.test.evil.test/", "api.test", false},
		{"https://sub.api.test/", "api.test", false},
		{"https://api.test@evil.test/", "api.test evil.test", false},
		{"https://evil.test/", "", false},
		{"https://api.test/", "api.test/path", false},
		{"https://api.test/", "https://api.test", false},
	} {
		call := host.Call{URL: parse(t, k.url), Bound: true, Hosts: strings.Fields(k.hosts)}
		signed := false
		call.Sign = func(*http.Request) error { signed = true; return nil }
		if call.URL.Scheme == "http" {
			call.Sign = nil
		}
		_, err := c.Do(context.Background(), call)
		code := host.Refused
		if k.ok {
			code = host.Unavailable
		}
		if host.CodeOf(err) != code || signed && !k.ok {
			t.Errorf("%s of %q: got %v, signed %v", k.url, k.hosts, err, signed)
		}
	}
}

func TestURLs(t *testing.T) {
	c := nowhere(t)
	for u, text := range map[string]string{
		"ftp://a.test/":                    "only http and https",
		"file:///etc/passwd":               "only http and https",
		"//a.test/":                        "only http and https",
		"https:///x":                       "needs a host",
		"https:a.test":                     "needs a host",
		"https://u:" + canary + "@a.test/": "must not hold a user",
		"https://u@a.test/":                "must not hold a user",
		"https://a.test:0/":                "not a port",
		"https://a.test:99999/":            "not a port",
		"https://a..test/":                 "not a host name",
		"https://a b.test/":                "not a host name",
		"https://a%00.test/":               "not a host name",
		"https://a.test%0d%0aX:/":          "not a host name",
		"https://" + strings.Repeat("a", 64) + ".test": "not a host name",
		"https://a.test:8080/":                         "only the ports 80 and 443",
	} {
		parsed, err := url.Parse(u)
		if err != nil {
			continue // does not even become a URL
		}
		_, err = c.Do(context.Background(), host.Call{URL: parsed})
		want(t, err, host.Refused, text)
		if strings.Contains(err.Error(), canary) {
			t.Errorf("%s is quoted", u)
		}
	}
	for _, u := range []*url.URL{
		{Scheme: "https", Host: "a.test\r\nX: y", Path: "/"},
		{Scheme: "https", Host: "a.test", RawQuery: "a=\r\nX: y"},
		{Scheme: "https", Host: "a.test", RawQuery: "a=\x00"},
		{Scheme: "https", Host: "a.test", Opaque: "//b.test/"},
		{Scheme: "https", Host: "a.test@b.test", Path: "/"},
	} {
		_, err := c.Do(context.Background(), host.Call{URL: u})
		want(t, err, host.Refused, "")
	}
	_, err := c.Do(context.Background(), host.Call{})
	want(t, err, host.Usage, "needs a URL")
}

func TestURLArrivesAsWritten(t *testing.T) {
	here := &recorder{}
	u := serve(t, here.ServeHTTP)
	for in, out := range map[string]string{
		"/a%2Fb/c%20d?q=a+b&x=%2f": "/a%2Fb/c%20d?q=a+b&x=%2f",
		"/ü?q=ü z":                 "/%C3%BC?q=%C3%BC%20z",
		"?only":                    "/?only",
		"":                         "/",
		"/a?":                      "/a",
		"/p/../q":                  "/p/../q",
	} {
		here.seen = nil
		_, _, err := fetch(t, client(t, egress.Limits{}), host.Call{URL: parse(t, u.String()+in)})
		if err != nil || len(here.seen) != 1 || here.seen[0].path != out {
			t.Errorf("%s: got %+v, %v", in, here.seen, err)
		}
	}
	made := *u
	made.Path, made.RawQuery = "x\r\ny", ""
	here.seen = nil
	if _, _, err := fetch(t, client(t, egress.Limits{}), host.Call{URL: &made}); err != nil || here.seen[0].path != "/x%0D%0Ay" {
		t.Errorf("got %+v, %v", here.seen, err)
	}
}

func TestMethods(t *testing.T) {
	for _, m := range []string{"GET\r\nX: y", "GET ", "G T", "\x00", "GÉT", "CONNECT", "TRACE", "GET/1"} {
		_, err := nowhere(t).Do(context.Background(), host.Call{Method: m, URL: parse(t, "https://a.test/")})
		want(t, err, host.Refused, "")
	}
}

func TestHeaders(t *testing.T) {
	c := nowhere(t)
	u := parse(t, "https://a.test/")
	for name, value := range map[string]string{
		"Host": "b.test", "host": "b.test", "Connection": "close", "TE": "trailers", "Trailer": "X", "Transfer-Encoding": "chunked",
		"Upgrade": "h2c", "Proxy-Authorization": "x", "proxy-connection": "x", "Keep-Alive": "1", "HTTP2-Settings": "x",
		"X-A": "a\r\nX-B: b", "X-C": "a\nb", "X-D": "a\x00", "X-E": "\x7f", "X-F\r\nX-G": "a", "": "a", "X H": "a", "X:": "a", "Ü": "a",
	} {
		call := host.Call{URL: u, Header: http.Header{name: {value}}}
		_, err := c.Do(context.Background(), call)
		want(t, err, host.Refused, "header")
	}
	_, err := c.Do(context.Background(), host.Call{URL: u, Header: http.Header{"Upgrade": {"h2c"}}})
	want(t, err, host.Refused, "the header Upgrade cannot be set")
	_, err = c.Do(context.Background(), host.Call{URL: u, Header: http.Header{"X-A": {canary + "\n"}}})
	if strings.Contains(err.Error(), canary) {
		t.Error("the value is quoted")
	}
}

func TestSignerIsChecked(t *testing.T) {
	c := nowhere(t)
	for name, sign := range map[string]func(*http.Request) error{
		"host":   func(r *http.Request) error { r.URL.Host = "b.test"; return nil },
		"Host":   func(r *http.Request) error { r.Host = "b.test"; return nil },
		"scheme": func(r *http.Request) error { r.URL.Scheme = "http"; return nil },
		"user":   func(r *http.Request) error { r.URL.User = url.User("u"); return nil },
		"opaque": func(r *http.Request) error { r.URL.Opaque = "//b.test/"; return nil },
		"method": func(r *http.Request) error { r.Method = "DELETE"; return nil },
		"header": func(r *http.Request) error { r.Header["X"] = []string{"a\r\nY: " + canary}; return nil },
		"query":  func(r *http.Request) error { r.URL.RawQuery = "a=\n" + canary; return nil },
		"error":  func(r *http.Request) error { return host.Errorf(host.NeedsAuth, "no token") },
	} {
		wrote := false
		call := host.Call{URL: parse(t, "https://a.test/"), Bound: true, Hosts: []string{"a.test"}, Sign: sign, Wrote: &wrote}
		_, err := c.Do(context.Background(), call)
		code := host.CodeOf(err)
		if err == nil || code == host.Unavailable || wrote || strings.Contains(err.Error(), canary) || name == "error" && code != host.NeedsAuth {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, err := c.Do(context.Background(), host.Call{URL: parse(t, "https://a.test/"), Sign: func(*http.Request) error { return nil }})
	want(t, err, host.Internal, "without declared hosts")
}
