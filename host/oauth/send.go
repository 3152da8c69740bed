package oauth

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/connhost/connhost/host"
)

// send makes the one request and returns its whole answer, whatever its
// status. Every token request goes through here. Its error is a
// *host.TokenError: not used when no byte was written, unknown otherwise,
// because the server may have acted on what it got.
func (c *Client) send(ctx context.Context, call host.Call, r *host.Redactor) (answer, error) {
	var wrote bool
	call.Wrote = &wrote
	resp, err := c.egress.Do(ctx, call)
	if err != nil {
		if !wrote {
			return answer{}, notSent(call.URL.Host, safe(r, err))
		}
		return answer{}, lost(call.URL.Host, safe(r, err))
	}
	defer resp.Body.Close()
	body, err := readAll(resp)
	if err != nil {
		return answer{}, lost(call.URL.Host, safe(r, err))
	}
	a := newAnswer(call.URL.Host, resp.StatusCode, resp.Header, body)
	a.now = c.now()
	return a, nil
}

var errTooLong = errors.New("the answer is longer than 1 MiB")

// readAll reads an answer to its end. One that is cut short or too long is an
// error: half of an answer says nothing.
func readAll(resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxAnswer {
		return nil, errTooLong
	}
	return body, nil
}

// safe is a cause as it may be logged: an error of ours keeps its class and
// the sentence, any other its text without the URL, and both are masked.
func safe(r *host.Redactor, err error) error {
	if own, ok := errors.AsType[*host.Error](err); ok {
		return host.Errorf(own.Code, "%s", r.Text(own.Msg)).WithHint("%s", r.Text(own.Hint))
	}
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, io.ErrUnexpectedEOF, errTooLong} {
		if errors.Is(err, known) {
			return known
		}
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // its text begins with the URL, which may hold the grant
	}
	return errors.New(r.Text(err.Error()))
}
