package broker

import (
	"context"
	"time"

	"github.com/connhost/connhost/host"
)

// A DevicePending authorization waits for the person to enter a code on any
// device (RFC 8628). The process that began it is the one that ends it: the
// code that the service knows it by stands in its memory only.
type DevicePending struct {
	UserCode string
	URL      string // where the person enters it
	WholeURL string // the same with the code in it; may be empty
	Expires  time.Time

	target  target
	subject host.UserID
	code    host.DeviceCode
	asked   []string
}

// BeginDevice asks the service for a code. Its window is the service's own
// (design rule 13).
func (b *Broker) BeginDevice(ctx context.Context, sub host.Subject, req AuthorizeRequest) (DevicePending, error) {
	t, err := b.target(ctx, sub, req)
	if err != nil {
		return DevicePending{}, err
	}
	flow, ok := b.flow(t.connector).(host.DeviceFlow)
	if !ok || !t.connector.Manifest.ByDevice() {
		return DevicePending{}, noDevice(t)
	}
	if err := b.getReady(ctx, &t); err != nil {
		return DevicePending{}, err
	}
	if t.connector.Manifest.Auth.Device == nil && t.endpoints.Device == "" {
		return DevicePending{}, noDevice(t)
	}
	asked := askedScopes(t.connection, t.connector)
	code, err := flow.Device(ctx, t.flowTarget(b.Redactor), asked)
	if _, failed := err.(*host.TokenError); failed {
		return DevicePending{}, exchangeError(t.connector, err)
	}
	if err != nil {
		return DevicePending{}, err
	}
	err = b.Store.Update(ctx, func(tx host.Tx) error {
		return tx.Audit().Append(ctx, b.record(sub, host.ActAuthorizeBegin, string(t.connection.ID), "environment", string(t.slot), "way", string(ByDevice)))
	})
	t.sealed = withParams(t.sealed, code.Params)
	return DevicePending{
		UserCode: code.UserCode, URL: code.URL, WholeURL: code.WholeURL, Expires: code.Expires,
		target: t, subject: sub.User.ID, code: code, asked: asked,
	}, err
}

// noDevice is the error where no code can be asked for, which the metadata of an
// issuer may be the one to tell.
func noDevice(t target) *host.Error {
	e := host.Errorf(host.Usage, "connector %q has no way to authorize on another device", t.connector.ID)
	if t.connector.Manifest.Auth.Issuer != "" && t.connector.Manifest.ByDevice() {
		e.Msg += ": its service names none"
	}
	if t.connector.Manifest.ByDevice() && !t.connector.Manifest.ByBrowser() {
		return e.WithHint("see what the connector says: connhost connector show %s", t.connector.ID)
	}
	return e.WithHint("connhost connection authorize %s", t.connection.LinkName)
}

// FinishDevice asks the service, not more often than it wants, until the person
// has answered or the code is over. A question that fails on its way is asked
// again later (RFC 8628 section 3.5).
func (b *Broker) FinishDevice(ctx context.Context, sub host.Subject, p DevicePending, otherAccount bool) (Authorized, error) {
	flow, ok := b.flow(p.target.connector).(host.DeviceFlow)
	if !ok || p.subject != sub.User.ID {
		return Authorized{}, host.Errorf(host.Refused, "the code belongs to an authorization that somebody else began")
	}
	at := pace{interval: p.code.Interval, wait: p.code.Interval}
	for {
		if err := pause(ctx, min(at.wait, max(p.Expires.Sub(b.Now()), 0))); err != nil {
			return Authorized{}, host.Errorf(host.Interrupted, "interrupted while waiting for the person").Because(err)
		}
		if !b.Now().Before(p.Expires) {
			return Authorized{}, b.refusedDevice(ctx, sub, p.target, at.over())
		}
		t, err := b.deviceTarget(ctx, sub, p)
		if err != nil && ctx.Err() == nil {
			return Authorized{}, b.refusedDevice(ctx, sub, p.target, err)
		}
		tokens, err := flow.Poll(ctx, t.flowTarget(b.Redactor), p.code)
		b.Redactor.LearnSecret(tokens.Access, tokens.Refresh)
		if err == nil || !tokens.Refresh.Empty() {
			if err != nil { // the answer cannot be used, but its refresh token can
				tokens.Expires, tokens.Warning = b.Now(), sentence(err)
			}
			return b.keep(ctx, sub, t, tokens, p.asked, otherAccount)
		}
		e, ok := err.(*host.TokenError)
		switch {
		case ctx.Err() != nil:
			return Authorized{}, host.Errorf(host.Interrupted, "interrupted while waiting for the person").Because(err)
		case !ok:
			return Authorized{}, err
		}
		if final := at.next(t.connector, e); final != nil {
			return Authorized{}, b.refusedDevice(ctx, sub, t, final)
		}
	}
}

// deviceTarget is the place that a code was asked for, as it is now. Nobody is
// waited for whose connection is gone.
func (b *Broker) deviceTarget(ctx context.Context, sub host.Subject, p DevicePending) (target, error) {
	w := host.Window{Connection: p.target.connection.ID, Environment: p.target.slot, ConnectorHash: p.target.connector.Hash, Params: p.target.params}
	t, err := b.windowTarget(ctx, sub, w, host.WindowSecrets{Params: p.target.sealed})
	t.endpoints = p.target.endpoints
	return t, err
}

// refusedDevice records that a code came to nothing.
func (b *Broker) refusedDevice(ctx context.Context, sub host.Subject, t target, err error) error {
	again := "begin again: connhost connection authorize " + t.connection.LinkName
	if t.connector.Manifest.ByBrowser() {
		again += " --device"
	}
	r := b.record(sub, host.ActAuthorizeRefused, string(t.connection.ID), "reason", sentence(err))
	if err := b.Store.Update(context.WithoutCancel(ctx), func(tx host.Tx) error { return tx.Audit().Append(ctx, r) }); err != nil {
		return err
	}
	return hinted(err, again)
}
