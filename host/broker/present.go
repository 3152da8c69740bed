package broker

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/connhost/connhost/host"
)

// present sends the one token request of an attempt and settles what came.
func (b *Broker) present(ctx context.Context, r *route, at attempt) (fresh, error) {
	stop := b.keepLease(ctx, r.authorization.ID, at.owner)
	tokens, err := b.flow(r.connector).Refresh(ctx, r.flowTarget(), at.fresh.secrets.Refresh)
	stop()
	// What came is written down, however late it is.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.leaseFor())
	defer cancel()
	if err == nil {
		b.Redactor.LearnSecret(tokens.Access, tokens.Refresh)
		r.redactor.LearnSecret(tokens.Access, tokens.Refresh)
		return b.store(ctx, r, at, tokens)
	}
	if !tokens.Refresh.Empty() {
		// The answer cannot be used, but it held the next refresh token.
		b.Redactor.LearnSecret(tokens.Refresh)
		if _, kept := b.store(ctx, r, at, tokens); kept != nil {
			return fresh{}, kept
		}
		return fresh{}, b.later(r, &host.TokenError{Class: host.TokenUnknown, Msg: sentence(err), Err: err})
	}
	failure, ok := errors.AsType[*host.TokenError](err)
	if !ok {
		failure = &host.TokenError{Class: host.TokenUnknown, Msg: sentence(err), Err: err}
	}
	return b.settle(ctx, r, at, failure)
}

// keepLease renews the lease while the request runs, so that it is not taken
// for lost when the clock runs faster than the request. The returned function
// ends that and waits for it.
func (b *Broker) keepLease(ctx context.Context, id host.AuthorizationID, owner string) func() {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		for pause(ctx, b.renewEvery()) == nil {
			_ = b.Store.Update(ctx, func(tx host.Tx) error {
				a, err := tx.Authorizations().Find(ctx, id)
				if err != nil || a.Lease.Owner != owner {
					return err
				}
				a.Lease.Until = b.Now().Add(b.leaseFor())
				return tx.Authorizations().Save(ctx, a)
			})
		}
	})
	return func() { cancel(); done.Wait() }
}

// store commits new tokens. It is fenced on the secret version and not on the
// lease: the late answer of a holder that was paused past its lease is the
// only live token there is. A write that fails is tried again for as long as a
// lease lasts: the answer must not be lost.
func (b *Broker) store(ctx context.Context, r *route, at attempt, t host.Tokens) (fresh, error) {
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		f, late, err := b.commit(ctx, r, at, t)
		if err == nil {
			if late {
				b.discard(ctx, r.target(), t)
			}
			if f.authorization.ID == "" {
				return f, host.Errorf(host.NotFound, "connection %q was deleted meanwhile", r.connection.LinkName).
					WithHint("see which there are: connhost connection list")
			}
			return f, nil
		}
		if pause(ctx, wait) != nil {
			return fresh{}, err
		}
	}
}

// commit writes new tokens, unless the row has other secrets by now. Late says
// that these are not wanted any more, because the authorization was revoked or
// deleted; a deleted one comes back without an id.
func (b *Broker) commit(ctx context.Context, r *route, at attempt, t host.Tokens) (f fresh, late bool, err error) {
	f, err = update(ctx, b, func(tx host.Tx) (fresh, error) {
		a, err := tx.Authorizations().Find(ctx, r.authorization.ID)
		if absent(err) {
			late = true
			return fresh{}, nil
		}
		if err != nil {
			return fresh{}, err
		}
		s, err := tx.Authorizations().Open(ctx, a.ID)
		if err != nil {
			return fresh{}, err
		}
		if a.SecretVersion != at.version {
			late = a.State == host.RevokedState
			return fresh{authorization: a, secrets: s}, nil
		}
		if !t.Access.Empty() {
			s.Access, a.TokenExpires = t.Access, t.Expires
		}
		record := b.record(host.Subject{}, host.ActRefresh, string(a.ID), renewedDetail(s, t)...)
		if !t.Refresh.Empty() { // RFC 6749 section 6: none means the old one stays
			s.Refresh = t.Refresh
		}
		s.Params = withParams(s.Params, t.Params)
		if !stays(a) { // what was marked meanwhile keeps its mark
			a.State, a.Reason = host.Connected, ""
		}
		a.Unknown, a.UpdatedAt = false, b.Now()
		a.Got(t.RefreshExpires, b.Now())
		a.Due = a.NextDue(r.connector.Manifest)
		if t.Scopes != nil {
			a.Granted = t.Scopes
		}
		a.Lease = host.Lease{}
		if err := tx.Authorizations().Save(ctx, a); err != nil {
			return fresh{}, err
		}
		if err := tx.Authorizations().Seal(ctx, a.ID, s, record); err != nil {
			return fresh{}, err
		}
		if a, err = tx.Authorizations().Find(ctx, a.ID); err != nil {
			return fresh{}, err
		}
		return fresh{authorization: a, secrets: s, refreshed: true}, nil
	})
	return f, late, err
}

