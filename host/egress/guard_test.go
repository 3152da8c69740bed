package egress_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

// spellings of loopback, as resolvers, browsers and curl read them.
var spellings = []string{
	"127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1",
	"0X7F.0x0.0x0.0x1", "0177.0.0.1", "017700000001", "0177.1", "127.000.000.001", "0", "0.0.0.0",
	"[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
	"[0:0:0:0:0:ffff:7f00:0001]", "[64:ff9b::7f00:1]", "[64:ff9b:1::127.0.0.1]", "[2002:7f00:1::]",
	"[2001:0:7f00:1::]", "[2a00::5efe:7f00:1]", "[2a00::200:5efe:7f00:1]", "[fe80::1%25lo]",
	"localhost", "LocalHost", "localhost.", "１２７.0.0.1", "127.0.0.１", "127。0。0。1", "①②⑦.0.0.1",
}

// ranges has an address of each special range.
var ranges = []string{
	"0.1.2.3", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.9.9.9", "168.63.129.16", "169.254.169.254", "172.16.0.1",
	"172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1",
	"203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
	"[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fec0::1]", "[ff02::1]", "[100::1]", "[2001:db8::1]", "[3fff::1]",
	"[5f00::1]", "[2001:10::1]", "[2001:20::1]", "[64:ff9b::a00:1]", "[2002:a9fe:a9fe::1]", "[::a9fe:a9fe]",
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	var connections atomic.Int32
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	port := parse(t, srv.URL).Port()
	c := with(t, egress.Options{})
	for _, name := range append(spellings, ranges...) {
		for _, u := range []string{"http://" + name + "/", "https://" + name + "/", "http://" + name + ":" + port + "/"} {
			at := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(u, "http://"), "https://"), "/")
			for kind, call := range map[string]host.Call{
				"public": {}, "bound": {Bound: true, Hosts: []string{at}}, "signed": {Bound: true, Hosts: []string{at}, Sign: func(*http.Request) error { return nil }},
			} {
				call.URL = parse(t, u)
				wrote := false
				call.Wrote = &wrote
				_, err := c.Do(context.Background(), call)
				if host.CodeOf(err) != host.Refused || wrote {
					t.Errorf("%s, %s: got %v, wrote %v", u, kind, err, wrote)
				}
			}
		}
	}
	if n := connections.Load(); n > 0 {
		t.Errorf("%d connections were made", n)
	}
}

func TestRedirectToPrivateAddressIsRefused(t *testing.T) {
	var to string
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	})
	c := with(t, egress.Options{AllowCIDR: openings(t, u.Host)})
	for _, to = range []string{
		"http://127.0.0.1/", "http://localhost/", "http://169.254.169.254/latest/", "//10.0.0.1/", "http://2130706433/",
		"http://user:pw@example.com/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://127.0.0.1:22/",
	} {
		_, err := c.Do(context.Background(), host.Call{URL: u})
		if host.CodeOf(err) != host.Refused {
			t.Errorf("%s: got %v", to, err)
		}
	}
}

func TestOpeningDecides(t *testing.T) {
	u := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "in") })
	var port int
	fmt.Sscan(u.Port(), &port)
	for opening, ok := range map[string]bool{
		u.Host: true, "127.0.0.1": true, "127.0.0.0/8": true, "0.0.0.0/0": true,
		fmt.Sprintf("127.0.0.1:%d", port-1): false, "127.0.0.2": false, "::/0": false, "::1": false,
	} {
		c := with(t, egress.Options{AllowCIDR: openings(t, opening)})
		for kind, call := range map[string]host.Call{"public": {URL: u}, "signed": bearer(u)} {
			_, text, err := fetch(t, c, call)
			if ok && (err != nil || text != "in") || !ok && host.CodeOf(err) != host.Refused {
				t.Errorf("%s, %s: got %q, %v", opening, kind, text, err)
			}
		}
	}
}

