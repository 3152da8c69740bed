package broker

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A Pending authorization waits for the person in front of the browser.
type Pending struct {
	URL     string      // what the person opens
	Process host.Secret // given back by Finish: only the process that began may end it
	Expires time.Time
}

// Begin opens a window of 90 seconds. The endpoint pair, the state and the
// PKCE verifier are fixed here.
func (b *Broker) Begin(ctx context.Context, sub host.Subject, req AuthorizeRequest, redirectURI string) (Pending, error) {
	t, err := b.target(ctx, sub, req)
	if err != nil {
		return Pending{}, err
	}
	flow, ok := b.flow(t.connector).(host.Flow)
	if !ok || !t.connector.Manifest.ByBrowser() {
		return Pending{}, host.Errorf(host.Usage, "connection %q is not authorized in a browser", req.Connection)
	}
	if err := b.getReady(ctx, &t); err != nil {
		return Pending{}, err
	}
	asked := askedScopes(t.connection, t.connector)
	ft := t.flowTarget(b.Redactor)
	if ft.Query, err = b.authorizeQuery(ctx, t, redirectURI, asked); err != nil {
		return Pending{}, err
	}
	begun, err := flow.Begin(ctx, ft, redirectURI, asked)
	if _, failed := err.(*host.TokenError); failed {
		return Pending{}, exchangeError(t.connector, err)
	}
	if err != nil {
		return Pending{}, err
	}
	p := Pending{URL: begun.URL, Process: host.NewSecret(random256()), Expires: b.Now().Add(WindowLife)}
	if !begun.Expires.IsZero() && begun.Expires.Before(p.Expires) {
		p.Expires = begun.Expires
	}
	w := host.Window{
		ID: host.NewWindowID(), StateHash: digest(begun.State.Reveal()), ProcessHash: digest(p.Process.Reveal()),
		Subject: sub.User.ID, Connection: t.connection.ID, Environment: t.slot, ConnectorHash: t.connector.Hash, Params: t.params,
		Endpoints: begun.Endpoints, RedirectURI: redirectURI, Asked: asked, Expires: p.Expires,
	}
	_, err = update(ctx, b, func(tx host.Tx) (struct{}, error) {
		if err := tx.Windows().DeleteFor(ctx, t.connection.ID, sub.User.ID); err != nil {
			return struct{}{}, err
		}
		if err := tx.Windows().Insert(ctx, w, host.WindowSecrets{Verifier: begun.Verifier, Params: withParams(t.sealed, begun.Params)}, b.Now()); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, tx.Audit().Append(ctx, b.record(sub, host.ActAuthorizeBegin, string(t.connection.ID), "environment", string(t.slot)))
	})
	return p, err
}

// Finish takes the callback's query. A late, repeated, altered or foreign one
// is refused and no token request is made (design rule 13).
func (b *Broker) Finish(ctx context.Context, sub host.Subject, link string, process host.Secret, query url.Values, otherAccount bool) (Authorized, error) {
	again := "begin again: connhost connection authorize " + link
	w, ws, err := b.takeWindow(ctx, sub, process, query.Get("state"))
	if err != nil {
		return Authorized{}, hinted(err, again)
	}
	t, err := b.windowTarget(ctx, sub, w, ws)
	if err == nil && t.connection.LinkName != link {
		err = host.Errorf(host.Refused, "the callback belongs to another connection than %q", link).WithHint("%s", again)
	}
	if err != nil {
		return Authorized{}, err
	}
	flow, ok := b.flow(t.connector).(host.Flow)
	if !ok {
		return Authorized{}, host.Errorf(host.Conflict, "connection %q is not authorized in a browser any more", link)
	}
	t.endpoints = w.Endpoints
	ft := t.flowTarget(b.Redactor)
	code, err := flow.Code(ft, query, ws.Verifier)
	if err != nil {
		return Authorized{}, hinted(err, again)
	}
	b.Redactor.Learn(code)
	captured, err := b.readCallback(ctx, t, query)
	if err != nil {
		return Authorized{}, hinted(err, again)
	}
	tokens, err := flow.Exchange(ctx, ft, code, w.RedirectURI, ws.Verifier)
	b.Redactor.LearnSecret(tokens.Access, tokens.Refresh)
	b.Redactor.LearnSecret(slices.Collect(maps.Values(tokens.Params))...)
	if err != nil && tokens.Refresh.Empty() {
		return Authorized{}, hinted(exchangeError(t.connector, err), again)
	}
	if err != nil { // the answer cannot be used, but its refresh token can
		tokens.Expires, tokens.Warning = b.Now(), sentence(err)
	}
	tokens.Capture = over(captured, tokens.Capture)
	return b.keep(ctx, sub, t, tokens, w.Asked, otherAccount)
}

