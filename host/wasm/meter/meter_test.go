package meter_test

import (
	"context"
	"strings"
	"testing"

	"github.com/connhost/connhost/host/wasm/meter"
)

// recursion is a function that calls itself with what is left of its argument,
// behind more code.
func recursion(more string) []byte {
	return unary(more + get(0) + eqz + ifI32 + num(7) + else_ + get(0) + num(1) + sub + opCall0 + opEnd)
}

// A guest has as much stack as it was given, in whatever way it leaves its
// functions, and gets all of it back.
func TestStack(t *testing.T) {
	for name, code := range map[string]string{
		"ends":         "",
		"returns":      get(0) + eqz + if_ + num(7) + "\x0f" + opEnd,
		"jumps":        get(0) + eqz + if_ + num(7) + "\x0c\x01" + opEnd,
		"jumps maybe":  num(7) + get(0) + eqz + "\x0d\x00" + "\x1a",
		"jumps by one": num(7) + get(0) + eqz + "\x0e\x00\x00",
	} {
		mod, k := instance(t, recursion(code), true)
		f := mod.ExportedFunction("f")
		for range 100 { // each needs half of the stack at least
			if name == "jumps by one" {
				break
			}
			if r, err := f.Call(context.Background(), 50_000); err != nil || r[0] != 7 {
				t.Fatalf("%s: got %v, %v", name, r, err)
			}
		}
		if name == "jumps by one" {
			if r, err := f.Call(context.Background(), 9); err != nil || r[0] != 7 {
				t.Fatalf("%s: got %v, %v", name, r, err)
			}
			continue
		}
		if _, err := f.Call(context.Background(), 1_000_000); err == nil || k.stack >= 0 {
			t.Errorf("%s: got %v with %d of stack", name, err, k.stack)
		}
	}
}

// What a bulk operation costs grows with its length, and one that cannot be
// done costs no more than one that can.
func TestBulkOperationsCost(t *testing.T) {
	cost := func(code string) int64 {
		mod, k := instance(t, unary(code), true)
		before := k.used(mod)
		_, _ = mod.ExportedFunction("f").Call(context.Background(), 0)
		return k.used(mod) - before
	}
	memory := func(op string, n int32) string { return num(0) + num(0) + num(n) + op + num(0) }
	for _, c := range []struct {
		name        string
		code        string
		least, most int64
	}{
		{"a small fill", memory("\xfc\x0b\x00", 16), 0, 100},
		{"a large fill", memory("\xfc\x0b\x00", 65536), 4096, 4200},
		{"a large copy", memory("\xfc\x0a\x00\x00", 65536), 4096, 4200},
		{"a page", num(1) + "\x40\x00", 4096, 6000},
		{"too many pages", num(-1) + "\x40\x00", 4096, 4096 << 16},
		{"a table that cannot grow so far", "\xd0\x70" + num(-1) + "\xfc\x0f\x00", 10_000, 100_000},
		{"elements", num(0) + "\xd0\x70" + num(1) + "\xfc\x11\x00" + num(0), 60, 200},
	} {
		if got := cost(c.code); got < c.least || got > c.most+2000 {
			t.Errorf("%s costs %d, want %d to %d", c.name, got, c.least, c.most)
		}
	}
}

// The limits of a configuration are those of the tables that are written.
func TestTablesOfAConfiguration(t *testing.T) {
	module := raw(sec(4, vec("\x70\x00\x05")))
	out, _, err := meter.Meter(module, meter.Config{Limits: meter.Limits{Table: 77}})
	if err != nil || !strings.Contains(string(out), sec(4, vec("\x70\x01\x05\x4d"))) {
		t.Errorf("got %x, %v", out, err)
	}
}
