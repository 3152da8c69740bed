package wasm

import (
	"runtime"
	"time"

	"github.com/connhost/connhost/host/wasm/meter"
	"github.com/connhost/connhost/plugins/abi"
)

// Limits bound a file and each call. A zero value means the default; a call's
// budget may be smaller than these, never larger.
type Limits struct {
	File       int           // bytes of a file; 8 MiB
	Time       time.Duration // of one call; 2 s
	Memory     int64         // bytes of one call's memory; 64 MiB
	Table      int           // elements of each table; 10,000
	Fuel       int64         // of one call, about one for each instruction; 50,000,000,000, which two seconds do not reach
	Output     int64         // bytes that a hook answers; 8 MiB
	Log        int           // bytes that a call logs; 64 KiB
	HTTPCalls  int           // requests that one call of an action hook makes; 20
	Modules    int           // that stay compiled in this process; 64
	Idle       int           // instances that wait for the next call of their connection; 8
	Concurrent int           // calls at once, half of them of one connector, the rest wait; four for each processor
	Queue      time.Duration // that a call waits for its place; 10 s
}

const pageSize = 64 << 10 // WebAssembly 2.0 section 4.2.8

func (l Limits) orDefault() Limits {
	pick(&l.File, abi.MaxFile)
	pick(&l.Time, 2*time.Second)
	pick(&l.Memory, 64<<20)
	pick(&l.Table, 10_000)
	pick(&l.Fuel, 1_000_000_000_000)
	pick(&l.Output, 8<<20)
	pick(&l.Log, 64<<10)
	pick(&l.HTTPCalls, 20)
	pick(&l.Modules, 64)
	pick(&l.Idle, 8)
	pick(&l.Concurrent, 4*runtime.GOMAXPROCS(0))
	pick(&l.Queue, 10*time.Second)
	return l
}

func pick[T int | int64 | time.Duration](v *T, fallback T) {
	if *v <= 0 {
		*v = fallback
	}
}

// meter is how a module is metered.
func (l Limits) meter() meter.Config {
	return meter.Config{
		Limits: meter.Limits{Table: l.Table, Pages: int(min(l.Memory/pageSize, 1<<16))},
		Tank:   slice,

		ExportGlobals: true,
	}
}
