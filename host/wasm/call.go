package wasm

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A call is one call of a hook. Host functions find
// it in their context. Only the goroutine of the call touches it.
type call struct {
	opts   *Options
	in     host.GuestCall
	places *places
	budget budget
	heap   *heap
	memory int64
	spent  time.Duration
	ctx    context.Context // the caller's
	watch  stopwatch
	fuel   gauge
	halted error // why the host ended the guest

	bodies  [][]byte // of the input, then of fetched answers
	stage   stage
	derived map[string]host.Secret // keys, by the names that the guest knows
	fetches int                    // requests made
	fetched int                    // bytes of answers kept

	output []byte
	pushed bool
	over   bool    // the guest pushed more than it may
	exit   *uint32 // the guest asked to end

	starting bool // the instance is being made
	looked   bool // its start has asked for something of this call

	clock clock
	diary diary
}

// What a hook answers.
const (
	answerOutput = 0
	answerError  = 1
)

type callKey struct{}

func (r *Runtime) begin(ctx context.Context, in host.GuestCall, p *places) *call {
	b := newBudget(in.Budget, r.opts.Limits)
	return &call{
		opts:   &r.opts,
		in:     in,
		places: p,
		bodies: slices.Clip(in.Bodies),
		budget: b,
		ctx:    ctx,
		fuel:   gauge{tank: slice},
		heap:   &heap{}, // until there is an instance
		clock:  clock{now: r.opts.Now},
		diary:  diary{room: r.opts.Limits.Log, write: r.opts.Log, connector: in.Hash},
	}
}

func (c *call) used() host.Used {
	return host.Used{Time: c.spent, Memory: c.memory, Fuel: c.fuel.used, Output: int64(len(c.output))}
}

// run is the boundary: nothing that a guest does leaves it as a panic.
func (c *call) run(m *module) (out []byte, err error) {
	if need := int64(m.pages) * pageSize; need > c.budget.memory {
		return nil, stopped("memory", "the hook begins with %d bytes of memory, and may use %d", need, c.budget.memory)
	}
	c.watch = c.budget.start()
	defer func() {
		c.spent = c.watch.spent()
		c.diary.end()
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("call hook %s: the plugin host panicked: %v", c.in.Hook, p)
		}
	}()
	result, err := c.enter(m)
	if err != nil {
		return nil, c.reason(err)
	}
	return c.answer(result)
}

// enter has the hook called in an instance: one that waits for this call's
// key, or a fresh one.
func (c *call) enter(m *module) (result int32, err error) {
	ctx := context.WithValue(c.ctx, callKey{}, c)
	i := m.pool.take(m, c.in.Reuse, c.budget.memory)
	if i == nil {
		if i, err = c.start(ctx, m); err != nil {
			return 0, err
		}
	} else {
		i.begin(c)
	}
	defer func() {
		c.memory = int64(len(i.heap.bytes))
		c.settle(i.guest)
		if fine := err == nil && result == answerOutput && c.pushed; !fine || !m.pool.keep(i) {
			i.close()
		}
	}()
	results, err := i.guest.ExportedFunction(abi.HookPrefix+c.in.Hook).Call(ctx, uint64(len(c.in.Input)))
	if err != nil {
		return 0, err
	}
	return api.DecodeI32(results[0]), nil
}

// start makes an instance and runs what it runs at first.
func (c *call) start(ctx context.Context, m *module) (*instance, error) {
	i := &instance{mod: m, key: c.in.Reuse, heap: &heap{limit: uint64(c.budget.memory)}}
	c.heap, c.starting = i.heap, true
	defer func() { c.memory, c.starting = int64(len(i.heap.bytes)), false }()
	ctx = experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(
		func(uint64, uint64) experimental.LinearMemory { return i.heap }))
	guest, err := m.rt.InstantiateModule(ctx, m.code, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return nil, err
	}
	i.guest = guest
	m.pool.made.Add(1)
	if f := guest.ExportedFunction(abi.ExportInitialize); f != nil {
		if _, err := f.Call(ctx); err != nil {
			c.settle(guest)
			i.close()
			return nil, err
		}
	}
	if i.key != "" && m.parts != nil && !c.looked && len(i.heap.bytes) <= mostKept {
		i.remember(c)
	}
	return i, nil
}

// answer reads what the hook has pushed, by its result.
func (c *call) answer(result int32) ([]byte, error) {
	switch {
	case c.fuel.used > c.budget.fuel:
		return nil, c.outOfFuel()
	case c.over:
		return nil, stopped("output", "the hook answered more than %d bytes", c.budget.output)
	case result != answerOutput && result != answerError:
		return nil, violation("the hook gave %d, which is neither an output nor an error", result)
	case !c.pushed:
		return nil, violation("the hook ended without an answer")
	case !utf8.Valid(c.output) || !json.Valid(c.output):
		return nil, violation("the hook's answer is not JSON")
	case result == answerError:
		return nil, c.declared()
	}
	return c.output, nil
}

// declared is the connector's own error.
func (c *call) declared() error {
	var e abi.HookError
	if err := json.Unmarshal(c.output, &e); err != nil || e.Code == "" {
		return violation("the hook's error has no code")
	}
	if e.Message == "" {
		e.Message = e.Code
	}
	return &host.GuestError{
		Kind: host.Declared, Code: plain(e.Code, 100), Msg: plain(e.Message, 4<<10),
		Retryable: e.Retryable, Reauth: e.Reauth, Field: plain(e.Field, 100),
	}
}
