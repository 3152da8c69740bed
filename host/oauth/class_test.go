package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/oauth"
)

func TestClasses(t *testing.T) {
	const page = "<html>busy</html>"
	for name, c := range map[string]struct {
		status int
		body   string
		class  host.TokenClass
		code   string
	}{
		"dead token":               {400, `{"error":"invalid_grant"}`, host.TokenFatal, "invalid_grant"},
		"dead token, a form":       {400, `error=invalid_grant&error_description=x`, host.TokenFatal, "invalid_grant"},
		"dead token with 200":      {200, `{"error":"invalid_grant"}`, host.TokenFatal, "invalid_grant"},
		"wrong secret":             {401, `{"error":"invalid_client"}`, host.TokenFatal, "invalid_client"},
		"not for this client":      {400, `{"error":"unauthorized_client"}`, host.TokenFatal, "unauthorized_client"},
		"busy":                     {503, `{"error":"temporarily_unavailable"}`, host.TokenNotUsed, "temporarily_unavailable"},
		"slow down":                {400, `{"error":"slow_down"}`, host.TokenNotUsed, "slow_down"},
		"nonce":                    {400, `{"error":"use_dpop_nonce"}`, host.TokenNotUsed, "use_dpop_nonce"},
		"too many":                 {429, page, host.TokenNotUsed, ""},
		"broken":                   {500, page, host.TokenUnknown, ""},
		"broken, as RFC 6749":      {500, `{"error":"server_error"}`, host.TokenUnknown, "server_error"},
		"unavailable":              {503, page, host.TokenUnknown, ""},
		"gateway":                  {502, "", host.TokenUnknown, ""},
		"bad request":              {400, `{"error":"invalid_request"}`, host.TokenUnknown, "invalid_request"},
		"a code nobody knows":      {400, `{"error":"sk_live_4242"}`, host.TokenUnknown, ""},
		"tokens with an error":     {500, `{` + pair + `}`, host.TokenUnknown, ""},
		"another place":            {307, "", host.TokenUnknown, ""},
		"a page with 200":          {200, page, host.TokenUnknown, ""},
		"two codes":                {400, `{"error":"invalid_grant","error":"slow_down"}`, host.TokenUnknown, ""},
		"an error that is no text": {400, `{"error":{"type":"invalid_grant"}}`, host.TokenUnknown, ""},
	} {
		_, err := refresh(t, manifest("https://acme.test"), c.status, c.body)
		e := tokenError(t, err)
		if e.Class != c.class || e.Code != c.code {
			t.Errorf("%s: got %s %q, want %s %q", name, e.Class, e.Code, c.class, c.code)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-7": 0, "soon": 0, "4000000000": 24 * time.Hour,
		begin.Add(time.Minute).Format(http.TimeFormat):  time.Minute,
		begin.Add(-time.Minute).Format(http.TimeFormat): 0,
	} {
		client := oauth.New(canned(429, http.Header{"Retry-After": {text}}, ""), nil, host.Clock{Now: clock})
		_, err := client.Refresh(t.Context(), target(manifest("https://acme.test")), host.NewSecret(oldRefresh))
		if e := tokenError(t, err); e.RetryAfter != want {
			t.Errorf("%q: got %v, want %v", text, e.RetryAfter, want)
		}
	}
}

// What a network does, over real sockets.
func TestClassesOnTheWire(t *testing.T) {
	hijack := func(w http.ResponseWriter, answer string) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = conn.Write([]byte(answer))
		_ = conn.Close()
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		class   host.TokenClass
	}{
		"reset after the request": {func(w http.ResponseWriter, _ *http.Request) { hijack(w, "") }, host.TokenUnknown},
		"half an answer": {func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"+pair+"}")
		}, host.TokenUnknown},
		"half a chunk": {func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"+pair+"}")
		}, host.TokenUnknown},
		"silence": {func(_ http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm() // reads the body, so that the end of the connection is seen
			<-r.Context().Done()
		}, host.TokenUnknown},
	} {
		var requests atomic.Int32
		base := serve(t, func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			c.handler(w, r)
		})
		client := oauth.New(wire{timeout: 100 * time.Millisecond}, nil, host.Clock{Now: clock})
		_, err := client.Refresh(t.Context(), target(manifest(base)), host.NewSecret(oldRefresh))
		if e := tokenError(t, err); e.Class != c.class || requests.Load() != 1 {
			t.Errorf("%s: %s after %d requests, want %s after 1", name, e.Class, requests.Load(), c.class)
		}
	}
}

