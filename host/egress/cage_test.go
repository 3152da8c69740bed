package egress_test

import (
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

// A caged client meets the fake by the service's own name, under the policy of
// any call, and nobody else.
func TestCage(t *testing.T) {
	fake := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Host+" "+r.Header.Get("X-Key"))
	}))
	defer fake.Close()
	roots := x509.NewCertPool()
	roots.AddCert(fake.Certificate()) // which is for example.com
	at := netip.MustParseAddrPort(fake.Listener.Addr().String())
	client, err := egress.NewCaged(egress.Options{RootCAs: roots}, egress.Cage{"Example.com:443": at, "example.com:80": at})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for target, c := range map[string]struct {
		code host.Code
		text string
	}{
		"https://example.com/me":           {"", "example.com secret"},
		"https://other.example/me":         {host.Refused, "other.example is not a host of this connector"},
		"https://declared.example/me":      {host.Unavailable, `there is no host named "declared.example"`},
		"http://example.com/me":            {host.Refused, "a credential is not sent to example.com over plain http"},
		"https://127.0.0.1:" + port(at):    {host.Refused, "leads to a private or special address"},
		"https://example.com:8443/me":      {host.Refused, "is not a host of this connector"},
		"https://169.254.169.254/metadata": {host.Refused, "leads to a private or special address"},
	} {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(t.Context(), host.Call{
			URL: u, Bound: true, Hosts: []string{"example.com", "declared.example", "127.0.0.1:" + port(at), "169.254.169.254"},
			Sign: func(r *http.Request) error { r.Header.Set("X-Key", "secret"); return nil },
		})
		if c.code != "" {
			want(t, err, c.code, c.text)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", target, err)
			continue
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if string(body) != c.text || err != nil {
			t.Errorf("%s: %s, %v", target, body, err)
		}
	}
}

func port(at netip.AddrPort) string { return at.String()[len("127.0.0.1:"):] }

// A cage that leads off this machine, or trusts whom the machine trusts, is none.
func TestCageIsClosed(t *testing.T) {
	roots := x509.NewCertPool()
	for _, c := range []struct {
		roots *x509.CertPool
		to    string
	}{{nil, "127.0.0.1:9"}, {roots, "10.0.0.1:443"}, {roots, "93.184.216.34:443"}, {roots, "127.0.0.1:0"}} {
		_, err := egress.NewCaged(egress.Options{RootCAs: c.roots}, egress.Cage{"api.vendor.example:443": netip.MustParseAddrPort(c.to)})
		if host.CodeOf(err) != host.Internal {
			t.Errorf("%s: %v", c.to, err)
		}
	}
}
