package scripting

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/expr-lang/expr/ast"

	"github.com/connhost/connhost/scripting/syntax"
)

// A direct expression is one function of one or two variables or constants, such
// as i + 1, n < 2 or l.size(), or one of those alone. Its bytecode would be two loads and a
// call: entering expr's machine for it costs more than doing it, so the same
// function is called at once.
type direct struct {
	span syntax.Span
	ref  *ref // nil for an operand alone
	x, y operand
}

// An operand is a slot, or a value when slot is -1.
type operand struct {
	slot  int
	value any
}

func (o operand) of(vars []any) any {
	if o.slot >= 0 {
		return vars[o.slot]
	}
	return o.value
}

// directOf finds out whether an expression is direct; nil when it is not.
func directOf(node ast.Node, slots []int) *direct {
	if o, ok := operandOf(node, slots); ok {
		return &direct{x: o}
	}
	call, ok := node.(*ast.CallNode)
	if !ok || len(call.Arguments) == 0 {
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
	d := &direct{span: syntax.Span{Start: at.From, End: at.To}, ref: r}
	if d.x, ok = operandOf(call.Arguments[0], slots); ok && len(call.Arguments) == 2 {
		d.y, ok = operandOf(call.Arguments[1], slots)
	}
	if !ok {
		return nil
	}
	return d
}

// directTypes are those of the functions that are called so.
var directTypes = []reflect.Type{typeOf1, typeOf1Bool, typeOf2, typeOf2Bool}

func operandOf(node ast.Node, slots []int) (operand, bool) {
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
	return operand{}, false
}

// direct runs a direct expression; false says that it failed with frame.err.
func (f *frame) direct(i int, d *direct) (v any, ok bool) {
	vars := f.vm.Variables
	if d.ref == nil {
		return d.x.of(vars), true
	}
	fn := f.m.bound[i]
	if fn == nil {
		fn = d.ref.bind(f.m)
		f.m.bound[i] = fn
	}
	defer func() {
		if r := recover(); r != nil {
			cause, isError := r.(error)
			if !isError {
				cause = fmt.Errorf("panic: %v", r)
			}
			f.err, v, ok = f.m.raised(d.span, cause), nil, false
		}
	}()
	switch fn := fn.(type) {
	case func(any) any:
		return fn(d.x.of(vars)), true
	case func(any) bool:
		return fn(d.x.of(vars)), true
	case func(any, any) any:
		return fn(d.x.of(vars), d.y.of(vars)), true
	case func(any, any) bool:
		return fn(d.x.of(vars), d.y.of(vars)), true
	}
	panic("scripting: a direct expression calls another kind of function")
}
