package meter_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/connhost/connhost/host/wasm/internal/asm"
	"github.com/connhost/connhost/host/wasm/meter"
)

// huge is 2^32-1 as LEB128.
const huge = "\xff\xff\xff\xff\x0f"

// The pieces that modules are written of.
var (
	num  = asm.Num
	leb  = asm.U32
	vec  = asm.Vec
	text = asm.Text
	sec  = asm.Sec
	raw  = asm.Raw
)

const (
	tI32  = "\x7f"
	tI64  = "\x7e"
	opEnd = "\x0b"
)

// one is a module with one function of the type (i32, i32) -> i32, with a
// table, a memory and two globals.
func one(code string) []byte {
	return raw(sec(1, vec("\x60"+text(tI32+tI32)+text(tI32))), sec(3, vec("\x00")), sec(4, vec("\x70\x01\x01\x02")),
		sec(5, vec("\x00\x01")), sec(6, vec(tI32+"\x01"+num(0)+opEnd, tI64+"\x01\x42\x00"+opEnd)),
		sec(7, vec(text("f")+"\x00\x00")), sec(10, vec(text("\x00"+code+opEnd))))
}

// Each of these files, most of them shorter than this line, ends the process
// or takes gigabytes or minutes when a compiler that trusts counts reads it.
func TestScanRefuses(t *testing.T) {
	oneType := sec(1, vec("\x60\x00\x00"))
	oneFunc := sec(3, vec("\x00"))
	short, err := hex.DecodeString("0061736d" + "01000000" + "01040160" + "0000" + "0a05ffffffff0f")
	if err != nil || len(short) != 21 {
		t.Fatal(err)
	}
	many := func(what string, n int) string { return strings.Repeat(what, n) }
	block, loop := "\x02\x40", "\x03\x40"
	for _, c := range []struct {
		name   string
		module []byte
		code   string
		part   string
	}{
		{"function bodies, 21 bytes", short, "functions", "4294967295 function bodies"},
		{"types", raw("\x01\x05" + huge), "types", "4294967295 types"},
		{"parameters", raw(sec(1, "\x01\x60"+huge)), "arity", "4294967295 parameters"},
		{"results", raw(sec(1, "\x01\x60\x00"+huge)), "arity", "4294967295 results"},
		{"a group of types", raw(sec(1, "\x01\x4e"+huge)), "gc", "the form 0x4e"},
		{"imports", raw("\x02\x05" + huge), "imports", "4294967295 imports"},
		{"an import's module", raw(sec(2, "\x01"+huge+"a\x00\x00")), "malformed", "announced"},
		{"an import's name", raw(sec(2, "\x01\x01a"+huge+"\x00\x00")), "malformed", "announced"},
		{"an imported table", raw(sec(2, vec("\x01a\x01b\x01\x70\x00"+leb(1<<27)))), "table", "134217728 elements"},
		{"an imported memory", raw(sec(2, vec("\x01a\x01b\x02\x00"+leb(1<<15)))), "memory", "2147483648 bytes"},
		{"functions", raw("\x03\x05" + huge), "functions", "4294967295 functions"},
		{"tables", raw("\x04\x05" + huge), "tables", "4294967295 tables"},
		{"a thousand tables", raw(sec(4, vec(strings.Split(many("\x70\x00\x01,", 1000)[:3999], ",")...))), "tables", "1000 tables, at most 16"},
		{"a table's size", raw(sec(4, vec("\x70\x00"+leb(1<<27)))), "table", "134217728 elements, at most 10000"},
		{"memories", raw("\x05\x05" + huge), "multi-memory", "4294967295 memories"},
		{"two memories", raw(sec(5, vec("\x00\x01", "\x00\x01"))), "multi-memory", "2 memories, at most 1"},
		{"an imported memory and another", raw(sec(2, vec("\x01a\x01b\x02\x00\x01")), sec(5, vec("\x00\x01"))), "multi-memory", "second"},
		{"a memory's size", raw(sec(5, vec("\x00"+leb(60_000)))), "memory", "3932160000 bytes, at most 67108864"},
		{"a shared memory", raw(sec(5, vec("\x03\x01\x01"))), "threads", "limits of kind 3"},
		{"a memory of 64 bits", raw(sec(5, vec("\x04\x01"))), "memory64", "64 bits"},
		{"limits of no kind", raw(sec(5, vec("\x09\x01"))), "malformed", "unknown kind 9"},
		{"globals", raw("\x06\x05" + huge), "globals", "4294967295 globals"},
		{"an extended constant", raw(sec(6, vec(tI32+"\x00"+num(1)+num(1)+"\x6a"+opEnd))), "extended-const", "0x6a"},
		{"exports", raw("\x07\x05" + huge), "exports", "4294967295 exports"},
		{"an export's name", raw(sec(7, "\x01"+huge+"\x00\x00")), "malformed", "announced"},
		{"element segments", raw("\x09\x05" + huge), "elements", "4294967295 element segments"},
		{"elements", raw(sec(9, "\x01\x00"+num(0)+opEnd+huge)), "elements", "4294967295 elements"},
		{"element expressions", raw(sec(9, "\x01\x05\x70"+huge)), "elements", "4294967295 elements"},
		{"elements of a longer type", raw(sec(9, "\x01\x05\x63\x70\x00")), "function-references", "0x63"},
		{"elements of a kind", raw(sec(9, "\x01\x01\x01\x00")), "malformed", "unknown kind"},
		{"more bodies than functions", raw(oneType, sec(10, vec(text("\x00"+opEnd)))), "malformed", "more function bodies"},
		{"fewer bodies than functions", raw(oneType, oneFunc), "malformed", "1 functions and 0 function bodies"},
		{"a body's size", raw(oneType, oneFunc, sec(10, "\x01"+huge+"aa")), "body", "a function of 4294967295 bytes"},
		{"a large body", raw(oneType, oneFunc, sec(10, vec(text(many("\x01", 1<<18))))), "body", "262144 bytes, at most 131072"},
		{"groups of locals", raw(oneType, oneFunc, sec(10, vec(text(huge+opEnd)))), "locals", "4294967295 groups of locals"},
		{"locals", raw(oneType, oneFunc, sec(10, vec(text("\x01"+huge+"\x7f"+opEnd)))), "locals", "4294967295 locals"},
		{"locals in parts", raw(oneType, oneFunc, sec(10, vec(text("\x02"+huge+"\x7f"+huge+"\x7f"+opEnd)))), "locals", "8589934590 locals"},
		{"data segments", raw("\x0b\x05" + huge), "segments", "4294967295 data segments"},
		{"a data segment's size", raw(sec(11, "\x01\x01"+huge)), "malformed", "announced"},
		{"the data count", raw(sec(12, huge)), "segments", "4294967295 data segments"},
		{"a section's size", raw("\x01" + huge), "malformed", "announced"},
		{"a custom section's name", raw(sec(0, huge+"name")), "malformed", "announced"},
		{"tags", raw(sec(13, "\x01\x00\x00")), "exceptions", "unknown kind 13"},
		{"sections in another order", raw(oneFunc, oneType), "index", "type 0, and there are 0"},
		{"a section behind a later one", raw(oneType, sec(5, vec("\x00\x01")), sec(4, vec("\x70\x00\x01"))), "malformed", "section 4 stands after section 5"},
		{"a section twice", raw(oneType, oneType), "malformed", "section 1 stands after section 1"},
		{"a section with more in it", raw(sec(1, vec("\x60\x00\x00")+"\x00")), "malformed", "1 bytes too many"},
		{"another version", []byte("\x00asm\x02\x00\x00\x00"), "malformed", "not a core module"},

		{"blocks", one(many(block, 3001) + many(opEnd, 3001) + num(0)), "depth", "nest deeper than 1000"},
		{"blocks beside each other", one(many(block+opEnd, 3001) + num(0)), "blocks", "more than 3000 blocks"},
		{"loops", one(many(loop+opEnd, 201) + num(0)), "loops", "more than 200 loops"},
		{"targets", one(num(0) + "\x0e" + leb(4001) + many("\x00", 4002)), "branches", "4001 targets"},
		{"announced targets", one(num(0) + "\x0e" + huge), "branches", "4294967295 targets"},
		{"bulk operations", one(many(num(0)+num(0)+num(0)+"\xfc\x0b\x00", 501) + num(0)), "bulk-ops", "more than 500"},
		{"locals times loops", raw(oneType, oneFunc, sec(10, vec(text("\x01"+leb(900)+tI32+many(loop+opEnd, 30)+opEnd)))),
			"locals-times-loops", "come to 27000, at most 20000"},

		{"values", one(many("\x01", 100_001) + num(0)), "values", "more than 100000"},
		{"paths", one(block + many(num(0)+"\x0d\x00", 6001) + opEnd + num(0)), "paths", "more than 6000"},
		{"locals times paths", raw(oneType, oneFunc, sec(10, vec(text("\x01"+leb(900)+tI32+many(num(0)+if_+opEnd, 400)+opEnd)))),
			"locals-times-paths", "come to 360000, at most 300000"},
		{"custom sections", raw(many(sec(0, text("n")), 1001)), "customs", "more than 1000"},

		{"the meter's own import", raw(oneType, sec(2, vec(text("meter")+text("tick")+"\x00\x00"))), "reserved", `"meter"`},
		{"the meter's own export", raw(oneType, oneFunc, sec(7, vec(text("meter:fuel")+"\x00\x00"))), "reserved", "meter:fuel"},
		{"reading the fuel", one("\x23\x02\x1a" + num(0)), "index", "global 2, and there are 2"},
		{"writing the fuel", one("\x42\x00\x24\x02" + num(0)), "index", "global 2, and there are 2"},
		{"writing the stack", one("\x42\x00\x24\x83\x00" + num(0)), "index", "global 3, and there are 2"},
		{"the meter's local", one("\x42\x00\x21\x02\x10\x00" + num(0)), "index", "local 2, and there are 2"},
		{"the meter's local, by tee", one("\x42\x00\x22\x02\x1a\x10\x00" + num(0)), "index", "local 2, and there are 2"},
		{"reading the meter's local", one("\x20\x02\x1a\x03\x40\x0b" + num(0)), "index", "local 2, and there are 2"},
		{"exporting the fuel", raw(sec(7, vec(text("f")+"\x03\x00"))), "index", "global 0, and there are 0"},
		{"calling a helper", one(num(0) + "\x10\x01"), "index", "function 1, and there are 1"},
		{"a reference to a helper", one("\xd2\x01\x1a" + num(0)), "index", "function 1, and there are 1"},
		{"an element that is a helper", raw(oneType, oneFunc, sec(4, vec("\x70\x00\x01")), sec(9, vec("\x00"+num(0)+opEnd+vec("\x01")))), "index", "function 1"},
		{"a start that is a helper", raw(oneType, oneFunc, sec(8, leb(1))), "index", "function 1"},
		{"a type of ours", one(num(0) + "\x11\x01\x00"), "index", "type 1, and there are 1"},
		{"a block of a type of ours", one("\x02\x01" + opEnd), "index", "type 1, and there are 1"},
		{"a block of a negative type", one("\x02\xbf\x7f" + opEnd), "index", "type"},
		{"the label behind the function", one("\x0c\x01"), "index", "label 1, and there are 1"},
		{"a target behind the function", one(num(0) + "\x0e\x01\x00\x01"), "index", "label 1, and there are 1"},

		{"tail calls", one("\x12\x00"), "tail-calls", "0x12"},
		{"exceptions", one("\x08\x00"), "exceptions", "0x8"},
		{"atomics", one("\xfe\x00"), "threads", "0xfe"},
		{"garbage collection", one("\xfb\x00"), "gc", "0xfb"},
		{"call_ref", one("\x14\x00"), "function-references", "0x14"},
		{"relaxed vectors", one("\xfd\x80\x02"), "relaxed-simd", "relaxed"},
		{"a vector operation in too many bytes", one("\xfd\x80\x00"), "malformed", "unusual number"},
		{"a bulk operation in too many bytes", one("\xfc\x8b\x00\x00"), "malformed", "unknown operation 0xfc"},
		{"an access to another memory", one(num(0) + "\x28\x42\x01\x00"), "multi-memory", "by number"},
		{"growing another memory", one(num(0) + "\x40\x01"), "multi-memory", "by number"},
		{"an unknown operation", one("\xff"), "malformed", "unknown operation 0xff"},
		{"an end too many", one(num(0) + opEnd + "\x01"), "malformed", "behind the end"},
		{"an end too few", raw(oneType, oneFunc, sec(10, vec(text("\x00\x02\x40\x0b")))), "malformed", "ends early"},
		{"an else without an if", one("\x05"), "malformed", "else without an if"},
	} {
		_, err := meter.Scan(c.module, meter.Limits{})
		r, ok := errors.AsType[*meter.Refusal](err)
		if !ok || r.Code != c.code || !strings.Contains(err.Error(), c.part) || r.Offset > len(c.module) {
			t.Errorf("%s: got %#v, want %s: %s", c.name, err, c.code, c.part)
		}
		if out, _, err := meter.Meter(c.module, meter.Config{}); err == nil || out != nil {
			t.Errorf("%s: Meter takes what Scan refuses", c.name)
		}
	}
}

