package broker_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// A service that answers the first token request with anything but tokens: a
// sentence, nothing of the answer in it, and nothing is stored.
func TestExchangeAnswers(t *testing.T) {
	const leak = "something-secret-in-the-answer"
	for name, c := range map[string]struct {
		status int
		body   string
		code   host.Code
	}{
		"HTML":             {200, "<html>" + leak, host.Unavailable},
		"truncated JSON":   {200, `{"access_token":"` + leak, host.Unavailable},
		"another JSON":     {200, `{"hello":"` + leak + `"}`, host.Unavailable},
		"an array":         {200, `["` + leak + `"]`, host.Unavailable},
		"empty":            {200, "", host.Unavailable},
		"a strange type":   {200, `{"access_token":"` + leak + `","token_type":"mac"}`, host.Unavailable},
		"a server error":   {500, `{"error":"` + leak + `"}`, host.Unavailable},
		"invalid_grant":    {400, `{"error":"invalid_grant","error_description":"` + leak + `"}`, host.Failed},
		"invalid_client":   {401, `{"error":"invalid_client","error_description":"` + leak + `"}`, host.Failed},
		"two megabytes":    {200, `{"access_token":"` + leak + `","pad":"` + strings.Repeat("x", 2<<20) + `"}`, host.Unavailable},
		"an error with OK": {200, `{"error":"invalid_grant","error_description":"` + leak + `"}`, host.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			requests := 0
			srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				requests++
				rw.Header().Set("Content-Type", "application/json")
				rw.WriteHeader(c.status)
				fmt.Fprint(rw, c.body)
			}))
			t.Cleanup(srv.Close)
			m := w.acme()
			m.Auth.Token.URL = srv.URL
			link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
			p, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Development}, redirect)
			w.must(err)
			_, err = w.Finish(w.ctx, w.admin, link, p.Process, w.consent(p), false)
			wantCode(t, err, c.code, "the token request to Acme did not succeed")
			if e, ok := err.(*host.Error); !ok || e.Hint == "" || strings.Contains(e.Msg+e.Hint, leak) {
				t.Errorf("got %+v", err)
			}
			if requests != 1 {
				t.Errorf("%d token requests", requests)
			}
			_, _, err = w.get(w.admin, link, "/me")
			wantCode(t, err, host.NeedsAuth, "is not authorized")
		})
	}
}
