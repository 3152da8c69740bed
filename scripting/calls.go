package scripting

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/syntax"
)

// callName is fn(a, b): a function of the file, a built-in one, or one of the
// library.
func (l *lowering) callName(n *syntax.Call) ast.Node {
	own := l.sibling(n.Func.Name)
	if own == nil {
		if node, ok := l.callOfRecords(n); ok {
			return node
		}
	}
	args := l.arguments(n.Args, n.Pairs, n.Span)
	if own != nil {
		return l.callFunction(own, n.Func.Span, n.Span, args)
	}
	if n.Elem != "" {
		return l.call(n.Span, typeOfMany, &ref{func(m *machine) any {
			return func(args ...any) any {
				list, err := lib.TypedList(m.lib, n.Elem, append([]any(nil), args...))
				if err != nil {
					panic(err)
				}
				return list
			}
		}}, args...)
	}
	if f, ok := lib.Lookup(n.Func.Name); ok {
		return l.callBuiltin(f, n.Func.Span, n.Span, args)
	}
	if node, ok := l.fromLibrary(n.Func.Name, n.Func.Span, n.Span, func() []ast.Node { return args }); ok {
		return node
	}
	l.report(syntax.UnknownFunction, n.Func.Span, "unknown function "+n.Func.Name+"()", syntax.DidYouMean(n.Func.Name, l.callable()))
	return &ast.NilNode{}
}

// method is x.fn(a): a function under a dotted name, or a built-in one with x
// as its first argument.
func (l *lowering) method(n *syntax.Method) ast.Node {
	if node, ok := l.clientMethod(n); ok {
		return node
	}
	if node, ok := l.ofRecords(n); ok {
		return node
	}
	path, named := l.path(n.X)
	if l.criteria != nil && named && l.isField(firstName(path)) {
		named = false
	}
	if named {
		if node, ok := l.named(path+"."+n.Func.Name, n); ok {
			return node
		}
	}
	if f, ok := lib.Lookup(n.Func.Name); ok {
		args := append([]ast.Node{l.lower(n.X)}, l.arguments(n.Args, n.Pairs, n.Span)...)
		return l.callBuiltin(f, n.Func.Span, n.Span, args)
	}
	if _, constant := lib.LookupConstant(path); named && !constant && !isProductValue(path) {
		return l.missing(path+"."+n.Func.Name, n, l.arguments(n.Args, n.Pairs, n.Span))
	}
	l.lower(n.X)
	l.report(syntax.UnknownMethod, n.Func.Span, "unknown method ."+n.Func.Name+"()", syntax.DidYouMean(n.Func.Name, builtinNames()))
	return &ast.NilNode{}
}

// path is a dotted name that begins with neither a variable nor an object of
// the world.
func (l *lowering) path(e syntax.Expr) (string, bool) {
	path, ok := l.scope.path(e)
	first, _, _ := strings.Cut(path, ".")
	return path, ok && !l.global(first)
}

// named is a call under a dotted name that nobody else can mean: a built-in
// function with its namespace, a function of this file or the library, a named
// action, or a task of a service.
func (l *lowering) named(name string, n *syntax.Method) (ast.Node, bool) {
	args := func() []ast.Node { return l.arguments(n.Args, n.Pairs, n.Span) }
	if f, ok := lib.Lookup(name); ok {
		return l.callBuiltin(f, n.Func.Span, n.Span, args()), true
	}
	if fn := l.sibling(name); fn != nil {
		return l.callFunction(fn, n.Func.Span, n.Span, args()), true
	}
	if node, ok := l.fromLibrary(name, n.Func.Span, n.Span, args); ok {
		return node, true
	}
	if l.isAction(name) {
		l.knownAction(name, n)
		return l.action(name, n, args()), true
	}
	path := strings.TrimSuffix(name, "."+n.Func.Name)
	if _, constant := lib.LookupConstant(path); constant || isProductValue(path) {
		return nil, false
	}
	if _, builtin := lib.Lookup(n.Func.Name); isTask(name) && (!builtin || isVendor(firstName(name))) {
		return l.serviceTask(name, n, args()), true
	}
	if first, _, _ := strings.Cut(name, "."); isNamespace(first) {
		return l.missing(name, n, args()), true
	}
	return nil, false
}

