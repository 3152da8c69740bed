package wasm

import (
	"context"
	"time"

	"github.com/connhost/connhost/host"
)

// The places of a call are what it holds while it runs: one of its connector's
// and one of the host's. A call that may wait for a network holds two more,
// and gives back the first pair while it waits, so that a slow service keeps
// no processor from others.
type places struct {
	r       *Runtime
	mod     *module
	fetcher bool
	running bool // holds the pair
}

// enter waits for all places. It takes none when it fails.
func (p *places) enter(ctx context.Context) error {
	if !p.fetcher {
		return p.goOn(ctx)
	}
	if err := p.take(ctx, p.mod.waits, p.r.waits); err != nil {
		return err
	}
	err := p.goOn(ctx)
	if err != nil {
		p.leave()
	}
	return err
}

func (p *places) leave() {
	p.rest()
	if p.fetcher {
		<-p.r.waits
		<-p.mod.waits
	}
}

// rest gives back what only a running call needs.
func (p *places) rest() {
	if p.running {
		<-p.r.slots
		<-p.mod.turns
	}
	p.running = false
}

// goOn takes that, again.
func (p *places) goOn(ctx context.Context) error {
	err := p.take(ctx, p.mod.turns, p.r.slots)
	p.running = err == nil
	return err
}

// take waits for one place of each queue, in order, and for all of them no
// longer than the limit. It takes none when it fails.
func (p *places) take(ctx context.Context, queues ...chan struct{}) (err error) {
	var patience <-chan time.Time
	for i, queue := range queues {
		select {
		case queue <- struct{}{}:
			continue
		default:
		}
		if patience == nil {
			patience = time.After(p.r.opts.Limits.Queue)
		}
		select {
		case queue <- struct{}{}:
			continue
		case <-p.r.closed:
			err = errClosed
		case <-ctx.Done():
			err = ctx.Err()
		case <-patience:
			err = host.Errorf(host.Unavailable, "the plugin host is busy: no call ended within %s (limit hook_queue)", p.r.opts.Limits.Queue).
				WithHint("try again later")
		}
		for _, taken := range queues[:i] {
			<-taken
		}
		return err
	}
	return nil
}

// outside runs f, which waits for a network, without the guest's time and
// without its places. The call ends here when there is none to go on with.
func (g guest) outside(f func(ctx context.Context)) {
	g.watch.pause()
	g.places.rest()
	f(g.ctx)
	err := g.places.goOn(g.ctx)
	g.watch.goOn()
	if err != nil {
		g.halt(err)
	}
}
