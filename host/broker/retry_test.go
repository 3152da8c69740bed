package broker_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// A moody service answers what a test has written down: a status, with a header
// or a body behind it, "cut" closes the connection after the request. After that
// it answers 200.
type moody struct {
	mu    sync.Mutex
	moods []string
	seen  []*http.Request
	body  []string
	times []time.Time
}

func (m *moody) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m.mu.Lock()
	m.seen, m.body, m.times = append(m.seen, &http.Request{Method: r.Method, Header: r.Header.Clone()}), append(m.body, string(body)), append(m.times, time.Now())
	mood := "200"
	if len(m.moods) > 0 {
		mood, m.moods = m.moods[0], m.moods[1:]
	}
	m.mu.Unlock()
	status, rest, _ := strings.Cut(mood, " ")
	if status == "cut" {
		conn, _, _ := w.(http.Hijacker).Hijack()
		_ = conn.Close()
		return
	}
	if name, value, ok := strings.Cut(rest, ": "); ok && !strings.HasPrefix(rest, "{") {
		w.Header().Set(name, value)
		rest = ""
	}
	n := 0
	_, _ = fmt.Sscan(status, &n)
	w.WriteHeader(n)
	_, _ = io.WriteString(w, rest)
}

// asked is what it has seen so far.
func (m *moody) asked() (list []*http.Request, bodies []string, times []time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.seen), slices.Clone(m.body), slices.Clone(m.times)
}

func (m *moody) be(moods ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.moods, m.seen, m.body, m.times = moods, nil, nil, nil
}

func TestRetryWhereItIsSafe(t *testing.T) {
	w := newWorld(t, t.TempDir())
	m := &moody{}
	addr := service(t, m.ServeHTTP)
	link := w.served(addr, func(m *abi.Manifest) { m.ID = "plain" })
	keyed := w.served(addr, func(m *abi.Manifest) {
		m.ID = "keyed"
		m.Retry = &abi.Retry{Attempts: 4, Statuses: []int{500, 503}, IdempotencyHeader: "Idempotency-Key", After: "/error/wait"}
	})
	key := func(s string) http.Header { return http.Header{"Idempotency-Key": {s}} }
	for _, c := range []struct {
		name, link, method string
		header             http.Header
		moods              []string
		once               bool
		status, sent       int // 0: the connection broke
	}{
		{"a GET", link, "GET", nil, []string{"503", "502"}, false, 200, 3},
		{"a PUT", link, "PUT", nil, []string{"429", "504"}, false, 200, 3},
		{"no more than three", link, "DELETE", nil, []string{"503", "503", "503", "503"}, false, 503, 3},
		{"another status", link, "GET", nil, []string{"500"}, false, 500, 1},
		{"a POST", link, "POST", nil, []string{"503"}, false, 503, 1},
		{"a PATCH", link, "PATCH", nil, []string{"429 Retry-After: 0"}, false, 429, 1},
		{"a POST with a header that nobody declared", link, "POST", key("x"), []string{"503"}, false, 503, 1},
		{"a POST with a key", keyed, "POST", nil, []string{"503", "500", "503"}, false, 200, 4},
		{"a POST with the caller's key", keyed, "POST", key("mine"), []string{"503"}, false, 200, 2},
		{"a status that is not declared", keyed, "POST", nil, []string{"429"}, false, 429, 1},
		{"a broken GET", link, "GET", nil, []string{"cut", "cut"}, false, 200, 3},
		{"a broken POST", link, "POST", nil, []string{"cut"}, false, 0, 1},
		{"a broken POST with a key", keyed, "POST", nil, []string{"cut", "cut"}, false, 200, 3},
		{"a body that opens once", link, "PUT", nil, []string{"503"}, true, 503, 1},
		{"Retry-After", link, "GET", nil, []string{"429 Retry-After: 0"}, false, 200, 2},
		{"Retry-After beyond the time of a call", link, "GET", nil, []string{"429 Retry-After: 3600"}, false, 429, 1},
		{"a pointer", keyed, "GET", nil, []string{`503 {"error":{"wait":"10ms"}}`}, false, 200, 2},
		{"a pointer beyond the time of a call", keyed, "GET", nil, []string{`503 {"error":{"wait":3600}}`}, false, 503, 1},
	} {
		m.be(c.moods...)
		req := broker.InvokeRequest{Connection: c.link, Method: c.method, URL: "/x", Header: c.header, Once: c.once}
		if c.method != "GET" {
			req.Body, req.ContentLength = text("a body"), 6
		}
		got, err := w.Invoke(w.ctx, w.admin, host.Development, req)
		status, body := 0, ""
		if err == nil {
			status = got.Response.StatusCode
			data, _ := io.ReadAll(got.Response.Body)
			_ = got.Response.Body.Close()
			body = string(data)
		} else {
			wantCode(t, err, host.Unavailable, "broke the connection off")
		}
		seen, bodies, _ := m.asked()
		if status != c.status || len(seen) != c.sent {
			t.Errorf("%s: %d after %d requests, want %d after %d; %v", c.name, status, len(seen), c.status, c.sent, err)
		}
		if c.name == "a pointer beyond the time of a call" && body != `{"error":{"wait":3600}}` {
			t.Errorf("%s: the answer was lost: %q", c.name, body)
		}
		for i, r := range seen {
			first, this := seen[0].Header.Get("Idempotency-Key"), r.Header.Get("Idempotency-Key")
			if this != first || (this != "") != (c.header != nil || c.link == keyed && c.method == "POST") || c.header != nil && this != c.header.Get("Idempotency-Key") {
				t.Errorf("%s: request %d has the key %q, the first %q", c.name, i, this, first)
			}
			if c.method != "GET" && bodies[i] != "a body" {
				t.Errorf("%s: request %d has the body %q", c.name, i, bodies[i])
			}
		}
	}
	m.be()
	for range 2 {
		_, err := w.Invoke(w.ctx, w.admin, host.Development, broker.InvokeRequest{Connection: keyed, Method: "POST", URL: "/x"})
		w.must(err)
	}
	if seen, _, _ := m.asked(); seen[0].Header.Get("Idempotency-Key") == seen[1].Header.Get("Idempotency-Key") {
		t.Error("two calls have one key")
	}
}

