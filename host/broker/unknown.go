package broker

import (
	"context"
	"time"

	"github.com/connhost/connhost/host"
)

// What may follow an attempt whose outcome is unknown.

// A telling is what a service says of a refresh token whose last presentation
// has no known outcome.
type telling int

const (
	notAsked    telling = iota
	stillActive         // the request was lost: the token was not used
	notActive           // the answer was lost: another token took its place
	untold              // the service did not say
)

// canTell reports whether the service of an authorization says if a token is
// active (RFC 7662).
func (b *Broker) canTell(r *route, a host.Authorization) bool {
	_, ok := b.flow(r.connector).(host.Introspector)
	return ok && (r.connector.Manifest.Introspect != nil || a.Endpoints.Introspect != "")
}

// tellOf has the service tell. The token is not presented as a grant, so nothing
// can be lost by it.
func (b *Broker) tellOf(ctx context.Context, r *route, f fresh) telling {
	i, ok := b.flow(r.connector).(host.Introspector)
	if !ok {
		return untold
	}
	active, err := i.Active(ctx, r.flowTarget(), f.secrets.Refresh)
	said := map[bool]telling{true: stillActive, false: notActive}[active]
	word := map[bool]string{true: "active", false: "not active"}[active]
	if err != nil {
		said, word = untold, "not told: "+sentence(err)
	}
	record := b.record(host.Subject{}, host.ActRefreshAsked, string(f.authorization.ID), "refresh_token", word)
	if b.Store.Update(ctx, func(tx host.Tx) error { return tx.Audit().Append(ctx, record) }) != nil {
		return untold
	}
	return said
}

const lostAnswer = "the answer to a refresh was lost"

// afterUnknown decides, in the order of security.md: a service that says that
// the token is active, that gives the same token again, or whose grace window
// is open, may be asked once more. Otherwise the token is kept back while its
// access token lives and while an earlier request may still be answered; then
// one last try is made, because nothing is left to lose. After that it is over.
// An introspection counts only when no earlier request can arrive any more.
func (b *Broker) afterUnknown(r *route, a host.Authorization, n need, now time.Time) (v verdict, last bool, err error) {
	settled := b.settled(a)
	if !n.about.Equal(a.Lease.Intent) {
		n.told = notAsked // of this attempt
	}
	switch {
	case n.told == stillActive:
		return granted, false, nil
	case n.told == notActive:
		return current, false, needsAuth(r, lostAnswer)
	case !r.connector.Manifest.Rotates():
		return granted, false, nil
	case now.Before(a.Lease.Intent.Add(r.connector.Manifest.Grace())):
		return granted, false, nil
	case n.told == notAsked && !now.Before(settled) && b.canTell(r, a):
		return unsettled, false, nil
	case !n.dead && alive(a, now):
		return current, false, nil
	case a.Unknown:
		return current, false, needsAuth(r, lostAnswer)
	case now.Before(settled):
		return current, false, host.Errorf(host.Unavailable, "%s of connection %q, and it may still be on its way", lostAnswer, r.connection.LinkName).
			WithHint("try again after %s, or authorize anew: connhost connection authorize %s", settled.UTC().Format(time.TimeOnly+" MST"), r.connection.LinkName)
	}
	return granted, true, nil
}

// settled is when no earlier request can be sent or answered any more.
func (b *Broker) settled(a host.Authorization) time.Time {
	return a.Lease.Intent.Add(b.settledAfter())
}

// nextTry is when something may be done about an unknown outcome: the service is
// asked, or the one last try is made. It is zero where the access token lives
// for ever.
func (b *Broker) nextTry(r *route, a host.Authorization) time.Time {
	settled := b.settled(a)
	if b.canTell(r, a) && b.Now().Before(settled) {
		return settled
	}
	if !a.TokenExpires.IsZero() && a.TokenExpires.Before(settled) {
		return settled
	}
	return a.TokenExpires
}