const invalidClient = "invalid_client" // RFC 6749 section 5.2

const invalidGrant = "invalid_grant" // RFC 6749 section 5.2

// renewedDetail is what the record of a refresh tells: when the new tokens end,
// and whether the service gave another refresh token than before.
func renewedDetail(before host.Secrets, t host.Tokens) []string {
	rotated := "no"
	if !t.Refresh.Empty() && t.Refresh.Reveal() != before.Refresh.Reveal() {
		rotated = "yes"
	}
	detail := []string{"rotated", rotated}
	if t.Access.Empty() {
		detail = append(detail, "warning", "the answer could not be used, but its refresh token was kept")
	} else if !t.Expires.IsZero() {
		detail = append(detail, "token_expires", moment(t.Expires))
	}
	if !t.RefreshExpires.IsZero() {
		detail = append(detail, "refresh_expires", moment(t.RefreshExpires))
	}
	return detail
}

// failedDetail is what the record of a failed one tells beside its reason.
func failedDetail(e *host.TokenError) []string {
	return []string{"class", string(e.Class), "code", e.Code}
}

// moment is a time in a record.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// settle writes down what a failed attempt means.
func (b *Broker) settle(ctx context.Context, r *route, at attempt, e *host.TokenError) (fresh, error) {
	// The one last try tells what became of the answer before: whoever
	// refuses the token now, or is not heard again, has rotated it then.
	lost := at.last && (e.Class == host.TokenUnknown || e.Code == invalidGrant)
	var rotated *fresh
	err := b.Store.Update(ctx, func(tx host.Tx) error {
		rotated = nil
		a, err := tx.Authorizations().Find(ctx, r.authorization.ID)
		if err != nil {
			return err
		}
		if a.SecretVersion != at.version { // a sibling has rotated it
			s, err := tx.Authorizations().Open(ctx, a.ID)
			rotated = &fresh{authorization: a, secrets: s}
			return err
		}
		if a.Lease.Owner != at.owner {
			return nil
		}
		if e.Code == invalidClient {
			now, err := tx.Credentials().Find(ctx, r.client.ID)
			if err != nil && !absent(err) {
				return err
			}
			if err == nil && now.SecretVersion != r.client.SecretVersion {
				e = &host.TokenError{Class: host.TokenNotUsed, Msg: "its client secret was changed meanwhile", Err: e}
			}
		}
		switch {
		case lost:
			return b.die(ctx, tx, a, lostAnswer, failedDetail(e)...)
		case e.Class == host.TokenFatal:
			return b.die(ctx, tx, a, refused(e), failedDetail(e)...)
		case e.Class == host.TokenNotUsed:
			a.Lease, a.Unknown = host.Lease{Intent: at.prior}, false
		default:
			a.Lease = host.Lease{Intent: a.Lease.Intent}
			if r.connector.Manifest.Rotates() && r.connector.Manifest.Grace() == 0 {
				a.Due = b.nextTry(r, a) // it is not asked for before that
			}
		}
		if err := tx.Authorizations().Save(ctx, a); err != nil {
			return err
		}
		return tx.Audit().Append(ctx, b.record(host.Subject{}, host.ActRefreshFailed, string(a.ID), append(failedDetail(e), "reason", e.Msg)...))
	})
	if err != nil {
		return fresh{}, err
	}
	if rotated != nil {
		return *rotated, nil
	}
	switch {
	case lost:
		return fresh{}, needsAuth(r, lostAnswer)
	case e.Class == host.TokenFatal:
		return fresh{}, needsAuth(r, e.Msg).WithHint("%s", r.remedy(refused(e)))
	}
	return fresh{}, b.later(r, e)
}

// refused is the reason of an authorization that a fatal error has ended.
func refused(e *host.TokenError) string {
	if e.Code == "" {
		return e.Msg
	}
	return "the service refused the refresh: " + e.Code
}

// later holds further attempts back for a while and says so.
func (b *Broker) later(r *route, e *host.TokenError) error {
	b.pauses.after(r.authorization.ID, e, b.Now())
	hint := "try again later, or see what is known: connhost connection show " + r.connection.LinkName
	if cause, ok := errors.AsType[*host.Error](e.Err); ok && cause.Hint != "" {
		hint = cause.Hint
	}
	return host.Errorf(host.Unavailable, "connection %q could not be refreshed: %s", r.connection.LinkName, e.Msg).
		WithHint("%s", hint).Because(e)
}
