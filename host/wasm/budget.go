package wasm

import (
	"context"
	"errors"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/connhost/connhost/host"
)

// A budget is what one call may use. This file is the only place that knows
// how a guest is stopped when its time is over.
type budget struct {
	time   time.Duration
	memory int64
	output int64
}

func newBudget(b host.Budget, l Limits) budget {
	return budget{
		time:   within(b.Time, l.Time),
		memory: within(b.Memory, l.Memory),
		output: within(b.Output, l.Output),
	}
}

func within[T int64 | time.Duration](v, limit T) T {
	if v <= 0 || v > limit {
		return limit
	}
	return v
}

// stoppedBy names the way time is stopped in the key of compiled code.
const stoppedBy = "context"

// stoppable makes the compiler add a check to every loop. It finds loops. A guest without one, whose functions call each
// other twice, is not found by it.
func stoppable(c wazero.RuntimeConfig) wazero.RuntimeConfig {
	return c.WithCloseOnContextDone(true)
}

// errTimeOver is the cause of a context that ended because of a budget.
var errTimeOver = errors.New("the time of the call is over")

// A stopwatch runs while a guest does. None of the host's functions waits for a
// network, so the guest's time is all of it.
type stopwatch struct {
	ctx    context.Context
	cancel context.CancelFunc
	begun  time.Time
}

func (b budget) start(ctx context.Context) *stopwatch {
	w := &stopwatch{begun: time.Now()}
	w.ctx, w.cancel = context.WithTimeoutCause(ctx, b.time, errTimeOver)
	return w
}

// stop ends the stopwatch and says how long it ran.
func (w *stopwatch) stop() time.Duration {
	w.cancel()
	return time.Since(w.begun)
}

// over says that the budget's time, and not the caller's, has ended the call.
func (w *stopwatch) over() bool { return context.Cause(w.ctx) == errTimeOver }

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
