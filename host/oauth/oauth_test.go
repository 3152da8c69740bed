package oauth_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

const (
	clientSecret = "s3cr3t/client+secret=1"
	oldRefresh   = "refresh-token-number-one"
	code         = "code-from-the-callback"
)

var begin = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return begin }

// manifest is that of a service which does everything as the RFCs say.
func manifest(base string) abi.Manifest {
	return abi.Manifest{
		ID: "acme", Name: "Acme", BaseURL: base,
		Auth: abi.Auth{
			Type:      abi.AuthOAuth2,
			Authorize: &abi.Request{URL: base + "/authorize"},
			Token:     &abi.Request{URL: base + "/token"},
		},
	}
}

func target(m abi.Manifest) host.FlowTarget {
	return host.FlowTarget{
		Connector:    host.Connector{ID: m.ID, Hash: "abc", Manifest: m},
		ClientID:     "client id/1",
		ClientSecret: host.NewSecret(clientSecret),
		Redactor:     host.NewRedactor(nil),
	}
}

// egressFunc is an Egress without a network.
type egressFunc func(host.Call) (*http.Response, error)

func (f egressFunc) Do(_ context.Context, call host.Call) (*http.Response, error) { return f(call) }

// canned answers every call with the same and says that it was sent.
func canned(status int, header http.Header, body string) egressFunc {
	return func(call host.Call) (*http.Response, error) {
		*call.Wrote = true
		if header == nil {
			header = http.Header{"Content-Type": {"application/json"}}
		}
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// refresh presents oldRefresh to a service that answers with status and body.
func refresh(t testing.TB, m abi.Manifest, status int, body string) (host.Tokens, error) {
	t.Helper()
	return oauth.New(canned(status, nil, body), nil, host.Clock{Now: clock}).Refresh(t.Context(), target(m), host.NewSecret(oldRefresh))
}

// wire is a small real Egress: one connection a call, no redirects.
type wire struct{ timeout time.Duration }

func (w wire) Do(ctx context.Context, call host.Call) (*http.Response, error) {
	var body io.Reader
	if call.Body != nil {
		b, err := call.Body()
		if err != nil {
			return nil, err
		}
		body = b
	}
	req, err := http.NewRequestWithContext(ctx, call.Method, call.URL.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header, req.ContentLength = call.Header, call.ContentLength
	var wrote atomic.Bool
	transport := &http.Transport{
		DisableKeepAlives:     true,
		ResponseHeaderTimeout: w.timeout,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			return noting{conn, &wrote}, err
		},
	}
	res, err := transport.RoundTrip(req)
	*call.Wrote = wrote.Load()
	return res, err
}

type noting struct {
	net.Conn
	wrote *atomic.Bool
}

func (c noting) Write(p []byte) (int, error) {
	c.wrote.Store(true)
	return c.Conn.Write(p)
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func tokenError(t testing.TB, err error) *host.TokenError {
	t.Helper()
	e, ok := errors.AsType[*host.TokenError](err)
	if !ok {
		t.Fatalf("got %T (%v), want a *host.TokenError", err, err)
	}
	return e
}
