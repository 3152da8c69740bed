package lab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/connhost/connhost/host"
)

// A Stage is a shaped lab that stands for the manifest's own hosts, so that the
// manifest is tested as it is: over TLS with an authority of its own, for names
// that lead here only where somebody says so (a caged client, and the Stage's
// own browser).
type Stage struct {
	// Doors says where each host:port of the service leads: an address of this
	// machine.
	Doors map[string]netip.AddrPort
	// Roots are the one authority that has signed for these names.
	Roots *x509.CertPool

	authority     *authority
	plain, secure *http.Server
	mu            sync.Mutex
	leaves        map[string]*tls.Certificate
	browser       *http.Client
}

// Stage opens a lab's doors. A host over plain http has one of its own, since a
// manifest may name some.
func (l *Lab) Stage() (*Stage, error) {
	a, err := newAuthority(time.Now()) // certificates are judged by the machine's clock
	if err != nil {
		return nil, err
	}
	st := &Stage{Doors: map[string]netip.AddrPort{}, Roots: x509.NewCertPool(), authority: a, leaves: map[string]*tls.Certificate{}}
	st.Roots.AddCert(a.certificate)
	st.plain, st.secure = newServer(l), newServer(l)
	st.secure.TLSConfig = &tls.Config{GetCertificate: st.leaf, ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}
	plain, err := open(func(on net.Listener) error { return st.plain.Serve(on) })
	if err != nil {
		return nil, err
	}
	secure, err := open(func(on net.Listener) error { return st.secure.ServeTLS(on, "", "") })
	if err != nil {
		_ = st.Close()
		return nil, err
	}
	for _, name := range l.Hosts() {
		st.Doors[name] = secure
		if l.service.overHTTP(name) {
			st.Doors[name] = plain
		}
	}
	st.browser = &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DialContext: st.dial, TLSClientConfig: &tls.Config{RootCAs: st.Roots}, DisableKeepAlives: true},
	}
	return st, nil
}

func open(serve func(net.Listener) error) (netip.AddrPort, error) {
	on, err := Listen("127.0.0.1:0")
	if err != nil {
		return netip.AddrPort{}, err
	}
	go func() { _ = serve(on) }() // ends with Close
	return on.Addr().(*net.TCPAddr).AddrPort(), nil
}

// leaf is the certificate for a name that a client asks for.
func (st *Stage) leaf(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	name := strings.ToLower(hello.ServerName)
	if st.leaves[name] == nil {
		c, err := st.authority.issue(name)
		if err != nil {
			return nil, err
		}
		st.leaves[name] = c
	}
	return st.leaves[name], nil
}

func (st *Stage) dial(ctx context.Context, network, address string) (net.Conn, error) {
	to, ok := st.Doors[strings.ToLower(address)]
	if !ok {
		return nil, host.Errorf(host.Unavailable, "the lab does not stand for %s", address)
	}
	var d net.Dialer
	return d.DialContext(ctx, network, to.String())
}

// Consent opens a page of the service as a person's browser does, and gives
// where that sends the browser: the callback's URL; nil where it shows a page,
// as it does for a code from another device.
func (st *Stage) Consent(ctx context.Context, page string) (*url.URL, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return nil, host.Errorf(host.Failed, "the service's page has no URL that can be opened").Because(err)
	}
	res, err := st.browser.Do(req)
	if err != nil {
		return nil, host.Errorf(host.Unavailable, "the browser could not open the page at %s", req.URL.Host).Because(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<10))
	switch back, err := res.Location(); {
	case err == nil:
		return back, nil
	case res.StatusCode == http.StatusOK:
		return nil, nil
	}
	return nil, host.Errorf(host.Failed, "the service refused the person's browser: %s %s", res.Status, strings.TrimSpace(string(text)))
}

// Close closes all doors and cuts what is open.
func (st *Stage) Close() error {
	err := st.plain.Close()
	if other := st.secure.Close(); err == nil {
		err = other
	}
	return err
}

// overHTTP says whether the manifest calls a host over plain http.
func (s *service) overHTTP(name string) bool {
	for _, template := range urlsOf(s.m) {
		if origin, _ := s.locate(template); strings.HasPrefix(origin, "http://") && hostPort(origin) == name {
			return true
		}
	}
	return false
}
