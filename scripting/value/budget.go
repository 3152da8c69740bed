package value

import (
	"context"
	"fmt"
	"math"
	"time"
)

// pollEvery is how many ticks may pass before the context and the clock are
// looked at again.
const pollEvery = 1024

// Limits bound one run of a script. A zero field takes its default.
type Limits struct {
	Steps  int64         // units of work; 50 million
	Memory int64         // bytes made, approximately; 256 MB
	Time   time.Duration // 5 minutes
	Depth  int           // calls within calls; 1,000
}

func (l Limits) withDefaults() Limits {
	if l.Steps <= 0 {
		l.Steps = 50_000_000
	}
	if l.Memory <= 0 {
		l.Memory = 256 << 20
	}
	if l.Time <= 0 {
		l.Time = 5 * time.Minute
	}
	if l.Depth <= 0 {
		l.Depth = 1000
	}
	return l
}

// A Limit is the error of a run that used up its budget. Scripts cannot catch
// it, and a Budget that raised one raises it again at the next charge.
type Limit struct {
	Name string // steps, memory, time, depth, nesting, cancelled, or what a function names
	Max  string // the bound that was reached, with its unit; empty when cancelled
	Err  error  // the cause of a cancellation, or nil
}

// Error names the limit and its bound.
func (l *Limit) Error() string {
	if l.Name == "cancelled" {
		return fmt.Sprintf("run cancelled: %v", l.Err)
	}
	return fmt.Sprintf("limit reached: %s (%s)", l.Name, l.Max)
}

// Unwrap returns the cause of a cancellation, or nil.
func (l *Limit) Unwrap() error { return l.Err }

// A Budget counts the work and the memory of one run. Everything that loops
// calls Tick, everything that makes something calls Alloc before making it; both
// panic with a *Limit when there is none left. It serves one goroutine.
type Budget struct {
	untilPoll int64 // ticks left before the next look at context and clock
	granted   int64 // ticks handed out so far, untilPoll included
	room      int64 // bytes left
	depth     int
	mark      int64 // room below which Crowded reports true
	limits    Limits
	ctx       context.Context
	deadline  time.Time
}

// NewBudget returns a full budget that also ends with ctx. Its time starts now.
func NewBudget(ctx context.Context, limits Limits) *Budget {
	l := limits.withDefaults()
	b := &Budget{limits: l, ctx: ctx, deadline: time.Now().Add(l.Time), room: l.Memory, mark: l.Memory / 2}
	b.refill(0)
	return b
}

// Tick charges n units of work; n is not negative.
func (b *Budget) Tick(n int) {
	b.untilPoll -= int64(n)
	if b.untilPoll < 0 {
		b.poll()
	}
}

// Alloc charges n bytes that are about to be made; n is not negative.
func (b *Budget) Alloc(n int) {
	b.room -= int64(n)
	if b.room < 0 {
		b.exhausted()
	}
}

// AllocTimes charges count times size bytes without overflowing.
func (b *Budget) AllocTimes(count, size int) {
	if size > 0 && count > math.MaxInt/size {
		b.Alloc(math.MaxInt)
	}
	b.Alloc(count * size)
}

// Free gives back n bytes that were charged and are known to be garbage.
func (b *Budget) Free(n int) { b.room += int64(n) }

// Check looks at steps, context and clock at once. A host call that took long
// ends with it.
func (b *Budget) Check() { b.poll() }

// Enter charges one level of calls; every Enter that returns needs a Leave.
func (b *Budget) Enter() {
	if b.depth >= b.limits.Depth {
		panic(&Limit{Name: "depth", Max: fmt.Sprintf("%d calls", b.limits.Depth)})
	}
	b.depth++
}

// Leave ends one level of calls.
func (b *Budget) Leave() { b.depth-- }

// Context returns the context the budget ends with.
func (b *Budget) Context() context.Context { return b.ctx }

// Remaining returns how much time the run has left; it may be negative.
func (b *Budget) Remaining() time.Duration { return time.Until(b.deadline) }

// Steps returns the units of work charged so far.
func (b *Budget) Steps() int64 { return b.granted - b.untilPoll }

// Used returns the bytes charged and not settled or given back.
func (b *Budget) Used() int64 { return b.limits.Memory - b.room }

// Crowded reports whether it is worth finding out what is still alive. Alloc
// does not see garbage go, so a long loop over small texts would end a run that
// holds nothing. An engine asks between two statements, measures its variables
// with Footprint and tells the result to Settle.
func (b *Budget) Crowded() bool { return b.room < b.mark }

// Settle says that of all that was charged, live bytes are still held. The next
// Crowded waits for half of what is then left.
func (b *Budget) Settle(live int64) {
	b.room = b.limits.Memory - live
	if b.room < 0 {
		b.exhausted()
	}
	b.mark = b.room / 2
}

func (b *Budget) poll() {
	used := b.Steps()
	if used > b.limits.Steps {
		panic(&Limit{Name: "steps", Max: fmt.Sprint(b.limits.Steps)})
	}
	if time.Now().After(b.deadline) {
		panic(&Limit{Name: "time", Max: b.limits.Time.String()})
	}
	if err := b.ctx.Err(); err != nil {
		panic(&Limit{Name: "cancelled", Err: context.Cause(b.ctx)})
	}
	b.refill(used)
}

func (b *Budget) refill(used int64) {
	b.untilPoll = min(pollEvery, b.limits.Steps-used)
	b.granted = used + b.untilPoll
}

// exhausted leaves room at -1, so that no later charge can wrap around.
//
//go:noinline // keeps Alloc small enough to be inlined itself
func (b *Budget) exhausted() {
	b.room = -1
	panic(&Limit{Name: "memory", Max: fmt.Sprintf("%d bytes", b.limits.Memory)})
}

// tooDeep ends a walk over values that has gone MaxNesting levels down.
func tooDeep() {
	panic(&Limit{Name: "nesting", Max: fmt.Sprintf("%d levels of lists and maps", MaxNesting)})
}
