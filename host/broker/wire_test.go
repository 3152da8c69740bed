package broker_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
)

// raw takes the connection of a request away from net/http.
func raw(w http.ResponseWriter) *net.TCPConn {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	return conn.(*net.TCPConn)
}

// reset ends a connection with a RST.
func reset(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() }

// acted lets the service rotate the token and gives the bytes of its answer's
// body to what then happens to them.
func acted(then func(c *net.TCPConn, body []byte)) meeting {
	return func(w http.ResponseWriter, _ *http.Request, act func() *httptest.ResponseRecorder) {
		body := act().Body.Bytes()
		then(raw(w), body)
	}
}

const okHeader = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

// What happens to a request and its answer on the wire: the class that it is
// given, and never a second presentation unless the token was not used.
func TestFaultsOnTheWire(t *testing.T) {
	plain := func(w http.ResponseWriter, status int, body string) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
	for name, c := range map[string]struct {
		meet  meeting
		bend  func(*host.Call) // on the way, before it is dialled
		class host.TokenClass
		want  aftermath // of an unknown outcome
	}{
		"lost request": {meet: func(w http.ResponseWriter, _ *http.Request, _ func() *httptest.ResponseRecorder) {
			_ = raw(w).Close()
		}, class: host.TokenUnknown, want: unused},
		"lost answer":                {meet: acted(func(c *net.TCPConn, _ []byte) { _ = c.Close() }), class: host.TokenUnknown, want: lost},
		"reset instead of an answer": {meet: acted(func(c *net.TCPConn, _ []byte) { reset(c) }), class: host.TokenUnknown, want: lost},
		"reset in the middle of the header": {meet: acted(func(c *net.TCPConn, _ []byte) {
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Type: applic"))
			time.Sleep(20 * time.Millisecond)
			reset(c)
		}), class: host.TokenUnknown, want: lost},
		"reset in the middle of the body": {meet: acted(func(c *net.TCPConn, body []byte) {
			fmt.Fprintf(c, "%sContent-Length: %d\r\n\r\n%s", okHeader, len(body), body[:len(body)/2])
			time.Sleep(20 * time.Millisecond)
			reset(c)
		}), class: host.TokenUnknown, want: lost},
		"truncated: the length says more": {meet: acted(func(c *net.TCPConn, body []byte) {
			fmt.Fprintf(c, "%sContent-Length: %d\r\n\r\n%s", okHeader, len(body)+50, body)
			_ = c.Close()
		}), class: host.TokenUnknown, want: lost},
		"truncated: no last chunk": {meet: acted(func(c *net.TCPConn, body []byte) {
			fmt.Fprintf(c, "%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", okHeader, len(body), body)
			_ = c.Close()
		}), class: host.TokenUnknown, want: lost},
		"an answer slower than the limit": {meet: func(_ http.ResponseWriter, r *http.Request, act func() *httptest.ResponseRecorder) {
			act()
			<-r.Context().Done()
		}, bend: func(call *host.Call) { call.Timeout = 200 * time.Millisecond }, class: host.TokenUnknown, want: lost},
		"a body slower than the limit": {meet: func(w http.ResponseWriter, r *http.Request, act func() *httptest.ResponseRecorder) {
			rec := act()
			_, _ = w.Write(rec.Body.Bytes()[:10])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, bend: func(call *host.Call) { call.Timeout = 200 * time.Millisecond }, class: host.TokenUnknown, want: lost},
		"another 5xx": {meet: func(w http.ResponseWriter, _ *http.Request, act func() *httptest.ResponseRecorder) {
			act()
			plain(w, 502, `{"error":"bad_gateway"}`)
		}, class: host.TokenUnknown, want: lost},
		"a redirect": {meet: func(w http.ResponseWriter, r *http.Request, _ func() *httptest.ResponseRecorder) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, class: host.TokenUnknown, want: unused},

		"429": {meet: busy, class: host.TokenNotUsed},
		"503 temporarily_unavailable": {meet: func(w http.ResponseWriter, _ *http.Request, _ func() *httptest.ResponseRecorder) {
			plain(w, 503, `{"error":"temporarily_unavailable"}`)
		}, class: host.TokenNotUsed},
		"400 temporarily_unavailable": {meet: func(w http.ResponseWriter, _ *http.Request, _ func() *httptest.ResponseRecorder) {
			plain(w, 400, `{"error":"temporarily_unavailable"}`)
		}, class: host.TokenNotUsed},
		"nobody listens": {bend: func(call *host.Call) { call.URL.Host = "127.0.0.1:1"; call.Hosts = []string{"127.0.0.1:1"} }, class: host.TokenNotUsed},
		"no TLS there":   {bend: func(call *host.Call) { call.URL.Scheme = "https" }, class: host.TokenNotUsed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var bend func(*host.Call)
			w, s, link := strictly(t, dir, func(w *world) {
				w.aroundEgress = func(next host.Egress) host.Egress {
					return bentEgress{next, func(call *host.Call) {
						if bend != nil {
							u := *call.URL
							call.URL = &u
							bend(call)
						}
					}}
				}
			})
			w.clock.advance(50 * time.Minute)
			bend = c.bend
			s.meets(c.meet)
			w.wantCall(link, "with the living token")
			bend = nil
			s.meets(nil)
			if class := w.lastClass(); class != string(c.class) {
				t.Errorf("class %q, want %q", class, c.class)
			}
			shown := s.presented(t)
			if c.class == host.TokenNotUsed {
				if shown > 0 {
					s.refuse(s.shown[0].token)
				}
				w.clock.advance(3 * time.Second) // the pause is over
				w.wantCall(link, "when the service is back")
				wantPresented(t, s, shown+1)
				w.wantStored(s)
				return
			}
			for range 3 {
				w.clock.advance(70 * time.Second)
				w.wantCall(link, "with the living token, later")
			}
			wantPresented(t, s, 1)
			w.clock.advance(10 * time.Minute)
			afterwards(t, w, s, link, c.want)
			w.whole(dir)
		})
	}
}

// lastClass is the class of the last refresh that failed, from the audit chain.
func (w *world) lastClass() string {
	w.t.Helper()
	var class string
	w.must(w.store.View(w.ctx, func(tx host.Tx) error {
		list, err := tx.Audit().List(w.ctx, "")
		for _, r := range list {
			if r.Act == host.ActRefreshFailed {
				class = r.Detail["class"]
			}
		}
		return err
	}))
	return class
}
