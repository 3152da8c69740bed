package meter_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/connhost/connhost/host/wasm/meter"
)

const opCall0 = "\x10\x00"

// get is local.get, and set is local.set.
func get(n int) string { return "\x20" + leb(n) }
func set(n int) string { return "\x21" + leb(n) }

// unary is a module that exports f of the type (i32) -> i32 with four more
// locals, a memory and a table.
func unary(code string, more ...string) []byte {
	types := append([]string{"\x60" + text(tI32) + text(tI32)}, more...)
	return raw(sec(1, vec(types...)), sec(3, vec("\x00")), sec(4, vec("\x70\x00\x01")), sec(5, vec("\x01\x02\x08")),
		sec(7, vec(text("f")+"\x00\x00", text("memory")+"\x02\x00")), sec(9, vec("\x00"+num(0)+opEnd+vec("\x00"))),
		sec(10, vec(text("\x01\x04"+tI32+code+opEnd))))
}

const (
	add, sub, mul, rem, xor, ltU, eqz = "\x6a", "\x6b", "\x6c", "\x70", "\x73", "\x49", "\x45"

	block, loop, if_, ifI32, else_ = "\x02\x40", "\x03\x40", "\x04\x40", "\x04\x7f", "\x05"
	load8, store8                  = "\x2d\x00\x00", "\x3a\x00\x00"
)

// workloads are what the meter's price is measured on.
var workloads = []struct {
	name   string
	module []byte
	n      int
}{
	// The plainest loop: a few instructions and a jump.
	{"loop", unary(loop + get(1) + get(0) + mul + num(12345) + add + set(1) +
		get(0) + num(1) + sub + "\x22\x00" + "\x0d\x00" + opEnd + get(1)), 1_000_000},
	// A sieve: loops in each other, loads, stores and branches.
	{"sieve", unary(
		num(2) + set(1) + loop + // i
			get(1) + load8 + eqz + if_ +
			get(3) + num(1) + add + set(3) +
			get(1) + get(1) + mul + set(2) +
			block + loop + get(2) + num(65536) + ltU + eqz + "\x0d\x01" +
			get(2) + num(1) + store8 + get(2) + get(1) + add + set(2) + "\x0c\x00" + opEnd + opEnd +
			opEnd +
			get(1) + num(1) + add + "\x22\x01" + num(256) + ltU + "\x0d\x00" + opEnd +
			num(0) + num(0) + num(65536) + "\xfc\x0b\x00" + get(3)), 0},
	// Calls and hardly anything else.
	{"calls", unary(get(0) + num(2) + ltU + ifI32 + get(0) + else_ +
		get(0) + num(1) + sub + opCall0 + get(0) + num(2) + sub + opCall0 + add + opEnd), 25},
}

// instance runs a module, metered or not.
func instance(t testing.TB, file []byte, metered bool) (api.Module, *tank) {
	t.Helper()
	k := newTank()
	ctx := context.Background()
	rt := wazero.NewRuntime(ctx)
	t.Cleanup(func() { rt.Close(ctx) })
	if metered {
		var err error
		if file, _, err = meter.Meter(file, meter.Config{}); err != nil {
			t.Fatal(err)
		}
		if err := k.offer(ctx, rt); err != nil {
			t.Fatal(err)
		}
	}
	mod, err := rt.InstantiateWithConfig(ctx, file, wazero.NewModuleConfig().WithStartFunctions())
	if err != nil {
		t.Fatal(err)
	}
	return mod, k
}

// compare runs two things in turns and reports the quickest run of the first
// and how much longer the quickest of the second took: other work on the
// machine makes runs slower, never quicker.
func compare(b *testing.B, first, second func() error) {
	b.Helper()
	quickest := [2]time.Duration{math.MaxInt64, math.MaxInt64}
	for b.Loop() {
		for i, f := range []func() error{first, second} {
			begun := time.Now()
			if err := f(); err != nil {
				b.Fatal(err)
			}
			quickest[i] = min(quickest[i], time.Since(begun))
		}
	}
	b.ReportMetric(0, "ns/op") // of both together, which says nothing
	b.ReportMetric(float64(quickest[0]), "unmetered-ns")
	b.ReportMetric(float64(quickest[1])/float64(quickest[0]), "ratio")
}

