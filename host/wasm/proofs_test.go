package wasm_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/host/wasm/internal/asm"
)

// huge is 2^32-1 as LEB128.
const huge = "\xff\xff\xff\xff\x0f"

var (
	raw    = asm.Raw
	repeat = strings.Repeat
	forIt  = func(code string) string { return opLoop + code + opBr + "\x00" + opEnd + num(0) }
	fill   = "\xfc\x0b\x00"
	copyOp = "\xfc\x0a\x00\x00"
)

func fromWASI(name string, params, results string) function {
	return function{module: "wasi_snapshot_preview1", name: name, params: params, results: results}
}

// endless calls an import over and over.
func endless(f function, args ...int32) unit {
	code := ""
	for _, a := range args {
		code += num(a)
	}
	return unit{imports: []function{f}, memory: []byte{0, 64}, funcs: []function{hook("test", forIt(code+call(0)+opDrop))}}
}

func proofs() []proof {
	stops := func(name string, u unit, codes ...string) proof {
		return proof{name: name, run: func(t *testing.T, b *bench) { b.stops(t, u, codes...) }}
	}
	return []proof{
		{name: "21 bytes", run: func(t *testing.T, b *bench) {
			short, _ := hex.DecodeString("0061736d" + "01000000" + "01040160" + "0000" + "0a05ffffffff0f")
			b.refuses(t, "21 bytes", short, "functions")
		}},
		{name: "counts", run: countBombs},
		{name: "a thousand tables", run: func(t *testing.T, b *bench) {
			b.refuses(t, "it", raw(sec(4, leb(1000)+repeat("\x70\x00\x00", 1000))), "tables")
		}},
		{name: "slow to compile", run: slowShapes},
		{name: "at the limits of what compiles", slow: true, run: shapesAtTheLimits},

		stops("a loop", loop(), "time"),
		stops("a loop in the start section", unit{
			funcs: []function{hook("test", num(0)), {code: opLoop + opBr + "\x00" + opEnd}}, start: 1}, "time"),
		stops("2^45 calls without a loop", doubling(46), "time"),
		stops("calls over a table without a loop", doublingIndirect(46), "time"),
		stops("recursion", unit{funcs: []function{hook("test", get(0)+call(0))}}, "stack"),
		stops("recursion with large frames", unit{funcs: []function{{params: tI32, results: tI32, name: "ch_test",
			code: repeat(get(0)+"\x28\x02\x00", 2000) + get(0) + call(0) + repeat("\x6a", 2000)}}}, "stack"),
		stops("recursion with vectors", vectorRecursion(), "stack"),
		stops("recursion with wide frames", wideRecursion(), "stack"),
		stops("recursion of two", unit{funcs: []function{hook("test", get(0)+call(1)), {params: tI32, results: tI32, code: get(0) + call(0)}}}, "stack"),
		stops("recursion over a table", unit{funcs: []function{hook("test", get(0)+num(0)+"\x11\x00\x00")}, table: []byte{0, 1}, elements: 1}, "stack"),
		stops("recursion in the start section", unit{funcs: []function{hook("test", num(0)), {code: call(1)}}, start: 1}, "stack"),

		stops("a memory that grows and is used", unit{funcs: []function{hook("test", forIt(
			num(1)+opGrow+opDrop+num(0)+num(1)+"\x3f\x00"+num(16)+"\x74"+fill))}}, "time", "memory"),
		stops("a memory that grows at once", unit{funcs: []function{hook("test", num(60_000)+opGrow+opDrop+opUnreachable)}}, "memory"),
		stops("fills of all memory", unit{memory: []byte{1, 0x80, 8, 0x80, 8}, funcs: []function{hook("test", forIt(
			num(0)+num(1)+num(64<<20)+fill))}}, "time"),
		stops("500 fills of all memory, without a loop", unit{memory: []byte{1, 0x80, 8, 0x80, 8}, funcs: []function{hook("test",
			repeat(num(0)+num(1)+num(64<<20)+fill, 500)+num(0))}}, "time"),
		stops("copies of all memory", unit{memory: []byte{1, 0x80, 8, 0x80, 8}, funcs: []function{hook("test", forIt(
			num(0)+num(1)+num(64<<20-1)+copyOp))}}, "time"),
		stops("tables that grow", unit{table: []byte{0, 0}, tables: 16, funcs: []function{hook("test", forIt(growAll(16)))}}, "time", "fuel"),
		stops("a table that is filled", unit{table: []byte{0, 0x90, 0x4e}, funcs: []function{hook("test", forIt(
			num(0)+"\xd0\x70"+num(10_000)+"\xfc\x11\x00"))}}, "time"),

		{name: "bad pointers in every import", run: badPointers},
		stops("a flood of random", endless(from("random", 2), 0, 64<<10), "time"),
		stops("a flood of input", endless(from("input", 2), 0, 4<<20), "time", "fuel"),
		stops("a flood of bodies", endless(from("body", 4), 1, 0, 0, 1<<20), "time"),
		stops("a flood of log", endless(from("log", 3), 1, 0, 4<<10), "time"),
		stops("a flood of hashes", hashes(), "time"),
		stops("a flood of output", endless(from("output", 2), 0, 4<<20), "time", "fuel"),
		stops("a flood of standard output", flood(), "time", "fuel"),
		stops("a flood of clocks", unit{imports: []function{fromWASI("clock_time_get", tI32+tI64+tI32, tI32)},
			funcs: []function{hook("test", forIt(num(0)+"\x42\x00"+num(0)+call(0)+opDrop))}}, "time"),
		stops("a flood of small calls", endless(fromWASI("sched_yield", "", tI32)), "time"),
		stops("a flood of sleep", endless(fromWASI("poll_oneoff", repeat(tI32, 4), tI32), 0, 1<<16, 256, 1<<17), "time"),
		{name: "output above its limit", run: func(t *testing.T, b *bench) {
			b.stops(t, unit{imports: []function{from("output", 2)}, memory: []byte{0, 0xc0, 2},
				funcs: []function{hook("test", num(0)+num(9<<20)+call(0)+opDrop+num(0))}}, "output")
		}},
		{name: "corrupted code", run: corruptedCode},
	}
}

