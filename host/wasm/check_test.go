package wasm_test

import (
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/host/wasm/meter"
	"github.com/connhost/connhost/plugins/abi"
)

// Check is what installing asks. A refusal has a stable code.
func TestCheck(t *testing.T) {
	short, _ := hex.DecodeString("0061736d" + "01000000" + "01040160" + "0000" + "0a05ffffffff0f")
	b := open(t, wasm.Options{})
	for _, c := range []struct {
		name string
		file []byte
		code string
	}{
		{"a good one", file(t, echo.wasm(), "test"), ""},
		{"an undeclared hook", file(t, echo.wasm(), "token"), "hook"},
		{"nothing", nil, "manifest"},
		{"21 bytes", file(t, short, "test"), "functions"},
	} {
		err := b.Check(c.file)
		g, _ := errors.AsType[*host.GuestError](err)
		if (g == nil) != (c.code == "") || g != nil && (g.Code != c.code || g.Kind != host.Violation) {
			t.Errorf("%s: got %#v, want %q", c.name, err, c.code)
		}
	}
	_, err := b.call(b.add(file(t, short, "test")), "test", `{}`)
	wantError(t, err, host.Violation, "functions", "the module is refused: byte 16")
	b.serves(t)
}

// Inspect tells what a file holds, also of one that is refused.
func TestInspect(t *testing.T) {
	got := wasm.Inspect(goHook(t), wasm.Limits{})
	if got.Refusal != nil || !slices.Equal(got.Hooks, []string{"token", "respond", "test"}) || got.Bytes < 3<<20 ||
		got.Module.Functions < 1_000 || !got.Module.HasMemory || got.Module.Memory.Min == 0 ||
		!slices.ContainsFunc(got.Module.Imports, func(i meter.Import) bool { return i.Module == abi.ImportModule && i.Name == "input" }) ||
		!slices.ContainsFunc(got.Module.Exports, func(e meter.Export) bool {
			return e.Name == "ch_token" && e.Type == meter.Type{Params: tI32, Results: tI32}
		}) {
		t.Errorf("got %+v", got)
	}
	big := unit{funcs: []function{hook("test", num(0))}, memory: []byte{0, 32}}
	got = wasm.Inspect(file(t, big.wasm(), "test"), wasm.Limits{Memory: 1 << 20})
	if got.Refusal == nil || got.Refusal.Code != "memory" || got.Module.Memory.Min != 32 {
		t.Errorf("got %+v", got)
	}
}
