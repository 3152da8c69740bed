package egress_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

// growth runs f and gives how much the process took from the system at most,
// in bytes.
func growth(f func()) int64 {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.Sys) - int64(before.Sys)
}

const allowedGrowth = 64 << 20

// bomb decodes to zeros without end.
func bomb(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	zeros := make([]byte, 1<<20)
	for r.Context().Err() == nil {
		if _, err := z.Write(zeros); err != nil {
			return
		}
	}
}

// endless writes until the other side has enough.
func endless(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	chunk := bytes.Repeat([]byte("s3cr3t-canary-valu"), 4096)
	for r.Context().Err() == nil {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// members are gzip members of nothing.
func members(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	var empty bytes.Buffer
	_ = gzip.NewWriter(&empty).Close()
	chunk := bytes.Repeat(empty.Bytes(), 1000)
	for r.Context().Err() == nil {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

func TestDownloadLimit(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{"gzip bomb": bomb, "endless stream": endless, "empty gzip members": members} {
		t.Run(name, func(t *testing.T) {
			u := serve(t, h)
			var n int64
			var err error
			grown := growth(func() {
				var res *http.Response
				res, err = client(t, egress.Limits{}).Do(context.Background(), host.Call{URL: u, Redactor: redactor()})
				if err != nil {
					t.Fatal(err)
				}
				n, err = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			})
			want(t, err, host.Refused, "the answer is larger than the limit download (50 MB)\n--limit download=100MB")
			if n > egress.DefaultDownload || grown > allowedGrowth {
				t.Errorf("%d bytes were read, memory grew by %d", n, grown)
			}
		})
	}
}

func TestDownloadLimitIsExact(t *testing.T) {
	for _, zipped := range []bool{false, true} {
		for size, ok := range map[int]bool{0: true, 999: true, 1000: true, 1001: false} {
			u := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if !zipped {
					w.(http.Flusher).Flush() // the length is not announced
					fmt.Fprint(w, strings.Repeat("x", size))
					return
				}
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				fmt.Fprint(z, strings.Repeat("x", size))
				_ = z.Close()
			})
			_, text, err := fetch(t, client(t, egress.Limits{}), host.Call{URL: u, MaxBytes: 1000})
			if ok && (err != nil || len(text) != size) {
				t.Errorf("%d bytes, gzip %v: got %d, %v", size, zipped, len(text), err)
			}
			if !ok {
				want(t, err, host.Refused, "is larger than 1000 B")
			}
		}
	}
}

func TestAnnouncedLengthIsRefusedAtOnce(t *testing.T) {
	u := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "1001") })
	c := client(t, egress.Limits{Download: 1000})
	_, err := c.Do(context.Background(), host.Call{URL: u})
	want(t, err, host.Refused, "limit download (1000 B)\n--limit download=2000B")
	res, _, err := fetch(t, c, host.Call{URL: u, Method: "HEAD"})
	if err != nil || res.ContentLength != 1001 {
		t.Errorf("HEAD: got %v, %v", res, err)
	}
}

func TestHeaderLimit(t *testing.T) {
	u := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 2<<20))
	})
	_, err := client(t, egress.Limits{}).Do(context.Background(), host.Call{URL: u})
	want(t, err, host.Refused, "the header of the answer is larger than the limit (1 MB)")
}

// hang answers nothing, drip a byte at a time.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice that the caller leaves
	<-r.Context().Done()
}

func drip(w http.ResponseWriter, r *http.Request) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for r.Context().Err() == nil {
		fmt.Fprint(w, "x")
		w.(http.Flusher).Flush()
		<-tick.C
	}
}

func TestResponseTime(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{"hang": hang, "drip": drip} {
		u := serve(t, h)
		for limit, call := range map[string]host.Call{"100ms": {URL: u, Timeout: 100 * time.Millisecond}, "150ms": {URL: u}} {
			begun := time.Now()
			_, _, err := fetch(t, client(t, egress.Limits{ResponseTime: 150 * time.Millisecond}), call)
			want(t, err, host.Unavailable, "no answer from "+u.Host+" within the limit response_time ("+limit+")")
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: the cause is %v", name, errors.Unwrap(err))
			}
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("%s took %v", name, took)
			}
		}
	}
}

func TestCallerInterrupts(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{"hang": hang, "drip": drip} {
		u := serve(t, h)
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(30*time.Millisecond, cancel)
		res, err := client(t, egress.Limits{}).Do(ctx, host.Call{URL: u})
		if err == nil {
			_, err = io.ReadAll(res.Body)
			_ = res.Body.Close()
		}
		if host.CodeOf(err) != host.Interrupted || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %#v", name, err)
		}
	}
}

// raw answers every connection with what f does to it, and does no HTTP.
func raw(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				f(conn)
				_ = conn.Close()
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/secret-path?token=" + canary
}

// reply reads the request's head and answers with text.
func reply(text string) func(net.Conn) {
	return func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		_, _ = io.WriteString(c, text)
	}
}

func TestFailuresAreOurs(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	for name, c := range map[string]struct {
		url, text string
	}{
		"closed port":  {"http://" + closed.Addr().String() + "/?token=" + canary, "nothing answers at "},
		"reset":        {raw(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)); _ = c.(*net.TCPConn).SetLinger(0) }), "broke the connection off"},
		"empty":        {raw(t, reply("")), "broke the connection off"},
		"not HTTP":     {raw(t, reply("SSH-2.0-"+canary+"\r\n")), "not valid HTTP"},
		"cut head":     {raw(t, reply("HTTP/1.1 200 OK\r\nX-A: b")), "broke the connection off"},
		"cut body":     {raw(t, reply("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")), "broke the connection off"},
		"cut chunk":    {raw(t, reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc")), "broke the connection off"},
		"bad chunk":    {raw(t, reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc")), "not valid HTTP"},
		"bad gzip":     {raw(t, reply("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\nnot gzip, no")), "not valid HTTP"},
		"cut gzip":     {raw(t, reply("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08")), "broke the connection off"},
		"not https":    {strings.Replace(raw(t, reply("HTTP/1.1 400 Bad\r\n\r\n")), "http:", "https:", 1), "does not speak https"},
		"not https, 2": {strings.Replace(raw(t, reply("hello hello")), "http:", "https:", 1), "does not speak https"},
	} {
		_, got, err := fetch(t, client(t, egress.Limits{}), host.Call{URL: parse(t, c.url), Redactor: redactor()})
		if want(t, err, host.Unavailable, c.text); t.Failed() {
			t.Fatal(name)
		}
		e, ok := errors.AsType[*host.Error](err)
		if !ok {
			t.Errorf("%s: got %q, %v", name, got, err)
		} else if strings.Contains(e.Msg+e.Hint+fmt.Sprint(e.Err), canary) || strings.Contains(e.Msg, "secret-path") {
			t.Errorf("%s: the error quotes what it must not: %v, %v", name, e, e.Err)
		}
	}
}

func TestBodyOfTheCallerFails(t *testing.T) {
	u := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	mine := errors.New("the file is gone")
	opened := atomic.Int32{}
	call := host.Call{URL: u, Method: "POST", ContentLength: -1, Body: func() (io.ReadCloser, error) {
		opened.Add(1)
		return io.NopCloser(io.MultiReader(strings.NewReader("abc"), failing{mine})), nil
	}}
	if _, err := client(t, egress.Limits{}).Do(context.Background(), call); !errors.Is(err, mine) {
		t.Errorf("got %v", err)
	}
	call.Body = func() (io.ReadCloser, error) { return nil, mine }
	if _, err := client(t, egress.Limits{}).Do(context.Background(), call); !errors.Is(err, mine) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
