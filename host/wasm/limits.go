package wasm

import (
	"runtime"
	"time"

	"github.com/connhost/connhost/plugins/abi"
)

// Limits bound a file and each call. A zero value means the default; a call's
// budget may be smaller than these, never larger.
type Limits struct {
	File       int           // bytes of a file; 8 MiB
	Time       time.Duration // of one call; 2 s
	Memory     int64         // bytes of one call's memory; 64 MiB
	Table      int           // elements of each table; 10,000
	Output     int64         // bytes that a hook answers; 8 MiB
	Log        int           // bytes that a call logs; 64 KiB
	HTTPCalls  int           // requests that one call of an action hook makes; 20
	Modules    int           // that stay compiled in this process; 64
	Concurrent int           // calls at once, half of them of one connector, the rest wait; four for each processor
}

const pageSize = 64 << 10 // WebAssembly 2.0 section 4.2.8

func (l Limits) orDefault() Limits {
	pick(&l.File, abi.MaxFile)
	pick(&l.Time, 2*time.Second)
	pick(&l.Memory, 64<<20)
	pick(&l.Table, 10_000)
	pick(&l.Output, 8<<20)
	pick(&l.Log, 64<<10)
	pick(&l.HTTPCalls, 20)
	pick(&l.Modules, 64)
	pick(&l.Concurrent, 4*runtime.GOMAXPROCS(0))
	return l
}

func pick[T int | int64 | time.Duration](v *T, fallback T) {
	if *v <= 0 {
		*v = fallback
	}
}

// pages is the memory limit in whole pages.
func (l Limits) pages() uint32 { return uint32(min(l.Memory/pageSize, 1<<16)) }

// What any module may hold. These are shapes, not resources: every real guest
// that was measured stays well below, and the compiler's time and memory grow
// faster than a module's size above.
const (
	maxTypes     = 5_000
	maxArity     = 1_000 // parameters or results of one type
	maxImports   = 200
	maxFunctions = 20_000
	maxTables    = 16
	maxGlobals   = 20_000
	maxExports   = 1_000
	maxElements  = 100_000 // of all element segments together
	maxSegments  = 100_000 // data segments
	maxBody      = 128 << 10
	maxLocals    = 1_000 // of one function
)
