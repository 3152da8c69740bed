package broker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// respond lets the connector turn an answer into a result or an error of its
// own. The hook sees the masked answer.
func (b *Broker) respond(ctx context.Context, r *route, call host.Call, resp *http.Response) (*http.Response, error) {
	shown, body, err := guestResponse(resp)
	if err != nil {
		return nil, err
	}
	u := *call.URL
	u.User = nil
	in := abi.RespondInput{Method: call.Method, URL: r.redactor.Text(u.String()), Response: shown}
	var out abi.RespondOutput
	if err := b.hook(ctx, r, abi.HookRespond, in, body, &out); err != nil {
		return nil, err
	}
	if out.Status != 0 {
		if out.Status < 200 || out.Status > 599 {
			return nil, hookFailed(r.connector, abi.HookRespond, "answered with the impossible status "+itoa(out.Status))
		}
		resp.StatusCode, resp.Status = out.Status, strconv.Itoa(out.Status)+" "+http.StatusText(out.Status)
	}
	if out.Body != nil {
		body = []byte(*out.Body)
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// hook calls a hook with JSON and reads its JSON. Its errors come back as
// errors of the host that name the connector.
func (b *Broker) hook(ctx context.Context, r *route, name string, in any, body []byte, out any) error {
	input, err := json.Marshal(in)
	if err != nil {
		return err
	}
	pushed, _, err := b.Hooks.Call(ctx, host.GuestCall{
		Hash: r.connector.Hash, Hook: name, Input: input, Bodies: [][]byte{body}, Reuse: string(r.connection.ID)})
	if g, ok := errors.AsType[*host.GuestError](err); ok {
		return b.guestError(ctx, r, g)
	}
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(pushed))
	dec.DisallowUnknownFields()
	if err := dec.Decode(out); err != nil {
		return hookFailed(r.connector, name, "answered with something else than its agreed JSON")
	}
	return nil
}

// prepare compiles a connector's code.
func (b *Broker) prepare(ctx context.Context, c host.Connector) error {
	err := b.Hooks.Prepare(ctx, c.Hash)
	if g, ok := errors.AsType[*host.GuestError](err); ok {
		return host.Errorf(host.Failed, "connector %q cannot be loaded: %s", c.ID, g.Msg).Because(g)
	}
	return err
}

// guestError turns each of the three kinds of a guest's error into the host's.
func (b *Broker) guestError(ctx context.Context, r *route, g *host.GuestError) error {
	switch g.Kind {
	case host.Declared:
		if g.Reauth {
			b.markReauth(ctx, r, "the service said: "+g.Code)
			return r.unauthorized("needs authorizing again: " + r.redactor.Text(g.Code+": "+g.Msg)).Because(g)
		}
		return host.Errorf(host.Failed, "%s answered: %s", r.connector.Manifest.Name, r.redactor.Text(g.Code+": "+g.Msg)).Because(g)
	case host.Stopped:
		switch g.Code {
		case "time", "memory", "fuel", "output":
			return host.Errorf(host.Refused, "connector %q was stopped in its hook %s: %s (limit hook_%s)", r.connector.ID, g.Hook, g.Msg, g.Code).
				WithHint("if it is meant to use so much: --limit hook_%s=VALUE", g.Code).Because(g)
		case "stack":
			return host.Errorf(host.Refused, "connector %q was stopped in its hook %s: %s", r.connector.ID, g.Hook, g.Msg).Because(g)
		}
		return host.Errorf(host.Failed, "connector %q was stopped in its hook %s: %s", r.connector.ID, g.Hook, g.Msg).Because(g)
	}
	return hookFailed(r.connector, g.Hook, g.Msg).Because(g)
}

func hookFailed(c host.Connector, hook, what string) *host.Error {
	return host.Errorf(host.Failed, "connector %q broke the agreement in its hook %s: %s", c.ID, hook, what).
		WithHint("tell its author; what it declares: connhost connector show %s", c.ID)
}

// markReauth notes, as well as it can, that the service does not take an
// authorization any more.
func (b *Broker) markReauth(ctx context.Context, r *route, reason string) {
	if r.authorization.ID == "" {
		return
	}
	_ = b.Store.Update(ctx, func(tx host.Tx) error {
		a, err := tx.Authorizations().Find(ctx, r.authorization.ID)
		if err != nil || a.SecretVersion != r.authorization.SecretVersion || a.State == host.RevokedState {
			return err
		}
		return b.die(ctx, tx, a, reason)
	})
}

// guestResponse reads an answer for a hook. Its body travels in the JSON when
// it is short text, as a handle otherwise.
func guestResponse(resp *http.Response) (abi.Response, []byte, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return abi.Response{}, nil, err
	}
	out := abi.Response{Status: resp.StatusCode, Header: map[string]string{}, BodySize: len(body)}
	for name, values := range resp.Header {
		out.Header[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	if len(body) <= abi.InlineBody && utf8.Valid(body) {
		out.Body = string(body)
	} else {
		out.BodyHandle = 1
	}
	return out, body, nil
}
