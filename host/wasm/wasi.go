package wasm

import (
	"encoding/binary"
	"io"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"
)

// Errors of WASI preview 1.
const (
	wasiOK    = 0
	wasiBadF  = 8  // no such file descriptor
	wasiFault = 21 // outside the memory
	wasiInval = 28
	wasiIO    = 29
	wasiSPipe = 70 // cannot seek
)

var (
	i32i64i32   = []api.ValueType{api.ValueTypeI32, api.ValueTypeI64, api.ValueTypeI32}
	i32i64i32x2 = []api.ValueType{api.ValueTypeI32, api.ValueTypeI64, api.ValueTypeI32, api.ValueTypeI32}
)

// wasi are the functions that a compiler's own library needs to start: a
// system with no arguments, no environment and no files but three streams. It
// tells the same thing every time; the clock and the random source are the
// host's.
var wasi = []function{
	{"args_get", i32x2, i32, func(guest, []uint64) uint64 { return wasiOK }},
	{"args_sizes_get", i32x2, i32, guest.noneThere},
	{"environ_get", i32x2, i32, func(guest, []uint64) uint64 { return wasiOK }},
	{"environ_sizes_get", i32x2, i32, guest.noneThere},
	{"clock_res_get", i32x2, i32, func(g guest, a []uint64) uint64 { return g.put64(a[1], 1) }},
	{"clock_time_get", i32i64i32, i32, func(g guest, a []uint64) uint64 {
		return g.put64(a[2], uint64(g.clock.read().UnixNano()))
	}},
	{"random_get", i32x2, i32, guest.wasiRandom},
	{"sched_yield", nothing, i32, func(guest, []uint64) uint64 { return wasiOK }},
	{"poll_oneoff", i32x4, i32, guest.poll},
	{"proc_exit", i32, nothing, guest.procExit},
	{"fd_write", i32x4, i32, guest.fdWrite},
	{"fd_read", i32x4, i32, guest.fdRead},
	{"fd_close", i32, i32, guest.stream},
	{"fd_fdstat_get", i32x2, i32, guest.fdStat},
	{"fd_fdstat_set_flags", i32x2, i32, guest.stream},
	{"fd_prestat_get", i32x2, i32, func(guest, []uint64) uint64 { return wasiBadF }},
	{"fd_prestat_dir_name", i32x3, i32, func(guest, []uint64) uint64 { return wasiBadF }},
	{"fd_seek", i32i64i32x2, i32, func(g guest, a []uint64) uint64 {
		if code := g.stream(a); code != wasiOK {
			return code
		}
		return wasiSPipe
	}},
}

// put32 and put64 write a number into the guest's memory.
func (g guest) put32(ptr uint64, v uint32) uint64 {
	to, ok := g.view(ptr, 4)
	if !ok {
		return wasiFault
	}
	binary.LittleEndian.PutUint32(to, v)
	return wasiOK
}

func (g guest) put64(ptr, v uint64) uint64 {
	to, ok := g.view(ptr, 8)
	if !ok {
		return wasiFault
	}
	binary.LittleEndian.PutUint64(to, v)
	return wasiOK
}

// noneThere answers two sizes.
func (g guest) noneThere(a []uint64) uint64 {
	second := a[1]
	if code := g.put32(a[0], 0); code != wasiOK {
		return code
	}
	return g.put32(second, 0)
}

// stream knows the descriptors 0, 1 and 2.
func (g guest) stream(a []uint64) uint64 {
	if uint32(a[0]) > 2 {
		return wasiBadF
	}
	return wasiOK
}

func (g guest) wasiRandom(a []uint64) uint64 {
	to, ok := g.view(a[0], a[1])
	if !ok {
		return wasiFault
	}
	if _, err := io.ReadFull(g.opts.Random, to); err != nil {
		return wasiIO
	}
	return wasiOK
}

// procExit ends the guest.
func (g guest) procExit(a []uint64) uint64 {
	status := uint32(a[0])
	g.call.exit = &status
	panic(sys.NewExitError(status))
}

// fdStat says that a stream is a character device which can be read and
// written, and nothing else.
func (g guest) fdStat(a []uint64) uint64 {
	if code := g.stream(a); code != wasiOK {
		return code
	}
	to, ok := g.view(a[1], 24)
	if !ok {
		return wasiFault
	}
	clear(to)
	to[0] = 2                                        // character device
	binary.LittleEndian.PutUint64(to[8:], 1<<1|1<<6) // rights: fd_read, fd_write
	return wasiOK
}

// fdRead is always at the end of standard input.
func (g guest) fdRead(a []uint64) uint64 {
	if uint32(a[0]) != 0 {
		return wasiBadF
	}
	return g.put32(a[3], 0)
}

// maxPieces is how many buffers one fd_write may have.
const maxPieces = 1024

// fdWrite takes standard output and error as lines of the log.
func (g guest) fdWrite(a []uint64) uint64 {
	fd, result := uint32(a[0]), a[3]
	if fd != 1 && fd != 2 {
		return wasiBadF
	}
	if uint32(a[2]) > maxPieces {
		return wasiInval
	}
	list, ok := g.view(a[1], 8*uint64(uint32(a[2])))
	if !ok {
		return wasiFault
	}
	total := uint32(0)
	for ; len(list) > 0; list = list[8:] {
		text, ok := g.view(uint64(binary.LittleEndian.Uint32(list)), uint64(binary.LittleEndian.Uint32(list[4:])))
		if !ok {
			return wasiFault
		}
		g.diary.stream(int(fd-1), text)
		total += uint32(len(text))
	}
	return g.put32(result, total)
}