// What the sums over a whole module come to is bounded too.
func TestScanSums(t *testing.T) {
	body := text("\x00" + strings.Repeat("\x02\x40\x0b", 100) + opEnd)
	loops := text("\x01" + leb(100) + tI32 + strings.Repeat("\x03\x40\x0b", 10) + opEnd)
	fills := text("\x00" + strings.Repeat(num(0)+num(0)+num(0)+"\xfc\x0b\x00", 10) + opEnd)
	targets := text("\x00" + num(0) + "\x0e" + leb(100) + strings.Repeat("\x00", 101) + opEnd)
	for _, c := range []struct {
		body   string
		limits meter.Limits
		code   string
	}{
		{body, meter.Limits{PathsSquared: 100_000}, ""},
		{body, meter.Limits{PathsSquared: 99_999}, "paths-squared"},
		{loops, meter.Limits{LoopWork: 10_000}, ""},
		{loops, meter.Limits{LoopWork: 9_999}, "loop-work"},
		{loops, meter.Limits{PathWork: 10_000}, ""},
		{loops, meter.Limits{PathWork: 9_999}, "path-work"},
		{fills, meter.Limits{AllBulkOps: 100}, ""},
		{fills, meter.Limits{AllBulkOps: 99}, "all-bulk-ops"},
		{targets, meter.Limits{AllBranches: 1_000}, ""},
		{targets, meter.Limits{AllBranches: 999}, "all-branches"},
		{body, meter.Limits{AllValues: 2_010}, ""},
		{body, meter.Limits{AllValues: 2_009}, "all-values"},
	} {
		bodies := make([]string, 10)
		for i := range bodies {
			bodies[i] = c.body
		}
		module := raw(sec(1, vec("\x60\x00\x00")), sec(3, "\x0a"+strings.Repeat("\x00", 10)), sec(10, vec(bodies...)))
		_, err := meter.Scan(module, c.limits)
		if r, _ := errors.AsType[*meter.Refusal](err); (r == nil) != (c.code == "") || r != nil && r.Code != c.code {
			t.Errorf("got %v, want %q", err, c.code)
		}
	}
}

