package broker

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/connhost/connhost/host"
)

// A Renewal is what became of one authorization that was to be renewed.
type Renewal struct {
	Authorization host.Authorization // as it is now
	Links         []string           // link names of the connections that it serves
	Outcome       RenewalOutcome
	Err           error // with RenewalFailed
}

// A RenewalOutcome is one of three.
type RenewalOutcome string

const (
	Renewed       RenewalOutcome = "renewed"
	NotNeeded     RenewalOutcome = "not_needed" // somebody else has renewed it, is about to, or has revoked it
	RenewalFailed RenewalOutcome = "failed"
)

const (
	atOnce     = 8   // renewals of a pass at a time
	batch      = 500 // authorizations that are read at a time
	apartAtMax = 100 * time.Millisecond
)

// RefreshDue renews what is due within ahead, each authorization once and by
// the one way there is to refresh. The failure of one stops no other and is
// told in its Renewal. One that serves no connection which may use it is left
// alone. When ctx ends, what has begun is finished and nothing else begins.
func (b *Broker) RefreshDue(ctx context.Context, sub host.Subject, ahead time.Duration) ([]Renewal, error) {
	if err := sub.Require(host.RenewForAll); err != nil {
		return nil, err
	}
	var out []Renewal
	before, seen := b.Now().Add(ahead), map[host.AuthorizationID]bool{}
	for {
		list, err := b.due(ctx, before, batch+len(seen))
		if err != nil {
			return out, err
		}
		list = slices.DeleteFunc(list, func(a host.Authorization) bool { return seen[a.ID] })
		if len(list) == 0 {
			return out, nil
		}
		for _, a := range list {
			seen[a.ID] = true
		}
		out = append(out, b.renewAll(ctx, sub, list, nil)...)
	}
}

func (b *Broker) due(ctx context.Context, before time.Time, limit int) ([]host.Authorization, error) {
	return view(ctx, b, func(tx host.Tx) ([]host.Authorization, error) { return tx.Authorizations().Due(ctx, before, limit) })
}

// renewAll renews a list, at most atOnce at a time and a moment apart, so that
// a service is not asked for all in one instant. The Renewals are in the order
// of the list, and are told as they come, one at a time.
func (b *Broker) renewAll(ctx context.Context, sub host.Subject, list []host.Authorization, told func(Renewal)) []Renewal {
	results, next := make([]*Renewal, len(list)), make(chan int)
	var workers sync.WaitGroup
	var one sync.Mutex
	for range min(atOnce, len(list)) {
		workers.Go(func() {
			for i := range next {
				if len(list) > 1 && pause(ctx, rand.N(apartAtMax)) != nil {
					continue
				}
				if results[i] = b.renewOne(ctx, sub, list[i]); results[i] != nil && told != nil {
					one.Lock()
					told(*results[i])
					one.Unlock()
				}
			}
		})
	}
	for i := range list {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	workers.Wait()
	var out []Renewal
	for _, r := range results {
		if r != nil {
			out = append(out, *r)
		}
	}
	return out
}

// renewOne gives nil for one that is left alone.
func (b *Broker) renewOne(ctx context.Context, sub host.Subject, a host.Authorization) *Renewal {
	type way struct {
		route *route
		links []string
	}
	ctx, done := b.finishing(ctx)
	defer done()
	found, err := view(ctx, b, func(tx host.Tx) (way, error) {
		r, links, err := routeOf(ctx, tx, sub, a.ID)
		return way{r, links}, err
	})
	if err == nil && found.route == nil {
		return nil
	}
	if err == nil {
		err = b.fill(found.route)
	}
	if err != nil {
		return &Renewal{Authorization: a, Links: found.links, Outcome: RenewalFailed, Err: err}
	}
	return b.renewal(ctx, found.route, found.links, a.SecretVersion)
}

// renewal goes the way of every refresh and says what came of it.
func (b *Broker) renewal(ctx context.Context, r *route, links []string, version int64) *Renewal {
	out := &Renewal{Authorization: r.authorization, Links: links, Outcome: RenewalFailed}
	f, err := b.refresh(ctx, r, need{version: version})
	if err != nil {
		out.Err = err
		return out
	}
	out.Authorization, out.Outcome = f.authorization, NotNeeded
	switch a := f.authorization; {
	case f.refreshed:
		out.Outcome = Renewed
	case a.SecretVersion == version && !a.Lease.Intent.IsZero() && !b.Now().Before(a.Lease.Until):
		out.Outcome = RenewalFailed
		out.Err = host.Errorf(host.Unavailable, "connection %q waits: %s", r.connection.LinkName, a.Forecast(r.connector.Manifest, b.Now()).Text).
			WithHint("nothing is lost by waiting, or authorize anew: connhost connection authorize %s", r.connection.LinkName)
	}
	return out
}

// finishing is a context for what must not be cut in half when ctx ends: it
// lives for the time of one token request longer.
func (b *Broker) finishing(ctx context.Context) (context.Context, func()) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		_ = pause(longer, b.TokenTimeout)
		cancel()
	})
	return longer, func() { stop(); cancel() }
}

