//go:build wasip1

package sdk

import (
	"encoding/json"
	"errors"
	"time"
	"unsafe"
)

//go:wasmimport connhost input
func hostInput(ptr unsafe.Pointer, size uint32) int32

//go:wasmimport connhost output
func hostOutput(ptr unsafe.Pointer, size uint32) int32

//go:wasmimport connhost log
func hostLog(level uint32, ptr unsafe.Pointer, size uint32) int32

//go:wasmimport connhost now
func hostNow() int64

//go:wasmimport connhost random
func hostRandom(ptr unsafe.Pointer, size uint32) int32

//go:wasmimport connhost body
func hostBody(handle, off uint32, ptr unsafe.Pointer, size uint32) int32

//go:wasmimport connhost take
func hostTake(ptr unsafe.Pointer, size uint32) int32

// Input is the first n bytes of the hook's input.
func Input(n uint32) []byte {
	b := make([]byte, n)
	got := hostInput(unsafe.Pointer(unsafe.SliceData(b)), n)
	return b[:max(got, 0)]
}

// push ignores the host's answer: what is refused ends the call there.
func push(b []byte) { hostOutput(unsafe.Pointer(unsafe.SliceData(b)), uint32(len(b))) }

// A Level is how much a line of the log matters.
type Level uint32

// The levels of the log.
const (
	Debug Level = iota
	Info
	Warn
	Err
)

// Log writes a line to the operator's log. The host keeps a bounded part of
// what one call writes.
func Log(level Level, line string) {
	hostLog(uint32(level), unsafe.Pointer(unsafe.StringData(line)), uint32(len(line)))
}

// Now is the host's time, to the millisecond.
func Now() time.Time { return time.UnixMilli(hostNow()) }

// Random fills b with the host's random bytes.
func Random(b []byte) error {
	for len(b) > 0 {
		part := b[:min(len(b), 32<<10)]
		if hostRandom(unsafe.Pointer(unsafe.SliceData(part)), uint32(len(part))) < 0 {
			return errors.New("the host gives no random bytes")
		}
		b = b[len(part):]
	}
	return nil
}

// Body is the whole body of a response, wherever the host keeps it.
func Body(r Response) ([]byte, error) {
	if r.BodyHandle == 0 {
		return []byte(r.Body), nil
	}
	b := make([]byte, r.BodySize)
	for at := 0; at < len(b); {
		part := b[at:]
		n := hostBody(uint32(r.BodyHandle), uint32(at), unsafe.Pointer(unsafe.SliceData(part)), uint32(len(part)))
		if n <= 0 {
			return nil, errors.New("the body cannot be read")
		}
		at += int(n)
	}
	return b, nil
}

// taken is what a host function has staged: n bytes of it, or the host's reason
// where n is below 0.
func taken(n int32) ([]byte, error) {
	b := make([]byte, max(n, 4<<10))
	b = b[:max(hostTake(unsafe.Pointer(unsafe.SliceData(b)), uint32(len(b))), 0)]
	if n >= 0 {
		return b, nil
	}
	e := &Error{}
	if err := json.Unmarshal(b, e); err != nil || e.Code == "" {
		return nil, &Error{Code: "host", Message: "the host refuses the call"}
	}
	return nil, e
}
