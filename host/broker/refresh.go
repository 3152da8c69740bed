package broker

import (
	"context"
	"time"

	"github.com/connhost/connhost/host"
)

// The refresh protocol. Strict servers revoke the whole grant when a used
// refresh token is presented again, so a token is never presented twice while
// anything is left to lose:
//
//	lease + intent (one durable commit, after reading the row)
//	  -> one POST, no redirects, no repeat
//	  -> commit, fenced on the secret version
//
// A lease that has run out with its intent still there means that the outcome
// is unknown.

// leaseFor is how long a lease lasts: more than twice the time of a token
// request, so that it outlives the request that it protects.
func (b *Broker) leaseFor() time.Duration { return 2*b.TokenTimeout + 5*time.Second }

// renewEvery is how often a lease is renewed while its request runs.
func (b *Broker) renewEvery() time.Duration { return b.TokenTimeout / 2 }

// settledAfter is how long after its intent an attempt's request can neither
// be sent nor answered any more.
func (b *Broker) settledAfter() time.Duration { return b.leaseFor() + 2*b.TokenTimeout }

// fresh is what a refresh leaves behind: the authorization and its secrets as
// they stand in the store now.
type fresh struct {
	authorization host.Authorization
	secrets       host.Secrets
	refreshed     bool // by this flight
}

// A need says why a refresh is wanted.
type need struct {
	version int64     // the secret version that is not good enough
	dead    bool      // the service refused the access token
	told    telling   // by the service, of the attempt that was about to be sent then
	about   time.Time // its intent
}

// refresh renews an authorization's tokens, once however many ask. It is not
// bound to the caller's context: a caller leaves by its own, the refresh
// finishes and is stored.
func (b *Broker) refresh(ctx context.Context, r *route, n need) (fresh, error) {
	id := r.authorization.ID
	key := string(id) + "/" + itoa(int(n.version))
	if n.dead { // it waits where another is content with what lives
		key += "/dead"
	}
	c := b.flights.DoChan(key, func() (any, error) {
		return b.flight(context.WithoutCancel(ctx), r, n)
	})
	select {
	case res := <-c:
		if res.Err != nil {
			return fresh{}, res.Err
		}
		return res.Val.(fresh), nil
	case <-ctx.Done():
		return fresh{}, host.Errorf(host.Interrupted, "interrupted while the connection was being refreshed").Because(ctx.Err())
	}
}

// flight is one refresh from lease to commit. Where another process holds the
// lease it waits for what that one stores.
func (b *Broker) flight(ctx context.Context, r *route, n need) (fresh, error) {
	waiting, cancel := context.WithTimeout(ctx, b.settledAfter())
	defer cancel()
	for {
		f, wait, err := b.try(ctx, r, n)
		if !wait {
			return f, err
		}
		if err := pause(waiting, 50*time.Millisecond); err != nil {
			return fresh{}, host.Errorf(host.Unavailable, "another process is refreshing connection %q and does not finish", r.connection.LinkName).Because(err)
		}
	}
}

// try makes an attempt, or says that another's is to be waited for. Its time
// is its own, however long the flight has waited, and begins before its lease:
// a process that was stopped in between does not send its request when others
// take it for settled.
func (b *Broker) try(ctx context.Context, r *route, n need) (f fresh, wait bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, b.settledAfter())
	defer cancel()
	a, err := b.begin(ctx, r, n)
	if err == nil && a.verdict == unsettled {
		n.told, n.about = b.tellOf(ctx, r, a.fresh), a.fresh.authorization.Lease.Intent
		if n.told == untold && !n.dead && alive(a.fresh.authorization, b.Now()) {
			return fresh{}, false, b.later(r, &host.TokenError{Class: host.TokenUnknown, Msg: lostAnswer + ", and the service does not tell what became of it"})
		}
		a, err = b.begin(ctx, r, n)
	}
	switch {
	case err != nil:
		return fresh{}, false, err
	case a.verdict == granted:
		f, err = b.present(ctx, r, a)
		return f, false, err
	}
	busy := a.verdict == held || a.verdict == unsettled // another process was faster
	return a.fresh, busy && (n.dead || !alive(a.fresh.authorization, b.Now())), nil
}

