package meter

import "fmt"

// A Refusal says why a module is not taken.
type Refusal struct {
	// Code is short and stable: the name of a limit ("functions", "body",
	// "locals-times-loops"), of a feature ("threads", "tail-calls",
	// "exceptions", "gc", "function-references", "multi-memory", "memory64",
	// "relaxed-simd", "extended-const"), or "malformed", "index", "reserved".
	Code   string
	Offset int // of the byte in the file
	Msg    string
}

// Error is one line, with the byte.
func (r *Refusal) Error() string { return fmt.Sprintf("byte %d: %s", r.Offset, r.Msg) }
