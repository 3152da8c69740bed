package egress

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/connhost/connhost/host"
)

// A connection that a call without a credential left behind, dialled to an
// address that is not opened, is not used for a credential over plain http.
func TestCredentialReusesNoPublicConnection(t *testing.T) {
	requests := 0
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests++ }))
	defer srv.Close()
	// port 80 would pass the port policy; only the plain class minds.
	c := New(Options{AllowCIDR: []Opening{{Port: 80}}})
	defer c.Close()
	anywhere := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, srv.Listener.Addr().String())
	}
	c.pools[public].DialContext, c.pools[bound].DialContext = anywhere, anywhere
	u, _ := url.Parse("http://localhost/")
	for _, call := range []host.Call{{URL: u}, {URL: u, Bound: true, Hosts: []string{"localhost"}}} {
		res, err := c.Do(context.Background(), call)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
	_, err := c.Do(context.Background(), host.Call{URL: u, Bound: true, Hosts: []string{"localhost"},
		Sign: func(*http.Request) error { return nil }})
	if host.CodeOf(err) != host.Refused || requests != 2 {
		t.Errorf("got %v, %d requests", err, requests)
	}
}

// RFC 3492 section 7.1, and names as registries write them.
func TestPunycode(t *testing.T) {
	for in, want := range map[string]string{
		"ليهمابتكلموشعربي؟": "egbpdaj6bu4bxfgehfvwxn",
		"他们为什么不说中文":         "ihqwcrb4cv8a8dqg056pqjye",
		"3年b組金八先生":          "3b-ww4c5e180e575a65lsy2b",
		"bücher":            "bcher-kva",
		"münchen":           "mnchen-3ya",
		"faß":               "fa-hia",
	} {
		if got := punycode(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}