// everything has each kind of section and segment that the standard allows.
func everything() []byte {
	f64, f32 := "\x44"+strings.Repeat("\x00", 8), "\x43"+strings.Repeat("\x00", 4)
	at := num(0) + opEnd
	return raw(
		sec(0, text("name")+"x"),
		sec(1, vec("\x60"+text(tI32+tI64+"\x7d\x7c\x7b\x70\x6f")+text(tI32+tI32), "\x60\x00\x00")),
		sec(2, vec(text("env")+text("f")+"\x00\x01")),
		sec(3, vec("\x01", "\x01")),
		sec(4, vec("\x70\x01\x09\x10", "\x6f\x01\x00\x00", "\x70\x00\x05")),
		sec(5, vec("\x01\x01\x02")),
		sec(6, vec(tI32+"\x01"+num(-70_000)+opEnd, tI64+"\x00\x42\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00"+opEnd,
			"\x7d\x00"+f32+opEnd, "\x7c\x00"+f64+opEnd, "\x7b\x00\xfd\x0c"+strings.Repeat("v", 16)+opEnd,
			"\x70\x00\xd2\x01"+opEnd, "\x6f\x00\xd0\x6f"+opEnd)),
		sec(7, vec(text("memory")+"\x02\x00", text("f")+"\x00\x01", text("g")+"\x03\x01", text("t")+"\x01\x02")),
		sec(8, leb(2)),
		sec(9, vec("\x00"+at+vec("\x00"), "\x01\x00"+vec("\x01"), "\x02\x00"+at+"\x00"+vec("\x00"), "\x03\x00"+vec("\x00"),
			"\x04"+at+vec("\xd2\x00"+opEnd), "\x05\x70"+vec("\xd0\x70"+opEnd), "\x06\x00"+at+"\x70"+vec("\xd2\x02"+opEnd), "\x07\x70"+vec("\xd2\x01"+opEnd))),
		sec(12, leb(3)),
		sec(10, vec(text("\x02\x01\x7f\x02\x7e"+opEnd), text("\x00"+opEnd))),
		sec(11, vec("\x00"+at+text("a"), "\x01"+text("b"), "\x02\x00"+at+text("c"))),
	)
}

