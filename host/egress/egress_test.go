package egress_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

const canary = "s3cr3t-canary-value"

// serve starts a server and gives its URL.
func serve(t testing.TB, h http.HandlerFunc) *url.URL {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return parse(t, srv.URL)
}

func parse(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// client opens loopback.
func client(t testing.TB, limits egress.Limits) *egress.Client {
	t.Helper()
	return with(t, egress.Options{AllowCIDR: openings(t, "127.0.0.0/8"), Limits: limits})
}

func with(t testing.TB, o egress.Options) *egress.Client {
	t.Helper()
	c := egress.New(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func openings(t testing.TB, texts ...string) (list []egress.Opening) {
	t.Helper()
	for _, s := range texts {
		o, err := egress.ParseOpening(s)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, o)
	}
	return list
}

// bearer is a bound call with a credential.
func bearer(u *url.URL) host.Call {
	return host.Call{URL: u, Bound: true, Hosts: []string{u.Host}, Sign: func(r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+canary)
		return nil
	}}
}

func redactor() *host.Redactor {
	r := host.NewRedactor(nil)
	r.Learn(canary)
	return r
}

// fetch does a call and reads the answer.
func fetch(t testing.TB, c *egress.Client, call host.Call) (*http.Response, string, error) {
	t.Helper()
	res, err := c.Do(context.Background(), call)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res, string(b), err
}

// want fails unless err has the class and its sentence or hint the text.
func want(t testing.TB, err error, code host.Code, text string) {
	t.Helper()
	e, ok := err.(*host.Error)
	if !ok || e.Code != code || !strings.Contains(e.Msg+"\n"+e.Hint, text) {
		t.Errorf("got %#v, want %s with %q", err, code, text)
	}
}

func TestDoSignsAndSends(t *testing.T) {
	var got *http.Request
	var body string
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, body = r, string(b)
		fmt.Fprint(w, "hello")
	})
	c := with(t, egress.Options{AllowCIDR: openings(t, u.Host), Version: "1.2"})
	call := bearer(u.JoinPath("a b"))
	call.Method = "POST"
	call.Header = http.Header{"x-one": {"1"}, "Content-Length": {"999"}, "accept-encoding": {"br"}}
	call.SetBody([]byte("ping"))
	wrote := false
	call.Wrote = &wrote
	res, text, err := fetch(t, c, call)
	if err != nil || text != "hello" || res.StatusCode != 200 {
		t.Fatalf("got %v %q %v", res, text, err)
	}
	if body != "ping" || got.ContentLength != 4 || got.Header.Get("X-One") != "1" || got.URL.Path != "/a b" ||
		got.Header.Get("Authorization") != "Bearer "+canary || got.Header.Get("Accept-Encoding") != "gzip" ||
		got.Header.Get("User-Agent") != "connhost/1.2" {
		t.Errorf("server got %+v %q", got, body)
	}
	if !wrote {
		t.Error("Wrote was not set")
	}
	if res.Request.Header.Get("Authorization") != "" || res.Request.Method != "POST" {
		t.Errorf("the answer's request is %+v", res.Request)
	}
}

func TestQueryCredentialIsNotInTheAnswer(t *testing.T) {
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			w.Header().Set("X-Echo", r.URL.String())
			http.Redirect(w, r, "/next?"+r.URL.RawQuery, 302)
			return
		}
		fmt.Fprint(w, r.URL)
	})
	call := bearer(u)
	call.Redactor = redactor()
	call.Sign = func(r *http.Request) error {
		r.URL.RawQuery = "key=" + canary
		return nil
	}
	res, text, err := fetch(t, client(t, egress.Limits{}), call)
	if err != nil {
		t.Fatal(err)
	}
	if text != "/next?key=[redacted]" || strings.Contains(res.Request.URL.String(), canary) || res.Request.URL.Path != "/next" {
		t.Errorf("got %q, request %s", text, res.Request.URL)
	}
	call.NoRedirect = true
	res, _, err = fetch(t, client(t, egress.Limits{}), call)
	if err != nil || res.StatusCode != 302 {
		t.Fatal(res, err)
	}
	if dump := fmt.Sprint(res.Header, res.Request.URL); strings.Contains(dump, canary) || !strings.Contains(dump, host.Mask) {
		t.Errorf("got %s", dump)
	}
}

// A process that begins with a proxy in its environment, which net/http reads
// once, goes past it.
func TestProxyOfTheEnvironmentHasNoEffect(t *testing.T) {
	if os.Getenv("EGRESS_TEST_PROXY") != "" {
		behindProxy(t)
		return
	}
	proxied := atomic.Int32{}
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { proxied.Add(1) })
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), "EGRESS_TEST_PROXY="+proxy.String(), "NO_PROXY=", "no_proxy=")
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		child.Env = append(child.Env, name+"="+proxy.String())
	}
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("behind a proxy: %v\n%s", err, out)
	}
	if n := proxied.Load(); n != 0 {
		t.Errorf("the proxy was asked %d times", n)
	}
}

func behindProxy(t *testing.T) {
	// A name, because the standard library never proxies what is written as loopback.
	u := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "direct") })
	u.Host = "direct.test:" + u.Port()
	if by, err := http.ProxyFromEnvironment(&http.Request{URL: u}); err != nil || by == nil || by.String() != os.Getenv("EGRESS_TEST_PROXY") {
		t.Fatalf("the environment names the proxy %v, %v", by, err)
	}
	srv, pool := secure(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "direct") }, false)
	safe := parse(t, srv.URL)
	safe.Host = "example.com:" + safe.Port() // whom the certificate of httptest is for
	c := with(t, egress.Options{
		AllowCIDR: openings(t, "127.0.0.1"), RootCAs: pool,
		Resolver: zone(t, func(string) []string { return []string{"127.0.0.1"} }),
	})
	wrote := false
	once := bearer(u)
	once.Wrote = &wrote
	for kind, call := range map[string]host.Call{"public": {URL: u}, "signed": bearer(u), "a token request": once, "https": {URL: safe}, "https signed": bearer(safe)} {
		if _, text, err := fetch(t, c, call); err != nil || text != "direct" {
			t.Errorf("%s: got %q %v", kind, text, err)
		}
	}
}
