package oauth

import (
	"context"
	"mime"
	"net/http"
	"slices"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A Session logs in with what the connection holds, and gets a session that
// each call shows. It logs in again when that ends: a log-in takes nothing
// away, so it may be repeated.
type Session struct{ client *Client }

var _ host.Refresher = Session{}

// NewSession makes one. It shares the Client's way out and hooks.
func NewSession(c *Client) Session { return Session{c} }

// Refresh logs in. What the service says to a wrong password is final: asking
// again may lock the account.
func (s Session) Refresh(ctx context.Context, t host.FlowTarget, _ host.Secret) (host.Tokens, error) {
	t.Redactor = known(t.Redactor)
	m := t.Connector.Manifest
	for _, secret := range t.Secret {
		t.Redactor.LearnSecret(secret)
	}
	v := values(t, nil, nil)
	u, err := endpoint(t, "login", "", m.Auth.Login, v)
	if err != nil {
		return host.Tokens{}, notSent("", safe(t.Redactor, err))
	}
	call, err := message{template: given(m.Auth.Login), url: u, values: v}.bare()
	if err != nil {
		return host.Tokens{}, notSent(u.Host, safe(t.Redactor, err))
	}
	r := reader{manifest: m, pointers: m.TokenAnswer(), start: s.client.now(), redactor: t.Redactor}
	a, err := s.client.send(ctx, call, t.Redactor)
	if err != nil {
		return host.Tokens{}, err
	}
	if slices.Contains(refusals, a.status) {
		return host.Tokens{}, &host.TokenError{Class: host.TokenFatal, Msg: m.Name + " refused the log-in"}
	}
	if err := r.refusal(a, s.client.now()); err != nil {
		return host.Tokens{}, err
	}
	tokens, err := s.client.read(ctx, t, phaseExchange, r, a)
	tokens.Refresh = host.Secret{} // there is none
	if e, ok := err.(*host.TokenError); ok && e.Class == host.TokenUnknown && e.Code != "server_error" && r.taken(a) && (a.sendsOn() || !a.isPage()) {
		// Some services refuse with 200, or send a browser back to where it came
		// from. To ask again may lock the account.
		return tokens, &host.TokenError{Class: host.TokenFatal, Msg: m.Name + " gave no session: it refused the log-in, or its answer is another than the connector says", Err: err}
	}
	return tokens, err
}

// refusals are the statuses by which services refuse a wrong password.
var refusals = []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity}

// isPage says whether an answer is a page for people, such as one that says
// that the service is being looked after.
func (a *answer) isPage() bool {
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	return kind == "text/html"
}

// Revoke logs out.
func (s Session) Revoke(ctx context.Context, t host.FlowTarget, tokens host.Secrets) error {
	t.Redactor = known(t.Redactor)
	t.Redactor.LearnSecret(tokens.Access)
	m := t.Connector.Manifest
	if m.Revoke == nil {
		return host.Errorf(host.Failed, "%s does not offer to log out", m.Name)
	}
	v := values(t, nil, nil)
	v.Secret = host.WithKey(v.Secret, abi.SessionName, tokens.Access)
	u, err := endpoint(t, "logout", "", &m.Revoke.Request, v)
	if err != nil {
		return safe(t.Redactor, err)
	}
	call, err := message{template: m.Revoke.Request, url: u, values: v}.bare()
	if err != nil {
		return safe(t.Redactor, err)
	}
	return s.client.sendRevoke(ctx, t, call)
}
