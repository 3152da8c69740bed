package scripting

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/expr-lang/expr/ast"

	"github.com/connhost/connhost/scripting/syntax"
)

// A direct expression is one function of one or two operands, such as i + 1,
// n < 2, l.size() or s + i % 7, or an operand alone. Its bytecode would be some
// loads and calls: entering expr's machine for it costs more than doing it, so
// the same functions are called at once.
type direct struct {
	span  syntax.Span
	ref   *ref // nil for an operand alone
	place int  // of the function among those of the expression
	unary bool
	x, y  operand
}

// An operand is a slot, the value of another operation, or a value when slot is
// -1.
type operand struct {
	slot  int
	value any
	inner *direct
}

// mostDirect is how many operations may stand inside each other. What is larger is
// left to expr's machine, which is made for it.
const mostDirect = 2

// directTypes are those of the functions that are called so.
var directTypes = []reflect.Type{typeOf1, typeOf1Bool, typeOf2, typeOf2Bool}

// directOf finds out whether an expression is direct; nil when it is not.
func directOf(node ast.Node, slots []int) *direct {
	functions := 0
	if d := operation(node, slots, &functions, mostDirect); d != nil {
		return d
	}
	if o, ok := operandOf(node, slots, &functions, 0); ok {
		return &direct{x: o}
	}
	return nil
}

// operation is a call of a function with one operand or two; nil for anything
// else.
func operation(node ast.Node, slots []int, functions *int, depth int) *direct {
	call, ok := node.(*ast.CallNode)
	if !ok || depth == 0 || len(call.Arguments) == 0 {
		return nil
	}
	callee, ok := call.Callee.(*ast.ConstantNode)
	if !ok {
		return nil
	}
	r, ok := callee.Value.(*ref)
	if !ok || !slices.Contains(directTypes, callee.Type()) {
		return nil
	}
	at := call.Location()
	d := &direct{span: syntax.Span{Start: at.From, End: at.To}, ref: r, place: *functions, unary: len(call.Arguments) == 1}
	*functions++
	if d.x, ok = operandOf(call.Arguments[0], slots, functions, depth-1); ok && !d.unary {
		d.y, ok = operandOf(call.Arguments[1], slots, functions, depth-1)
	}
	if !ok {
		return nil
	}
	return d
}

func operandOf(node ast.Node, slots []int, functions *int, depth int) (operand, bool) {
	switch n := node.(type) {
	case *ast.NilNode:
		return operand{slot: -1}, true
	case *ast.ConstantNode:
		_, function := n.Value.(*ref)
		return operand{slot: -1, value: n.Value}, !function
	case *ast.IdentifierNode:
		for _, slot := range slots {
			if slotName(slot) == n.Value {
				return operand{slot: slot}, true
			}
		}
	}
	inner := operation(node, slots, functions, depth)
	return operand{inner: inner}, inner != nil
}

// of gives an operand in a frame.
func (o *operand) of(f *frame, functions *[]any) any {
	switch {
	case o.inner != nil:
		return o.inner.run(f, functions)
	case o.slot >= 0:
		return f.vm.Variables[o.slot]
	}
	return o.value
}

// run does the operation. What it throws is at frame.doing.
func (d *direct) run(f *frame, functions *[]any) any {
	for len(*functions) <= d.place {
		*functions = append(*functions, nil)
	}
	fn := (*functions)[d.place]
	if fn == nil {
		fn = d.ref.bind(f.m)
		(*functions)[d.place] = fn
	}
	x := d.x.of(f, functions)
	if d.unary {
		f.doing = d.span
		switch fn := fn.(type) {
		case func(any) any:
			return fn(x)
		case func(any) bool:
			return fn(x)
		}
	}
	var y any
	if d.y.inner != nil { // which may call anything: x counts as held meanwhile
		f.waiting = append(f.waiting, x)
		y = d.y.of(f, functions)
		f.waiting[len(f.waiting)-1] = nil
		f.waiting = f.waiting[:len(f.waiting)-1]
	} else {
		y = d.y.of(f, functions)
	}
	f.doing = d.span
	switch fn := fn.(type) {
	case func(any, any) any:
		return fn(x, y)
	case func(any, any) bool:
		return fn(x, y)
	}
	panic("scripting: a direct expression calls another kind of function")
}

// direct runs a direct expression; false says that it failed with frame.err.
func (f *frame) direct(i int, d *direct) (v any, ok bool) {
	if d.ref == nil {
		return d.x.of(f, nil), true
	}
	defer func() {
		if r := recover(); r != nil {
			cause, isError := r.(error)
			if !isError {
				cause = fmt.Errorf("panic: %v", r)
			}
			clear(f.waiting)
			f.waiting = f.waiting[:0]
			f.err, v, ok = f.m.raised(f.doing, cause), nil, false
		}
	}()
	return d.run(f, &f.m.bound[i]), true
}
