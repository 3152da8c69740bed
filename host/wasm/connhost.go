package wasm

import (
	"bytes"
	"io"
	"log/slog"

	"github.com/connhost/connhost/plugins/abi"
)

// ours are the functions of the module "connhost". Pointers and lengths are
// unsigned. A result of zero or more is a length, one below zero an errno of
// the ABI; whatever goes wrong as expected is an errno and never a trap.
var ours = []function{
	{"input", i32x2, i32, func(g guest, a []uint64) uint64 { return errno(g.readInput(a[0], a[1])) }},
	{"output", i32x2, i32, func(g guest, a []uint64) uint64 { return errno(g.pushOutput(a[0], a[1])) }},
	{"log", i32x3, i32, func(g guest, a []uint64) uint64 { return errno(g.writeLog(a[0], a[1], a[2])) }},
	{"now", nothing, i64, func(g guest, _ []uint64) uint64 { return uint64(g.clock.read().UnixMilli()) }},
	{"random", i32x2, i32, func(g guest, a []uint64) uint64 { return errno(g.fillRandom(a[0], a[1])) }},
	{"body", i32x4, i32, func(g guest, a []uint64) uint64 { return errno(g.readBody(a[0], a[1], a[2], a[3])) }},
	{"take", i32x2, i32, func(g guest, a []uint64) uint64 { return errno(g.takeStaged(a[0], a[1])) }},
	{"crypto", i32x2, i32, func(g guest, a []uint64) uint64 { return errno(g.doCrypto(a[0], a[1])) }},
	{abi.ImportHTTP, i32x2, i32, func(g guest, a []uint64) uint64 { return errno(g.doHTTP(a[0], a[1])) }},
	{abi.ImportSecret, i32x2, i32, func(g guest, a []uint64) uint64 { return errno(g.revealSecret(a[0], a[1])) }},
}

// readInput copies the beginning of the input, as much as fits, and gives how
// much that was.
func (g guest) readInput(ptr, size uint64) int32 {
	to, ok := g.view(ptr, size)
	if !ok {
		return abi.ErrnoRange
	}
	return int32(copy(to, g.in.Input))
}

// pushOutput takes the answer, once.
func (g guest) pushOutput(ptr, size uint64) int32 {
	from, ok := g.view(ptr, size)
	switch {
	case !ok:
		return abi.ErrnoRange
	case g.pushed:
		return abi.ErrnoState
	case int64(len(from)) > g.budget.output:
		g.over = true
		return abi.ErrnoLimit
	}
	g.call.output, g.call.pushed = bytes.Clone(from), true
	return int32(len(from))
}

// maxLine is the length in bytes after which a line of the log is cut.
const maxLine = 4 << 10

// levels are those of the ABI's log, from 0.
var levels = []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}

// writeLog writes one line of the log and gives its length. An unknown level
// is an error's.
func (g guest) writeLog(level, ptr, size uint64) int32 {
	text, ok := g.view(ptr, size)
	if !ok {
		return abi.ErrnoRange
	}
	if !g.diary.line(levels[min(uint32(level), uint32(len(levels)-1))], text) {
		return abi.ErrnoLimit
	}
	return int32(min(len(text), maxLine))
}

// maxRandom is the most that one call of random gives.
const maxRandom = 64 << 10

// fillRandom fills the bytes and gives how many.
func (g guest) fillRandom(ptr, size uint64) int32 {
	to, ok := g.view(ptr, size)
	switch {
	case !ok:
		return abi.ErrnoRange
	case len(to) > maxRandom:
		return abi.ErrnoLimit
	}
	if _, err := io.ReadFull(g.opts.Random, to); err != nil {
		return abi.ErrnoState
	}
	return int32(len(to))
}

// readBody copies from a body by its handle, beginning at off, and gives how
// much: zero behind its end.
func (g guest) readBody(handle, off, ptr, size uint64) int32 {
	n := uint32(handle)
	if n == 0 || uint64(n) > uint64(len(g.bodies)) {
		return abi.ErrnoHandle
	}
	to, ok := g.view(ptr, size)
	if !ok {
		return abi.ErrnoRange
	}
	body := g.bodies[n-1]
	return int32(copy(to, body[min(uint64(uint32(off)), uint64(len(body))):]))
}