// keep stores the tokens of a consent, or gives them back.
func (b *Broker) keep(ctx context.Context, sub host.Subject, t target, tokens host.Tokens, asked []string, otherAccount bool) (Authorized, error) {
	if t.connector.Manifest.Auth.Issuer == "" {
		t.endpoints = host.Endpoints{} // the manifest tells them, also after it was replaced
	}
	s := host.Secrets{Params: withParams(t.sealed, tokens.Params), Access: tokens.Access, Refresh: tokens.Refresh}
	out, err := b.grant(ctx, sub, t, s, tokens, asked, otherAccount)
	if err != nil {
		b.discard(ctx, t, tokens)
	}
	if tokens.Warning != "" {
		out.Warning = tokens.Warning
	}
	return out, err
}

// getReady gets a place ready for a person: the code of its connector, and the
// endpoints of its service.
func (b *Broker) getReady(ctx context.Context, t *target) error {
	if len(t.connector.Manifest.Hooks) > 0 {
		// Tokens may live for seconds: they are not to wait for a compiler.
		if err := b.prepare(ctx, t.connector); err != nil {
			return err
		}
	}
	return b.discover(ctx, t)
}

// takeWindow consumes the window of a state and checks whose it is. It is
// consumed whatever the checks say: a state is good for one callback.
func (b *Broker) takeWindow(ctx context.Context, sub host.Subject, process host.Secret, state string) (host.Window, host.WindowSecrets, error) {
	type taken struct {
		w host.Window
		s host.WindowSecrets
	}
	t, err := update(ctx, b, func(tx host.Tx) (taken, error) {
		w, s, err := tx.Windows().Take(ctx, digest(state))
		if err != nil {
			return taken{}, err
		}
		refused := refuseWindow(w, sub, process, b.Now())
		if refused == nil {
			return taken{w, s}, nil
		}
		r := b.record(sub, host.ActAuthorizeRefused, string(w.Connection), "reason", refused.Msg)
		return taken{w: w}, tx.Audit().Append(ctx, r)
	})
	if absent(err) {
		return t.w, t.s, host.Errorf(host.Refused, "the callback's state is not one that was given out, or it was used already")
	}
	if err != nil {
		return t.w, t.s, err
	}
	if refused := refuseWindow(t.w, sub, process, b.Now()); refused != nil {
		return t.w, t.s, refused
	}
	return t.w, t.s, nil
}

// refuseWindow compares in constant time what it compares with a secret: both
// sides are digests.
func refuseWindow(w host.Window, sub host.Subject, process host.Secret, now time.Time) *host.Error {
	switch {
	case !now.Before(w.Expires):
		return host.Errorf(host.Refused, "the callback came after the window of %.0f seconds", WindowLife.Seconds())
	case w.ProcessHash != digest(process.Reveal()) || w.Subject != sub.User.ID:
		return host.Errorf(host.Refused, "the callback belongs to an authorization that somebody else began")
	}
	return nil
}

