package cassette

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/connhost/connhost/host"
)

// MaxBody bounds what is kept of one request or answer, in bytes.
const MaxBody = 8 << 20

// A Tape records exchanges, or gives them back. It is safe for concurrent use.
type Tape struct {
	mask func(string) string

	mu        sync.Mutex
	exchanges []Exchange
	used      []bool
}

// NewTape makes an empty one, to record on. What it writes has gone through
// mask once more when it is written: what is a secret may be learned later than
// it was seen. Mask may be nil.
func NewTape(mask func(string) string) *Tape {
	if mask == nil {
		mask = func(s string) string { return s }
	}
	return &Tape{mask: mask}
}

// Load makes one of a cassette, to play. A request is looked for as mask leaves
// it, because that is how it was written; mask may be nil.
func Load(c Cassette, mask func(string) string) *Tape {
	t := NewTape(mask)
	t.exchanges, t.used = c.Exchanges, make([]bool, len(c.Exchanges))
	return t
}

// An Asked is a request on its way, as it is recorded or looked for.
type Asked struct {
	Connection, Action string
	Method, URL        string
	Header             http.Header
	Body               []byte
}

func (a Asked) kept() Request {
	return Request{a.Connection, a.Action, a.Method, a.URL, plainHeader(a.Header), Body(a.Body)}
}

// Record keeps a request with its answer and gives the answer with its body to
// be read. One that is too large for a cassette is Refused; the answer's body
// is closed then.
func (t *Tape) Record(a Asked, resp *http.Response) (*http.Response, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	if len(body) > MaxBody || len(a.Body) > MaxBody {
		return nil, host.Errorf(host.Refused, "%s has more than %d bytes, too many for a cassette", a.name(), MaxBody)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.exchanges = append(t.exchanges, Exchange{a.kept(), Response{resp.StatusCode, plainHeader(resp.Header), Body(body)}})
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// Cassette is what was recorded, masked.
func (t *Tape) Cassette() Cassette {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := Cassette{Version: 1}
	for _, e := range t.exchanges {
		c.Exchanges = append(c.Exchanges, Exchange{
			Request: Request{
				e.Request.Connection, e.Request.Action, e.Request.Method, t.mask(e.Request.URL), t.masked(e.Request.Header), Body(t.mask(string(e.Request.Body))),
			},
			Response: Response{e.Response.Status, t.masked(e.Response.Header), Body(t.mask(string(e.Response.Body)))},
		})
	}
	return c
}

func (t *Tape) masked(h map[string]string) map[string]string {
	if h == nil {
		return nil
	}
	out := map[string]string{}
	for name, text := range h {
		out[name] = t.mask(text)
	}
	return out
}

// Play gives the answer that was recorded for a request: the first that was not
// given yet, or else the last of those that were. A request that nobody recorded
// is Failed, and says what comes closest.
func (t *Tape) Play(a Asked) (*http.Response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a.URL, a.Body = t.mask(a.URL), []byte(t.mask(string(a.Body)))
	found := -1
	for i, e := range t.exchanges {
		if !same(e.Request, a) {
			continue
		}
		if found = i; !t.used[i] {
			break
		}
	}
	if found < 0 {
		return nil, host.Errorf(host.Failed, "the cassette has no answer to %s%s", a.name(), t.nearest(a)).
			WithHint("record it anew with --record")
	}
	t.used[found] = true
	return t.exchanges[found].Response.answer(), nil
}

// Unused counts the requests that were recorded and not made.
func (t *Tape) Unused() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for _, used := range t.used {
		if !used {
			n++
		}
	}
	return n
}

// same reports whether a request is the recorded one.
func same(r Request, a Asked) bool {
	return r.Connection == a.Connection && r.Action == a.Action && r.Method == a.Method && sortedURL(r.URL) == sortedURL(a.URL) &&
		comparable(r.Header["Content-Type"], string(r.Body)) == comparable(a.Header.Get("Content-Type"), string(a.Body))
}

// nearest says how a recorded request differs that is like one.
func (t *Tape) nearest(a Asked) string {
	where := func(u string) string { u, _, _ = strings.Cut(u, "?"); return u }
	for _, e := range t.exchanges {
		r := e.Request
		switch {
		case r.Action != a.Action || r.Method != a.Method || where(r.URL) != where(a.URL):
		case r.Connection != a.Connection:
			return fmt.Sprintf("; one through %q was recorded", r.Connection)
		case sortedURL(r.URL) != sortedURL(a.URL):
			return "; one with another query was recorded"
		case a.Action != "":
			return "; one with other parameters was recorded"
		default:
			return "; one with another body was recorded"
		}
	}
	return ""
}

// name is what a request is called in a sentence.
func (a Asked) name() string {
	what := a.Action
	if what == "" {
		bare, _, _ := strings.Cut(a.URL, "?")
		what = a.Method + " " + bare
	}
	if a.Connection != "" {
		what += " through " + a.Connection
	}
	return what
}

// answer is a recorded answer as it comes from the wire.
func (r Response) answer() *http.Response {
	body := []byte(r.Body)
	resp := &http.Response{
		Status: statusText(r.Status), StatusCode: r.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}
	for name, text := range r.Header {
		resp.Header.Set(name, text)
	}
	return resp
}