// routeOf builds the route of an authorization without a call that goes out:
// from any connection that uses it and may. It is nil where there is none. The
// link names are those of all connections that it serves.
func routeOf(ctx context.Context, tx host.Tx, sub host.Subject, id host.AuthorizationID) (r *route, links []string, err error) {
	a, err := tx.Authorizations().Find(ctx, id)
	if absent(err) {
		return nil, nil, nil // deleted meanwhile
	}
	if err != nil {
		return nil, nil, err
	}
	uses, err := tx.Bindings().OfAuthorization(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	for _, bind := range uses {
		c, err := tx.Connections().Find(ctx, bind.Connection)
		if err != nil {
			return nil, links, err
		}
		if !slices.Contains(links, c.LinkName) {
			links = append(links, c.LinkName)
		}
		if r != nil {
			continue
		}
		if r, err = routeFor(ctx, tx, sub, bind, c, a); err != nil {
			return nil, links, err
		}
	}
	return r, links, nil
}

// routeFor is nil where a connection may not use the authorization: its
// connector is disabled, it is stopped, or it was made for other places, another host or
// another client credential. A binding that is switched off counts: who
// switches it on again finds it alive.
func routeFor(ctx context.Context, tx host.Tx, sub host.Subject, bind host.Binding, c host.Connection, a host.Authorization) (*route, error) {
	connector, err := tx.Connectors().FindHash(ctx, c.ConnectorHash)
	if absent(err) || err == nil && (connector.Stage == host.DisabledConnector || !connector.Manifest.Renews()) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	fit, err := fits(ctx, tx, a.ConnectorHash, connector)
	if err != nil || !fit || !maps.Equal(a.HostParams, c.Params) || a.Credential != c.Credential {
		return nil, err
	}
	if h, err := heldBy(ctx, tx, sub.User.ID, c, a); err != nil || h.stopped != "" {
		return nil, err
	}
	r := &route{sub: sub, environment: bind.Environment, connection: c, connector: connector, authorization: a}
	return r, r.open(ctx, tx)
}

// Refresh renews the authorization that a run in env would use now, whether it
// is due or not, by the rules that every refresh keeps to. Whoever may
// authorize the connection may do that.
func (b *Broker) Refresh(ctx context.Context, sub host.Subject, env host.Environment, link string) (Renewal, error) {
	r, err := b.route(ctx, sub, env, link)
	if err != nil {
		return Renewal{}, err
	}
	if err := mayAuthorize(sub, r.connection, r.connector); err != nil {
		return Renewal{}, err
	}
	switch a := r.authorization; {
	case !r.connector.Manifest.Renews() || a.ID == "" || !a.Renewable && a.TokenExpires.IsZero():
		return Renewal{}, host.Errorf(host.Usage, "connection %q has no tokens that could be renewed", link).
			WithHint("see what it has: connhost connection show %s", link)
	case !a.Renewable:
		return Renewal{}, host.Errorf(host.NeedsAuth, "the tokens of connection %q cannot be renewed: %s", link, noRefreshToken).
			WithHint("authorize anew: connhost connection authorize %s", link)
	}
	ctx, done := b.finishing(ctx)
	defer done()
	out := b.renewal(ctx, r, []string{link}, r.authorization.SecretVersion)
	return *out, out.Err
}
