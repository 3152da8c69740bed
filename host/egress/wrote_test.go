package egress_test

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

func secure(t *testing.T, h http.HandlerFunc, http2 bool) (*httptest.Server, *x509.CertPool) {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.EnableHTTP2 = http2
	srv.Config.ErrorLog = nil
	srv.StartTLS()
	t.Cleanup(srv.Close)
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	return srv, pool
}

func TestWrote(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	tls, pool := secure(t, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, false)
	tls2, pool2 := secure(t, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, true)
	for name, c := range map[string]struct {
		url  string
		pool *x509.CertPool
		want bool
	}{
		"refused by policy":    {"http://10.0.0.1/", nil, false},
		"refused by the guard": {"http://localhost.:1/", nil, false},
		"nothing listens":      {"http://" + closed.Addr().String(), nil, false},
		"TLS fails":            {tls.URL, nil, false},
		"TLS fails at HTTP/2":  {tls2.URL, nil, false},
		"reset after TLS":      {tls.URL, pool, true},
		"reset at HTTP/2":      {tls2.URL, pool2, true},
		"reset after writing":  {raw(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)); _ = c.(*net.TCPConn).SetLinger(0) }), nil, true},
		"garbage":              {raw(t, reply("garbage\r\n\r\n")), nil, true},
		"no answer":            {serve(t, hang).String(), nil, true},
		"no TLS answer":        {"https" + raw(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })[4:], nil, false},
	} {
		wrote := false
		client := with(t, egress.Options{AllowCIDR: openings(t, "127.0.0.1"), RootCAs: c.pool})
		call := host.Call{Method: "POST", URL: parse(t, c.url), Wrote: &wrote, Timeout: 300 * time.Millisecond, NoRedirect: true}
		call.SetBody([]byte("grant_type=refresh_token"))
		if _, err := client.Do(context.Background(), call); err == nil || wrote != c.want {
			t.Errorf("%s: got %v, wrote %v, want %v", name, err, wrote, c.want)
		}
	}
}

// A service that has gone away is not a written byte.
func TestWroteAfterTheServiceHasGone(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	c := client(t, egress.Limits{})
	u := parse(t, srv.URL)
	for range 3 {
		wrote := false
		call := host.Call{Method: "POST", URL: u, Wrote: &wrote}
		call.SetBody([]byte("x"))
		if _, _, err := fetch(t, c, call); err != nil || !wrote {
			t.Fatalf("got %v, wrote %v", err, wrote)
		}
	}
	srv.Close()
	deadline := time.Now().Add(5 * time.Second)
	for wrote := true; wrote; { // the transport learns of the close a moment later
		wrote = false
		call := host.Call{Method: "POST", URL: u, Wrote: &wrote}
		call.SetBody([]byte("x"))
		if _, _, err := fetch(t, c, call); err == nil || time.Now().After(deadline) {
			t.Fatalf("got %v, wrote %v", err, wrote)
		}
	}
}

func TestHTTP2(t *testing.T) {
	srv, pool := secure(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }, true)
	c := with(t, egress.Options{AllowCIDR: openings(t, "127.0.0.1"), RootCAs: pool})
	call := bearer(parse(t, srv.URL))
	call.Method = "POST"
	call.SetBody([]byte("ping"))
	res, text, err := fetch(t, c, call)
	if err != nil || res.ProtoMajor != 2 || text != "ping" {
		t.Errorf("got %v %q %v", res, text, err)
	}
	wrote := false
	call.Wrote = &wrote
	res, text, err = fetch(t, c, call)
	if err != nil || res.ProtoMajor != 1 || text != "ping" || !wrote {
		t.Errorf("a token request: got %v %q %v, wrote %v", res, text, err, wrote)
	}
}

func TestCertificates(t *testing.T) {
	srv, pool := secure(t, func(http.ResponseWriter, *http.Request) {}, false)
	_, err := with(t, egress.Options{AllowCIDR: openings(t, "127.0.0.1")}).Do(context.Background(), host.Call{URL: parse(t, srv.URL)})
	want(t, err, host.Unavailable, "is signed by no authority")
	c := with(t, egress.Options{AllowCIDR: openings(t, "127.0.0.1"), RootCAs: pool, Resolver: zone(t, func(string) []string { return []string{"127.0.0.1"} })})
	u := parse(t, srv.URL)
	u.Host = "wrong.test:" + u.Port()
	_, err = c.Do(context.Background(), host.Call{URL: u})
	want(t, err, host.Unavailable, "is for another host")
}