func TestRefusalSaysWhatToOpen(t *testing.T) {
	c := with(t, egress.Options{})
	_, err := c.Do(context.Background(), host.Call{URL: parse(t, "http://127.0.0.1/x?token="+canary)})
	want(t, err, host.Refused, "127.0.0.1 leads to a private or special address\nif that is meant, let the operator open it: --allow-cidr 127.0.0.1/32:80")
	_, err = c.Do(context.Background(), host.Call{URL: parse(t, "https://example.com:8443/")})
	want(t, err, host.Refused, "only the ports 80 and 443")
	call := bearer(parse(t, "http://example.com/"))
	_, err = c.Do(context.Background(), call)
	want(t, err, host.Refused, "a credential is not sent to example.com over plain http")
	call.Hosts = []string{"other.example"}
	_, err = c.Do(context.Background(), call)
	want(t, err, host.Refused, "example.com is not a host of this connector\nit declares other.example")
}

// A zone answers A queries with what its function says at that time.
func zone(t *testing.T, addresses func(name string) []string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(dnsAnswer(buf[:n], addresses), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// dnsAnswer is RFC 1035 section 4.1, as far as an A query needs it.
func dnsAnswer(query []byte, addresses func(string) []string) []byte {
	var labels []string
	i := 12
	for query[i] != 0 {
		labels = append(labels, string(query[i+1:i+1+int(query[i])]))
		i += 1 + int(query[i])
	}
	end := i + 5
	out := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, query[12:end]...)
	if query[i+2] != 1 { // not A
		return out
	}
	for _, a := range addresses(strings.ToLower(strings.Join(labels, "."))) {
		out[7]++
		out = append(out, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
		out = append(out, net.ParseIP(a).To4()...)
	}
	return out
}

// pair starts two servers on one port of two loopback addresses.
func pair(t *testing.T, allowed, victim http.HandlerFunc) (port string) {
	t.Helper()
	for range 20 {
		a, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ = net.SplitHostPort(a.Addr().String())
		b, err := net.Listen("tcp", "127.0.0.2:"+port)
		if err != nil {
			_ = a.Close()
			continue
		}
		for l, h := range map[net.Listener]http.HandlerFunc{a: allowed, b: victim} {
			srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: h}}
			srv.Start()
			t.Cleanup(srv.Close)
		}
		return port
	}
	t.Skip("no port is free on two loopback addresses")
	return ""
}

func TestNameThatChangesItsAddress(t *testing.T) {
	reached := false
	port := pair(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "allowed") },
		func(http.ResponseWriter, *http.Request) { reached = true })
	var mu sync.Mutex
	now := []string{"127.0.0.1"}
	answer := func(list ...string) {
		mu.Lock()
		defer mu.Unlock()
		now = list
	}
	c := with(t, egress.Options{
		AllowCIDR: openings(t, "127.0.0.1/32"),
		Resolver: zone(t, func(string) []string {
			mu.Lock()
			defer mu.Unlock()
			return now
		}),
	})
	u := parse(t, "http://rebind.test:"+port+"/")
	for kind, call := range map[string]host.Call{"public": {URL: u}, "bound": {URL: u, Bound: true, Hosts: []string{u.Host}}, "signed": bearer(u)} {
		answer("127.0.0.1")
		if _, text, err := fetch(t, c, call); err != nil || text != "allowed" {
			t.Fatalf("%s: got %q, %v", kind, text, err)
		}
		_ = c.Close()
		answer("127.0.0.2")
		if _, _, err := fetch(t, c, call); host.CodeOf(err) != host.Refused {
			t.Errorf("%s, rebound: got %v", kind, err)
		}
		// Of several addresses only the allowed one is dialled.
		answer("127.0.0.2", "127.0.0.1")
		if _, text, err := fetch(t, c, call); err != nil || text != "allowed" {
			t.Errorf("%s, both: got %q, %v", kind, text, err)
		}
		_ = c.Close()
	}
	if reached {
		t.Error("the other address was reached")
	}
	answer()
	_, _, err := fetch(t, c, host.Call{URL: u})
	want(t, err, host.Unavailable, `there is no host named "rebind.test"`)
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		t.Errorf("the cause is a library error with its own text: %v", e)
	}
}
