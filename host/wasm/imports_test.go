package wasm_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
)

// probe is a module whose hook calls one function with fixed arguments and
// answers its result plus 1128 as four digits: JSON, whatever the result from
// -128 to 8871.
func probe(f function, args ...string) unit {
	const at = 512 // where the digits are written
	digit := func(div int32) string {
		return get(1) + num(1128) + "\x6a" + num(div) + "\x6d" + num(10) + "\x6f" + num('0') + "\x6a"
	}
	code := strings.Join(args, "") + call(0) + "\x21\x01" // local.set 1
	for i, div := range []int32{1000, 100, 10, 1} {
		code += num(at+int32(i)) + digit(div) + "\x3a\x00\x00" // i32.store8
	}
	code += num(at) + num(4) + call(1) + opDrop + num(0)
	h := hook("test", code)
	h.locals = "\x01\x01" + tI32
	return unit{imports: []function{f, from("output", 2)}, funcs: []function{h}}
}

func (b *bench) probe(t *testing.T, f function, bodies [][]byte, args ...int32) int {
	t.Helper()
	var code []string
	for _, a := range args {
		code = append(code, num(a))
	}
	out, _, err := b.Call(context.Background(), host.GuestCall{
		Hash: b.add(file(t, probe(f, code...).wasm(), "test")), Hook: "test", Input: []byte(`{"a":"bcd"}`), Bodies: bodies})
	if err != nil {
		t.Fatal(err)
	}
	var n int
	fmt.Sscan(string(out), &n)
	return n - 1128
}

const page = 64 << 10

// Every pointer and length that leaves the memory is an errno, from every
// function; none traps.
func TestPointers(t *testing.T) {
	b := open(t, wasm.Options{})
	fd := func(name, params string) function {
		return function{module: "wasi_snapshot_preview1", name: name, params: params, results: tI32}
	}
	bodies := [][]byte{[]byte("0123456789")}
	for _, c := range []struct {
		f    function
		args []int32
		want int
	}{
		{from("input", 2), []int32{0, 100}, 11},
		{from("input", 2), []int32{0, 4}, 4},
		{from("input", 2), []int32{page, 0}, 0},
		{from("input", 2), []int32{page - 1, 2}, abi.ErrnoRange},
		{from("input", 2), []int32{-1, 1}, abi.ErrnoRange},
		{from("input", 2), []int32{1, -1}, abi.ErrnoRange},
		{from("input", 2), []int32{-1, -1}, abi.ErrnoRange},
		{from("output", 2), []int32{page, 1}, abi.ErrnoRange},
		{from("output", 2), []int32{8, -8}, abi.ErrnoRange},
		{from("log", 3), []int32{1, 0, 5}, 5},
		{from("log", 3), []int32{-1, 0, 5}, 5},
		{from("log", 3), []int32{0, page, 1}, abi.ErrnoRange},
		{from("random", 2), []int32{0, 16}, 16},
		{from("random", 2), []int32{page - 8, 9}, abi.ErrnoRange},
		{from("body", 4), []int32{1, 0, 0, 100}, 10},
		{from("body", 4), []int32{1, 8, 0, 100}, 2},
		{from("body", 4), []int32{1, 10, 0, 100}, 0},
		{from("body", 4), []int32{1, -1, 0, 100}, 0},
		{from("body", 4), []int32{1, 0, page, 1}, abi.ErrnoRange},
		{from("body", 4), []int32{0, 0, 0, 1}, abi.ErrnoHandle},
		{from("body", 4), []int32{2, 0, 0, 1}, abi.ErrnoHandle},
		{from("body", 4), []int32{-1, 0, 0, 1}, abi.ErrnoHandle},
		{fd("args_sizes_get", tI32+tI32), []int32{0, page - 3}, 21},
		{fd("args_sizes_get", tI32+tI32), []int32{-4, 0}, 21},
		{fd("environ_sizes_get", tI32+tI32), []int32{0, 4}, 0},
		{fd("clock_res_get", tI32+tI32), []int32{0, page - 7}, 21},
		{fd("random_get", tI32+tI32), []int32{page, 1}, 21},
		{fd("fd_write", strings.Repeat(tI32, 4)), []int32{1, page, 1, 0}, 21},
		{fd("fd_write", strings.Repeat(tI32, 4)), []int32{1, 0, 2000, 0}, 28},
		{fd("fd_write", strings.Repeat(tI32, 4)), []int32{3, 0, 0, 0}, 8},
		{fd("fd_write", strings.Repeat(tI32, 4)), []int32{2, 0, 0, page}, 21},
		{fd("fd_read", strings.Repeat(tI32, 4)), []int32{0, 0, 0, page}, 21},
		{fd("fd_read", strings.Repeat(tI32, 4)), []int32{4, 0, 0, 0}, 8},
		{fd("fd_fdstat_get", tI32+tI32), []int32{1, page - 23}, 21},
		{fd("fd_prestat_get", tI32+tI32), []int32{3, 0}, 8},
		{fd("fd_close", tI32), []int32{2}, 0},
		{fd("fd_close", tI32), []int32{-1}, 8},
		{fd("poll_oneoff", strings.Repeat(tI32, 4)), []int32{0, 0, 0, 0}, 28},
		{fd("poll_oneoff", strings.Repeat(tI32, 4)), []int32{0, 0, 257, 0}, 28},
		{fd("poll_oneoff", strings.Repeat(tI32, 4)), []int32{page - 47, 0, 1, 0}, 21},
		{fd("poll_oneoff", strings.Repeat(tI32, 4)), []int32{0, page - 31, 1, 0}, 21},
		{fd("poll_oneoff", strings.Repeat(tI32, 4)), []int32{0, 0, 1, page}, 21},
		{fd("sched_yield", ""), nil, 0},
	} {
		if got := b.probe(t, c.f, bodies, c.args...); got != c.want {
			t.Errorf("%s%v: got %d, want %d", c.f.name, c.args, got, c.want)
		}
	}
	b.serves(t)
}

