package wasm

import (
	"time"

	"github.com/connhost/connhost/host"
)

// A budget is what one call may use.
type budget struct {
	time    time.Duration
	memory  int64
	fuel    int64
	output  int64
	fetches int
}

func newBudget(b host.Budget, l Limits) budget {
	return budget{
		time:    within(b.Time, l.Time),
		memory:  within(b.Memory, l.Memory),
		fuel:    within(b.Fuel, l.Fuel),
		output:  within(b.Output, l.Output),
		fetches: within(b.HTTPCalls, l.HTTPCalls),
	}
}

func within[T int | int64 | time.Duration](v, limit T) T {
	if v <= 0 || v > limit {
		return limit
	}
	return v
}

// A stopwatch runs while a guest does, and stands still while the host waits
// for a network on its behalf.
type stopwatch struct {
	begun  time.Time // of the present stretch
	before time.Duration
	still  bool
}

func (b budget) start() stopwatch { return stopwatch{begun: time.Now()} }

// pause makes it stand still until goOn.
func (w *stopwatch) pause() { w.before, w.still = w.spent(), true }

func (w *stopwatch) goOn() { w.begun, w.still = time.Now(), false }

// spent is how long it has run.
func (w *stopwatch) spent() time.Duration {
	if w.still {
		return w.before
	}
	return w.before + time.Since(w.begun)
}

// A heap is the memory of one instance. It grows in steps that double, up to
// its limit, and remembers whether the guest wanted more.
type heap struct {
	limit   uint64
	bytes   []byte
	refused bool
}

// Reallocate grows the memory. Nil makes memory.grow answer -1.
func (h *heap) Reallocate(size uint64) []byte {
	if size > h.limit {
		h.refused = true
		return nil
	}
	if size > uint64(cap(h.bytes)) {
		grown := make([]byte, len(h.bytes), max(size, min(2*uint64(cap(h.bytes)), h.limit)))
		copy(grown, h.bytes)
		h.bytes = grown
	}
	h.bytes = h.bytes[:size]
	return h.bytes
}

// Free forgets the memory; its size is still known for the account.
func (h *heap) Free() {}
