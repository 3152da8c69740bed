package egress_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
	"github.com/connhost/connhost/host/hosttest"
)

// clientCertificate makes one that a connection would have.
func clientCertificate(t testing.TB, a *hosttest.Authority, name string, change func(*x509.Certificate)) *tls.Certificate {
	t.Helper()
	certificate, key := a.Issue(name, change)
	c, err := host.ParseCertificate(append(certificate, key...))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A mutual server answers with the name of the certificate that it was shown,
// and with the address of the other end of the connection.
type mutual struct {
	*httptest.Server
	url  *url.URL
	mu   sync.Mutex
	seen []string // of each request, also of those without a certificate
}

func (m *mutual) names() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Join(m.seen, " ")
}

func serveMutual(t testing.TB, server, clients *hosttest.Authority, change func(*httptest.Server)) *mutual {
	t.Helper()
	m := &mutual{}
	m.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := "nobody"
		if len(r.TLS.PeerCertificates) > 0 {
			name = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		m.mu.Lock()
		m.seen = append(m.seen, name)
		m.mu.Unlock()
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		fmt.Fprint(w, name, " ", r.RemoteAddr)
	}))
	own, err := tls.X509KeyPair(server.Issue("server", nil))
	if err != nil {
		t.Fatal(err)
	}
	m.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients.Pool(), Certificates: []tls.Certificate{own}}
	m.Config.ErrorLog = log.New(io.Discard, "", 0)
	if change != nil {
		change(m.Server)
	}
	m.StartTLS()
	t.Cleanup(m.Close)
	m.url = parse(t, m.URL)
	return m
}

// shown is a call with a certificate.
func shown(u *url.URL, c *tls.Certificate) host.Call {
	return host.Call{URL: u, Bound: true, Hosts: []string{u.Host}, Certificate: c}
}

func TestCertificateIsPresented(t *testing.T) {
	servers, clients := hosttest.NewAuthority(t, "Servers"), hosttest.NewAuthority(t, "Clients")
	ann := clientCertificate(t, clients, "ann", nil)
	for name, change := range map[string]func(*httptest.Server){
		"TLS 1.2": func(s *httptest.Server) { s.TLS.MaxVersion = tls.VersionTLS12 },
		"TLS 1.3": func(s *httptest.Server) { s.TLS.MinVersion = tls.VersionTLS13 },
		"HTTP/2":  func(s *httptest.Server) { s.EnableHTTP2 = true },
	} {
		m := serveMutual(t, servers, clients, change)
		c := with(t, egress.Options{AllowCIDR: openings(t, "127.0.0.0/8"), RootCAs: servers.Pool()})
		for range 2 {
			res, text, err := fetch(t, c, shown(m.url, ann))
			if err != nil || !strings.HasPrefix(text, "ann ") || (res.ProtoMajor == 2) != (name == "HTTP/2") {
				t.Errorf("%s: got %q, %v", name, text, err)
			}
		}
		wrote := false
		call := shown(m.url, ann)
		call.Method, call.Wrote = "POST", &wrote
		call.SetBody([]byte("grant_type=refresh_token"))
		begun := time.Now()
		if _, text, err := fetch(t, c, call); err != nil || !strings.HasPrefix(text, "ann ") || !wrote {
			t.Errorf("%s, a token request: got %q, %v, wrote %v", name, text, err, wrote)
		}
		if took := time.Since(begun); took > 400*time.Millisecond {
			t.Errorf("%s: a token request waited %s for a verdict that was there", name, took)
		}
	}
}

// A connection that one certificate has authenticated serves no call with
// another one and none without, whatever the order.
func TestCertifiedConnectionIsNotShared(t *testing.T) {
	servers, clients := hosttest.NewAuthority(t, "Servers"), hosttest.NewAuthority(t, "Clients")
	for _, http2 := range []bool{false, true} {
		m := serveMutual(t, servers, clients, func(s *httptest.Server) {
			s.EnableHTTP2, s.TLS.ClientAuth = http2, tls.VerifyClientCertIfGiven
		})
		c := with(t, egress.Options{AllowCIDR: openings(t, "127.0.0.0/8"), RootCAs: servers.Pool()})
		ann, bob := clientCertificate(t, clients, "ann", nil), clientCertificate(t, clients, "bob", nil)
		again := *ann // another reading of the same text
		signed := shown(m.url, ann)
		signed.Sign = bearer(m.url).Sign
		connections := map[string]string{}
		for range 3 {
			for _, step := range []struct {
				call host.Call
				want string
			}{
				{shown(m.url, ann), "ann"}, {bearer(m.url), "nobody"}, {shown(m.url, bob), "bob"}, {shown(m.url, nil), "nobody"},
				{host.Call{URL: m.url}, "nobody"}, {shown(m.url, &again), "ann"}, {signed, "ann"},
			} {
				_, text, err := fetch(t, c, step.call)
				name, connection, _ := strings.Cut(text, " ")
				if err != nil || name != step.want {
					t.Fatalf("HTTP/2 %v: got %q, %v, want %s", http2, text, err, step.want)
				}
				if other := connections[connection]; other != "" && other != name {
					t.Fatalf("%s and %s shared a connection", name, other)
				}
				connections[connection] = name
			}
		}
		// ann and bob one each, nobody one as bound and one as public.
		if len(connections) != 4 {
			t.Errorf("HTTP/2 %v: %d connections, want them used again: %v", http2, len(connections), connections)
		}
	}
}