func TestNothingWrittenIsNotUsed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + listener.Addr().String()
	_ = listener.Close()
	client := oauth.New(wire{}, nil, host.Clock{Now: clock})
	_, err = client.Refresh(t.Context(), target(manifest(base)), host.NewSecret(oldRefresh))
	if e := tokenError(t, err); e.Class != host.TokenNotUsed {
		t.Errorf("a refused dial: %s", e.Class)
	}

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = client.Refresh(gone, target(manifest(base)), host.NewSecret(oldRefresh))
	if e := tokenError(t, err); e.Class != host.TokenNotUsed || !errors.Is(err, context.Canceled) {
		t.Errorf("a call that was cancelled before it began: %s, %v", e.Class, e.Err)
	}

	refuse := egressFunc(func(host.Call) (*http.Response, error) {
		return nil, host.Errorf(host.Refused, "acme.test is not open").WithHint("open it")
	})
	_, err = oauth.New(refuse, nil, host.Clock{Now: clock}).Refresh(t.Context(), target(manifest("https://acme.test")), host.NewSecret(oldRefresh))
	if e := tokenError(t, err); e.Class != host.TokenNotUsed || host.CodeOf(err) != host.Refused || !strings.Contains(e.Msg, "acme.test is not open") {
		t.Errorf("a refusal by policy: %s, %s, %s", e.Class, host.CodeOf(err), e.Msg)
	}

	m := manifest("https://acme.test")
	m.Auth.Token.Form = map[string]string{"x": "{unknown}"}
	_, err = oauth.New(refuse, nil, host.Clock{Now: clock}).Refresh(t.Context(), target(m), host.NewSecret(oldRefresh))
	if e := tokenError(t, err); e.Class != host.TokenNotUsed {
		t.Errorf("a request that cannot be made: %s", e.Class)
	}
}

// A redirect would carry the grant elsewhere: 307 and 308 keep the body.
func TestRedirectsAreNotFollowed(t *testing.T) {
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("followed to %s", r.URL) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		base := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other, status) })
		_, err := oauth.New(wire{}, nil, host.Clock{Now: clock}).Refresh(t.Context(), target(manifest(base)), host.NewSecret(oldRefresh))
		if e := tokenError(t, err); e.Class != host.TokenUnknown {
			t.Errorf("%d: %s", status, e.Class)
		}
	}
}

// Servers quote what they were sent. No error, and nothing under one, does.
func TestErrorsQuoteNothing(t *testing.T) {
	const fresh = "a-fresh-token-nobody-knows"
	echo := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		w.WriteHeader(500)
		fmt.Fprintf(w, `{"error":%q,"error_description":%q,"x":%q,"y":%q}`, fresh, r.FormValue("refresh_token"), r.Header.Get("Authorization"), fresh)
	})
	quoting := func(err error) egressFunc {
		return func(call host.Call) (*http.Response, error) { *call.Wrote = true; return nil, err }
	}
	for name, c := range map[string]struct {
		egress host.Egress
		base   string
	}{
		"a 500 with it all": {wire{}, echo},
		"a transport error": {quoting(fmt.Errorf("malformed HTTP response %q", oldRefresh)), "https://acme.test"},
		"an error of ours":  {quoting(host.Errorf(host.Unavailable, "bad %s", oldRefresh).WithHint("%s", clientSecret)), "https://acme.test"},
	} {
		_, err := oauth.New(c.egress, nil, host.Clock{Now: clock}).Refresh(t.Context(), target(manifest(c.base)), host.NewSecret(oldRefresh))
		var all strings.Builder
		for e := err; e != nil; e = errors.Unwrap(e) {
			fmt.Fprintf(&all, "%v %+v %#v\n", e, e, e)
		}
		for _, s := range []string{fresh, oldRefresh, clientSecret, basicPair[6:]} {
			if strings.Contains(all.String(), s) {
				t.Errorf("%s: %s is quoted in\n%s", name, s, all.String())
			}
		}
	}
}
