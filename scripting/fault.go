package scripting

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/expr-lang/expr/file"

	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// An Error ended a run. It has the place in the script, and the calls that led
// there, the innermost first.
type Error struct {
	Code  syntax.Code  `json:"code"`
	File  string       `json:"file"`
	Range syntax.Range `json:"range"`
	Msg   string       `json:"message"`
	From  []Place      `json:"called_from,omitempty"`
	Err   error        `json:"-"` // the cause: *value.Fault, *value.Limit, or the invoker's

	source *syntax.Source
}

// A Place is a part of a file.
type Place struct {
	File  string       `json:"file"`
	Range syntax.Range `json:"range"`
}

// Error is one line with the place.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Range.Start.Line, e.Range.Start.Column, e.Msg)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Render shows the error with its line, a caret and the calls:
//
//	flow.dg:2:10: error[R001]: cannot multiply number and text
//	 2 |   return o.qty * o.unit;
//	   |          ^^^^^^^^^^^^^^
//	  called from flow.dg:7:13
func (e *Error) Render() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: error[%s]: %s\n", e.File, e.Range.Start.Line, e.Range.Start.Column, e.Code, e.Msg)
	if e.source != nil {
		b.WriteString(e.source.Excerpt(e.Range, ""))
	}
	const shown = 10
	for i, r := range e.From {
		if i == shown {
			fmt.Fprintf(&b, "  and %d more calls\n", len(e.From)-shown)
			break
		}
		fmt.Fprintf(&b, "  called from %s:%d:%d\n", r.File, r.Range.Start.Line, r.Range.Start.Column)
	}
	return b.String()
}

// catchable says whether a script may catch it: not limits, not a cancelled
// run, not a mistake of ours.
func (e *Error) catchable() bool {
	return e.Code == syntax.Fault || e.Code == syntax.Thrown || e.Code == syntax.NotDefined || e.Code == syntax.CallFailed
}

// caught is what the variable of a catch holds: a map with the message and the
// line, so that e.message, e.lineNo and printing it all work.
func (e *Error) caught(b *value.Budget) any {
	m := value.NewMap()
	b.Alloc(len(e.Msg))
	m.Put(b, "message", e.Msg)
	m.Put(b, "lineNo", int64(e.Range.Start.Line))
	return m
}

// thrown is the cause of a throw statement.
type thrown struct{ text string }

func (t *thrown) Error() string { return t.text }

// placed is an error that has its place already, inside the same call.
type placed struct{ err *Error }

func (p *placed) Error() string { return p.err.Error() }

// notDefined is the cause of reading a variable too early.
type notDefined struct{ name string }

func (n *notDefined) Error() string { return "variable '" + n.name + "' is not defined" }

// callFailed is the cause of a web call without an answer.
type callFailed struct{ err error }

// Error tells of a timeout in the product's own words, which scripts look for.
func (c *callFailed) Error() string {
	if errors.Is(c.err, context.DeadlineExceeded) {
		return "socket timeout error: " + c.err.Error()
	}
	return c.err.Error()
}

func (c *callFailed) Unwrap() error { return c.err }

// fail makes the error of a cause at a place.
func (m *machine) fail(span syntax.Span, cause error) *Error {
	e := &Error{
		Code: codeOf(cause), File: m.program.source.Name, Range: m.program.source.Range(span),
		Msg: cause.Error(), Err: cause, source: m.program.source,
	}
	if e.Code == syntax.Internal {
		e.Msg = "internal error"
	}
	return e
}

func codeOf(cause error) syntax.Code {
	var limit *value.Limit
	var rt runtime.Error
	switch {
	case errors.As(cause, &limit) && limit.Name == "cancelled":
		return syntax.Cancelled
	case limit != nil:
		return syntax.LimitExceeded
	case errors.As(cause, &rt):
		return syntax.Internal
	}
	switch cause.(type) {
	case *value.Fault, *value.JSONError, *Missing, *taskFailed:
		return syntax.Fault
	case *thrown:
		return syntax.Thrown
	case *notDefined:
		return syntax.NotDefined
	case *callFailed:
		return syntax.CallFailed
	}
	return syntax.Internal
}

// failed turns what expr's machine recovered into an error with a place. One
// that comes out of a called function has its place already and gets the place
// of the call.
func (m *machine) failed(err error) *Error {
	fe, ok := errors.AsType[*file.Error](err)
	if !ok {
		return m.fail(syntax.Span{}, err)
	}
	if inner, ok := fe.Prev.(*placed); ok {
		return inner.err
	}
	span := syntax.Span{Start: fe.From, End: fe.To}
	if inner, ok := fe.Prev.(*Error); ok {
		inner.From = append(inner.From, Place{m.program.source.Name, m.program.source.Range(span)})
		return inner
	}
	if fe.Prev == nil {
		return m.fail(span, errors.New(fe.Message)) // a panic that was no error: ours
	}
	return m.fail(span, fe.Prev)
}