// alive reports whether the access token may still work.
func alive(a host.Authorization, now time.Time) bool {
	return a.TokenExpires.IsZero() || now.Before(a.TokenExpires)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A verdict is what begin found.
type verdict int

const (
	granted   verdict = iota // the lease is ours, the intent is written
	current                  // what is stored is to be used as it is
	held                     // another process holds the lease
	unsettled                // the service is to tell what became of an earlier attempt
)

// An attempt is one presentation of a refresh token.
type attempt struct {
	verdict verdict
	fresh   fresh
	owner   string
	version int64     // the secret version that is presented
	prior   time.Time // the intent of an earlier attempt whose outcome is unknown
	last    bool      // nothing is left to lose: a failure is final
}

// begin reads the row and, if a refresh is due and safe, takes the lease and
// writes the intent. Both are one transaction, which runs alone, so that the
// row that is read is the row that is leased.
func (b *Broker) begin(ctx context.Context, r *route, n need) (attempt, error) {
	if err := b.pauses.check(r, b.Now()); err != nil && !b.moved(ctx, r, n) {
		return attempt{}, err
	}
	var dead error // decided inside, told after the commit
	at, err := update(ctx, b, func(tx host.Tx) (attempt, error) {
		a, err := tx.Authorizations().Find(ctx, r.authorization.ID)
		if err != nil {
			return attempt{}, err
		}
		s, err := tx.Authorizations().Open(ctx, a.ID)
		if err != nil {
			return attempt{}, err
		}
		at := attempt{fresh: fresh{authorization: a, secrets: s}, version: a.SecretVersion}
		now := b.Now()
		switch {
		case a.State == host.RevokedState || a.SecretVersion != n.version:
			at.verdict = current
			return at, nil
		case a.State == host.NeedsReauth:
			return at, needsAuth(r, a.Reason)
		}
		if err := notStopped(ctx, tx, r.sub.User.ID, r.connection, a); err != nil {
			return at, err
		}
		switch {
		case a.Lease.Intent.After(now) || a.Lease.Until.After(now.Add(b.leaseFor())):
			at.verdict = held
			a.Lease = b.setBack(r, a.Lease, now)
			return at, tx.Authorizations().Save(ctx, a)
		case now.Before(a.Lease.Until):
			at.verdict = held
			return at, nil
		}
		if !a.Lease.Intent.IsZero() {
			v, last, err := b.afterUnknown(r, a, n, now)
			if host.CodeOf(err) == host.NeedsAuth {
				dead = err
				return at, b.die(ctx, tx, a, lostAnswer, "class", string(host.TokenUnknown))
			}
			if err != nil || v != granted {
				at.verdict = v
				if due := b.nextTry(r, a); err == nil && v == current && !a.Due.Equal(due) { // nobody need ask again before that
					a.Due = due
					err = tx.Authorizations().Save(ctx, a)
				}
				return at, err
			}
			if (last || n.told == stillActive) && b.mayStillRun(a.Lease) {
				at.verdict = held
				a.Lease.Until = now.Add(b.renewEvery() + b.TokenTimeout/6)
				return at, tx.Authorizations().Save(ctx, a)
			}
			at.last, at.prior = last, a.Lease.Intent
		}
		at.owner = host.NewLeaseOwner()
		a.Lease = host.Lease{Owner: at.owner, Until: now.Add(b.leaseFor()), Intent: now}
		a.Unknown = a.Unknown || at.last
		if err := tx.Authorizations().Save(ctx, a); err != nil {
			return at, err
		}
		return at, tx.Audit().Append(ctx, b.record(host.Subject{}, host.ActRefreshIntent, string(a.ID)))
	})
	if dead != nil {
		err = dead
	}
	return at, err
}

// moved reports whether the row is no longer what a refresh is wanted for: it was
// revoked, or has other secrets. A pause holds back requests, and none is made
// then.
func (b *Broker) moved(ctx context.Context, r *route, n need) bool {
	a, err := view(ctx, b, func(tx host.Tx) (host.Authorization, error) { return tx.Authorizations().Find(ctx, r.authorization.ID) })
	return err == nil && (a.State == host.RevokedState || a.SecretVersion != n.version)
}

// mayStillRun reports whether the holder of a lease that has run out may just
// have had no time to renew it: the clock was set forward, or the machine
// slept. Once all is settled it is given the time of one more renewal, before
// another does what cannot be undone. A holder that has settled its attempt
// has no lease.
func (b *Broker) mayStillRun(l host.Lease) bool {
	return l.Owner != "" && l.Until.Before(l.Intent.Add(b.settledAfter()))
}

// setBack is what becomes of a lease of the future: the clock was set back, and
// it would last until the clock has caught up. When it was taken is not known,
// so it is counted from now, with a grace window that is over.
func (b *Broker) setBack(r *route, l host.Lease, now time.Time) host.Lease {
	l.Until = now.Add(b.leaseFor())
	if l.Intent.After(now) {
		l.Intent = now.Add(-r.connector.Manifest.Grace())
	}
	return l
}

// die marks an authorization needs_reauthorization; detail is for its record.
func (b *Broker) die(ctx context.Context, tx host.Tx, a host.Authorization, reason string, detail ...string) error {
	a.State, a.Reason, a.Lease, a.UpdatedAt = host.NeedsReauth, reason, host.Lease{}, b.Now()
	if err := tx.Authorizations().Save(ctx, a); err != nil {
		return err
	}
	return tx.Audit().Append(ctx, b.record(host.Subject{}, host.ActRefreshFailed, string(a.ID), append(detail, "reason", reason)...))
}

// needsAuth is the error that says what to do.
func needsAuth(r *route, reason string) *host.Error {
	return host.Errorf(host.NeedsAuth, "connection %q needs authorizing: %s", r.connection.LinkName, reason).WithHint("%s", r.remedy(reason))
}
