package egress

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/connhost/connhost/host"
)

// An exchange is one call on its way: as many attempts as challenge and
// redirects ask for.
type exchange struct {
	client  *Client
	caller  context.Context // without the call's own deadline
	call    host.Call
	first   hop
	start   *hop // first
	timeout time.Duration
	max     int64 // bytes of the decoded body
	asked   int   // how often Challenge was
	tries   int   // how often Retry was
	body    body  // of the answer
}

// A hop is what the next attempt sends.
type hop struct {
	target    target
	method    string
	header    http.Header // of the caller
	body      bool
	foreign   bool // has left the first origin, for good
	redirects int  // followed so far
}

// begin checks what does not depend on an answer.
func (c *Client) begin(ctx context.Context, call host.Call) (*exchange, error) {
	x := &exchange{client: c, caller: ctx, call: call, timeout: call.Timeout, max: call.MaxBytes}
	if call.Sign != nil && !call.Bound {
		return nil, host.Errorf(host.Internal, "a credential without declared hosts")
	}
	if x.timeout <= 0 {
		x.timeout = c.limits.ResponseTime
	}
	if x.max <= 0 {
		x.max = c.limits.Download
	}
	x.start = &x.first
	h := x.start
	h.method, h.body = call.Method, call.Body != nil
	if h.method == "" {
		h.method = http.MethodGet
	}
	if err := checkMethod(h.method); err != nil {
		return nil, err
	}
	var err error
	if h.target, err = parseTarget(call.URL); err != nil {
		return nil, err
	}
	if h.header, err = checkHeader(call.Header); err != nil {
		return nil, err
	}
	if err = x.checkCertificate(h.target); err != nil {
		return nil, err
	}
	return x, nil
}

// limit ends the call when its time is over. For a call that must not arrive
// twice, a token request, the time counts in which this process runs: one that
// was stopped for longer (SIGSTOP, a paused machine) finds the answer, which
// cannot be had again, waiting at its socket, and has a twentieth left to read.
func (x *exchange) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if x.call.Wrote == nil {
		return context.WithTimeoutCause(ctx, x.timeout, errSlow)
	}
	ctx, end := context.WithCancelCause(ctx)
	go func() {
		const parts = 20
		tick := time.NewTicker(max(x.timeout/parts, 1)) // which drops what nobody was awake for
		defer tick.Stop()
		for range parts {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
		end(errSlow)
	}()
	return ctx, func() { end(context.Canceled) }
}

// run sends attempts until an answer is the call's.
func (x *exchange) run(ctx context.Context, cancel context.CancelFunc) (*http.Response, error) {
	h := x.start
	for {
		res, err := x.send(ctx, h)
		if err != nil {
			again, stopped := x.again(ctx, h, nil, err)
			if again {
				continue
			}
			return nil, cmp.Or(stopped, err)
		}
		next, err := x.next(ctx, h, res)
		if err != nil {
			_ = res.Body.Close()
			return nil, err
		}
		if next == nil {
			if res.StatusCode >= 400 {
				again, err := x.again(ctx, h, res, nil)
				if err != nil {
					return nil, err
				}
				if again {
					continue
				}
			}
			return x.answer(ctx, cancel, h, res)
		}
		discard(res)
		h = next
	}
}

// next is what an answer asks for: another attempt, or nil. Each reason to
// send again is one case here.
func (x *exchange) next(ctx context.Context, h *hop, res *http.Response) (*hop, error) {
	if again, err := x.challenged(ctx, h, res); again || err != nil {
		return x.start, err
	}
	return x.redirected(h, res)
}

// maxChallenges is one to learn how to sign and one to sign with something else.
const maxChallenges = 2

// challenged asks the caller whether a refusal by the service can be
// cured. It sees the answer without its body, which may still be the call's.
func (x *exchange) challenged(ctx context.Context, h *hop, res *http.Response) (bool, error) {
	if res.StatusCode < 400 || res.StatusCode > 499 || x.call.Challenge == nil || x.asked == maxChallenges || h.foreign {
		return false, nil
	}
	x.asked++
	seen := *res
	seen.Body, seen.Request = http.NoBody, x.sent(h)
	again, err := x.call.Challenge(ctx, &seen)
	if err != nil && ctx.Err() != nil && host.CodeOf(err) == host.Internal {
		return false, x.explain(ctx, h, err)
	}
	return again, err
}

