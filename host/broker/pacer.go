package broker

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A pacer keeps the calls of one connection to the speed that its connector
// declares, and away from hosts that fail. Each connection has its own, so one
// that is slow, or whose host is down, never holds up another.
//
//	a call: breaker closed? -> a slot -> a turn -> breaker -> attempt -> breaker
//	                             |          ^                    |
//	                             |          +------ again -------+
//	                             +--- given back with the answer's body
type pacer struct {
	rules  abi.Rate
	slots  *semaphore.Weighted // nil for no bound; first come, first served
	turns  *rate.Limiter       // nil for no bound
	link   string
	now    func() time.Time
	limits Limits

	mu       sync.Mutex
	breakers map[string]*breaker // by origin; only of hosts that have failed
}

// pacers are those of the process.
type pacers struct {
	mu   sync.Mutex
	list map[host.ConnectionID]*pacer
}

const (
	maxPacers   = 4096
	maxBreakers = 256 // of one connection: more hosts than a manifest declares
)

// of gives the pacer of a route's connection, a new one where its connector
// declares another speed than before.
func (p *pacers) of(b *Broker, r *route) *pacer {
	var rules abi.Rate
	if r.connector.Manifest.Rate != nil {
		rules = *r.connector.Manifest.Rate
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.list[r.connection.ID]
	if old != nil && old.rules == rules && old.link == r.connection.LinkName {
		return old
	}
	n := &pacer{rules: rules, link: r.connection.LinkName, now: b.Now, limits: b.Limits, breakers: map[string]*breaker{}}
	if n.limits.BreakerFailures <= 0 {
		n.limits.BreakerFailures = 10
	}
	if n.limits.BreakerPause <= 0 {
		n.limits.BreakerPause = 30 * time.Second
	}
	if rules.Concurrent > 0 {
		n.slots = semaphore.NewWeighted(int64(rules.Concurrent))
	}
	if rules.Calls > 0 {
		n.turns = rate.NewLimiter(rate.Limit(float64(rules.Calls)/float64(rules.Interval())), rules.AtOnce())
	}
	if p.list == nil {
		p.list = map[host.ConnectionID]*pacer{}
	}
	for id := range p.list {
		if len(p.list) < maxPacers {
			break
		}
		delete(p.list, id)
	}
	p.list[r.connection.ID] = n
	return n
}

// A turn is one call on its way.
type turn struct {
	p    *pacer
	held bool // a slot
}

// turn watches over the attempts of a call.
func (p *pacer) turn(call *host.Call) *turn {
	if p == nil { // a route of a test
		return nil
	}
	t := &turn{p: p}
	call.Enter = t.enter
	return t
}

func (t *turn) enter(ctx context.Context, u *url.URL) (func(*http.Response, error), error) {
	p := t.p
	if p.slots != nil || p.turns != nil { // nobody waits for a host that is left alone
		if err := p.pass(u, false); err != nil {
			return nil, err
		}
	}
	if p.slots != nil && !t.held {
		if err := p.slots.Acquire(ctx, 1); err != nil {
			return nil, p.late(ctx, err, host.Errorf(host.Refused, "connection %q has %d calls under way, and none ended in the time of this one", p.link, p.rules.Concurrent).
				WithHint("try again when one of them has ended"))
		}
		t.held = true
	}
	if p.turns != nil {
		if err := p.wait(ctx); err != nil {
			return nil, err
		}
	}
	if err := p.pass(u, true); err != nil {
		return nil, err
	}
	return func(res *http.Response, err error) { p.told(u, res, err) }, nil
}

// wait waits for a turn, unless that comes after the time of the call.
func (p *pacer) wait(ctx context.Context) error {
	turn := p.turns.Reserve()
	pause := turn.Delay()
	if pause == 0 {
		return nil
	}
	if end, limited := ctx.Deadline(); limited && time.Until(end) <= pause {
		turn.Cancel()
		return host.Errorf(host.Refused, "connection %q may begin %d calls in %d s, and the turn of this one comes after its time", p.link, p.rules.Calls, p.rules.Interval()).
			WithHint("try again in %s", roughly(pause))
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		turn.Cancel()
		return ctx.Err()
	}
}

// late is the error of a wait that has ended by the call's own time; that of a
// caller who left stays theirs.
func (p *pacer) late(ctx context.Context, err error, said *host.Error) error {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return said.Because(err)
	}
	return err
}

// end gives the slot back, when the answer's body has been read or closed.
func (t *turn) end(res *http.Response) {
	if t == nil || !t.held {
		return
	}
	if res == nil || res.Body == nil || res.Body == http.NoBody {
		t.p.slots.Release(1)
		return
	}
	res.Body = &slotBody{ReadCloser: res.Body, release: func() { t.p.slots.Release(1) }}
}

type slotBody struct {
	io.ReadCloser
	once    sync.Once
	release func()
}

func (s *slotBody) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err != nil {
		s.once.Do(s.release)
	}
	return n, err
}

func (s *slotBody) Close() error {
	defer s.once.Do(s.release)
	return s.ReadCloser.Close()
}

// roughly is a time as people wait: whole seconds, upwards.
func roughly(d time.Duration) string {
	return ((d + time.Second - 1) / time.Second * time.Second).String()
}
