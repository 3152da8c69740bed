package wasm

import (
	"bytes"
	"container/list"
	"context"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/tetratelabs/wazero/api"

	"github.com/connhost/connhost/host/wasm/meter"
)

// An instance is one run of a module. It serves one call, or the calls of one
// key one after the other: after each it is made again what it was when it had
// started. It never serves another key, nor after an error, nor after its
// memory grew, nor where its start has looked at the call: what it read there
// would be seen by the next one, which may be another person's.
type instance struct {
	mod   *module
	key   string
	guest api.Module
	heap  *heap

	// As it was when it had started; nil where it will serve one call only.
	memory  []byte
	globals []uint64
	fuel    int64 // that starting took
}

// mostKept is the largest memory of an instance that waits. It is there twice,
// and what is larger takes as long to restore as an instance to make.
const mostKept = 8 << 20

// parts names the globals that make an instance as it was, nil where more than
// those and the memory may change.
func parts(r meter.Report) []string {
	if !r.Restorable {
		return nil
	}
	list := make([]string, len(r.Mutable))
	for i, n := range r.Mutable {
		list[i] = meter.GlobalExport + strconv.Itoa(n)
	}
	return list
}

// remember keeps what the instance is.
func (i *instance) remember(c *call) {
	i.memory = bytes.Clone(i.heap.bytes)
	i.globals = make([]uint64, len(i.mod.parts))
	for n, name := range i.mod.parts {
		i.globals[n] = i.guest.ExportedGlobal(name).Get()
	}
	i.fuel = c.fuel.used + c.fuel.tank - int64(i.guest.ExportedGlobal(meter.FuelExport).Get())
}

// restore makes it what it was. It is false where it cannot.
func (i *instance) restore() bool {
	if i.memory == nil || len(i.heap.bytes) != len(i.memory) {
		return false
	}
	copy(i.heap.bytes, i.memory)
	for n, name := range i.mod.parts {
		g, ok := i.guest.ExportedGlobal(name).(api.MutableGlobal)
		if !ok {
			return false
		}
		g.Set(i.globals[n])
	}
	g, ok := i.guest.ExportedGlobal(meter.FuelExport).(api.MutableGlobal)
	if ok {
		g.Set(slice)
	}
	return ok
}

// begin gives the instance to a call, which pays for its start as the first
// one did.
func (i *instance) begin(c *call) {
	i.heap.limit, i.heap.refused = uint64(c.budget.memory), false
	c.heap = i.heap
	c.fuel.used = i.fuel
}

func (i *instance) close() { _ = i.guest.Close(context.Background()) }

// A pool keeps instances that wait for the next call of their key, at most so
// many of all modules, the ones that waited longest go first.
type pool struct {
	max  int
	made atomic.Int64 // for tests

	mu   sync.Mutex
	idle *list.List // of *instance, the longest unused first
}

func newPool(max int) *pool { return &pool{max: max, idle: list.New()} }

// take gives an instance of a module and key that fits into a memory, or nil.
func (p *pool) take(m *module, key string, memory int64) *instance {
	if key == "" || m.parts == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for e := p.idle.Back(); e != nil; e = e.Prev() {
		if i := e.Value.(*instance); i.mod == m && i.key == key && int64(len(i.memory)) <= memory {
			p.idle.Remove(e)
			return i
		}
	}
	return nil
}

// keep restores an instance and has it wait. It is false for one that served
// its only call.
func (p *pool) keep(i *instance) bool {
	if !i.restore() {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle.PushBack(i)
	if p.idle.Len() > p.max {
		p.idle.Remove(p.idle.Front()).(*instance).close()
	}
	return true
}

// forget ends the instances of a module.
func (p *pool) forget(m *module) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for e := p.idle.Front(); e != nil; {
		next := e.Next()
		if i := e.Value.(*instance); i.mod == m {
			p.idle.Remove(e)
			i.close()
		}
		e = next
	}
}
