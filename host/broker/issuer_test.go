package broker_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// elsewhere is a server that nothing may be sent to, and how much was.
func elsewhere(t *testing.T) (base string, arrived *atomic.Int32) {
	arrived = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) }))
	t.Cleanup(s.Close)
	return s.URL, arrived
}

// The endpoints are fixed at begin: metadata that changes before the callback
// moves no code, and what changes afterwards no refresh token.
func TestMetadataThatChanges(t *testing.T) {
	w, s := newWorld(t, t.TempDir()), newIssuer(t)
	away, arrived := elsewhere(t)
	m := s.manifest("acme")
	m.Hosts = []string{away[len("http://"):]} // even where the connector declares it
	link := w.issued(m)
	p, err := w.Begin(w.ctx, w.admin, w.asks(link), redirect)
	w.must(err)
	q := w.consent(p)
	for _, name := range []string{"token_endpoint", "authorization_endpoint", "revocation_endpoint", "introspection_endpoint"} {
		s.says(name, away+"/"+name)
	}
	s.says("issuer", "https://evil.test")
	s.says("authorization_response_iss_parameter_supported", false)
	_, err = w.Finish(w.ctx, w.admin, link, p.Process, q, false)
	w.must(err)
	w.expireStored()
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Fatalf("%d %v", status, err)
	}
	got := s.questions()
	if len(got) != 2 || got[0].form.Get("code") != "code-of-the-issuer" || got[1].form.Get("refresh_token") != "refresh-token-1" {
		t.Errorf("the issuer was asked %v", got)
	}
	r, err := w.Revoke(w.ctx, w.admin, host.Development, link)
	if err != nil || r.Upstream != broker.UpstreamRevoked || len(s.ended()) != 1 {
		t.Errorf("%+v, %v, %q", r, err, s.ended())
	}
	if arrived.Load() != 0 {
		t.Errorf("%d requests followed the changed metadata", arrived.Load())
	}
	_, err = w.Begin(w.ctx, w.admin, w.asks(link), redirect) // a new one reads it anew
	wantCode(t, err, host.Refused, "another issuer")
}

// A mix-up (RFC 9207 section 2.4, RFC 9700 section 4.4): the person begins at a
// hostile service, which sends the browser on to an honest one. The honest one's
// code, or error, never comes to the hostile one's token endpoint.
func TestMixUp(t *testing.T) {
	w, honest, hostile := newWorld(t, t.TempDir()), newIssuer(t), newIssuer(t)
	link := w.issued(hostile.manifest("acme"))
	for name, change := range map[string]func(url.Values){
		"the honest one's name": func(q url.Values) { q.Set("iss", honest.URL) },
		"no name":               func(q url.Values) { q.Del("iss") },
		"both names":            func(q url.Values) { q.Add("iss", honest.URL) },
		"its own name twice":    func(q url.Values) { q.Add("iss", q.Get("iss")) },
		"an error":              func(q url.Values) { q.Del("code"); q.Set("error", "access_denied"); q.Set("iss", honest.URL) },
		"an error, no name":     func(q url.Values) { q.Del("code"); q.Set("error", "access_denied"); q.Del("iss") },
		"two codes":             func(q url.Values) { q.Add("code", "theirs") },
		"two states":            func(q url.Values) { q.Add("state", "theirs") },
	} {
		p, err := w.Begin(w.ctx, w.admin, w.asks(link), redirect)
		w.must(err)
		q := w.consent(p)
		change(q)
		_, err = w.Finish(w.ctx, w.admin, link, p.Process, q, false)
		if host.CodeOf(err) != host.Refused {
			t.Errorf("%s: %v", name, err)
		}
		if e, ok := err.(*host.Error); !ok || e.Hint == "" {
			t.Errorf("%s: %#v has no hint", name, err)
		}
		_, err = w.Finish(w.ctx, w.admin, link, p.Process, q, false) // the state is used up
		wantCode(t, err, host.Refused, "used already")
	}
	if n := len(honest.questions()) + len(hostile.questions()); n != 0 {
		t.Errorf("%d token requests", n)
	}
}

// The window of one connection is none of another's.
func TestCallbackOfAnotherConnection(t *testing.T) {
	w, s := newWorld(t, t.TempDir()), newIssuer(t)
	mine := w.issued(s.manifest("acme"))
	c, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme"})
	w.must(err)
	p, err := w.Begin(w.ctx, w.admin, w.asks(mine), redirect)
	w.must(err)
	_, err = w.Finish(w.ctx, w.admin, c.LinkName, p.Process, w.consent(p), false)
	wantCode(t, err, host.Refused, "belongs to another connection")
	first, err := w.Begin(w.ctx, w.admin, w.asks(mine), redirect)
	w.must(err)
	second, err := w.Begin(w.ctx, w.admin, w.asks(c.LinkName), redirect)
	w.must(err)
	_, err = w.Finish(w.ctx, w.admin, mine, first.Process, w.consent(second), false)
	wantCode(t, err, host.Refused, "somebody else began")
	if len(s.questions()) != 0 {
		t.Errorf("%d token requests", len(s.questions()))
	}
	_, err = w.Finish(w.ctx, w.admin, mine, first.Process, w.consent(first), false)
	w.must(err)
}

// A connector that was disabled while the person was away gets no code.
func TestCallbackOfADisabledConnector(t *testing.T) {
	w, s := newWorld(t, t.TempDir()), newIssuer(t)
	link := w.issued(s.manifest("acme"))
	p, err := w.Begin(w.ctx, w.admin, w.asks(link), redirect)
	w.must(err)
	_, err = w.Disable(w.ctx, w.admin, "acme", "")
	w.must(err)
	_, err = w.Finish(w.ctx, w.admin, link, p.Process, w.consent(p), false)
	wantCode(t, err, host.Refused, "disabled")
	if len(s.questions()) != 0 {
		t.Errorf("%d token requests", len(s.questions()))
	}
}

// Metadata is asked for, and endpoints are called, through the guard: a
// connector that names a private address reaches nothing (only 127.0.0.1 is
// open here).
func TestMetadataAtPrivateAddresses(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for i, at := range []string{
		"https://127.0.0.2", "https://10.0.0.1", "https://192.168.1.1:8443", "https://169.254.169.254", "https://[::1]", "https://[fd00::1]", "https://100.64.0.1",
	} {
		m := abi.Manifest{
			Connhost: 1, ID: fmt.Sprintf("acme%d", i), Name: "Acme", Version: "1.0.0", BaseURL: at,
			Auth: abi.Auth{Type: abi.AuthOAuth2, Issuer: at},
		}
		link := w.issued(m)
		_, err := w.Begin(w.ctx, w.admin, w.asks(link), redirect)
		wantCode(t, err, host.Refused, "private or special address")
		_, err = w.BeginDevice(w.ctx, w.admin, w.asks(link))
		wantCode(t, err, host.Refused, "private or special address")
	}
	s := newIssuer(t)
	m := s.manifest("acme")
	m.Hosts = []string{"10.0.0.1"}
	link := w.issued(m)
	s.says("device_authorization_endpoint", "https://10.0.0.1/device") // declared, and private
	_, err := w.BeginDevice(w.ctx, w.admin, w.asks(link))
	wantCode(t, err, host.Refused, "private or special address")
}
