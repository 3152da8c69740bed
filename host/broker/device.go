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

	target target
	code   host.DeviceCode
	asked  []string
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
		return DevicePending{}, host.Errorf(host.Usage, "connector %q has no way to authorize on another device", t.connector.ID).
			WithHint("connhost connection authorize %s", req.Connection)
	}
	if err := b.getReady(ctx, &t); err != nil {
		return DevicePending{}, err
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
	return DevicePending{UserCode: code.UserCode, URL: code.URL, WholeURL: code.WholeURL, Expires: code.Expires, target: t, code: code, asked: asked}, err
}

// maxLostPolls is how many questions in a row may be answered by nothing that
// can be read.
const maxLostPolls = 10

// FinishDevice asks the service, not more often than it wants, until the person
// has answered or the code is over. A question that fails on its way is asked
// again later (RFC 8628 section 3.5).
func (b *Broker) FinishDevice(ctx context.Context, sub host.Subject, p DevicePending, otherAccount bool) (Authorized, error) {
	t := p.target
	flow, ok := b.flow(t.connector).(host.DeviceFlow)
	if !ok {
		return Authorized{}, host.Errorf(host.Internal, "connector %q has no device flow", t.connector.ID)
	}
	again := "begin again: connhost connection authorize " + t.connection.LinkName
	interval, failures := p.code.Interval, 0
	wait := interval
	for {
		if err := pause(ctx, min(wait, max(p.Expires.Sub(b.Now()), 0))); err != nil {
			return Authorized{}, host.Errorf(host.Interrupted, "interrupted while waiting for the person").Because(err)
		}
		if !b.Now().Before(p.Expires) {
			return Authorized{}, b.refusedDevice(ctx, sub, t, host.Errorf(host.Refused, "nobody entered the code while it was good").WithHint("%s", again))
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
		if ctx.Err() != nil {
			return Authorized{}, host.Errorf(host.Interrupted, "interrupted while waiting for the person").Because(err)
		}
		switch {
		case !ok:
			return Authorized{}, err
		case e.Code == "slow_down":
			interval += 5 * time.Second // section 3.5
			wait, failures = max(interval, e.RetryAfter), 0
		case e.Code == "authorization_pending":
			wait, failures = interval, 0
		case e.Code == "access_denied":
			return Authorized{}, b.refusedDevice(ctx, sub, t, host.Errorf(host.Failed, "the service refused the authorization: access_denied").WithHint("%s", again))
		case e.Code == "expired_token":
			return Authorized{}, b.refusedDevice(ctx, sub, t, host.Errorf(host.Refused, "nobody entered the code while it was good").WithHint("%s", again))
		case e.Class == host.TokenFatal, e.Class == host.TokenUnknown && (e.Code != "" || failures >= maxLostPolls):
			return Authorized{}, b.refusedDevice(ctx, sub, t, exchangeError(t.connector, err).WithHint("%s", again))
		default: // lost on its way, or the service is not well
			failures++
			wait = min(max(2*wait, e.RetryAfter), time.Minute)
		}
	}
}

// refusedDevice records that a code came to nothing.
func (b *Broker) refusedDevice(ctx context.Context, sub host.Subject, t target, e *host.Error) error {
	r := b.record(sub, host.ActAuthorizeRefused, string(t.connection.ID), "reason", e.Msg)
	if err := b.Store.Update(context.WithoutCancel(ctx), func(tx host.Tx) error { return tx.Audit().Append(ctx, r) }); err != nil {
		return err
	}
	return e
}
