package wasm

import (
	"math"
	"time"
)

// A clock is a guest's: the host's, never going back, and as much further as
// the guest has slept. A guest does not really sleep, which would cost its
// budget and make a run under a fixed clock endless.
type clock struct {
	now   func() time.Time
	slept time.Duration
	last  time.Time
}

func (c *clock) read() time.Time {
	if t := c.now().Add(c.slept); t.After(c.last) {
		c.last = t
	}
	return c.last
}

func (c *clock) sleep(nanoseconds uint64) {
	const most = time.Duration(math.MaxInt64) / 4 // 73 years; far from where times overflow
	if nanoseconds > uint64(most-c.slept) {
		c.slept = most
		return
	}
	c.slept += time.Duration(nanoseconds)
}
