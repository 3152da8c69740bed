package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// callHook lets the connector read the veiled answer and puts the secrets
// back where it answered handles. Any answer is shown to it that the RFC alone
// does not decide, because services say "revoked" in their own ways.
func (c *Client) callHook(ctx context.Context, t host.FlowTarget, phase string, r reader, a answer) (parts, error) {
	if c.hooks == nil {
		return parts{}, errors.New("no plugin host")
	}
	veiled, err := newVeil(r).answer(a)
	if err != nil {
		return parts{}, err
	}
	input, err := json.Marshal(abi.TokenInput{
		Phase:  phase,
		Status: a.status,
		Header: veilHeader(a.header, t.Redactor),
		Answer: veiled,
	})
	if err != nil {
		return parts{}, err
	}
	// The answer is here and must be stored: the caller leaving does not stop
	// the hook, whose own limits do.
	pushed, _, err := c.hooks.Call(context.WithoutCancel(ctx), host.GuestCall{
		Hash:   t.Connector.Hash,
		Hook:   abi.HookToken,
		Input:  input,
		Budget: t.Connector.Budget(),
		Vault:  vault(t, r, a),
	})
	if err != nil {
		return parts{}, err
	}
	return r.unveilOutput(a, pushed)
}

// vault holds what the hook may name: the connection's secrets and those of the
// answer. What the hook reads anyway is no secret.
func vault(t host.FlowTarget, r reader, a answer) host.Vault {
	veil := newVeil(r)
	return host.Vault{
		Keys:     t.Connector.Shared(t.Secret, t.ClientSecret),
		Revealed: t.Connector.Revealed(),
		Answer: func(pointer string) (host.Secret, bool) {
			v, ok := unveil(a, abi.Handle{Secret: handlePrefix + pointer})
			text, isText := v.(string)
			return host.NewSecret(text), ok && isText && !veil.shows(pointer)
		},
	}
}

// unveilOutput reads what the hook answered.
func (r reader) unveilOutput(a answer, pushed []byte) (parts, error) {
	var out abi.TokenOutput
	if err := strictJSON(pushed, &out); err != nil {
		return parts{}, violation("the token hook's answer is not a TokenOutput")
	}
	p := parts{capture: map[string]string{}}
	if out.TokenType != "" {
		p.tokenType = out.TokenType
	}
	for _, role := range []struct {
		name   string
		handle *abi.Handle
		into   *any
	}{{"access", out.Access, &p.access}, {"refresh", out.Refresh, &p.refresh}} {
		if role.handle == nil {
			continue
		}
		v, ok := unveil(a, *role.handle)
		if !ok {
			return parts{}, violation(role.name + " is a handle that names nothing in the token answer")
		}
		if newVeil(r).shows(strings.TrimPrefix(role.handle.Secret, handlePrefix)) {
			return parts{}, violation(role.name + " is a handle of a text that the manifest makes public")
		}
		*role.into = v
	}
	var err error
	if p.expires, err = plainOrHandle(a, "expires_in", out.ExpiresIn); err != nil {
		return parts{}, err
	}
	if p.scope, err = plainOrHandle(a, "scope", out.Scope); err != nil {
		return parts{}, err
	}
	for name, text := range out.Capture {
		if _, declared := r.manifest.Capture[name]; !declared {
			return parts{}, violation("the token hook captures what the manifest does not declare")
		}
		p.capture[name] = text
	}
	return p, nil
}

// plainOrHandle reads a part that is no secret: a value or a handle of one.
func plainOrHandle(a answer, name string, raw json.RawMessage) (any, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var h abi.Handle
	if err := strictJSON(raw, &h); err == nil && h.Secret != "" {
		v, ok := unveil(a, h)
		if !ok {
			return nil, violation(name + " is a handle that names nothing in the token answer")
		}
		return v, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return v, err
}

func strictJSON(b []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if dec.More() {
		return errors.New("more than one value")
	}
	return nil
}

func violation(msg string) *host.GuestError {
	return &host.GuestError{Kind: host.Violation, Hook: abi.HookToken, Msg: msg}
}

// reauth is the fatal error of a connector that says that the authorization
// is dead; nil for every other.
func reauth(t host.FlowTarget, err error) error {
	g, ok := errors.AsType[*host.GuestError](err)
	if !ok || g.Kind != host.Declared || !g.Reauth {
		return nil
	}
	return &host.TokenError{
		Class: host.TokenFatal,
		Msg:   fmt.Sprintf("connector %q says that the authorization has ended: %s", t.Connector.ID, hookReason(err)),
		Err:   safeGuest(t.Redactor, g),
	}
}

// hookFailed is the error for an answer that neither the hook nor the
// pointers could read. It may have held a token that lives.
func hookFailed(t host.FlowTarget, r reader, a answer, err error) error {
	e := r.unclear(a, "the token hook of connector \""+t.Connector.ID+"\" failed: "+hookReason(err))
	e.Err = safe(t.Redactor, err)
	if g, ok := errors.AsType[*host.GuestError](err); ok {
		e.Err = safeGuest(t.Redactor, g)
	}
	return e
}

var plainCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// hookReason says in a few words of ours what went wrong. The connector's
// message is for the log: the hook has read error_description, which may quote
// what was sent.
func hookReason(err error) string {
	g, ok := errors.AsType[*host.GuestError](err)
	switch {
	case !ok:
		return "it could not be called"
	case g.Kind == host.Violation:
		return "it broke the agreement with the host"
	case plainCode.MatchString(g.Code):
		return g.Code
	}
	return string(g.Kind)
}

// safeGuest is a guest's error as it may be logged.
func safeGuest(r *host.Redactor, g *host.GuestError) error {
	c := *g
	c.Msg, c.Code = r.Text(g.Msg), r.Text(g.Code)
	return &c
}
