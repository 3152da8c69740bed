// Package lib is the table of built-in functions. One row says what a function
// is called, what it takes and gives, what it means, shows it by example and
// does it; calling, arity checks, hover, completion and the reference all read
// the same row.
//
//	x.left(4)  ->  Lookup("left")  ->  Function.Call(rt, [x, 4])
//	left(x, 4) ->  the same call: the receiver is the first argument
//
// A name that fits several types of receiver (get, contains, remove) is one
// function that looks at what it got. The package reaches nothing outside the
// process: what does is in the table too, and an Outside does it.
package lib

import (
	"time"

	"github.com/connhost/connhost/scripting/value"
)

// A Function is one row of the table. Rows are shared and must not be changed.
type Function struct {
	Names     []string // the first is canonical; any letter case calls it
	Groups    []string // the subjects it belongs to, as the product groups them; see Groups
	Receiver  string   // type of the first argument, with | between several; empty for a function without one
	Params    []Param  // what follows the receiver
	Returns   string   // type of the result, or void
	Semantics string   // one or two sentences
	Examples  []Example
	Since     string // version of connhost that has it
	Dialect   string // the product that alone has it; empty for all
	Outside   bool   // done by the Outside of the run

	// Call runs the function. It checks the number of arguments itself. What a
	// script may catch comes back as a *value.Fault; a *value.Limit is thrown.
	Call func(rt *Runtime, args []any) (any, error)

	min, max int
	kinds    []kind // of the arguments; the last stands for all that follow
}

// A Param is one parameter after the receiver.
type Param struct {
	Name     string
	Type     string // as in value.TypeName, value for all but null, or any; with | between several
	Optional bool
	Variadic bool // takes none or more; only the last one
}

// An Example is shown to users and run by a test.
type Example struct {
	Expr string // as a script has it
	Args string // the arguments as a JSON array, receiver first; where it begins with ' it is a date
	Want string // the printed result, or "error: " and the message

	// After is the printed receiver after the call, for functions that change it.
	After string
}

// A Runtime is what functions need besides their arguments. It belongs to one
// run and serves one goroutine.
type Runtime struct {
	Budget   *value.Budget
	Now      func() time.Time
	Location *time.Location      // zone of dates without one; nil for UTC
	Rand     func(n int64) int64 // a number from 0 up to n, n excluded
	Outside  Outside             // does the functions of Function.Outside; nil for nobody
	Renderer Renderer            // makes PDFs; nil for nobody

	patterns map[string]pattern
	zones    map[string]*time.Location
}

func (rt *Runtime) location() *time.Location {
	if rt.Location == nil {
		return time.UTC
	}
	return rt.Location
}

// Min returns the least number of arguments, the receiver included.
func (f *Function) Min() int { return f.min }

// Max returns the largest number of arguments, the receiver included, and -1
// when there is none.
func (f *Function) Max() int { return f.max }

// since is the first version, which all rows belong to that say nothing else.
const since = "0.1"

// def completes a row with the code that does it. The code throws its Faults;
// the row's Call returns them.
func def(f Function, do func(c call) any) *Function {
	fn := &f
	if fn.Since == "" {
		fn.Since = since
	}
	fn.count()
	fn.types()
	fn.Call = func(rt *Runtime, args []any) (v any, err error) {
		defer func() {
			if p := recover(); p != nil {
				fault, ok := p.(*value.Fault)
				if !ok {
					panic(p)
				}
				v, err = nil, fault
			}
		}()
		if len(args) < fn.min || fn.max >= 0 && len(args) > fn.max {
			value.Throw("No. of arguments mismatches for the function %s", fn.Names[0])
		}
		rt.Budget.Tick(1)
		c := call{fn: fn, rt: rt, args: args}
		if !fn.fits(args) {
			if v, done := c.check(); done {
				return v, nil
			}
		}
		return do(c), nil
	}
	return fn
}

func (f *Function) count() {
	if f.Receiver != "" {
		f.min, f.max = 1, 1
	}
	for _, p := range f.Params {
		if !p.Optional && !p.Variadic {
			f.min++
		}
		f.max++
		if p.Variadic {
			f.max = -1
			return
		}
	}
}

func (f *Function) types() {
	if f.Receiver != "" {
		f.kinds = append(f.kinds, kindsOf(f.Receiver))
	}
	for _, p := range f.Params {
		f.kinds = append(f.kinds, kindsOf(p.Type))
	}
}

func names(n ...string) []string { return n }

// params describes parameters by "name type"; "name type?" is optional and
// "name type..." variadic.
func params(specs ...string) []Param {
	list := make([]Param, len(specs))
	for i, s := range specs {
		list[i] = param(s)
	}
	return list
}

func examples(e ...Example) []Example { return e }
