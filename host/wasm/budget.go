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
	time    time.Duration
	memory  int64
	output  int64
	fetches int
}

func newBudget(b host.Budget, l Limits) budget {
	return budget{
		time:    within(b.Time, l.Time),
		memory:  within(b.Memory, l.Memory),
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

// stoppedBy names the way time is stopped in the key of compiled code.
const stoppedBy = "context"

// stoppable makes the compiler add a check to every loop. It finds loops. A guest without one, whose functions call each
// other twice, is not found by it.
func stoppable(c wazero.RuntimeConfig) wazero.RuntimeConfig {
	return c.WithCloseOnContextDone(true)
}

// errTimeOver is the cause of a context that ended because of a budget.
var errTimeOver = errors.New("the time of the call is over")

// A stopwatch runs while a guest does, and stands still while the host waits
// for a network on its behalf.
type stopwatch struct {
	caller context.Context // of the call, without the guest's time
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	begun  time.Time // of the present stretch
	spent  time.Duration
	left   time.Duration
}

func (b budget) start(ctx context.Context) *stopwatch {
	w := &stopwatch{caller: ctx, begun: time.Now(), left: b.time}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	w.timer = time.AfterFunc(b.time, func() { w.cancel(errTimeOver) })
	return w
}

// pause is true where there is time left. Only the goroutine of the call pauses
// and goes on.
func (w *stopwatch) pause() bool {
	if !w.timer.Stop() {
		return false
	}
	d := time.Since(w.begun)
	w.spent, w.left = w.spent+d, w.left-d
	return true
}

func (w *stopwatch) goOn() {
	w.begun = time.Now()
	w.timer.Reset(max(w.left, 0))
}

// stop ends the stopwatch and says how long it ran.
func (w *stopwatch) stop() time.Duration {
	w.timer.Stop()
	w.cancel(nil)
	return w.spent + time.Since(w.begun)
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
