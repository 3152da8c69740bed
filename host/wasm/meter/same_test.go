package meter_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/connhost/connhost/host/wasm/meter"
)

// A run is what a module did: a line for each thing that was tried.
type run struct {
	lines []string
	fuel  int64
	ended bool // by the meter
}

// spectest is the module that the suite's modules import.
func spectest(t testing.TB) []byte {
	t.Helper()
	root, err := module()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(root, "internal/integration_test/spectest/testdata/spectest.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

const notValid = "does not compile"

// try makes an instance and calls every export several times.
func try(file, spec []byte, metered bool) (r run) {
	ctx := experimental.WithMemoryAllocator(context.Background(), experimental.MemoryAllocatorFunc(
		func(capacity, most uint64) experimental.LinearMemory { return &heap{} }))
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(256))
	defer rt.Close(ctx)
	k := newTank()
	k.most = 3_000_000
	say := func(format string, args ...any) { r.lines = append(r.lines, fmt.Sprintf(format, args...)) }
	stopped := func(err error) bool {
		r.ended = r.ended || k.stopped
		return err != nil && k.stopped
	}
	if metered {
		if err := k.offer(ctx, rt); err != nil {
			say("offer: %v", err)
			return r
		}
	}
	if spec != nil {
		if _, err := rt.InstantiateWithConfig(ctx, spec, wazero.NewModuleConfig().WithName("spectest")); err != nil {
			say("spectest: %v", err)
		}
	}
	code, err := rt.CompileModule(ctx, file)
	if err != nil {
		say(notValid)
		return r
	}
	mod, err := rt.InstantiateModule(ctx, code, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		stopped(err)
		say("no instance: %s", trap(err))
		return r
	}
	var names []string
	for name := range code.ExportedFunctions() {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		f := mod.ExportedFunction(name)
		for round := range 3 {
			results, err := f.Call(ctx, arguments(f.Definition().ParamTypes(), i, round)...)
			if stopped(err) {
				return r
			}
			for n, t := range f.Definition().ResultTypes() {
				if err == nil && t != 0x7b && t < api.ValueTypeF64 {
					results[n] = min(results[n], 1) // a reference is an address
				}
			}
			say("%s: %x, %s", name, results, trap(err))
		}
	}
	for name := range code.ExportedMemories() {
		m := mod.ExportedMemory(name)
		content, _ := m.Read(0, m.Size())
		say("memory %d %x", m.Size(), bytes.TrimRight(content, "\x00"))
	}
	if metered {
		r.fuel = k.used(mod)
	}
	return r
}

// A heap is a memory that is made as it is wanted.
type heap struct{ b []byte }

func (h *heap) Reallocate(size uint64) []byte {
	h.b = append(h.b, make([]byte, size-uint64(len(h.b)))...)
	return h.b
}
func (h *heap) Free() {}

func trap(err error) string {
	if err == nil {
		return "done"
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	if _, reason, ok := strings.Cut(line, "] failed: "); ok {
		return reason // without the number of the start function
	}
	return line
}

// arguments are numbers at the edges and others.
func arguments(types []api.ValueType, i, round int) []uint64 {
	values := []uint64{0, 1, ^uint64(0), 2, 0x7fffffff, 0x80000000, 0x3ff0000000000000, 0x4048f5c3, 100, 65536}
	var args []uint64
	for n, t := range types {
		v := values[(i+n+round*3)%len(values)]
		switch t {
		case api.ValueTypeI32, api.ValueTypeF32:
			v = uint64(uint32(v))
		case api.ValueTypeI64, api.ValueTypeF64:
		case 0x7b: // a vector takes two
			args = append(args, v)
		default:
			v = 0
		}
		args = append(args, v)
	}
	return args
}

// same holds that a module does with its meter what it does without, and uses
// the same fuel each time. It says whether the whole run could be compared.
func same(t testing.TB, name string, file, spec []byte) bool {
	metered, r, err := meter.Meter(file, meter.Config{ExportGlobals: true})
	if err != nil {
		if _, ok := errors.AsType[*meter.Refusal](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
		return false
	}
	if len(r.Imports) > 0 && slices.ContainsFunc(r.Imports, func(i meter.Import) bool { return i.Module != "spectest" }) {
		return false
	}
	if !r.Restorable && slices.ContainsFunc(r.Tables, func(s meter.Size) bool { return !s.Bounded }) {
		return false // without the meter, table.grow may take all memory
	}
	with := try(metered, spec, true)
	if with.ended {
		return false // it may be endless
	}
	without := try(bare(file), spec, false)
	if !slices.Equal(with.lines, without.lines) {
		t.Errorf("%s: with the meter %q, without %q", name, with.lines, without.lines)
	}
	if again := try(metered, spec, true); again.fuel != with.fuel || !slices.Equal(again.lines, with.lines) {
		t.Errorf("%s: fuel %d and then %d", name, with.fuel, again.fuel)
	}
	return len(with.lines) == 0 || with.lines[0] != notValid
}

// The suite's modules do with their meter what they do without.
func TestSuiteRunsTheSame(t *testing.T) {
	if os.Getenv("CONNHOST_PEERS") == "" {
		t.Skip("set CONNHOST_PEERS=1 to run 2,600 modules three times each")
	}
	spec, compared, seen := spectest(t), 0, 0
	suite(t, func(part, path string, file []byte) {
		if part != "v1" && part != "v2" {
			return
		}
		if seen++; seen%raced == 0 && same(t, path, file, spec) { // each one without the race detector
			compared++
		}
	})
	t.Logf("%d modules were compared", compared)
	if compared < 1_500/raced {
		t.Error("fewer than there were")
	}
}

// The workloads give the same, for the same fuel each time, which grows with
// the work.
func TestWorkloadsRunTheSame(t *testing.T) {
	for _, w := range workloads {
		call := func(metered bool, n int) (result uint64, fuel int64) {
			mod, k := instance(t, w.module, metered)
			results, err := mod.ExportedFunction("f").Call(context.Background(), uint64(n))
			if err != nil {
				t.Fatalf("%s: %v", w.name, err)
			}
			if metered {
				fuel = k.used(mod)
			}
			return results[0], fuel
		}
		want, _ := call(false, w.n)
		got, fuel := call(true, w.n)
		again, fuelAgain := call(true, w.n)
		if got != want || again != want || fuel != fuelAgain || fuel < 1_000_000 {
			t.Errorf("%s: got %d for %d and %d for %d, want %d", w.name, got, fuel, again, fuelAgain, want)
		}
		if _, half := call(true, w.n/2); w.n > 0 && half >= fuel {
			t.Errorf("%s: half the work costs %d, and all of it %d", w.name, half, fuel)
		}
	}
}

// FuzzMeter holds for any bytes that Meter neither fails nor gives what the
// compiler refuses although it takes the original, nor changes what runs.
func FuzzMeter(f *testing.F) {
	f.Add(everything())
	for _, w := range workloads {
		f.Add(w.module)
	}
	for _, file := range foreign(f) {
		if len(file) < 64<<10 {
			f.Add(file)
		}
	}
	n := 0
	suite(f, func(part, _ string, file []byte) {
		if n++; part == "v2" && n%10 == 0 && len(file) < 4<<10 {
			f.Add(file)
		}
	})
	f.Fuzz(func(t *testing.T, file []byte) {
		metered, _, err := meter.Meter(file, meter.Config{ExportGlobals: true})
		if err != nil {
			if r, ok := errors.AsType[*meter.Refusal](err); !ok || r.Offset > len(file) {
				t.Fatalf("%#v", err)
			}
			return
		}
		if without, with := compiles(bare(file)), compiles(metered); (without == nil) != (with == nil) {
			t.Fatalf("without the meter %v, with it %v", without, with)
		}
		same(t, "it", file, nil)
	})
}

// A module that differs in one byte from a good one compiles with its meter
// only where it compiles without: the meter's own globals, locals, labels,
// types and functions are one step behind the last of the module's.
func TestNeighbours(t *testing.T) {
	// The last local, global, type and label of a function that keeps its tank
	// in a local, and of one that keeps its stack.
	last := func(code string) []byte {
		return raw(sec(1, vec("\x60\x00\x00")), sec(3, vec("\x00")), sec(6, vec(tI64+"\x01\x42\x00"+opEnd)), sec(10, vec(text("\x01\x01"+tI64+
			get(0)+set(0)+"\x23\x00\x24\x00"+"\x02\x00"+opEnd+code+"\x41\x00\x0d\x00"+opEnd))))
	}
	files := [][]byte{everything(), last(loop + opEnd), last(opCall0), recursion(num(1) + if_ + num(7) + "\x0f" + opEnd)}
	for _, w := range workloads {
		files = append(files, w.module)
	}
	n := 0
	suite(t, func(part, _ string, file []byte) {
		if n++; part == "v2" && n%100 == 0 && len(file) < 400 && compiles(file) == nil {
			files = append(files, file)
		}
	})
	taken := 0
	for _, file := range files {
		for at := range file {
			for _, by := range []byte{1, 2, 3, 255} {
				near := bytes.Clone(file)
				near[at] += by
				metered, _, err := meter.Meter(near, meter.Config{ExportGlobals: true})
				if err != nil {
					continue
				}
				taken++
				if without, with := compiles(bare(near)), compiles(metered); (without == nil) != (with == nil) {
					t.Errorf("%x: without the meter %v, with it %v", near, without, with)
				}
			}
		}
	}
	t.Logf("%d of the neighbours of %d modules were taken", taken, len(files))
	if taken < 2_000 {
		t.Error("too few to say something")
	}
}