// What the standard allows is taken, and told.
func TestScan(t *testing.T) {
	r, err := meter.Scan(everything(), meter.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Imports) != 1 || r.Imports[0] != (meter.Import{Module: "env", Name: "f"}) ||
		len(r.Exports) != 4 || r.Exports[1] != (meter.Export{Name: "f"}) || r.Exports[3] != (meter.Export{Name: "t", Kind: meter.Table}) {
		t.Errorf("imports %v, exports %v", r.Imports, r.Exports)
	}
	if !r.HasMemory || r.Memory != (meter.Size{Min: 1, Max: 2, Bounded: true}) || len(r.Tables) != 3 || r.Tables[2] != (meter.Size{Min: 5}) {
		t.Errorf("memory %v, tables %v", r.Memory, r.Tables)
	}
	if r.Functions != 2 || r.Globals != 7 || r.Data != 3 || r.Elements != 8 || r.Code != 8 || r.Locals != 3 || !r.Restorable ||
		len(r.Customs) != 1 || r.Customs[0] != (meter.Custom{Name: "name", Bytes: 1}) {
		t.Errorf("got %+v", r)
	}
}

// A metered module has no custom section and no table without an end, and
// the compiler takes it.
func TestMeterEverything(t *testing.T) {
	out, _, err := meter.Meter(everything(), meter.Config{ExportGlobals: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := compiles(out); err != nil {
		t.Error(err)
	}
	for _, part := range []string{sec(4, vec("\x70\x01\x09\x10", "\x6f\x01\x00\x00", "\x70\x01\x05"+leb(10_000))), "meter:fuel", "meter:global:0"} {
		if !strings.Contains(string(out), part) {
			t.Errorf("%q is not in it", part)
		}
	}
	for _, part := range []string{"namex", "meter:global:1"} {
		if strings.Contains(string(out), part) {
			t.Errorf("%q is in it", part)
		}
	}
}
