package broker

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
)

// An InvokeRequest is one HTTP call that a script or a person asks for. The
// URL may hold {name} places of the connection's parameters, and may be a path
// below the connector's base URL.
type InvokeRequest struct {
	Connection    string // empty: a public call, without a credential
	Service       string // whose connectors alone will do, as a script writes it; empty for any
	Method        string
	URL           string
	Header        http.Header
	Body          func() (io.ReadCloser, error) // opened once per attempt; nil for none
	ContentLength int64                         // -1 when unknown
	Once          bool                          // Body can be opened once only
}

// Invoked is the answer, with what happened on the way.
type Invoked struct {
	Response    *http.Response // its body is masked and limited, and must be closed
	Environment host.Environment
	Refreshed   bool   // the tokens were renewed for it
	Primary     string // the login whose authorization an unattended run used
}

// Invoke sends one call through a connection, with the authorization of the
// subject or of all, and refreshes it when that is due or the service asks.
func (b *Broker) Invoke(ctx context.Context, sub host.Subject, env host.Environment, req InvokeRequest) (Invoked, error) {
	if req.Connection == "" {
		return b.invokePublic(ctx, env, req)
	}
	r, err := b.route(ctx, ofApplication(sub), env, req.Connection)
	if err != nil {
		return Invoked{}, err
	}
	if req.Service != "" && !r.connector.Serves(req.Service) {
		return Invoked{}, r.notFor(req.Service)
	}
	call, err := r.call(req)
	if err != nil {
		return Invoked{}, err
	}
	sent, err := b.send(ctx, r, call, concealed{})
	if err != nil {
		return Invoked{}, err
	}
	out := Invoked{Response: sent.response, Environment: env, Refreshed: sent.refreshed, Primary: r.primary}
	if r.responds {
		if out.Response, err = b.respond(ctx, r, sent); err != nil {
			return out, err
		}
	}
	return out, nil
}

// call is what a request asks for, before its credential.
func (r *route) call(req InvokeRequest) (host.Call, error) {
	if err := r.refuseOwn(req.Header); err != nil {
		return host.Call{}, err
	}
	u, err := r.url(req.URL)
	return host.Call{Method: req.Method, URL: u, Header: req.Header, Body: req.Body, ContentLength: req.ContentLength, Once: req.Once}, err
}

// refuseOwn refuses a header that the credential would replace: what was asked
// for would not be what is sent.
func (r *route) refuseOwn(h http.Header) error {
	if len(h) == 0 {
		return nil
	}
	own := r.connector.Manifest.CredentialHeaders()
	for name := range h {
		if slices.ContainsFunc(own, func(o string) bool { return strings.EqualFold(o, name) }) {
			return r.taken(name)
		}
	}
	return nil
}

func (r *route) taken(name string) error {
	return host.Errorf(host.Refused, "the header %s is set by the credential of connection %q and cannot be given", name, r.connection.LinkName).
		WithHint("leave it out, or make the call without a connection")
}

// invokePublic sends a call without a connection.
func (b *Broker) invokePublic(ctx context.Context, env host.Environment, req InvokeRequest) (Invoked, error) {
	u, err := parseURL(req.URL)
	if err != nil {
		return Invoked{}, err
	}
	resp, err := b.Egress.Do(ctx, b.limited(host.Call{
		Method: req.Method, URL: u, Header: req.Header, Body: req.Body, ContentLength: req.ContentLength, Redactor: b.Redactor,
	}))
	return Invoked{Response: resp, Environment: env}, err
}

func (b *Broker) limited(c host.Call) host.Call {
	c.Timeout, c.MaxBytes = b.Limits.ResponseTime, b.Limits.Download
	return c
}

// sent is an answer with what was needed for it.
type sent struct {
	call      host.Call // as it was asked for
	filled    concealed // where that holds secrets
	response  *http.Response
	secrets   host.Secrets // that were in use at the end
	refreshed bool
}

// send sends a call with the route's credential: renewed before, when it is
// about to expire, and once after a 401. Filled says where the call holds
// secrets already.
func (b *Broker) send(ctx context.Context, r *route, call host.Call, filled concealed) (sent, error) {
	if err := r.mayWrite(call); err != nil {
		return sent{}, err
	}
	with, err := b.ready(ctx, r)
	if err != nil {
		return sent{}, err
	}
	r.dress(&call)
	call.Bound, call.Hosts, call.Redactor, call.Certificate = true, r.hosts, r.redactor, r.certificate
	sign, err := b.signing(r, filled, with)
	if err != nil {
		return sent{}, err
	}
	if sign.needed() {
		call.Sign = sign.sign
	}
	call.Challenge = sign.challenged
	b.retrying(r, &call)
	turn := r.pacer.turn(&call)
	resp, err := b.Egress.Do(ctx, b.limited(call))
	turn.end(resp)
	if err == nil {
		sign.heard(resp)
	}
	return sent{call: call, filled: filled, response: resp, secrets: sign.pen.secrets, refreshed: sign.pen.refreshed}, err
}

// ready gives what to sign a call with. A token that is about to expire is
// renewed first; where that does not succeed and it still lives, it is used.
func (b *Broker) ready(ctx context.Context, r *route) (*pen, error) {
	if r.renew.IsZero() || b.Now().Before(r.renew) {
		return r.pen, nil
	}
	a := &r.authorization
	living := alive(*a, b.Now())
	if err := r.ended(b.Now()); err != nil {
		return nil, err
	}
	switch {
	case a.State == host.NeedsReauth, !a.Renewable, a.ID == "":
		return r.pen, nil
	}
	f, err := b.refresh(ctx, r, need{version: a.SecretVersion})
	switch {
	case err == nil && f.authorization.State == host.RevokedState:
		return nil, r.unauthorized(howEnded(f.authorization))
	case err == nil:
		return refreshedPen(r, f), nil
	case living && host.CodeOf(err) != host.Interrupted && !isStopped(err):
		return r.pen, nil
	}
	return nil, err
}

// ended is the refusal of a token that has expired and is not renewed, or nil.
func (r *route) ended(now time.Time) error {
	a := r.authorization
	switch {
	case alive(a, now):
	case a.State == host.NeedsReauth:
		return r.unauthorized("needs authorizing again: "+a.Reason).WithHint("%s", r.remedy(a.Reason))
	case !a.Renewable:
		return r.unauthorized("needs authorizing again: its token has expired and cannot be renewed")
	}
	return nil
}

// margin is how long before its expiry a token is renewed: what the manifest
// says, but no more than a quarter of the token's life.
func (r *route) margin() time.Duration { return r.authorization.Margin(r.connector.Manifest) }