// windowTarget is the place that a window was opened for, as it is now.
func (b *Broker) windowTarget(ctx context.Context, sub host.Subject, w host.Window, ws host.WindowSecrets) (target, error) {
	return view(ctx, b, func(tx host.Tx) (target, error) {
		c, err := tx.Connections().Find(ctx, w.Connection)
		if err != nil {
			return target{}, host.Errorf(host.Conflict, "the connection was deleted meanwhile").Because(err)
		}
		_, connector, err := findConnection(ctx, tx, sub, c.LinkName)
		if err != nil {
			return target{}, err
		}
		if err := mayAuthorize(sub, c, connector); err != nil { // it may be disabled by now
			return target{}, err
		}
		// A token that was consented to for one version never serves another that
		// would send it elsewhere.
		fit, err := fits(ctx, tx, w.ConnectorHash, connector)
		if err == nil && !fit {
			err = host.Errorf(host.Conflict, "connection %q was moved meanwhile to a version of its connector that talks to other places", c.LinkName).
				WithHint("begin again: connhost connection authorize %s", c.LinkName)
		}
		if err != nil {
			return target{}, err
		}
		if err := mayAuthorize(sub, c, connector); err != nil { // a role or an access may have changed
			return target{}, err
		}
		if err := mayBegin(ctx, tx, sub, c); err != nil {
			return target{}, err
		}
		if w.Environment != host.Shared && !slices.Contains(c.Environments, w.Environment) {
			return target{}, host.Errorf(host.Conflict, "connection %q has no authorization of its own for %s any more", c.LinkName, w.Environment).
				WithHint("begin again: connhost connection authorize %s", c.LinkName)
		}
		t := target{connection: c, connector: connector, slot: w.Environment, params: w.Params, sealed: ws.Params}
		if c.Credential == "" {
			return t, nil
		}
		if t.client, err = tx.Credentials().Find(ctx, c.Credential); err != nil {
			return t, err
		}
		t.secret, err = tx.Credentials().Secret(ctx, c.Credential)
		b.Redactor.LearnSecret(t.secret)
		return t, err
	})
}

// discard gives tokens back that will not be stored, as well as it can.
func (b *Broker) discard(ctx context.Context, t target, tokens host.Tokens) {
	if !revocable(t.connector, t.endpoints) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.TokenTimeout)
	defer cancel()
	_ = b.flow(t.connector).Revoke(ctx, t.flowTarget(b.Redactor), host.Secrets{Params: t.sealed, Access: tokens.Access, Refresh: tokens.Refresh})
}

// exchangeError says what became of a first token request. One that was not sent
// failed here, and the reason says what to do.
func exchangeError(c host.Connector, err error) *host.Error {
	t, ok := err.(*host.TokenError)
	cause, ours := errors.AsType[*host.Error](err)
	if ok && ours && (t.Class == host.TokenNotUsed && cause.Code != host.Unavailable || cause.Code == host.NeedsAuth) {
		return cause.Because(err)
	}
	code := host.Unavailable
	switch {
	case ok && t.Class == host.TokenUnknown && t.Code != "" && t.Code != "server_error":
		code = host.Failed // it was understood, and refused
	case ok && t.Class == host.TokenFatal:
		code = host.Failed
	case !ok && host.CodeOf(err) != host.Internal:
		code = host.CodeOf(err)
	}
	what := "the token request to"
	if c.Manifest.Auth.Type == abi.AuthSession {
		what = "the log-in at"
	}
	e := host.Errorf(code, "%s %s did not succeed: %s", what, c.Manifest.Name, sentence(err)).Because(err)
	switch {
	case ours && cause.Hint != "":
		e = e.WithHint("%s", cause.Hint)
	case ok && (t.Code == "invalid_client" || t.Code == "unauthorized_client" || c.Manifest.Auth.Type == abi.AuthOAuth1 && t.Class == host.TokenFatal):
		e = e.WithHint("are the client id and its secret right? see: connhost credential list; add another: connhost credential add %s", c.ID)
	}
	return e
}

// sentence is what may be told of an error of a flow, a guest or the host.
func sentence(err error) string {
	switch e := err.(type) {
	case *host.TokenError:
		return e.Msg
	case *host.GuestError:
		return e.Msg
	case *host.Error:
		return e.Msg
	}
	return "internal error"
}
