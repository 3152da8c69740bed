package host

import (
	"errors"
	"fmt"
)

// A Code is the class of an error, for machines. Each becomes one exit status
// and one kind of script error, in a table each.
type Code string

// The codes, with the exit status of design section 6 behind each.
const (
	Failed      Code = "failed"      // 1: the thing asked for failed, such as a test call
	Usage       Code = "usage"       // 2: wrong use
	NotFound    Code = "not_found"   // 3: also what the subject may not know of
	NotAllowed  Code = "not_allowed" // 4: an object they may see, an act they may not do
	NeedsAuth   Code = "needs_auth"  // 5: a connection needs authorizing
	Refused     Code = "refused"     // 6: by policy or limit
	Conflict    Code = "conflict"    // 7: exists, busy, stale
	Unavailable Code = "unavailable" // 8: unreachable, garbage, disk full, locked
	Internal    Code = "internal"    // 10: a bug of ours
	Interrupted Code = "interrupted" // 130
)

// Codes lists every code, for tables that must be complete.
func Codes() []Code {
	return []Code{Failed, Usage, NotFound, NotAllowed, NeedsAuth, Refused, Conflict, Unavailable, Internal, Interrupted}
}

// An Error is what a person or a program is told: a class, a sentence and the
// next step. Nothing secret stands in it.
type Error struct {
	Code Code
	Op   string // what was being done, such as "authorize"; may be empty
	Msg  string // one sentence, lower case, no full stop
	Hint string // the next command to type; may be empty
	Err  error  // the cause, for the log; may be nil, never shown to a user
}

// Error is the sentence. The cause is not part of it, because causes come
// from libraries and servers and may quote what was sent to them.
func (e *Error) Error() string { return e.Msg }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error without a hint.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...)}
}

// WithHint gives a copy of e with the hint.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

// Because gives a copy of e with the cause.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// CodeOf is the class of err: that of the first Error in its chain, Internal
// for any other error, and empty for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}
