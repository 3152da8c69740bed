package scripting

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// A lowering turns one expression into a tree of expr's nodes.
type lowering struct {
	*builder
	slots []int // that the expression reads
	// criteria is set where the expression chooses records.
	criteria *criteria
}

// expr compiles an expression and gives its place in the program.
func (c *builder) expr(e syntax.Expr) int {
	l := &lowering{builder: c}
	return c.add(l, l.lower(e))
}

// condition compiles an expression that is asked for true or false.
func (c *builder) condition(e syntax.Expr) int {
	l := &lowering{builder: c}
	return c.add(l, l.truth(e))
}

func (c *builder) add(l *lowering, node ast.Node) int {
	c.program.exprs = append(c.program.exprs, &code{node: node, slots: l.slots})
	return len(c.program.exprs) - 1
}

// at gives a node the place of its part of the script.
func at[N ast.Node](n N, span syntax.Span) N {
	n.SetLocation(file.Location{From: span.Start, To: span.End})
	return n
}

func (l *lowering) lower(e syntax.Expr) ast.Node {
	switch n := e.(type) {
	case *syntax.Name:
		return l.name(n)
	case *syntax.Text:
		return constant(n.Value, nil)
	case *syntax.Quoted:
		return l.quoted(n)
	case *syntax.Number:
		return l.number(n)
	case *syntax.Bool:
		return at(constant(n.Value, typeOfBool), n.Span)
	case *syntax.Null:
		return &ast.NilNode{}
	case *syntax.EmptyLit:
		return l.call(n.Span, typeOf0, refEmpty)
	case *syntax.List:
		return l.call(n.Span, typeOfMany, refList, l.all(n.Items)...)
	case *syntax.Map:
		return l.call(n.Span, typeOfMany, refMap, l.entries(n.Entries)...)
	case *syntax.Unary:
		return l.unary(n)
	case *syntax.Binary:
		return l.binary(n)
	case *syntax.Paren:
		return l.lower(n.X)
	case *syntax.Conditional:
		return at(&ast.ConditionalNode{Cond: l.truth(n.Cond), Exp1: l.lower(n.Then), Exp2: l.lower(n.Else)}, n.Span)
	case *syntax.Call:
		return l.callName(n)
	case *syntax.Method:
		return l.method(n)
	case *syntax.Member:
		return l.member(n)
	case *syntax.Task:
		return l.task(n)
	case *syntax.Several:
		return l.call(n.Span, typeOfMany, refList, l.all(n.Items)...)
	case *syntax.Attachment:
		return l.attachment(n)
	case *syntax.Fetch:
		return l.fetch(n)
	case *syntax.Query:
		return l.query(n)
	case *syntax.Insert:
		return l.insert(n)
	case *syntax.IsNull:
		return l.isNull(n)
	case *syntax.UI:
		return l.lower(n.X)
	}
	if _, bad := e.(*syntax.BadExpr); !bad { // which was reported
		l.report(syntax.NotSupported, e.Pos(), "this is not supported yet", "")
	}
	return &ast.NilNode{}
}

func (l *lowering) all(list []syntax.Expr) []ast.Node {
	nodes := make([]ast.Node, len(list))
	for i, e := range list {
		nodes[i] = l.lower(e)
	}
	return nodes
}

func (l *lowering) entries(list []syntax.Entry) []ast.Node {
	var nodes []ast.Node
	for _, e := range list {
		nodes = append(nodes, l.lower(e.Key), l.lower(e.Value))
	}
	return nodes
}

// call is a call of a function that every machine makes for itself.
func (l *lowering) call(span syntax.Span, t reflect.Type, r *ref, args ...ast.Node) ast.Node {
	n := &ast.CallNode{Callee: at(constant(r, t), span), Arguments: args}
	n.SetType(t.Out(0))
	return at(n, span)
}

// truth is an expression as a boolean: those that are one already, and others
// through value.Truth.
func (l *lowering) truth(e syntax.Expr) ast.Node {
	n := l.lower(e)
	if n.Type() == typeOfBool {
		return n
	}
	return l.call(e.Pos(), typeOf1Bool, refTruth, n)
}