// Connections are kept for 64 certificates, the ones used last.
func TestCertifiedConnectionsAreBounded(t *testing.T) {
	servers, clients := hosttest.NewAuthority(t, "Servers"), hosttest.NewAuthority(t, "Clients")
	closed := make(chan string, 200)
	m := serveMutual(t, servers, clients, func(s *httptest.Server) {
		s.Config.ConnState = func(c net.Conn, to http.ConnState) {
			if to == http.StateClosed {
				closed <- c.RemoteAddr().String()
			}
		}
	})
	c := with(t, egress.Options{AllowCIDR: openings(t, "127.0.0.0/8"), RootCAs: servers.Pool()})
	call := func(own *tls.Certificate) string {
		_, text, err := fetch(t, c, shown(m.url, own))
		if err != nil {
			t.Fatal(err)
		}
		_, connection, _ := strings.Cut(text, " ")
		return connection
	}
	var all []*tls.Certificate
	for i := range 65 {
		all = append(all, clientCertificate(t, clients, fmt.Sprint("client", i), nil))
	}
	one, two := call(all[0]), call(all[1])
	for _, own := range all[2:64] {
		call(own)
	}
	if again := call(all[0]); again != one {
		t.Error("a connection was not kept")
	}
	call(all[64])
	select {
	case gone := <-closed:
		if gone != two {
			t.Error("another connection was closed than that of the certificate used the longest ago")
		}
	case <-time.After(5 * time.Second):
		t.Error("no connection was closed")
	}
	if len(closed) > 0 || call(all[0]) != one {
		t.Error("more connections were closed")
	}
}

func TestCertificateStaysAtItsOrigin(t *testing.T) {
	servers, clients := hosttest.NewAuthority(t, "Servers"), hosttest.NewAuthority(t, "Clients")
	asks := func(s *httptest.Server) { s.TLS.ClientAuth = tls.RequestClientCert }
	here, there := serveMutual(t, servers, clients, nil), serveMutual(t, servers, clients, asks)
	c := with(t, egress.Options{AllowCIDR: openings(t, "127.0.0.0/8"), RootCAs: servers.Pool()})
	ann := clientCertificate(t, clients, "ann", nil)
	to := func(m *mutual, target string) *url.URL {
		return parse(t, m.URL+"/?to="+url.QueryEscape(target))
	}
	_, text, err := fetch(t, c, shown(to(here, "/second"), ann))
	if err != nil || !strings.HasPrefix(text, "ann ") {
		t.Errorf("on its origin: got %q, %v", text, err)
	}
	call := shown(to(here, there.URL), ann)
	call.Hosts = append(call.Hosts, there.url.Host) // declared, and still another origin
	_, text, err = fetch(t, c, call)
	if err != nil || !strings.HasPrefix(text, "nobody ") || there.names() != "nobody" {
		t.Errorf("elsewhere: got %q, %v; seen %s", text, err, there.names())
	}
	// What has left comes home without it, and is not let in.
	_, _, err = fetch(t, c, shown(to(here, to(there, here.URL).String()), ann))
	want(t, err, host.Unavailable, "")
	if here.names() != "ann ann ann ann" {
		t.Errorf("the first origin saw %s", here.names())
	}
}