// arguments are those of a call: values, or one lib.Pairs for k:v, which
// collections take.
func (l *lowering) arguments(args []syntax.Expr, pairs []syntax.Entry, span syntax.Span) []ast.Node {
	if l.criteria != nil {
		before := l.criteria.fields
		l.criteria.fields = false
		defer func() { l.criteria.fields = before }()
	}
	if len(pairs) == 0 {
		return l.all(args)
	}
	return append(l.all(args), l.call(span, typeOfMany, refPairs, l.entries(pairs)...))
}

// sibling finds a function of the file by its name, with its namespaces or
// without; thisapp. stands for any.
func (l *lowering) sibling(name string) *function {
	name = strings.TrimPrefix(strings.ToLower(name), "thisapp.")
	for _, fn := range l.program.functions {
		if strings.ToLower(fn.name) == name {
			return fn
		}
	}
	if strings.Contains(name, ".") {
		return nil
	}
	for _, fn := range l.program.functions {
		if strings.ToLower(lastName(fn.name)) == name {
			return fn
		}
	}
	return nil
}

func (l *lowering) callable() []string { return append(builtinNames(), l.functionNames()...) }

// functionNames are the functions of the file.
func (l *lowering) functionNames() []string {
	var names []string
	for _, fn := range l.program.functions {
		names = append(names, lastName(fn.name))
	}
	return names
}

func builtinNames() []string {
	var names []string
	for _, f := range lib.All() {
		names = append(names, f.Names...)
	}
	return names
}

// callFunction calls a function of the file.
func (l *lowering) callFunction(fn *function, name, span syntax.Span, args []ast.Node) ast.Node {
	if want := len(fn.decl.Params); len(args) != want {
		l.report(syntax.ArgumentCount, name, fmt.Sprintf("%s takes %s and gets %d", fn.name, argumentCount(want), len(args)), "")
	}
	// One argument or two need no slice of expr's.
	switch len(args) {
	case 1:
		return l.call(span, typeOf1, &ref{func(m *machine) any {
			return func(a any) any { return m.call(fn, []any{a}) }
		}}, args...)
	case 2:
		return l.call(span, typeOf2, &ref{func(m *machine) any {
			return func(a, b any) any { return m.call(fn, []any{a, b}) }
		}}, args...)
	}
	return l.call(span, typeOfMany, &ref{func(m *machine) any {
		return func(args ...any) any { return m.call(fn, args) }
	}}, args...)
}

// callBuiltin calls a function of the table. It gets a slice of its own: it
// may keep it.
func (l *lowering) callBuiltin(f *lib.Function, name, span syntax.Span, args []ast.Node) ast.Node {
	if n := len(args); n < f.Min() || f.Max() >= 0 && n > f.Max() {
		l.report(syntax.ArgumentCount, name, fmt.Sprintf("%s takes another number of arguments", f.Names[0]), f.Signature())
	}
	run := func(m *machine, args []any) any {
		v, err := f.Call(m.lib, args)
		if err != nil {
			panic(err)
		}
		return v
	}
	switch len(args) {
	case 0:
		return l.call(span, typeOf0, &ref{func(m *machine) any { return func() any { return run(m, nil) } }})
	case 1:
		return l.call(span, typeOf1, &ref{func(m *machine) any { return func(a any) any { return run(m, []any{a}) } }}, args...)
	case 2:
		return l.call(span, typeOf2, &ref{func(m *machine) any {
			return func(a, b any) any { return run(m, []any{a, b}) }
		}}, args...)
	}
	return l.call(span, typeOfMany, &ref{func(m *machine) any {
		return func(args ...any) any { return run(m, append([]any(nil), args...)) }
	}}, args...)
}

func argumentCount(n int) string {
	if n == 1 {
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", n)
}
