package broker_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/plugins/abi"
)

// A vestibule lets in who shows a certificate, and gives tokens for that alone.
type vestibule struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // who asked for tokens
	calls []string // whose token, shown by whom
}

func newVestibule(t *testing.T, servers, clients *hosttest.Authority) *vestibule {
	s := &vestibule{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := "nobody"
		if len(r.TLS.PeerCertificates) > 0 {
			name = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.URL.Path == "/token" {
			s.asked = append(s.asked, name)
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"access_token":"token-of-%s","expires_in":60}`, name)
			return
		}
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer token-of-")
		s.calls = append(s.calls, token+" by "+name)
		if token != name {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	own, err := tls.X509KeyPair(servers.Issue("server", nil))
	if err != nil {
		t.Fatal(err)
	}
	s.EnableHTTP2 = true
	s.TLS = &tls.Config{ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: clients.Pool(), Certificates: []tls.Certificate{own}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func certifiedManifest(base, proof string) abi.Manifest {
	return abi.Manifest{Connhost: 1, ID: "vest", Name: "Vest", Version: "1.0.0", BaseURL: base,
		Auth: abi.Auth{Type: abi.AuthOAuth2, Grant: abi.GrantClient, ClientAuth: abi.ClientAuthMTLS, Proof: proof, Token: &abi.Request{Path: "/token"}}}
}

// certify adds a client credential and a connection with it, and authorizes that.
func (w *world) certify(name, secret string) (link string, err error) {
	c, err := w.AddCredential(w.ctx, w.admin, host.ClientCredential{Connector: "vest", ClientID: name, Name: "Client " + name}, host.NewSecret(secret))
	if err != nil {
		return "", err
	}
	made, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "vest", Name: name, Mode: host.Custom, Credential: c.Name})
	w.must(err)
	_, err = w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: made.LinkName, Environment: host.Development})
	return made.LinkName, err
}

// Each connection shows its own certificate, to the token endpoint and with each
// call, however their calls are mixed.
func TestCertificatesOfConnections(t *testing.T) {
	servers, clients := hosttest.NewAuthority(t, "Servers"), hosttest.NewAuthority(t, "Clients")
	s := newVestibule(t, servers, clients)
	w := newWorld(t, t.TempDir(), func(w *world) { w.roots = servers.Pool() })
	w.publish(certifiedManifest(s.URL, abi.ProofMTLS))
	var links []string
	for _, name := range []string{"ann", "bob", "eve"} {
		certificate, key := clients.Issue(name, nil)
		link, err := w.certify(name, string(certificate)+string(key))
		w.must(err)
		links = append(links, link)
	}
	for range 3 {
		w.clock.advance(2 * time.Minute)
		var all sync.WaitGroup
		for _, link := range links {
			all.Go(func() { w.crowd(link, 10) })
		}
		all.Wait()
	}
	if len(s.asked) != 12 || len(s.calls) != 90 {
		t.Errorf("%d token requests, %d calls", len(s.asked), len(s.calls))
	}
	for _, call := range s.calls {
		if token, name, _ := strings.Cut(call, " by "); token != name {
			t.Errorf("the token of %s", call)
		}
	}
}

// Without the proof the certificate is for the token endpoint alone.
func TestCertificateIsForTheTokenEndpoint(t *testing.T) {
	servers, clients := hosttest.NewAuthority(t, "Servers"), hosttest.NewAuthority(t, "Clients")
	s := newVestibule(t, servers, clients)
	w := newWorld(t, t.TempDir(), func(w *world) { w.roots = servers.Pool() })
	w.publish(certifiedManifest(s.URL, ""))
	certificate, key := clients.Issue("ann", nil)
	link, err := w.certify("ann", string(certificate)+string(key))
	w.must(err)
	_, _, err = w.get(w.admin, link, "/me")
	if err != nil || s.calls[0] != "ann by nobody" {
		t.Errorf("%v, %v", s.calls, err)
	}
}

// What cannot be shown is told, at the credential where that can be known; a
// certificate that has run out marks nothing, because another will do.
func TestCertificateThatCannotBeShown(t *testing.T) {
	servers, clients := hosttest.NewAuthority(t, "Servers"), hosttest.NewAuthority(t, "Clients")
	s := newVestibule(t, servers, clients)
	w := newWorld(t, t.TempDir(), func(w *world) { w.roots = servers.Pool() })
	w.publish(certifiedManifest(s.URL, abi.ProofMTLS))
	certificate, key := clients.Issue("ann", nil)
	_, other := clients.Issue("bob", nil)
	for name, secret := range map[string]string{"another's key": string(certificate) + string(other), "no key": string(certificate), "no certificate": string(key), "garbage": "garbage-of-ann", "nothing": ""} {
		_, err := w.certify("bad", secret)
		if e, ok := err.(*host.Error); !ok || e.Code != host.Usage || e.Hint == "" || strings.Contains(fmt.Sprintf("%+v %v", e, e.Unwrap()), "garbage-of-ann") {
			t.Errorf("%s: %v", name, err)
		}
	}
	late, lateKey := clients.Issue("late", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	_, err := w.certify("late", string(late)+string(lateKey))
	wantCode(t, err, host.Usage, "the client certificate has expired")
	strange, strangeKey := hosttest.NewAuthority(t, "Strangers").Issue("eve", nil)
	_, err = w.certify("eve", string(strange)+string(strangeKey))
	wantCode(t, err, host.Unavailable, "refused the client certificate")
	if len(s.asked) != 0 {
		t.Errorf("asked by %v", s.asked)
	}
	link, err := w.certify("ann", string(certificate)+string(key))
	w.must(err)
	w.clock.advance(2 * time.Hour)
	_, _, err = w.get(w.admin, link, "/me")
	wantCode(t, err, host.Unavailable, "the client certificate has expired")
	if a := w.authorization(link); a.State != host.Connected || len(s.asked) != 1 {
		t.Errorf("%s %q, asked by %v", a.State, a.Reason, s.asked)
	}
}

// A certificate never goes over plain http, opened or not.
func TestCertificateNeedsTLS(t *testing.T) {
	asked := 0
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(plain.Close)
	w := newWorld(t, t.TempDir())
	w.publish(certifiedManifest(plain.URL, ""))
	certificate, key := hosttest.NewAuthority(t, "Clients").Issue("ann", nil)
	_, err := w.certify("ann", string(certificate)+string(key))
	wantCode(t, err, host.Refused, "over plain http")
	if asked != 0 {
		t.Errorf("%d requests", asked)
	}
}