// BenchmarkRun is what the meter costs a guest.
func BenchmarkRun(b *testing.B) {
	for _, w := range workloads {
		b.Run(w.name, func(b *testing.B) {
			var runs [2]func() error
			for i := range runs {
				mod, _ := instance(b, w.module, i == 1)
				f := mod.ExportedFunction("f")
				runs[i] = func() error {
					_, err := f.Call(context.Background(), uint64(w.n))
					return err
				}
			}
			compare(b, runs[0], runs[1])
		})
	}
	b.Run("json", func(b *testing.B) { compare(b, goJSON(b, false), goJSON(b, true)) })
}

// goHook is the example of the Go kit.
func goHook(t testing.TB) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "hook.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, ".")
	cmd.Dir = "../../../plugins/sdk/example/go"
	cmd.Env = append(cmd.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOWASM=", "GOFLAGS=", "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the example: %v\n%s", err, text)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// goJSON is JSON through a connector written in Go.
func goJSON(b *testing.B, metered bool) func() error {
	input := []byte(`{"method":"GET","url":"https://lab.test/items","response":{"status":200,"header":{},"body":"{\"ok\":true,\"result\":[{\"id\":1,\"name\":\"Saucer\",\"quantity\":3},{\"id\":2,\"name\":\"Kettle\",\"quantity\":1},{\"id\":3,\"name\":\"Tea\",\"quantity\":100}]}"}}`)
	ctx := context.Background()
	rt := wazero.NewRuntime(ctx)
	b.Cleanup(func() { rt.Close(ctx) })
	wasi_snapshot_preview1.MustInstantiate(ctx, rt)
	var output []byte
	host := rt.NewHostModuleBuilder("connhost")
	for name, f := range map[string]any{
		"input": func(_ context.Context, m api.Module, ptr, n uint32) uint32 {
			m.Memory().Write(ptr, input[:n])
			return n
		},
		"output": func(_ context.Context, m api.Module, ptr, n uint32) uint32 {
			output, _ = m.Memory().Read(ptr, n)
			return n
		},
		"log":    func(_, _, _ uint32) uint32 { return 0 },
		"body":   func(_, _, _, _ uint32) uint32 { return 0 },
		"random": func(_, _ uint32) uint32 { return 0 },
		"now":    func() uint64 { return 0 },
	} {
		host.NewFunctionBuilder().WithFunc(f).Export(name)
	}
	if _, err := host.Instantiate(ctx); err != nil {
		b.Fatal(err)
	}
	file := goHook(b)
	if metered {
		var err error
		if file, _, err = meter.Meter(file, meter.Config{}); err != nil {
			b.Fatal(err)
		}
		if err := newTank().offer(ctx, rt); err != nil {
			b.Fatal(err)
		}
	}
	mod, err := rt.InstantiateWithConfig(ctx, file, wazero.NewModuleConfig().WithStartFunctions("_initialize"))
	if err != nil {
		b.Fatal(err)
	}
	f := mod.ExportedFunction("ch_respond")
	return func() error {
		if r, err := f.Call(ctx, uint64(len(input))); err != nil || r[0] != 0 || len(output) < 100 {
			return fmt.Errorf("%v, %v, %q", r, err, output)
		}
		return nil
	}
}

// BenchmarkMeter is reading and writing a module.
func BenchmarkMeter(b *testing.B) {
	file := goHook(b)
	b.SetBytes(int64(len(file)))
	b.Run("scan", func(b *testing.B) {
		b.SetBytes(int64(len(file)))
		for b.Loop() {
			if _, err := meter.Scan(file, meter.Limits{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("meter", func(b *testing.B) {
		b.SetBytes(int64(len(file)))
		b.ReportAllocs()
		for b.Loop() {
			out, _, err := meter.Meter(file, meter.Config{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(out))/float64(len(file)), "growth")
		}
	})
}

// BenchmarkCompile is what the meter costs the compiler.
func BenchmarkCompile(b *testing.B) {
	file := goHook(b)
	metered, _, err := meter.Meter(file, meter.Config{})
	if err != nil {
		b.Fatal(err)
	}
	compile := func(module []byte) func() error {
		return func() error {
			ctx := context.Background()
			rt := wazero.NewRuntime(ctx)
			defer rt.Close(ctx)
			_, err := rt.CompileModule(ctx, module)
			return err
		}
	}
	compare(b, compile(file), compile(metered))
}