// name reads a variable, a named constant, or what the caller of a body gave.
func (l *lowering) name(n *syntax.Name) ast.Node {
	if l.criteria != nil && l.isField(n.Name) {
		return l.field(n.Name, n.Span)
	}
	if slot, ok := l.scope.slots[n.Name]; ok {
		return l.load(slot, n.Name, n.Span)
	}
	if k, ok := lib.LookupConstant(n.Name); ok {
		return l.namedConstant(k, n.Span)
	}
	if l.global(n.Name) {
		return l.globalNode(n.Name, n.Span)
	}
	if l.scope.fn.decl == nil {
		l.report(syntax.FreeVariable, n.Span, "nothing assigns "+n.Name+"; the caller may", syntax.DidYouMean(n.Name, l.variables()))
		slot := l.scope.slot(n.Name)
		return l.load(slot, n.Name, n.Span)
	}
	l.report(syntax.UnknownVariable, n.Span, "variable '"+n.Name+"' is not defined", syntax.DidYouMean(n.Name, l.variables()))
	return &ast.NilNode{}
}

func (l *lowering) variables() []string {
	return slices.DeleteFunc(slices.Clone(l.scope.fn.names), func(s string) bool { return s == "" })
}

// load reads a slot. Where it is not certain that something was assigned, the
// read is checked.
func (l *lowering) load(slot int, name string, span syntax.Span) ast.Node {
	if !slices.Contains(l.slots, slot) {
		l.slots = append(l.slots, slot)
	}
	n := at(slotNode(slot), span)
	if l.scope.assigned(slot) {
		return n
	}
	return l.call(span, typeOf1, refDefined(name), n)
}

func (l *lowering) namedConstant(k *lib.Constant, span syntax.Span) ast.Node {
	return l.call(span, typeOf0, &ref{func(m *machine) any {
		return func() any { return k.Value(m.lib) }
	}})
}

func (l *lowering) number(n *syntax.Number) ast.Node {
	v, err := value.ParseNumber(n.Digits)
	if err != nil {
		l.report(syntax.BadNumber, n.Span, err.Error(), "")
	}
	return constant(v, nil)
}

// quoted is a date, in the zone of the run, or a text.
func (l *lowering) quoted(n *syntax.Quoted) ast.Node {
	if _, err := value.ParseLiteral(n.Value, time.UTC); err != nil {
		return constant(n.Value, nil)
	}
	return l.call(n.Span, typeOf0, &ref{func(m *machine) any {
		return func() any {
			t, err := value.ParseLiteral(n.Value, m.lib.Location)
			if err != nil {
				panic(err)
			}
			return t
		}
	}})
}

func (l *lowering) unary(n *syntax.Unary) ast.Node {
	switch n.Op {
	case syntax.Not:
		return l.call(n.Span, typeOf1Bool, refNot, l.lower(n.X))
	case syntax.Sub:
		return l.call(n.Span, typeOf1, refNeg, l.lower(n.X))
	}
	return l.call(n.Span, typeOf1, refPlus, l.lower(n.X))
}

func (l *lowering) binary(n *syntax.Binary) ast.Node {
	if _, compares := comparisons[n.Op]; compares && l.criteria != nil || wordOperator(n.Op) {
		return l.comparison(n)
	}
	switch n.Op {
	case syntax.And, syntax.Or:
		b := &ast.BinaryNode{Operator: string(n.Op), Left: l.truth(n.X), Right: l.truth(n.Y)}
		b.SetType(typeOfBool)
		return at(b, n.Span)
	case syntax.Add:
		if parts := sum(n); len(parts) > 2 {
			return l.call(n.Span, typeOfMany, refConcat, l.all(parts)...)
		}
	}
	if r, ok := comparisons[n.Op]; ok {
		return l.call(n.Span, typeOf2Bool, r, l.lower(n.X), l.lower(n.Y))
	}
	return l.call(n.Span, typeOf2, arithmetic[n.Op], l.lower(n.X), l.lower(n.Y))
}

// sum flattens a + b + c, which would copy the text so far at every +. It
// keeps the order from left to right and looks into no parentheses.
func sum(e syntax.Expr) []syntax.Expr {
	var parts []syntax.Expr
	for {
		b, ok := e.(*syntax.Binary)
		if !ok || b.Op != syntax.Add {
			break
		}
		parts = append(parts, b.Y)
		e = b.X
	}
	parts = append(parts, e)
	slices.Reverse(parts)
	return parts
}

// member reads a named constant such as zoho.currentdate, or a key of a map.
func (l *lowering) member(n *syntax.Member) ast.Node {
	if path, ok := l.scope.path(n); ok && !(l.criteria != nil && l.isField(firstName(path))) {
		if k, ok := lib.LookupConstant(path); ok {
			return l.namedConstant(k, n.Span)
		}
		if first, _, _ := strings.Cut(path, "."); isProduct(first) {
			return l.productName(path, n.Span)
		}
	}
	key := n.Name.Name
	return l.call(n.Span, typeOf1, &ref{func(m *machine) any {
		return func(x any) any { return m.member(x, key) }
	}}, l.lower(n.X))
}
