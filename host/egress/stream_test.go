package egress_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

// drain reads an answer to its end, searched for secrets as it comes, and gives
// its size and how much the process grew meanwhile.
func drain(t *testing.T, h http.HandlerFunc, limits egress.Limits) (n, grown int64, err error) {
	t.Helper()
	u := serve(t, h)
	grown = growth(func() {
		var res *http.Response
		res, err = client(t, limits).Do(context.Background(), host.Call{URL: u, Redactor: redactor()})
		if err != nil {
			return
		}
		n, err = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	})
	return n, grown, err
}

// A service that sends a little at a time, for as long as it is let: bytes in
// packets and chunks of their own, packed or not, headers without end.
func TestSlowDripGrowsNothing(t *testing.T) {
	dripHeader := func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		for i := 0; ; i++ {
			if _, err := fmt.Fprintf(conn, "X-%d: y\r\n", i); err != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
	dripGzip := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for r.Context().Err() == nil {
			if _, err := z.Write([]byte("x")); err != nil || z.Flush() != nil {
				return
			}
			w.(http.Flusher).Flush()
			time.Sleep(time.Millisecond)
		}
	}
	// Each byte is a prefix of a secret, which the search has to hold back.
	dripSecret := func(w http.ResponseWriter, r *http.Request) {
		for i := 0; r.Context().Err() == nil; i++ {
			if _, err := io.WriteString(w, canary[i%len(canary):][:1]); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			time.Sleep(time.Millisecond)
		}
	}
	for name, h := range map[string]http.HandlerFunc{"a body": drip, "a header": dripHeader, "gzip": dripGzip, "a secret": dripSecret} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			_, grown, err := drain(t, h, egress.Limits{ResponseTime: time.Second})
			want(t, err, host.Unavailable, "within the limit response_time (1 s)")
			if took := time.Since(begun); took > 5*time.Second || grown > allowedGrowth {
				t.Errorf("took %v, memory grew by %d", took, grown)
			}
		})
	}
}

// 10 GB pass through in small memory where the operator allows them, plain and
// from 10 MB of gzip; where it does not, they are cut at the limit.
func TestTenGigabytes(t *testing.T) {
	const size = streamed
	if os.Getenv("CONNHOST_PEERS") != "1" {
		t.Skip("set CONNHOST_PEERS=1 to stream 10 GB")
	}
	block := bytes.Repeat([]byte(`{"name":"value","n":12345},`+strings.Repeat(" ", 37)), 1<<14) // 1 MiB
	plain := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for n := 0; n < size; n += len(block) {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}
	packed := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "text/plain")
		z := gzip.NewWriter(w)
		zeros := make([]byte, 1<<20)
		for n := 0; n < size; n += len(zeros) {
			if _, err := z.Write(zeros); err != nil {
				return
			}
		}
		_ = z.Close()
	}
	for name, h := range map[string]http.HandlerFunc{"plain": plain, "gzip": packed} {
		n, grown, err := drain(t, h, egress.Limits{Download: size, ResponseTime: 10 * time.Minute})
		if err != nil || n != size || grown > allowedGrowth {
			t.Errorf("%s: %d bytes, memory grew by %d, %v", name, n, grown, err)
		}
		n, grown, err = drain(t, h, egress.Limits{ResponseTime: time.Minute})
		want(t, err, host.Refused, "is larger than the limit download (50 MB)")
		if n > egress.DefaultDownload || grown > allowedGrowth {
			t.Errorf("%s, not allowed: %d bytes, memory grew by %d", name, n, grown)
		}
	}
}

// Whatever ends a line, wherever a caller or a signer puts it: nothing is sent,
// or one request of the lines that net/http writes.
func TestNothingInjectsALine(t *testing.T) {
	var heads []string
	u := parse(t, raw(t, func(c net.Conn) {
		buf := make([]byte, 8192)
		n, _ := c.Read(buf)
		heads = append(heads, string(buf[:n]))
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
	}))
	u.RawQuery = ""
	c := client(t, egress.Limits{})
	for _, end := range []string{"\r\nInjected: 1", "\nInjected: 1", "\rInjected: 1", "\x00Injected: 1", "\r\n\r\nGET /second HTTP/1.1\r\nHost: evil\r\n\r\n", "\u0085Injected: 1", "\u2028Injected: 1"} {
		for place, put := range map[string]func(*host.Call){
			"method":       func(call *host.Call) { call.Method = "GET" + end },
			"scheme":       func(call *host.Call) { call.URL.Scheme += end },
			"host":         func(call *host.Call) { call.URL.Host += end },
			"path":         func(call *host.Call) { call.URL.Path += end },
			"raw path":     func(call *host.Call) { call.URL.RawPath = "/x" + end },
			"query":        func(call *host.Call) { call.URL.RawQuery = "a=" + end },
			"fragment":     func(call *host.Call) { call.URL.Fragment = end },
			"opaque":       func(call *host.Call) { call.URL.Opaque = end },
			"header name":  func(call *host.Call) { call.Header["X-A"+end] = []string{"b"} },
			"header value": func(call *host.Call) { call.Header["X-A"] = []string{"b" + end} },
			"second value": func(call *host.Call) { call.Header["X-A"] = []string{"a", "b" + end} },
			"agent":        func(call *host.Call) { call.Header["User-Agent"] = []string{end} },
			"type":         func(call *host.Call) { call.Header["Content-Type"] = []string{"text/plain" + end} },
			"signer's header": func(call *host.Call) {
				call.Sign = func(r *http.Request) error { r.Header["Authorization"] = []string{"Bearer x" + end}; return nil }
			},
			"signer's name": func(call *host.Call) {
				call.Sign = func(r *http.Request) error { r.Header["A"+end] = []string{"x"}; return nil }
			},
			"signer's query": func(call *host.Call) {
				call.Sign = func(r *http.Request) error { r.URL.RawQuery = "k=" + end; return nil }
			},
			"signer's path": func(call *host.Call) { call.Sign = func(r *http.Request) error { r.URL.Path += end; return nil } },
		} {
			heads = nil
			at := *u
			call := host.Call{URL: &at, Bound: true, Hosts: []string{u.Host}, Header: http.Header{}, NoRedirect: true}
			put(&call)
			_, _, err := fetch(t, c, call)
			if err != nil && (len(heads) > 0 || host.CodeOf(err) != host.Refused) {
				t.Errorf("%q in the %s: %v, %d requests", end, place, err, len(heads))
			}
			if err != nil {
				continue
			}
			if len(heads) != 1 || strings.Contains(heads[0], "\nInjected") || strings.Contains(heads[0], "\rInjected") || strings.Contains(heads[0], "\x00") ||
				strings.Count(heads[0], "\r\n\r\n") != 1 || strings.Count(heads[0], "\r") != strings.Count(heads[0], "\n") {
				t.Errorf("%q in the %s: sent %q", end, place, heads)
			}
		}
	}
}
