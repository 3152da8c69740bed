package wasm_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
)

// counting is a module whose hook counts in its memory and in two globals,
// and answers the sum as a digit. _initialize sets all three to 1; more is what
// the hook does besides.
func counting(more string) unit {
	output := from("output", 2)
	one := "\x42\x01" // i64.const
	count := num(0) + num(0) + "\x28\x02\x00" + num(1) + "\x6a" + "\x36\x02\x00" +
		"\x23\x00" + num(1) + "\x6a\x24\x00" +
		"\x23\x01" + one + "\x7c\x24\x01"
	return unit{
		imports: []function{output},
		funcs: []function{
			{name: "_initialize", code: count},
			hook("test", count+more+
				num(64)+num(0)+"\x28\x02\x00"+"\x23\x00\x6a"+"\x23\x01\xa7\x6a"+num('0')+"\x6a"+"\x3a\x00\x00"+
				num(64)+num(1)+call(0)+opDrop+num(0)),
		},
		globals: []string{tI32 + "\x01" + num(0) + opEnd, tI64 + "\x01\x42\x00" + opEnd},
		table:   []byte{0, 4},
	}
}

func (b *bench) with(hash, key, input string) (string, host.Used, error) {
	out, used, err := b.Call(context.Background(), host.GuestCall{Hash: hash, Hook: "test", Input: []byte(input), Reuse: key})
	return string(out), used, err
}

// Nothing that a call wrote is seen by the next one, and each one costs the
// same, whether it has an instance of its own or one that was used.
func TestReuseForgets(t *testing.T) {
	b := open(t, wasm.Options{})
	hash := b.add(file(t, counting("").wasm(), "test"))
	var fuel int64
	for i := range 12 {
		key := []string{"", "con_1", "con_2"}[i%3]
		out, used, err := b.with(hash, key, `{}`)
		if err != nil || out != "6" { // 2 of each
			t.Errorf("call %d: got %q, %v", i, out, err)
		}
		if used.Memory != page || fuel != 0 && used.Fuel != fuel {
			t.Errorf("call %d: used %+v, before %d", i, used, fuel)
		}
		fuel = used.Fuel
	}
	if made := b.Made(); made != 4+1+1 {
		t.Errorf("%d instances were made, want 6", made)
	}
}

// An instance is not used again after an error, after it grew, or where it
// changes what cannot be restored.
func TestReuseIsRefused(t *testing.T) {
	null, large := "\xd0\x70", counting("")
	large.memory = []byte{0, 0x81, 1} // 129 pages
	for name, u := range map[string]unit{
		"it grew":         counting(num(1) + opGrow + opDrop),
		"table.set":       counting(num(0) + null + "\x26\x00"),
		"table.grow":      counting(null + num(0) + "\xfc\x0f\x00" + opDrop),
		"table.fill":      counting(num(0) + null + num(1) + "\xfc\x11\x00"),
		"table.copy":      counting(num(0) + num(0) + num(1) + "\xfc\x0e\x00\x00"),
		"a vector global": vectorGlobal(),
		"a large memory":  large,
	} {
		b := open(t, wasm.Options{})
		hash := b.add(file(t, u.wasm(), "test"))
		for range 3 {
			if out, _, err := b.with(hash, "con_1", `{}`); err != nil || out != "6" {
				t.Errorf("%s: got %q, %v", name, out, err)
			}
		}
		if made := b.Made(); made != 3 {
			t.Errorf("%s: %d instances were made, want 3", name, made)
		}
	}

	b := open(t, wasm.Options{CacheDir: compiled})
	hash := b.add(guest(t))
	for i, what := range []string{"random", "panic", "random", "declared", "random", "exit", "random", "random"} {
		_, _, err := b.with(hash, "con_1", fmt.Sprintf(`{"response":{"body":%q}}`, what))
		if bad := what != "random"; bad != errors.As(err, new(*host.GuestError)) {
			t.Errorf("call %d, %s: %v", i, what, err)
		}
	}
	t.Logf("%d instances for 8 calls, 3 of which ended in errors", b.Made())
	if made := b.Made(); made < 4 {
		t.Errorf("%d instances were made, want one after each error", made)
	}
}