func TestCertificateIsRefused(t *testing.T) {
	servers, clients := hosttest.NewAuthority(t, "Servers"), hosttest.NewAuthority(t, "Clients")
	strange := clientCertificate(t, hosttest.NewAuthority(t, "Strangers"), "eve", nil)
	wrong := clientCertificate(t, clients, "server only", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	for name, change := range map[string]func(*httptest.Server){
		"TLS 1.2": func(s *httptest.Server) { s.TLS.MaxVersion = tls.VersionTLS12 },
		"TLS 1.3": func(s *httptest.Server) { s.TLS.MinVersion = tls.VersionTLS13 },
		"HTTP/2":  func(s *httptest.Server) { s.EnableHTTP2 = true },
	} {
		m := serveMutual(t, servers, clients, change)
		c := with(t, egress.Options{AllowCIDR: openings(t, "127.0.0.0/8"), RootCAs: servers.Pool()})
		for _, own := range []*tls.Certificate{strange, wrong, nil} {
			_, _, err := fetch(t, c, shown(m.url, own))
			e, ok := err.(*host.Error)
			switch {
			case !ok || e.Code != host.Unavailable || strings.Contains(e.Msg+e.Hint, "tls:"):
				t.Errorf("%s: got %#v", name, err)
			case own != nil && !strings.Contains(e.Msg+e.Hint, "the client certificate"):
				t.Errorf("%s: got %s (%s)", name, e.Msg, e.Hint)
			}
			if own == nil {
				continue
			}
			// A token request: the refusal comes before a byte of it is
			// written, with TLS 1.3 too.
			for range 5 {
				wrote := false
				call := shown(m.url, own)
				call.Method, call.Wrote = "POST", &wrote
				call.SetBody([]byte("grant_type=refresh_token"))
				_, _, err := fetch(t, c, call)
				want(t, err, host.Unavailable, m.url.Host+" refused the client certificate")
				if wrote {
					t.Errorf("%s: the refused request counts as written", name)
				}
			}
		}
		if m.names() != "" {
			t.Errorf("%s: requests arrived: %s", name, m.names())
		}
	}
}

// A service that sends no tickets says nothing when it accepts: the request
// goes out after a while.
func TestSilentAcceptance(t *testing.T) {
	servers, clients := hosttest.NewAuthority(t, "Servers"), hosttest.NewAuthority(t, "Clients")
	m := serveMutual(t, servers, clients, func(s *httptest.Server) {
		s.TLS.MinVersion, s.TLS.SessionTicketsDisabled = tls.VersionTLS13, true
	})
	c := with(t, egress.Options{AllowCIDR: openings(t, "127.0.0.0/8"), RootCAs: servers.Pool()})
	wrote := false
	call := shown(m.url, clientCertificate(t, clients, "ann", nil))
	call.Wrote = &wrote
	if _, text, err := fetch(t, c, call); err != nil || !strings.HasPrefix(text, "ann ") || !wrote {
		t.Errorf("got %q, %v, wrote %v", text, err, wrote)
	}
}

// A server that takes the TCP connection and breaks it off at each moment of
// the handshake has not read a request.
func TestHandshakeBrokenOff(t *testing.T) {
	clients := hosttest.NewAuthority(t, "Clients")
	ann := clientCertificate(t, clients, "ann", nil)
	for _, after := range []int{1, 6, 600} {
		u := parse(t, "https"+raw(t, func(c net.Conn) { _, _ = c.Read(make([]byte, after)) })[4:])
		wrote := false
		call := shown(u, ann)
		call.Wrote = &wrote
		_, err := with(t, egress.Options{AllowCIDR: openings(t, "127.0.0.1")}).Do(context.Background(), call)
		want(t, err, host.Unavailable, "broke the connection off")
		if wrote {
			t.Errorf("after %d bytes: counts as written", after)
		}
	}
}

func TestCertificatePolicy(t *testing.T) {
	servers, clients := hosttest.NewAuthority(t, "Servers"), hosttest.NewAuthority(t, "Clients")
	c := with(t, egress.Options{AllowCIDR: openings(t, "127.0.0.0/8")})
	ann := clientCertificate(t, clients, "ann", nil)
	do := func(call host.Call) error { _, err := c.Do(context.Background(), call); return err }
	plain := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	want(t, do(shown(plain, ann)), host.Refused, "cannot be presented to "+plain.Host+" over plain http\nuse https")
	want(t, do(host.Call{URL: parse(t, "https://example.com"), Certificate: ann}), host.Internal, "without declared hosts")
	want(t, do(shown(parse(t, "https://example.com"), &tls.Certificate{})), host.Internal, "empty")
	other := shown(parse(t, "https://example.com"), ann)
	other.Hosts = []string{"other.example"}
	want(t, do(other), host.Refused, "is not a host of this connector")
	late := clientCertificate(t, servers, "ann", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Second) })
	want(t, do(shown(parse(t, "https://127.0.0.1:1"), late)), host.NeedsAuth, "the client certificate has expired")
}