func TestSecondOutput(t *testing.T) {
	b := open(t, wasm.Options{})
	u := unit{
		imports: []function{from("output", 2)},
		// The second answer is refused with ErrnoState, which the hook gives.
		funcs: []function{hook("test", num(0)+num(1)+call(0)+opDrop+num(0)+num(1)+call(0))},
		data:  "1",
	}
	_, err := b.call(b.add(file(t, u.wasm(), "test")), "test", `{}`)
	wantError(t, err, host.Violation, "", "gave -4")
}

// The clock and the random source are the host's.
func TestClockAndRandom(t *testing.T) {
	now := time.UnixMilli(0x30313233343536) // as text when read from memory
	b := open(t, wasm.Options{
		Now:    func() time.Time { return now },
		Random: bytes.NewReader([]byte(`"random"`)),
	})
	random := unit{
		imports: []function{from("random", 2), from("output", 2)},
		funcs:   []function{hook("test", num(0)+num(8)+call(0)+opDrop+num(0)+num(8)+call(1)+opDrop+num(0))},
	}
	if got, err := b.call(b.add(file(t, random.wasm(), "test")), "test", `{}`); err != nil || got != `"random"` {
		t.Errorf("random: got %q, %v", got, err)
	}
	clock := unit{
		imports: []function{{module: abi.ImportModule, name: "now", results: tI64}, from("output", 2)},
		funcs: []function{hook("test", num(0)+call(0)+"\x37\x03\x00"+ // i64.store
			num(0)+num(7)+call(1)+opDrop+num(0))},
	}
	if got, err := b.call(b.add(file(t, clock.wasm(), "test")), "test", `{}`); err != nil || got != "6543210" {
		t.Errorf("now: got %q, %v", got, err)
	}
}

// What a guest logs is bounded, counted and fit for a terminal.
func TestLog(t *testing.T) {
	b := open(t, wasm.Options{Limits: wasm.Limits{Log: 20, Time: 100 * time.Millisecond}})
	u := unit{
		imports: []function{from("log", 3)},
		funcs:   []function{hook("test", opLoop+num(2)+num(0)+num(8)+call(0)+opDrop+opBr+"\x00"+opEnd+num(0))},
		data:    "a\x1b[1m\n\xff!",
	}
	_, err := b.call(b.add(file(t, u.wasm(), "test")), "test", `{}`)
	wantError(t, err, host.Stopped, "time", "")
	if len(b.log) != 3 || !slices.Equal(b.log[:2], []string{"WARN a [1m !", "WARN a [1m !"}) ||
		!strings.HasSuffix(b.log[2], "more writes to the log were not kept") {
		t.Errorf("got %q", b.log)
	}
}

// Standard output of a guest is its log, by lines, however much it writes.
func TestStreams(t *testing.T) {
	b := open(t, wasm.Options{Limits: wasm.Limits{Log: 1 << 10}})
	write := function{module: "wasi_snapshot_preview1", name: "fd_write", params: strings.Repeat(tI32, 4), results: tI32}
	// Two buffers at 0 and 8: "one\ntw" and then the whole memory.
	iovs := "\x10\x00\x00\x00\x06\x00\x00\x00" + "\x00\x00\x00\x00\x00\x00\x01\x00" + "one\ntw"
	u := unit{
		imports: []function{write},
		funcs:   []function{hook("test", num(2)+num(0)+num(2)+num(1024)+call(0)+opDrop+num(1))},
		data:    iovs,
	}
	_, err := b.call(b.add(file(t, u.wasm(), "test")), "test", `{}`)
	wantError(t, err, host.Violation, "", "without an answer")
	if len(b.log) < 3 || b.log[0] != "WARN one" || !strings.HasPrefix(b.log[1], "WARN tw") ||
		b.log[len(b.log)-1] != "WARN 1 more writes to the log were not kept" {
		t.Errorf("got %q", b.log)
	}
}

// A guest that waits for several clocks sleeps until the first.
func TestPoll(t *testing.T) {
	now := time.Unix(100, 0)
	clock := func(due uint64, absolute byte) string {
		b := make([]byte, 48)
		binary.LittleEndian.PutUint64(b[24:], due)
		b[40] = absolute
		return string(b)
	}
	file := make([]byte, 48)
	file[8] = 1
	for _, c := range []struct {
		asked string
		times []uint64
		next  uint64
	}{
		{clock(5, 0) + clock(3, 0), []uint64{5, 3}, 3},
		{clock(100e9+7, 1) + clock(9, 0), []uint64{7, 9}, 7},
		{clock(99e9, 1), []uint64{0}, 0},
		{clock(1<<63, 0) + string(file), []uint64{1 << 63, 0}, 0},
	} {
		if times, next := wasm.Poll(now, c.asked); !slices.Equal(times, c.times) || next != c.next {
			t.Errorf("got %d, %d, want %d, %d", times, next, c.times, c.next)
		}
	}
}