// send makes one attempt: policy, credential, dial.
func (x *exchange) send(ctx context.Context, h *hop) (*http.Response, error) {
	k, err := x.admit(h)
	if err != nil {
		return nil, err
	}
	if x.call.Enter == nil || h.foreign {
		return x.attempt(ctx, h, k)
	}
	leave, err := x.call.Enter(ctx, h.target.url)
	if err != nil {
		if _, ours := errors.AsType[*host.Error](err); !ours {
			err = x.explain(ctx, h, err)
		}
		return nil, err
	}
	res, err := x.attempt(ctx, h, k)
	leave(res, err)
	return res, err
}

func (x *exchange) attempt(ctx context.Context, h *hop, k class) (*http.Response, error) {
	w := watch(x.call.Wrote)
	req, err := x.request(w.context(ctx), h)
	if err != nil {
		return nil, err
	}
	sent := x.client.now()
	res, err := x.way(k, h).RoundTrip(req)
	w.settle(err, ctx.Err() != nil)
	if err != nil {
		return nil, x.explain(ctx, h, err)
	}
	x.client.observe(h, res, sent)
	return res, nil
}

// observe reads the service's clock, for the hop's own origin. An answer that a
// cache has kept is as old as its Date (RFC 9111 section 5.1), and tells
// nothing.
func (c *Client) observe(h *hop, res *http.Response, sent time.Time) {
	if c.skews == nil || res.Header.Get("Age") != "" {
		return
	}
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		c.skews.Observe(host.Origin(h.target.url), date, sent, c.now())
	}
}

// request builds what is sent and signs it.
func (x *exchange) request(ctx context.Context, h *hop) (*http.Request, error) {
	u := *h.target.url
	req := blank.WithContext(ctx) // which copies it
	req.Method, req.URL, req.Host, req.Header = h.method, &u, u.Host, h.header.Clone()
	if _, ok := req.Header["User-Agent"]; !ok {
		req.Header["User-Agent"] = x.client.agent
	}
	if h.method != http.MethodHead && h.header.Get("Range") == "" {
		req.Header["Accept-Encoding"] = gzipOnly
	}
	if h.body {
		req.ContentLength = x.call.ContentLength
		req.GetBody = func() (io.ReadCloser, error) { return openUpload(x.call.Body) }
	}
	if x.call.Sign != nil && !h.foreign {
		if err := x.sign(req, h); err != nil {
			return nil, err
		}
	}
	if !h.body {
		return req, nil
	}
	var err error
	req.Body, err = req.GetBody()
	return req, err
}

// blank is what all requests have in common.
var blank = &http.Request{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}

// sign puts the credential on and checks that nothing else was changed: the
// policy has judged this host, scheme and method.
func (x *exchange) sign(req *http.Request, h *hop) error {
	if err := x.call.Sign(req); err != nil {
		return err
	}
	u := h.target.url
	if req.URL.Scheme != u.Scheme || req.URL.Host != u.Host || req.Host != u.Host || req.URL.User != nil ||
		req.URL.Opaque != "" || req.Method != h.method {
		return host.Errorf(host.Internal, "a signer changed where the request goes")
	}
	query, err := cleanQuery(req.URL.RawQuery)
	if err != nil {
		return err
	}
	req.URL.RawQuery = query
	return checkSigned(req.Header)
}

// sent is the request as the caller may know it: without the credential, and
// masked, because a redirect may have brought one into the URL.
func (x *exchange) sent(h *hop) *http.Request {
	u := h.target.url
	if h.redirects > 0 {
		masked, err := url.Parse(x.call.Redactor.Text(u.String()))
		if err != nil {
			masked = &url.URL{Scheme: u.Scheme, Host: u.Host}
		}
		u = masked
	}
	return &http.Request{Method: h.method, URL: u, Host: u.Host, Header: h.header}
}

// discard reads the little that is left of an answer, so that its connection
// can be used again, and closes it.
func discard(res *http.Response) {
	const little = 4 << 10
	if res.ContentLength <= little {
		_, _ = io.CopyN(io.Discard, res.Body, little)
	}
	_ = res.Body.Close()
}
