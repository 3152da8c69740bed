package wasm_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
)

// huge is 2^32-1 as LEB128.
const huge = "\xff\xff\xff\xff\x0f"

// raw is a module of sections as they are.
func raw(sections ...string) []byte {
	return []byte("\x00asm\x01\x00\x00\x00" + strings.Join(sections, ""))
}

// Each of these files, most of them shorter than this line, ends the process
// or takes gigabytes when a compiler that trusts counts reads it.
func TestAdmitRefuses(t *testing.T) {
	oneType := sec(1, vec("\x60\x00\x00"))
	oneFunc := sec(3, vec("\x00"))
	short, err := hex.DecodeString("0061736d" + "01000000" + "01040160" + "0000" + "0a05ffffffff0f")
	if err != nil || len(short) != 21 {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		module []byte
		part   string
	}{
		{"function bodies, 21 bytes", short, "4294967295 function bodies"},
		{"types", raw("\x01\x05" + huge), "4294967295 types"},
		{"parameters", raw(sec(1, "\x01\x60"+huge)), "4294967295 parameters"},
		{"results", raw(sec(1, "\x01\x60\x00"+huge)), "4294967295 results"},
		{"a group of types", raw(sec(1, "\x01\x4e"+huge)), "unknown form 0x4e"},
		{"imports", raw("\x02\x05" + huge), "4294967295 imports"},
		{"an import's module", raw(sec(2, "\x01"+huge+"a\x00\x00")), "announced"},
		{"an import's name", raw(sec(2, "\x01\x01a"+huge+"\x00\x00")), "announced"},
		{"an imported table", raw(sec(2, vec("\x01a\x01b\x01\x70\x00"+leb(1<<27)))), "is not a function"},
		{"an imported memory", raw(sec(2, vec("\x01a\x01b\x02\x00\x01"))), "is not a function"},
		{"functions", raw("\x03\x05" + huge), "4294967295 functions"},
		{"tables", raw("\x04\x05" + huge), "4294967295 tables"},
		{"a thousand tables", raw(sec(4, vec(strings.Split(strings.Repeat("\x70\x00\x01,", 1000)[:3999], ",")...))), "1000 tables, at most 16"},
		{"a table's size", raw(sec(4, vec("\x70\x00"+leb(1<<27)))), "134217728 elements, at most 10000"},
		{"memories", raw("\x05\x05" + huge), "4294967295 memories"},
		{"two memories", raw(sec(5, vec("\x00\x01", "\x00\x01"))), "2 memories, at most 1"},
		{"a memory's size", raw(sec(5, vec("\x00"+leb(60_000)))), "3932160000 bytes, at most 67108864"},
		{"a shared memory", raw(sec(5, vec("\x03\x01\x01"))), "limits of unknown kind 3"},
		{"globals", raw("\x06\x05" + huge), "4294967295 globals"},
		{"exports", raw("\x07\x05" + huge), "4294967295 exports"},
		{"an export's name", raw(sec(7, "\x01"+huge+"\x00\x00")), "announced"},
		{"element segments", raw("\x09\x05" + huge), "4294967295 element segments"},
		{"elements", raw(sec(9, "\x01\x00"+num(0)+opEnd+huge)), "4294967295 elements"},
		{"element expressions", raw(sec(9, "\x01\x05\x70"+huge)), "4294967295 elements"},
		{"elements of a longer type", raw(sec(9, "\x01\x05\x63\x70\x00")), "unknown reference type 0x63"},
		{"elements of a kind", raw(sec(9, "\x01\x01\x01\x00")), "unknown kind"},
		{"a body's size", raw(oneType, oneFunc, sec(10, "\x01"+huge)), "a function of 4294967295 bytes"},
		{"a large body", raw(oneType, oneFunc, sec(10, vec(text(strings.Repeat("\x01", 1<<18))))), "262144 bytes, at most 131072"},
		{"groups of locals", raw(oneType, oneFunc, sec(10, vec(text(huge+opEnd)))), "4294967295 groups of locals"},
		{"locals", raw(oneType, oneFunc, sec(10, vec(text("\x01"+huge+"\x7f"+opEnd)))), "4294967295 locals"},
		{"locals in parts", raw(oneType, oneFunc, sec(10, vec(text("\x02"+huge+"\x7f"+huge+"\x7f"+opEnd)))), "8589934590 locals"},
		{"data segments", raw("\x0b\x05" + huge), "4294967295 data segments"},
		{"a data segment's size", raw(sec(11, "\x01\x01"+huge)), "announced"},
		{"the data count", raw(sec(12, huge)), "4294967295 data segments"},
		{"a section's size", raw("\x01" + huge), "announced"},
		{"a custom section's name", raw(sec(0, huge+"name")), "announced"},
		{"tags", raw(sec(13, "\x01\x00\x00")), "unknown kind 13"},
		{"sections in another order", raw(oneFunc, oneType), "section 1 stands after section 3"},
		{"a section twice", raw(oneType, oneType), "section 1 stands after section 1"},
		{"a section with more in it", raw(sec(1, vec("\x60\x00\x00")+"\x00")), "1 bytes too many"},
		{"another version", []byte("\x00asm\x02\x00\x00\x00"), "not a core module"},
	} {
		if err := wasm.Admit(c.module); err == nil || !strings.Contains(err.Error(), c.part) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.part)
		}
	}
	b := open(t, wasm.Options{})
	_, err = b.call(b.add(file(t, short, "test")), "test", `{}`)
	wantError(t, err, host.Violation, "", "the module is refused: byte 16")
	b.serves(t)
}

