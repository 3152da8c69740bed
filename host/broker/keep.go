package broker

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/connhost/connhost/host"
)

// Keeping says how Keep works. The zero value looks once a minute.
type Keeping struct {
	Every   time.Duration // how long to sleep at most: others may store what is due sooner
	Ahead   time.Duration // how long before it is due something is renewed, at most
	Told    func(Renewal) // hears every outcome as it comes, one at a time; may be nil
	Trouble func(error)   // hears why a pass could not read the store; may be nil
}

const (
	shortestSleep = 200 * time.Millisecond
	longestSleep  = time.Minute      // unless Every says
	longestHold   = 15 * time.Minute // of one that fails
	mostAtOnce    = 10_000           // authorizations that one pass looks at
)

// A hold keeps a pass from one that failed or is left alone.
type hold struct {
	wait  time.Duration
	until time.Time
}

// Keep renews what is due until ctx ends, and sleeps until the next is. It
// survives a store that cannot be read for a while. Its error is that the
// subject may not, or that it was interrupted.
//
// Unlike RefreshDue it renews nothing before the last quarter of its time,
// however far it looks ahead: tokens of a minute are not renewed without end.
func (b *Broker) Keep(ctx context.Context, sub host.Subject, k Keeping) error {
	if err := sub.Require(host.RenewForAll); err != nil {
		return err
	}
	if k.Every <= 0 {
		k.Every = longestSleep
	}
	for held := map[host.AuthorizationID]hold{}; ; {
		next, err := b.keepOnce(ctx, sub, k, held)
		if err != nil && ctx.Err() == nil && k.Trouble != nil {
			k.Trouble(err)
		}
		sleep := min(max(next.Sub(b.Now()), shortestSleep), k.Every)
		if pause(ctx, sleep+rand.N(sleep/10+1)) != nil {
			return host.Errorf(host.Interrupted, "interrupted").Because(ctx.Err())
		}
	}
}

// keepOnce is one pass. It gives the time at which the next one is wanted.
func (b *Broker) keepOnce(ctx context.Context, sub host.Subject, k Keeping, held map[host.AuthorizationID]hold) (time.Time, error) {
	now := b.Now()
	next := now.Add(k.Every)
	limit := mostAtOnce + len(held)
	list, err := b.due(ctx, next.Add(k.Ahead), limit)
	if err != nil {
		return next, err
	}
	if len(list) == limit {
		next = now // there are more
	}
	wake := func(at time.Time) {
		if at.Before(next) {
			next = at
		}
	}
	var ready []host.Authorization
	for _, a := range list {
		switch from := a.DueFrom(k.Ahead); {
		case now.Before(held[a.ID].until):
			wake(held[a.ID].until)
		case now.Before(from):
			wake(from)
		default:
			ready = append(ready, a)
		}
	}
	renewed := map[host.AuthorizationID]bool{}
	for _, r := range b.renewAll(ctx, sub, ready, k.Told) {
		// What another process is about to renew is looked at again later.
		if a := r.Authorization; r.Outcome == Renewed || r.Outcome == NotNeeded && !a.DueWithin(k.Ahead, b.Now()) {
			renewed[a.ID] = true
			if !a.Due.IsZero() {
				wake(a.DueFrom(k.Ahead))
			}
		}
	}
	b.holdBack(held, ready, renewed, k.Every)
	return next, nil
}

// holdBack lets those that were not renewed rest, longer each time, and forgets
// the rest of those that were, or have not been due for long.
func (b *Broker) holdBack(held map[host.AuthorizationID]hold, ready []host.Authorization, renewed map[host.AuthorizationID]bool, every time.Duration) {
	now := b.Now()
	for _, a := range ready {
		if renewed[a.ID] {
			delete(held, a.ID)
			continue
		}
		wait := min(max(2*held[a.ID].wait, every), max(longestHold, every))
		held[a.ID] = hold{wait, now.Add(wait)}
	}
	for id, h := range held {
		if now.After(h.until.Add(2 * longestHold)) {
			delete(held, id)
		}
	}
}
