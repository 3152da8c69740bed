package egress

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/connhost/connhost/host"
)

// again asks the caller whether an attempt is made once more, and pauses. The
// hop goes through the whole policy again, and its body is opened anew.
func (x *exchange) again(ctx context.Context, h *hop, res *http.Response, failed error) (bool, error) {
	if x.call.Retry == nil || x.call.Once && h.body {
		return false, nil
	}
	if _, lost := errors.AsType[*host.Lost](failed); failed != nil && !lost {
		return false, nil
	}
	x.tries++
	t := host.Try{N: x.tries, Err: failed}
	if res != nil {
		seen := *res
		seen.Body, seen.Request = http.NoBody, x.sent(h)
		t.Response, t.Begin = &seen, func() []byte { return begin(res) }
	}
	pause, again := x.call.Retry(t)
	end, limited := ctx.Deadline()
	if !again || limited && time.Until(end) <= pause {
		return false, nil
	}
	if res != nil {
		discard(res)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true, nil
	case <-ctx.Done():
		return false, x.explain(ctx, h, ctx.Err())
	}
}

// A failing stream has only its error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// maxBegin is how much of an answer is read for what it tells about a pause.
const maxBegin = 64 << 10

// begin reads the beginning of an answer, which the caller may still get.
func begin(res *http.Response) []byte {
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxBegin))
	rest := io.Reader(res.Body)
	if err != nil {
		rest = failing{err}
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(raw), rest), res.Body}
	if !encoded(res.Header) {
		return raw
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil
	}
	plain, _ := io.ReadAll(io.LimitReader(z, maxBegin))
	return plain
}
