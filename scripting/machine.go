package scripting

import (
	"github.com/expr-lang/expr/vm"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// A machine runs one program for one run at a time. Its expressions are bound
// to it, so a pool of machines makes a short run cheap.
type machine struct {
	program *Program
	exprs   []*vm.Program // bound when they are run for the first time
	frames  []*frame      // of the calls under way, and behind them some to reuse
	depth   int           // how many of frames are under way

	budget *value.Budget
	lib    *lib.Runtime
	*run
	caller *machine // that called into this one's file; nil for the first

	inner      []*vm.VM // of criteria, which run inside an expression
	innerDepth int      // how many of inner run
}

// A run is what all machines of one run share.
type run struct {
	Env
	limits   Limits
	requests int

	statements int64 // that ran
	stored     int64 // bytes that the script put into forms
	// httpErrors makes an answer of 400 or more an error, as some products do.
	httpErrors bool
}

func newMachine(p *Program) *machine {
	return &machine{program: p, exprs: make([]*vm.Program, len(p.exprs))}
}

// A frame is one call of a function: its slots are the variables of an expr
// machine of its own.
type frame struct {
	m      *machine
	fn     *function
	vm     vm.VM
	result any
	err    *Error
	at     syntax.Span // the statement that runs
}

// push gives a frame with every slot undefined.
func (m *machine) push(fn *function) *frame {
	m.budget.Enter()
	if m.depth == len(m.frames) {
		m.frames = append(m.frames, &frame{m: m})
	}
	f := m.frames[m.depth]
	m.depth++
	f.fn, f.result, f.err = fn, nil, nil
	if cap(f.vm.Variables) < fn.slots {
		m.budget.AllocTimes(fn.slots, wordSize)
		f.vm.Variables = make([]any, fn.slots)
	}
	f.vm.Variables = f.vm.Variables[:fn.slots]
	for i := range f.vm.Variables {
		f.vm.Variables[i] = undefined{}
	}
	return f
}

func (m *machine) pop(f *frame) {
	clear(f.vm.Variables)
	f.result = nil
	m.depth--
	m.budget.Leave()
}

// call calls a function of the file. Its error is thrown: it passes through
// the expression that called, which adds its own place.
func (m *machine) call(fn *function, args []any) any {
	m.budget.Tick(1)
	f := m.push(fn)
	defer func() {
		m.pop(f)
		if r := recover(); r != nil {
			panic(m.recovered(r, f.at)) // a limit at a statement gets its place
		}
	}()
	for i, p := range fn.params {
		f.vm.Variables[p.slot] = args[i]
	}
	if fn.run(f) == failed {
		panic(f.err)
	}
	return f.result
}

// expr gives an expression, bound to the machine when it is wanted first.
func (m *machine) expr(i int) (*vm.Program, error) {
	if p := m.exprs[i]; p != nil {
		return p, nil
	}
	p, err := m.program.exprs[i].bind(m)
	m.exprs[i] = p
	return p, err
}

// eval runs an expression; false says that it failed with frame.err.
func (f *frame) eval(i int) (any, bool) {
	p, err := f.m.expr(i)
	if err != nil {
		f.err = f.m.fail(f.at, err)
		return nil, false
	}
	v, err := f.vm.Run(p, nil)
	if err != nil {
		f.err = f.m.failed(err)
		return nil, false
	}
	return v, true
}

// turn ends one turn of a loop: it charges it, and looks what is still held
// when a lot was made.
func (f *frame) turn() {
	b := f.m.budget
	b.Tick(1)
	if b.Crowded() {
		b.Settle(f.m.held())
	}
}

// held measures what variables and half-done expressions of all calls hold.
func (m *machine) held() int64 {
	var roots []any
	for at := m; at != nil; at = at.caller {
		for _, f := range at.frames[:at.depth] {
			roots = append(roots, f.vm.Variables...)
			roots = append(roots, f.vm.Stack...)
		}
	}
	known := roots[:0]
	for _, v := range roots {
		switch v.(type) {
		case nil, string, *value.List, *value.Map, *value.Collection, *value.Empty, *value.File, value.Object:
			known = append(known, v)
		}
	}
	return value.Footprint(m.budget, known...) + m.stored
}

// A Step is a statement that is about to run.
type Step struct {
	Function string // empty for the body of the script
	Range    syntax.Range
	Depth    int // of calls, from 1
	frame    *frame
}

// Variables calls show for every variable that has a value, in the order in
// which the function names them.
func (s Step) Variables(show func(name string, v any)) {
	for i, name := range s.frame.fn.names {
		v := s.frame.vm.Variables[i]
		if _, no := v.(undefined); name != "" && !no {
			show(name, v)
		}
	}
}

func (f *frame) step(span syntax.Span) Step {
	return Step{Function: f.fn.name, Range: f.m.program.source.Range(span), Depth: f.m.depth, frame: f}
}
