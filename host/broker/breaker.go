package broker

import (
	"net/http"
	"net/url"
	"time"

	"github.com/connhost/connhost/host"
)

// A breaker leaves a host alone that failed often in a row. After a pause one
// call is let through: its outcome decides for the others.
type breaker struct {
	failures int
	until    time.Time // left alone; zero while closed
	probing  bool
}

// pass refuses an attempt to a host that is left alone. With enter the attempt
// is about to be made, and may be the one that finds out.
func (p *pacer) pass(u *url.URL, enter bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.breakers) == 0 { // nearly always
		return nil
	}
	b := p.breakers[host.Origin(u)]
	if b == nil || b.until.IsZero() {
		return nil
	}
	left := b.until.Sub(p.now())
	if left <= 0 && !b.probing {
		b.probing = enter
		return nil
	}
	return host.Errorf(host.Unavailable, "%s failed %d times in a row, and connection %q leaves it alone for now", u.Host, b.failures, p.link).
		WithHint("try again in %s", roughly(max(left, time.Second)))
}

// told learns from an attempt.
func (p *pacer) told(u *url.URL, res *http.Response, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fine := err == nil && !overwhelmed(res.StatusCode)
	if fine && len(p.breakers) == 0 { // nearly always
		return
	}
	origin := host.Origin(u)
	b := p.breakers[origin]
	switch {
	case fine:
		if b != nil {
			delete(p.breakers, origin)
		}
		return
	case err != nil && host.CodeOf(err) != host.Unavailable: // nothing that the host did
		if b != nil {
			b.probing = false
		}
		return
	}
	if b == nil {
		if len(p.breakers) >= maxBreakers {
			return
		}
		b = &breaker{}
		p.breakers[origin] = b
	}
	b.failures++
	if b.probing || b.failures >= p.limits.BreakerFailures {
		b.until, b.probing = p.now().Add(p.limits.BreakerPause), false
	}
}

// overwhelmed are the answers of a host that is not there, or of what stands
// before it. 500 is one of an application, and 429 of one that works.
func overwhelmed(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}