// countBombs are announcements of 2^32-1 of everything.
func countBombs(t *testing.T, b *bench) {
	oneType, oneFunc := sec(1, vec("\x60\x00\x00")), sec(3, vec("\x00"))
	for _, c := range []struct {
		name   string
		module []byte
		code   string
	}{
		{"types", raw("\x01\x05" + huge), "types"},
		{"parameters", raw(sec(1, "\x01\x60"+huge)), "arity"},
		{"imports", raw("\x02\x05" + huge), "imports"},
		{"functions", raw("\x03\x05" + huge), "functions"},
		{"tables", raw("\x04\x05" + huge), "tables"},
		{"a table's elements", raw(sec(4, "\x01\x70\x00"+huge)), "table"},
		{"memories", raw("\x05\x05" + huge), "multi-memory"},
		{"a memory's pages", raw(sec(5, "\x01\x00"+huge)), "memory"},
		{"globals", raw("\x06\x05" + huge), "globals"},
		{"exports", raw("\x07\x05" + huge), "exports"},
		{"element segments", raw("\x09\x05" + huge), "elements"},
		{"elements", raw(sec(9, "\x01\x00"+num(0)+opEnd+huge)), "elements"},
		{"bodies", raw(oneType, oneFunc, "\x0a\x05"+huge), "functions"},
		{"a body's size", raw(oneType, oneFunc, sec(10, "\x01"+huge+"aa")), "body"},
		{"groups of locals", raw(oneType, oneFunc, sec(10, vec(text(huge+opEnd)))), "locals"},
		{"locals", raw(oneType, oneFunc, sec(10, vec(text("\x01"+huge+"\x7f"+opEnd)))), "locals"},
		{"targets", raw(oneType, oneFunc, sec(10, vec(text("\x00"+num(0)+"\x0e"+huge+opEnd)))), "branches"},
		{"data segments", raw("\x0b\x05" + huge), "segments"},
		{"the data count", raw(sec(12, huge)), "segments"},
	} {
		b.refuses(t, c.name, c.module, c.code)
	}
}

// withBodies is a module of n functions of the same instructions.
func withBodies(n int, body string) []byte {
	bodies := make([]string, n)
	for i := range bodies {
		bodies[i] = text(body + opEnd)
	}
	return raw(sec(1, vec("\x60\x00\x00", "\x60"+text(repeat(tI32, 1000))+text(repeat(tI32, 1000)))), sec(3, leb(n)+repeat("\x00", n)), sec(4, vec("\x70\x00\x01")),
		sec(5, vec("\x00\x01")), sec(10, vec(bodies...)))
}

