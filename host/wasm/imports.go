package wasm

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/connhost/connhost/host/wasm/meter"
	"github.com/connhost/connhost/plugins/abi"
)

// A function is one that the host gives to guests. Its result, if it has one,
// is what do returns.
type function struct {
	name    string
	params  []api.ValueType
	results []api.ValueType
	do      func(g guest, args []uint64) uint64
}

// Shapes of signatures.
var (
	nothing = []api.ValueType(nil)
	i32     = []api.ValueType{api.ValueTypeI32}
	i32x2   = []api.ValueType{api.ValueTypeI32, api.ValueTypeI32}
	i32x3   = []api.ValueType{api.ValueTypeI32, api.ValueTypeI32, api.ValueTypeI32}
	i32x4   = []api.ValueType{api.ValueTypeI32, api.ValueTypeI32, api.ValueTypeI32, api.ValueTypeI32}
	i64     = []api.ValueType{api.ValueTypeI64}
	i64x2   = []api.ValueType{api.ValueTypeI64, api.ValueTypeI64}
)

// imported finds a function by its import.
func imported(module, name string) (function, bool) {
	var list []function
	switch module {
	case abi.ImportModule:
		list = ours
	case abi.WASIModule:
		list = wasi
	}
	for _, f := range list {
		if f.name == name {
			return f, true
		}
	}
	return function{}, false
}

// link puts the host's functions into a runtime.
func link(ctx context.Context, rt wazero.Runtime) error {
	for module, list := range map[string][]function{abi.ImportModule: ours, abi.WASIModule: wasi} {
		b := rt.NewHostModuleBuilder(module)
		for _, f := range list {
			b.NewFunctionBuilder().WithGoModuleFunction(f.enter(), f.params, f.results).Export(f.name)
		}
		if _, err := b.Instantiate(ctx); err != nil {
			return fmt.Errorf("link the host's functions: %w", err)
		}
	}
	_, err := rt.NewHostModuleBuilder(meter.TickModule).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(tick), i64x2, i64).Export(meter.TickName).Instantiate(ctx)
	if err != nil {
		return fmt.Errorf("link the meter: %w", err)
	}
	return nil
}

// ofCall are the functions that tell a guest something of the call that it
// serves, or do something for that.
var ofCall = map[string]bool{
	"input": true, "output": true, "body": true, "take": true, "crypto": true,
	abi.ImportHTTP: true, abi.ImportSecret: true,
}

func (f function) enter() api.GoModuleFunc {
	looks := ofCall[f.name]
	return func(ctx context.Context, mod api.Module, stack []uint64) {
		c := ctx.Value(callKey{}).(*call)
		c.pay(costHostCall)
		if looks && c.starting {
			c.looked = true
		}
		result := f.do(guest{call: c, mod: mod}, stack)
		if len(f.results) > 0 {
			stack[0] = result
		}
		if c.opts.trace != nil {
			c.opts.trace(f, result)
		}
	}
}

// A guest is the caller of a host function.
type guest struct {
	*call
	mod api.Module
}

// view is a part of the guest's memory, to be read and written until the
// function returns. It is not ok when any of it is outside. The guest pays for
// what may be copied.
func (g guest) view(ptr, size uint64) (part []byte, ok bool) {
	memory := g.mod.ExportedMemory(abi.ExportMemory)
	if memory == nil {
		return nil, false
	}
	if part, ok = memory.Read(uint32(ptr), uint32(size)); ok {
		g.pay(int64(len(part) / bytesPerPrice))
	}
	return part, ok
}

func errno(n int32) uint64 { return api.EncodeI32(n) }
