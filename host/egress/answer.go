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
	b := &x.body
	b.exchange, b.hop, b.ctx, b.cancel, b.answer, b.raw = x, h, ctx, cancel, res, res.Body
	b.source = source{in: res.Body, left: x.max, of: b}
	b.in = &b.source
	if encoded(res.Header) {
		// Empty members decode to nothing for ever, so what comes in counts
		// too; a little more, because what cannot be packed grows.
		b.source.left += x.max/64 + 64<<10
		b.in = &limited{in: &gunzip{in: b.in, of: b}, left: x.max, of: b}
		dropLength(res)
		res.Header.Del("Content-Encoding")
		res.Uncompressed = true
	}
	b.mask(kind)
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

// gzipOnly is the Accept-Encoding of every request. Nobody changes it.
var gzipOnly = []string{"gzip"}

// encoded reports whether the body is gzip, the one encoding asked for. Others
// stay as they are, like any binary file.
func encoded(h http.Header) bool {
	e := strings.ToLower(strings.TrimSpace(h.Get("Content-Encoding")))
	return e == "gzip" || e == "x-gzip"
}

// dropLength forgets the length of a body that is changed on the way.
func dropLength(res *http.Response) {
	res.ContentLength = -1
	res.Header.Del("Content-Length")
}

// A body is what the caller reads and must close. The stages that nearly every
// answer passes are parts of it, and it is one of its exchange, so that they cost
// one allocation together.
type body struct {
	in     io.Reader // the last stage
	raw    io.Closer
	source source
	text   utf16Text

	exchange *exchange
	hop      *hop
	ctx      context.Context
	cancel   context.CancelFunc
	answer   *http.Response
	once     sync.Once
}

// mask puts the redactor over a text; what is text is decided by its type, and
// for every other type by how it begins.
func (b *body) mask(kind string) {
	redactor := b.exchange.call.Redactor
	if redactor == nil {
		return
	}
	if textType(kind) {
		order := declaredUTF16(kind)
		if order != nil {
			plain, _, _ := strings.Cut(kind, ";")
			b.answer.Header.Set("Content-Type", plain+"; charset=utf-8")
		}
		b.text = utf16Text{in: b.in, order: order}
		b.in = &b.text
	} else {
		var head []byte
		if head, b.in = peek(b.in); !looksText(head) {
			return
		}
	}
	dropLength(b.answer)
	b.in = redactor.Reader(b.in)
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

// finish masks the trailer, which is there at the end, and frees the deadline.
func (b *body) finish() {
	b.exchange.call.Redactor.Header(b.answer.Trailer)
	b.cancel()
}

// explain is that of the exchange, for an error of reading.
func (b *body) explain(err error) error { return b.exchange.explain(b.ctx, b.hop, err) }

func (b *body) tooLarge() error { return b.exchange.tooLarge() }