// slowShapes take a compiler seconds to minutes.
func slowShapes(t *testing.T, b *bench) {
	block, drop := "\x02\x40", opDrop
	for _, c := range []struct {
		name   string
		module []byte
		code   string
	}{
		{"locals x loops", withBodies(1, "\x01"+leb(1000)+tI32+repeat(opLoop+opEnd, 100)), "locals-times-loops"},
		{"nested loops", withBodies(1, "\x00"+repeat(opLoop, 1500)+repeat(opEnd, 1500)), "loops"},
		{"nested blocks", withBodies(1, "\x00"+repeat(block, 1500)+repeat(opEnd, 1500)), "depth"},
		{"blocks", withBodies(1, "\x00"+repeat(block+opEnd, 4000)), "blocks"},
		{"jumps", withBodies(1, "\x00"+block+repeat(num(0)+"\x0d\x00", 20_000)+opEnd), "paths"},
		{"locals x blocks", withBodies(1, "\x01"+leb(1000)+tI32+repeat(num(0)+"\x04\x40"+opEnd, 2900)), "locals-times-paths"},
		{"blocks of a whole module", withBodies(1000, "\x00"+repeat(block+opEnd, 300)), "paths-squared"},
		{"20,000 fills", withBodies(1, "\x00"+repeat(num(0)+num(0)+num(0)+fill, 20_000)), "body"},
		{"14,000 fills", withBodies(1, "\x00"+repeat(num(0)+num(0)+num(0)+fill, 14_000)), "bulk-ops"},
		{"fills of a whole module", withBodies(100, "\x00"+repeat(num(0)+num(0)+num(0)+fill, 500)), "all-bulk-ops"},
		{"a br_table", withBodies(1, "\x00"+num(0)+"\x0e"+leb(60_000)+repeat("\x00", 60_001)), "branches"},
		{"many br_tables", withBodies(100, "\x00"+block+num(0)+"\x0e"+leb(4000)+repeat("\x00", 4001)+opEnd), "all-branches"},
		{"calls that pass a thousand values", withBodies(1, "\x00"+repeat(num(0), 1000)+repeat("\x11\x01\x00", 1000)+repeat(drop, 1000)), "values"},
		{"jumps that pass a thousand values", withBodies(1, "\x00"+"\x02\x01"+repeat("\x0c\x00", 1000)+opEnd+repeat(drop, 1000)), "values"},
	} {
		b.refuses(t, c.name, c.module, c.code)
	}
}

// shapesAtTheLimits are the slowest modules that are taken, or a part of them
// where the race detector makes the compiler slow.
func shapesAtTheLimits(t *testing.T, b *bench) {
	add := func(i int) string { return "\x20" + leb(i) + num(1) + "\x6a\x21" + leb(i) }
	sets := ""
	for i := range 100 {
		sets += add(i)
	}
	some := func(n int) int { return max(1, n/raced) }
	block := "\x02\x40"
	jumps := repeat(block, 900)
	for i := range 5_000 {
		jumps += num(0) + "\x0d" + leb(i%900)
	}
	for _, c := range []struct {
		name   string
		module []byte
	}{
		{"jumps out of many blocks", withBodies(some(1), "\x00"+jumps+repeat(opEnd, 900))},
		{"locals behind many ifs", withBodies(some(6), "\x01"+leb(100)+tI32+sets+repeat(num(0)+"\x04\x40"+add(7)+opEnd, 2900)+sets+repeat(sets, 20))},
		{"locals x loops", withBodies(some(10), "\x01"+leb(100)+tI32+repeat(opLoop, 200)+sets+repeat(opEnd, 200))},
		{"br_tables", withBodies(some(70), "\x00"+block+num(0)+"\x0e"+leb(3999)+repeat("\x00", 4000)+opEnd)},
		{"fills", withBodies(some(39), "\x00"+repeat(num(0)+num(0)+num(0)+fill, 500))},
		{"many values at once", withBodies(some(10), "\x00"+num(0)+repeat(num(0)+"\x2d\x00\x00", 15_000)+repeat("\x6a", 15_000)+opDrop)},
	} {
		begun := time.Now()
		err := b.Prepare(context.Background(), b.add(file(t, c.module)))
		took := time.Since(begun)
		t.Logf("proof: %s: %d bytes in %s", c.name, len(c.module), took.Round(time.Millisecond))
		if err != nil || took > time.Minute {
			t.Errorf("%s: %v after %s", c.name, err, took)
		}
	}
}

// doubling are n functions, each of which calls the next one twice.
func doubling(n int) unit {
	u := unit{funcs: []function{hook("test", call(1)+num(0))}}
	for i := 1; i < n; i++ {
		u.funcs = append(u.funcs, function{code: call(byte(i+1)) + call(byte(i+1))})
	}
	u.funcs = append(u.funcs, function{})
	return u
}