// The pause is the one that the service names, and the caller may leave it.
func TestRetryPauses(t *testing.T) {
	w := newWorld(t, t.TempDir())
	m := &moody{}
	link := w.served(service(t, m.ServeHTTP), func(m *abi.Manifest) { m.Retry = &abi.Retry{After: "header:/X-RateLimit-Reset"} })
	for _, c := range []struct {
		mood string
		want time.Duration
	}{
		{"429 Retry-After: 1", time.Second},
		{"429 X-RateLimit-Reset: 600ms", 600 * time.Millisecond},
		{"503 X-RateLimit-Reset: nonsense", 125 * time.Millisecond},
	} {
		m.be(c.mood)
		if status, _, err := w.get(w.admin, link, "/x"); status != 200 || err != nil {
			t.Fatalf("%s: %d, %v", c.mood, status, err)
		}
		_, _, times := m.asked()
		if paused := times[1].Sub(times[0]); paused < c.want || paused > c.want+time.Second {
			t.Errorf("%s: paused %v", c.mood, paused)
		}
	}
	m.be("429 Retry-After: 30")
	ctx, stop := context.WithCancel(w.ctx)
	time.AfterFunc(100*time.Millisecond, stop)
	begun := time.Now()
	_, err := w.Invoke(ctx, w.admin, host.Development, broker.InvokeRequest{Connection: link, Method: "GET", URL: "/x"})
	wantCode(t, err, host.Interrupted, "interrupted")
	if time.Since(begun) > 5*time.Second {
		t.Error("the pause went on")
	}
}

// A connection that was never made is tried again for every method.
func TestRetryOfAConnectionThatIsNotThereYet(t *testing.T) {
	w := newWorld(t, t.TempDir())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	addr := l.Addr().String()
	link := w.served(addr, nil)
	w.must(l.Close())
	go func() {
		time.Sleep(100 * time.Millisecond)
		again, err := net.Listen("tcp", addr)
		if err != nil {
			return
		}
		defer again.Close()
		conn, err := again.Accept()
		if err == nil {
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			_ = conn.Close()
		}
	}()
	got, err := w.Invoke(w.ctx, w.admin, host.Development, broker.InvokeRequest{Connection: link, Method: "POST", URL: "/x", Body: text("a"), ContentLength: 1})
	if err != nil || got.Response.StatusCode != 200 {
		t.Errorf("%v", err)
	}
}
