package egress_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

// dropper answers on kept connections, but reads a request for /drop and
// closes. It counts those.
func dropper(t *testing.T) (string, *atomic.Int64) {
	var dropped atomic.Int64
	u := parse(t, raw(t, func(c net.Conn) {
		in := bufio.NewReader(c)
		for {
			req, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, req.Body)
			if req.URL.Path == "/drop" {
				dropped.Add(1)
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}))
	return u.Scheme + "://" + u.Host, &dropped
}

// net/http repeats an idempotent request, or one with an Idempotency-Key, when
// a kept connection breaks under it. The server may have acted on the first.
func TestRequestIsNotReplayedOnADroppedConnection(t *testing.T) {
	key := http.Header{"Idempotency-Key": {"1"}}
	for _, c := range []struct {
		name, method string
		header       http.Header
		body, once   bool
		most         int64
	}{
		{"token GET", "GET", nil, false, true, 1},
		{"token POST", "POST", nil, true, true, 1},
		{"token POST with a key", "POST", key, true, true, 1},
		{"token POST with a key and no body", "POST", key, false, true, 1},
		{"token DELETE with a key", "DELETE", key, false, true, 1},
		{"POST", "POST", nil, true, false, 1},
		{"POST without a body", "POST", nil, false, false, 1},
		{"PATCH", "PATCH", nil, true, false, 1},
		{"GET may be repeated", "GET", nil, false, false, 2},
	} {
		base, dropped := dropper(t)
		cl := client(t, egress.Limits{})
		for range 3 { // a connection is kept
			if _, text, err := fetch(t, cl, host.Call{URL: parse(t, base)}); err != nil || text != "ok" {
				t.Fatalf("got %q, %v", text, err)
			}
		}
		wrote := false
		call := host.Call{URL: parse(t, base+"/drop"), Method: c.method, Header: c.header, NoRedirect: true, Timeout: 5 * time.Second}
		if c.body {
			call.SetBody([]byte("grant_type=refresh_token"))
		}
		if c.once {
			call.Wrote = &wrote
		}
		_, err := cl.Do(context.Background(), call)
		want(t, err, host.Unavailable, "broke the connection off")
		if n := dropped.Load(); n < 1 || n > c.most || wrote != c.once {
			t.Errorf("%s: arrived %d times, wrote %v", c.name, n, wrote)
		}
	}
}

// A token request finds a connection that nobody has closed behind its back.
func TestTokenRequestHasItsOwnConnection(t *testing.T) {
	var conns atomic.Int64
	base := raw(t, func(c net.Conn) { // one answer, then the kept connection is closed
		conns.Add(1)
		reply("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")(c)
	})
	cl := client(t, egress.Limits{})
	for i := range int64(5) {
		wrote := false
		call := host.Call{URL: parse(t, base), Method: "POST", Wrote: &wrote}
		call.SetBody([]byte("grant_type=refresh_token"))
		if _, text, err := fetch(t, cl, call); err != nil || text != "ok" || !wrote || conns.Load() != i+1 {
			t.Fatalf("call %d: got %q, %v, wrote %v, %d connections", i, text, err, wrote, conns.Load())
		}
	}
}
