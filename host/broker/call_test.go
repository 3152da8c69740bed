package broker_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// served connects a connector of type api_key to a server of the test.
func (w *world) served(addr string, change func(*abi.Manifest)) string {
	w.t.Helper()
	m := abi.Manifest{
		Connhost: 1, ID: "served", Name: "Served", Version: "1.0.0", BaseURL: "http://" + addr + "/v1",
		Auth: abi.Auth{Type: abi.AuthAPIKey, Name: "X-Key"},
	}
	if change != nil {
		change(&m)
	}
	link := w.create(m, broker.CreateRequest{Connector: m.ID, Name: m.ID}).LinkName
	_, err := w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Development, Secrets: map[string]host.Secret{"key": host.NewSecret(servedKey)}})
	w.must(err)
	return link
}

const servedKey = "correct-horse-battery"

// What the credential would replace is refused and not quietly lost.
func TestCallersCredentialHeaderIsRefused(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	for name, code := range map[string]host.Code{"Authorization": host.Refused, "authorization": host.Refused, "X-Other": ""} {
		_, err := w.Invoke(w.ctx, w.admin, host.Development, broker.InvokeRequest{Connection: link, Method: "GET", URL: "/me", Header: http.Header{name: {"Bearer mine"}}})
		if host.CodeOf(err) != code {
			t.Errorf("%s: got %v", name, err)
		}
		if code != "" {
			wantCode(t, err, code, "is set by the credential of connection")
		}
	}
}

// service starts a server and gives its address.
func service(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}