// What the standard allows and a connector may have is admitted, and
// transform changes nothing in it.
func TestAdmitTakes(t *testing.T) {
	f64, f32 := "\x44"+strings.Repeat("\x00", 8), "\x43"+strings.Repeat("\x00", 4)
	at := num(0) + opEnd
	module := raw(
		sec(1, vec("\x60"+text(tI32+tI64+"\x7d\x7c\x7b\x70\x6f")+text(tI32+tI32), "\x60\x00\x00")),
		sec(3, vec("\x01", "\x01")),
		sec(4, vec("\x70\x01\x09\x10", "\x6f\x01\x00\x00")),
		sec(5, vec("\x01\x01\x02")),
		sec(6, vec(tI32+"\x01"+num(-70_000)+opEnd, tI64+"\x00\x42\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00"+opEnd,
			"\x7d\x00"+f32+opEnd, "\x7c\x00"+f64+opEnd, "\x7b\x00\xfd\x0c"+strings.Repeat("v", 16)+opEnd,
			"\x70\x00\xd2\x00"+opEnd, "\x6f\x00\xd0\x6f"+opEnd)),
		sec(7, vec(text("memory")+"\x02\x00", text("f")+"\x00\x00", text("g")+"\x03\x01")),
		sec(8, leb(1)),
		sec(9, vec("\x00"+at+vec("\x00"), "\x01\x00"+vec("\x01"), "\x02\x00"+at+"\x00"+vec("\x00"), "\x03\x00"+vec("\x00"),
			"\x04"+at+vec("\xd2\x00"+opEnd), "\x05\x70"+vec("\xd0\x70"+opEnd), "\x06\x00"+at+"\x70"+vec("\xd2\x01"+opEnd), "\x07\x70"+vec("\xd2\x00"+opEnd))),
		sec(12, leb(3)),
		sec(10, vec(text("\x02\x01\x7f\x02\x7e"+opEnd), text("\x00"+opEnd))),
		sec(11, vec("\x00"+at+text("a"), "\x01"+text("b"), "\x02\x00"+at+text("c"))),
	)
	if err := wasm.Admit(module); err != nil {
		t.Fatal(err)
	}
	if got, err := wasm.Transform(module); err != nil || !bytes.Equal(got, module) {
		t.Errorf("got %x, %v, want %x", got, err, module)
	}
	if err := wasm.Compile(module); err != nil {
		t.Errorf("the compiler reads another module: %v", err)
	}
}

// Check is what installing asks.
func TestCheck(t *testing.T) {
	b := open(t, wasm.Options{})
	if err := b.Check(file(t, echo.wasm(), "test")); err != nil {
		t.Error(err)
	}
	if err := b.Check(file(t, echo.wasm(), "token")); !errors.As(err, new(*host.GuestError)) {
		t.Errorf("got %v", err)
	}
	if err := b.Check(nil); !errors.As(err, new(*host.GuestError)) {
		t.Errorf("got %v", err)
	}
}

// The compiler sees no custom section and no table without an end.
func TestTransform(t *testing.T) {
	module := raw(sec(0, text("name")+"x"), sec(4, vec("\x70\x00\x05", "\x6f\x01\x05\x06", "\x70\x01\x05"+huge)), sec(5, vec("\x00\x01")), sec(0, text("y")))
	want := raw(sec(4, vec("\x70\x01\x05"+leb(10_000), "\x6f\x01\x05\x06", "\x70\x01\x05"+leb(10_000))), sec(5, vec("\x00\x01")))
	if got, err := wasm.Transform(module); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %x, %v, want %x", got, err, want)
	}
}

// FuzzAdmit holds that a module which was admitted and transformed is
// admitted again and does not change again.
func FuzzAdmit(f *testing.F) {
	f.Add(echo.wasm())
	f.Add(unit{funcs: []function{hook("test", num(0))}, table: []byte{0, 1}, data: "x", start: 1}.wasm())
	f.Add(raw(sec(9, vec("\x05\x70"+vec("\xd0\x70\x0b"), "\x00"+num(0)+opEnd+vec("\x00")))))
	f.Add(raw(sec(6, vec("\x7e\x01\x42\x00\x0b", "\x7b\x00\xfd\x0c0123456789abcdef\x0b"))))
	f.Fuzz(func(t *testing.T, module []byte) {
		if wasm.Admit(module) != nil {
			return
		}
		once, err := wasm.Transform(module)
		if err != nil {
			t.Fatal(err)
		}
		if err := wasm.Admit(once); err != nil {
			t.Fatal(err)
		}
		twice, err := wasm.Transform(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%x became %x, %v", once, twice, err)
		}
	})
}