// An instance whose start has read the input of its first call never serves
// another: connections of the access "user" share a key among people.
func TestReuseKeepsNoInput(t *testing.T) {
	for name, u := range map[string]unit{
		"_initialize": {
			imports: []function{from("input", 2), from("output", 2)},
			funcs: []function{
				{name: "_initialize", code: num(64) + num(7) + call(0) + opDrop},
				hook("test", num(64)+num(7)+call(1)+opDrop+num(0)),
			},
		},
		"the start section": {
			imports: []function{from("input", 2), from("output", 2)},
			funcs: []function{
				hook("test", num(64)+num(7)+call(1)+opDrop+num(0)),
				{code: num(64) + num(7) + call(0) + opDrop},
			},
			start: 3,
		},
	} {
		b := open(t, wasm.Options{})
		hash := b.add(file(t, u.wasm(), "test"))
		for _, input := range []string{`{"a":1}`, `{"b":2}`} {
			if out, _, err := b.with(hash, "con_1", input); err != nil || out != input {
				t.Errorf("%s: got %q, %v, want %s", name, out, err, input)
			}
		}
	}
}

func vectorGlobal() unit {
	u := counting("")
	u.globals = append(u.globals, "\x7b\x01\xfd\x0c0123456789abcdef"+opEnd)
	return u
}

// Few instances wait, of whichever modules, and none outlives its module.
func TestFewInstancesWait(t *testing.T) {
	b := open(t, wasm.Options{Limits: wasm.Limits{Idle: 2, Modules: 1}})
	hash := b.add(file(t, counting("").wasm(), "test"))
	for _, key := range []string{"a", "b", "c", "c", "b", "a"} { // a goes when c comes
		if out, _, err := b.with(hash, key, `{}`); err != nil || out != "6" {
			t.Errorf("got %q, %v", out, err)
		}
	}
	if made := b.Made(); made != 4 {
		t.Errorf("%d instances were made, want 4", made)
	}
	b.serves(t) // another module, for which the first makes room
	if _, waiting := b.Made(), b.Waiting(); waiting != 0 {
		t.Errorf("%d instances wait", waiting)
	}
}

// Calls of one key at the same time have an instance each.
func TestReuseAtOnce(t *testing.T) {
	b := open(t, wasm.Options{})
	hash := b.add(file(t, counting("").wasm(), "test"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if out, _, err := b.with(hash, "con_1", `{}`); err != nil || out != "6" {
					t.Errorf("got %q, %v", out, err)
				}
			}
		})
	}
	wg.Wait()
}

// A Go guest is used again, and finds the memory that it began with.
func TestReuseOfGo(t *testing.T) {
	b := open(t, wasm.Options{CacheDir: compiled, Now: fixedClock(), Random: zeros{}})
	hash := b.add(labHook(t))
	var fuel int64
	for i := range 5 {
		out, used, err := b.with(hash, "con_1", `{"response":{"status":200,"body":"{\"ok\":true,\"result\":{\"id\":\"1\",\"name\":\"A\"}}"}}`)
		if err != nil || out != `{"ok":true,"account":{"key":"1","label":"A"}}` || fuel != 0 && used.Fuel != fuel {
			t.Errorf("call %d: %q, %v, %+v, before %d", i, out, err, used, fuel)
		}
		fuel = used.Fuel
	}
	if made := b.Made(); made != 1 {
		t.Errorf("%d instances were made, want 1", made)
	}
}

// What a guest takes from the host's random source is another in each call of
// one instance.
func TestReuseHasFreshRandomness(t *testing.T) {
	b := open(t, wasm.Options{CacheDir: compiled})
	hash := b.add(guest(t))
	seen := map[string]bool{}
	for range 3 {
		out, _, err := b.with(hash, "con_1", `{"response":{"body":"random"}}`)
		if err != nil || seen[out] {
			t.Errorf("got %q, %v, and before %v", out, err, seen)
		}
		seen[out] = true
	}
	if made := b.Made(); made != 1 {
		t.Errorf("%d instances were made, want 1", made)
	}
}