func doublingIndirect(n int) unit {
	u := doubling(n)
	for i := 1; i < n; i++ {
		u.funcs[i].code = repeat(num(int32(i+1))+"\x11"+leb(1)+"\x00", 2)
	}
	u.table, u.elements = []byte{0, byte(n + 1)}, n+1
	return u
}

// vectorRecursion keeps 500 vectors while it calls itself.
func vectorRecursion() unit {
	h := hook("test", repeat(get(0)+"\xfd\x00\x04\x00", 500)+get(0)+call(0)+"\x21\x01"+
		repeat("\xfd\x1b\x00"+get(1)+"\x6a\x21\x01", 500)+get(1))
	h.locals = "\x01\x01" + tI32
	return unit{funcs: []function{h}}
}

// wideRecursion is a function that gives a thousand values and calls itself.
func wideRecursion() unit {
	return unit{funcs: []function{hook("test", get(0)+call(1)+repeat("\x6a", 999)),
		{params: tI32, results: repeat(tI32, 1000), code: get(0) + call(1)}}}
}

func growAll(tables int) string {
	code := ""
	for i := range tables {
		code += "\xd0\x70" + num(1000) + "\xfc\x0f" + leb(i) + opDrop
	}
	return code
}

// hashes has the host hash a megabyte over and over.
func hashes() unit {
	const of = `{"op":"hash","alg":"sha512","data_handle":1}`
	u := endless(from("crypto", 2), 0, int32(len(of)))
	u.data = of
	return u
}

// flood writes all memory to standard output, a thousand times a call.
func flood() unit {
	u := endless(fromWASI("fd_write", repeat(tI32, 4), tI32), 1, 0, 1024, 1<<16)
	u.data = repeat("\x00\x00\x00\x00\x00\x00\x40\x00", 1024)
	return u
}

// badPointers calls every import with numbers at the edges. No answer is
// wanted but that the host lives, and that no import traps: the hook ends
// itself, without an answer.
func badPointers(t *testing.T, b *bench) {
	edges := []int64{0, 1, 1<<16 - 1, 1 << 16, 1<<31 - 1, -1 << 31, -1, -8}
	n := 0
	for _, i := range wasm.Imports() {
		f := function{module: i[0], name: i[1], params: i[2], results: i[3]}
		for first := range edges {
			for step := range 3 {
				code := ""
				for p, kind := range []byte(f.params) {
					v := edges[(first+p*step)%len(edges)]
					if kind == tI64[0] {
						code += "\x42" + asm.I64(v)
					} else {
						code += num(int32(v))
					}
				}
				code += call(0)
				if f.results != "" {
					code += opDrop
				}
				u := unit{imports: []function{f}, funcs: []function{hook("test", code+num(1)), hook("action", num(1))}}
				_, err := b.call(b.add(revealing(t, u.wasm(), "test", "action")), "test", `{"a":1}`)
				g, _ := errors.AsType[*host.GuestError](err)
				exits := f.name == "proc_exit" && g != nil && g.Code == "exit"
				pushed := f.name == "output" && err != nil // what it pushed is no JSON, or nothing
				if !exits && !pushed && (g == nil || g.Kind != host.Violation || !strings.Contains(g.Msg, "without an answer")) {
					t.Errorf("%s %x: %v", f.name, code, err)
				}
				n++
			}
		}
	}
	t.Logf("proof: %d calls", n)
}

// corruptedCode flips and cuts compiled code on the disk, with many calls of
// new runtimes.
func corruptedCode(t *testing.T, _ *bench) {
	dir := t.TempDir()
	connector := file(t, echo.wasm(), "test")
	ask := func() {
		b := open(t, wasm.Options{CacheDir: dir})
		defer b.Close()
		if got, err := b.call(b.add(connector), "test", `[1]`); err != nil || got != `[1]` {
			t.Errorf("got %q, %v", got, err)
		}
	}
	ask()
	compiled, _ := entries(t, dir)
	whole, err := os.ReadFile(compiled[0])
	if err != nil {
		t.Fatal(err)
	}
	for at := range 64 { // the header with its counts
		b := []byte(string(whole))
		b[at] ^= 0xff
		if err := os.WriteFile(compiled[0], b[:len(b)-at%3], 0o600); err != nil {
			t.Fatal(err)
		}
		ask()
	}
	fmt.Println("proof: 64 entries")
}
