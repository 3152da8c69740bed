package broker

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/connhost/connhost/plugins/abi"
)

// respond lets the connector turn an answer into a result or an error of its
// own. The hook sees the masked answer.
func (b *Broker) respond(ctx context.Context, r *route, s sent) (*http.Response, error) {
	resp := s.response
	shown, body, err := guestResponse(resp)
	if err != nil {
		return nil, err
	}
	u := s.filled.url(s.call.URL)
	u.User = nil
	in := abi.RespondInput{Method: s.call.Method, URL: r.redactor.Text(u.String()), Response: shown}
	var out abi.RespondOutput
	g := r.guest(s.secrets)
	g.bodies = [][]byte{body}
	if err := b.callFor(ctx, r, g, abi.HookRespond, in, &out); err != nil {
		return nil, err
	}
	if out.Status != 0 {
		if out.Status < 200 || out.Status > 599 {
			return nil, broke(r.connector, abi.HookRespond, "answered with the impossible status "+itoa(out.Status))
		}
		resp.StatusCode, resp.Status = out.Status, strconv.Itoa(out.Status)+" "+http.StatusText(out.Status)
	}
	if out.Body != nil {
		body = []byte(*out.Body)
	}
	reopen(resp, body)
	return resp, nil
}

// reopen gives an answer that was read its body again.
func reopen(resp *http.Response, body []byte) {
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

// guestResponse reads an answer for a hook. Its body travels in the JSON when
// it is short text, as a handle otherwise.
func guestResponse(resp *http.Response) (abi.Response, []byte, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return abi.Response{}, nil, err
	}
	out := abi.Response{Status: resp.StatusCode, Header: guestHeader(resp.Header), BodySize: len(body)}
	if inline(body) {
		out.Body = string(body)
	} else {
		out.BodyHandle = 1
	}
	return out, body, nil
}

// guestHeader is a header as a hook sees it: lower-case names, one text each.
func guestHeader(h http.Header) map[string]string {
	out := map[string]string{}
	for name, values := range h {
		out[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return out
}

// inline reports whether a body travels in the JSON.
func inline(body []byte) bool { return len(body) <= abi.InlineBody && utf8.Valid(body) }
