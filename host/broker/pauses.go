package broker

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/connhost/connhost/host"
)

// pauses holds back refreshes of authorizations whose service did not answer,
// so that a thousand callers do not ask a thousand times. It is this
// process's alone: losing it costs one request.
type pauses struct {
	mu   sync.Mutex
	list map[host.AuthorizationID]retry
}

type retry struct {
	wait  time.Duration
	until time.Time
	said  string
}

const (
	firstPause = 500 * time.Millisecond
	longPause  = time.Minute
)

// after notes a failure: the pause doubles each time, with jitter, and is at
// least what the service asked for.
func (p *pauses) after(id host.AuthorizationID, e *host.TokenError, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.list == nil || len(p.list) > 10_000 {
		p.list = map[host.AuthorizationID]retry{}
	}
	r := p.list[id]
	r.wait = min(max(2*r.wait, firstPause), longPause)
	if now.After(r.until.Add(longPause)) {
		r.wait = firstPause
	}
	wait := max(r.wait/2+rand.N(r.wait/2+1), e.RetryAfter)
	r.until, r.said = now.Add(wait), e.Msg
	p.list[id] = r
}

// check refuses while a pause lasts.
func (p *pauses) check(r *route, now time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	q, ok := p.list[r.authorization.ID]
	if !ok || !now.Before(q.until) {
		return nil
	}
	return host.Errorf(host.Unavailable, "connection %q could not be refreshed a moment ago: %s", r.connection.LinkName, q.said).
		WithHint("try again in %s", q.until.Sub(now).Round(time.Second))
}
