package wasm_test

import (
	"context"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
)

// BenchmarkCall is one call with the code at hand: in an instance of its own,
// and in one that is used again.
func BenchmarkCall(b *testing.B) {
	for _, c := range []struct {
		name  string
		file  []byte
		hook  string
		input string
	}{
		{"tiny", file(b, echo.wasm(), "test"), "test", `{"a":1}`},
		{"go", goHook(b), "test", `{"response":{"status":200,"body":"{\"ok\":true,\"result\":{\"id\":\"1\",\"name\":\"A\"}}"}}`},
	} {
		for _, key := range []string{"", "con_1"} {
			b.Run(c.name+map[bool]string{true: "/reused", false: "/fresh"}[key != ""], func(b *testing.B) {
				r := open(b, wasm.Options{CacheDir: compiled})
				in := host.GuestCall{Hash: r.add(c.file), Hook: c.hook, Input: []byte(c.input), Reuse: key}
				if _, _, err := r.Call(context.Background(), in); err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, _, err := r.Call(context.Background(), in); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkFirstCall is the first call of a process: with nothing, and with
// the code that an earlier process has compiled.
func BenchmarkFirstCall(b *testing.B) {
	for _, c := range []struct {
		name  string
		file  []byte
		input string
	}{
		{"tiny", file(b, echo.wasm(), "test"), `{"a":1}`},
		{"go", goHook(b), `{"response":{"status":200}}`},
	} {
		first := func(b *testing.B, opts wasm.Options) {
			r := open(b, opts)
			if _, err := r.call(r.add(c.file), "test", c.input); err != nil {
				b.Fatal(err)
			}
			r.Close()
		}
		b.Run(c.name+"/cold", func(b *testing.B) {
			for b.Loop() {
				first(b, wasm.Options{})
			}
		})
		b.Run(c.name+"/warm", func(b *testing.B) {
			opts := wasm.Options{CacheDir: b.TempDir()}
			first(b, opts)
			for b.Loop() {
				first(b, opts)
			}
		})
	}
}

// BenchmarkCheck is every step before the compiler.
func BenchmarkCheck(b *testing.B) {
	r := open(b, wasm.Options{})
	f := goHook(b)
	b.SetBytes(int64(len(f)))
	for b.Loop() {
		if err := r.Check(f); err != nil {
			b.Fatal(err)
		}
	}
}
