package value

import "fmt"

// A Fault is a run-time error that a script may catch: a wrong type, an index
// out of range, a division by zero. Operators panic with it, because the engine
// calls them through functions that return one value.
type Fault struct {
	Msg string // a sentence for the author of the script, lower case unless it is the product's own text
	Err error  // the cause, or nil
}

// Faultf returns a Fault with a formatted message. A %w verb is not looked at:
// set Err where there is a cause.
func Faultf(format string, args ...any) *Fault {
	return &Fault{Msg: fmt.Sprintf(format, args...)}
}

// Error returns the message.
func (f *Fault) Error() string { return f.Msg }

// Unwrap returns the cause, or nil.
func (f *Fault) Unwrap() error { return f.Err }

// Throw panics with a Fault of that message.
func Throw(format string, args ...any) {
	panic(Faultf(format, args...))
}
