package egress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/connhost/connhost/host"
)

// answer makes the transport's answer the caller's: limited, decoded, masked,
// and without the request that carried the credential.
//
//	connection -> source -> gunzip -> limit -> mask -> body
func (x *exchange) answer(ctx context.Context, cancel context.CancelFunc, h *hop, res *http.Response) (*http.Response, error) {
	if h.method != http.MethodHead && res.ContentLength > x.max {
		_ = res.Body.Close()
		return nil, x.tooLarge()
	}
	kind := res.Header.Get("Content-Type")
	res.Request = x.sent(h)
	res.Status = x.call.Redactor.Text(res.Status)
	x.call.Redactor.Header(res.Header)
	if res.Body == http.NoBody || h.method == http.MethodHead {
		_ = res.Body.Close()
		res.Body = http.NoBody
		cancel()
		return res, nil
	}
	explain := func(err error) error { return x.explain(ctx, h, err) }
	var in io.Reader = &source{in: res.Body, left: x.max, over: x.tooLarge, explain: explain}
	if encoded(res.Header) {
		// Empty members decode to nothing for ever, so what comes in counts
		// too; a little more, because what cannot be packed grows.
		in.(*source).left += x.max/64 + 64<<10
		in = &limited{in: &gunzip{in: in, explain: explain}, left: x.max, over: x.tooLarge}
		dropLength(res, "Content-Encoding")
		res.Uncompressed = true
	}
	b := &body{raw: res.Body, finish: func() {
		x.call.Redactor.Header(res.Trailer)
		cancel()
	}}
	b.in = x.mask(in, kind, res)
	res.Body = b
	return res, nil
}

// tooLarge names the limit where it is the operator's, and not one that the
// caller set for its own purpose, such as a token answer.
func (x *exchange) tooLarge() error {
	if x.max != x.client.limits.Download {
		return host.Errorf(host.Refused, "the answer of %s is larger than %s", x.start.target, size(x.max))
	}
	return host.Errorf(host.Refused, "the answer is larger than the limit download (%s)", size(x.max)).
		WithHint("--limit download=%s", strings.ReplaceAll(size(2*x.max), " ", ""))
}

// size writes bytes as people write limits.
func size(n int64) string {
	switch {
	case n%(1<<20) == 0:
		return fmt.Sprintf("%d MB", n>>20)
	case n%(1<<10) == 0:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

// encoded reports whether the body is gzip, the one encoding asked for. Others
// stay as they are, like any binary file.
func encoded(h http.Header) bool {
	e := strings.ToLower(strings.TrimSpace(h.Get("Content-Encoding")))
	return e == "gzip" || e == "x-gzip"
}

// dropLength forgets the length of a body that is changed on the way.
func dropLength(res *http.Response, also ...string) {
	res.ContentLength = -1
	for _, name := range append(also, "Content-Length") {
		res.Header.Del(name)
	}
}

// mask puts the redactor over a text; what is text is decided by its type, and
// for every other type by how it begins.
func (x *exchange) mask(in io.Reader, kind string, res *http.Response) io.Reader {
	if x.call.Redactor == nil {
		return in
	}
	if textType(kind) {
		order := declaredUTF16(kind)
		if order != nil {
			plain, _, _ := strings.Cut(kind, ";")
			res.Header.Set("Content-Type", plain+"; charset=utf-8")
		}
		in = &utf16Text{in: in, order: order}
	} else {
		var head []byte
		if head, in = peek(in); !looksText(head) {
			return in
		}
	}
	dropLength(res)
	return x.call.Redactor.Reader(io.NopCloser(in))
}

// A body is what the caller reads and must close.
type body struct {
	in     io.Reader
	raw    io.Closer
	finish func() // masks the trailer, which is there at the end, and frees the deadline
	once   sync.Once
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if err != nil {
		b.once.Do(b.finish)
	}
	return n, err
}

func (b *body) Close() error {
	err := b.raw.Close()
	b.once.Do(b.finish)
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
