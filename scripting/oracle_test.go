package scripting_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// An oracle runs a script by walking its tree: no slots, no bytecode, no
// frames. It is slow and plain, so that it is right where the engine is not.
// What belongs to the world around a script it does not know, and says so.
type oracle struct {
	source    *syntax.Source
	functions []*syntax.Function
	rt        *lib.Runtime
	info      []string
	depth     int
}

// unknown is thrown where the oracle does not know a construct.
type unknown struct{ what string }

// A fault is what went wrong, at a line.
type fault struct {
	msg  string
	line int
}

// A walk is one call of a function.
type walk struct {
	*oracle
	vars  map[string]any
	names map[string]bool // assigned somewhere in the function
	body  bool
}

type ending int

const (
	onward ending = iota
	breaking
	continuing
	returning
)

// now is the time of every run that is compared.
func oracleNow() time.Time { return time.Date(2026, 3, 15, 12, 30, 45, 0, time.UTC) }

// oracleRand gives the same numbers in every run.
func oracleRand() func(int64) int64 {
	n := int64(0)
	return func(below int64) int64 { n++; return n % below }
}

// runOracle runs a file. Its third result says that a limit ended it, and a
// panic with unknown is what it does not know.
func runOracle(src *syntax.Source, file *syntax.File, args map[string]any) (o *oracle, result any, err *fault, limited bool) {
	o = &oracle{source: src, functions: file.Functions()}
	o.rt = &lib.Runtime{Budget: value.NewBudget(context.Background(), value.Limits{Steps: 3_000_000}), Now: oracleNow, Rand: oracleRand()}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *fault:
			err = r
		case *value.Limit:
			limited = true
		default:
			panic(r)
		}
	}()
	body := file.Body()
	w := &walk{oracle: o, vars: map[string]any{}, names: map[string]bool{}, body: true}
	if len(body) == 0 {
		if len(o.functions) == 0 || len(o.functions[0].Params) > 0 {
			panic(unknown{"a function with parameters"})
		}
		body, w.body = o.functions[0].Body.Stmts, false
	}
	assigned(body, w.names)
	for name, v := range args {
		w.vars[name] = v
	}
	result, _ = w.block(body)
	return o, value.Resolve(result), nil, false
}

// assigned finds the names that statements assign to.
func assigned(list []syntax.Stmt, names map[string]bool) {
	for _, st := range list {
		switch n := st.(type) {
		case *syntax.Block:
			assigned(n.Stmts, names)
		case *syntax.If:
			for _, c := range n.Clauses {
				assigned([]syntax.Stmt{c.Body}, names)
			}
			if n.Else != nil {
				assigned([]syntax.Stmt{n.Else}, names)
			}
		case *syntax.ForEach:
			names[n.Var.Name] = true
			assigned([]syntax.Stmt{n.Body}, names)
		case *syntax.While:
			assigned([]syntax.Stmt{n.Body}, names)
		case *syntax.Try:
			assigned(n.Body.Stmts, names)
			assigned(n.Catch.Stmts, names)
			if n.Var != nil {
				names[n.Var.Name] = true
			}
		case *syntax.Assign:
			if name, ok := n.Target.(*syntax.Name); ok {
				names[name.Name] = true
			}
		}
	}
}

// at runs a step and gives its fault the line of a span.
func (w *walk) at(span syntax.Span, step func() any) any {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *value.Fault:
			panic(&fault{r.Msg, w.source.Range(span).Start.Line})
		case *value.JSONError:
			panic(&fault{r.Error(), w.source.Range(span).Start.Line})
		default:
			panic(r)
		}
	}()
	return step()
}

func (w *walk) block(list []syntax.Stmt) (any, ending) {
	for _, st := range list {
		if v, end := w.stmt(st); end != onward {
			return v, end
		}
	}
	return nil, onward
}

func (w *walk) stmt(st syntax.Stmt) (any, ending) {
	w.rt.Budget.Tick(1)
	switch n := st.(type) {
	case *syntax.Block:
		return w.block(n.Stmts)
	case *syntax.Empty:
	case *syntax.If:
		for _, c := range n.Clauses {
			if w.truth(c.Cond) {
				return w.stmt(c.Body)
			}
		}
		if n.Else != nil {
			return w.stmt(n.Else)
		}
	case *syntax.ForEach:
		return w.forEach(n)
	case *syntax.While:
		for w.truth(n.Cond) {
			w.rt.Budget.Tick(1)
			if v, end := w.stmt(n.Body); end == returning || end == breaking {
				return v, after(end)
			}
		}
	case *syntax.Try:
		return w.try(n)
	case *syntax.Return:
		if n.Value == nil {
			return nil, returning
		}
		return w.expr(n.Value), returning
	case *syntax.Info:
		w.info = append(w.info, value.Text(w.rt.Budget, w.expr(n.Value)))
	case *syntax.Throw:
		text := value.Text(w.rt.Budget, w.expr(n.Value))
		panic(&fault{text, w.source.Range(n.Span).Start.Line})
	case *syntax.Break:
		return nil, breaking
	case *syntax.Continue:
		return nil, continuing
	case *syntax.Assign:
		w.assign(n)
	case *syntax.ExprStmt:
		w.expr(n.X)
	default:
		panic(unknown{"a statement"})
	}
	return nil, onward
}

// after is how a loop ends whose body ended so.
func after(end ending) ending {
	if end == returning {
		return returning
	}
	return onward
}

func (w *walk) forEach(n *syntax.ForEach) (any, ending) {
	if name, ok := n.Source.(*syntax.Name); ok && !w.names[name.Name] {
		panic(unknown{"a form"})
	}
	source := w.expr(n.Source)
	var items []any
	switch x := value.Resolve(source).(type) {
	case *value.List:
		items = slices.Clone(x.Items())
	case *value.Map:
		for k := range x.All() {
			items = append(items, k)
		}
	case *value.Empty:
	case string:
		parsed, err := value.ParseJSON(w.rt.Budget, x)
		list, ok := parsed.(*value.List)
		if err != nil || !ok || !strings.HasPrefix(strings.TrimSpace(x), "[") {
			panic(&fault{"for each goes over a list, not over text", w.source.Range(n.Source.Pos()).Start.Line})
		}
		items = list.Items()
	case *value.Collection:
		panic(unknown{"a collection"})
	default:
		panic(&fault{"for each goes over a list, not over " + value.TypeName(source), w.source.Range(n.Source.Pos()).Start.Line})
	}
	for i, item := range items {
		w.rt.Budget.Tick(1)
		if n.Index {
			item = int64(i)
		}
		w.vars[n.Var.Name] = item
		if v, end := w.stmt(n.Body); end == returning || end == breaking {
			return v, after(end)
		}
	}
	return nil, onward
}

func (w *walk) try(n *syntax.Try) (v any, end ending) {
	caught := func() (err *fault) {
		depth := w.depth
		defer func() {
			if r := recover(); r != nil {
				f, ok := r.(*fault)
				if !ok {
					panic(r)
				}
				w.depth, err = depth, f
			}
		}()
		v, end = w.block(n.Body.Stmts)
		return nil
	}()
	if caught == nil {
		return v, end
	}
	if n.Var != nil {
		m := value.NewMap()
		m.Put(w.rt.Budget, "message", caught.msg)
		m.Put(w.rt.Budget, "lineNo", int64(caught.line))
		w.vars[n.Var.Name] = m
	}
	return w.block(n.Catch.Stmts)
}

func (w *walk) assign(n *syntax.Assign) {
	name, ok := n.Target.(*syntax.Name)
	if !ok {
		panic(unknown{"a field of a record"})
	}
	x := n.Value
	if n.Add {
		x = &syntax.Binary{Span: n.Span, Op: syntax.Add, X: n.Target, Y: n.Value}
	}
	w.vars[name.Name] = w.expr(x)
}

func (w *walk) truth(e syntax.Expr) bool {
	v := w.expr(e)
	return w.at(e.Pos(), func() any { return value.Truth(v) }).(bool)
}

func (w *walk) name(n *syntax.Name) any {
	if v, ok := w.vars[n.Name]; ok {
		return v
	}
	if k, ok := lib.LookupConstant(n.Name); ok && !w.names[n.Name] {
		return k.Value(w.rt)
	}
	if !w.names[n.Name] && (!w.body || slices.Contains([]string{"input", "old", "row", "message", "user", "form", "target"}, n.Name)) {
		panic(unknown{"an object of the world"})
	}
	panic(&fault{"variable '" + n.Name + "' is not defined", w.source.Range(n.Span).Start.Line})
}

func (w *walk) all(list []syntax.Expr) []any {
	var out []any
	for _, e := range list {
		out = append(out, w.expr(e))
	}
	return out
}

func (w *walk) expr(e syntax.Expr) any {
	b := w.rt.Budget
	b.Tick(1)
	switch n := e.(type) {
	case *syntax.Name:
		return w.name(n)
	case *syntax.Text:
		return n.Value
	case *syntax.Quoted:
		if t, err := value.ParseDate(n.Value, time.UTC); err == nil {
			return t
		}
		return n.Value
	case *syntax.Number:
		v, err := value.ParseNumber(n.Digits)
		if err != nil {
			panic(unknown{"a number"})
		}
		return v
	case *syntax.Bool:
		return n.Value
	case *syntax.Null:
		return nil
	case *syntax.EmptyLit:
		return &value.Empty{}
	case *syntax.List:
		l := value.NewList()
		for _, v := range w.all(n.Items) {
			l.Add(b, v)
		}
		return l
	case *syntax.Map:
		var keys, values []any
		for _, entry := range n.Entries {
			keys, values = append(keys, w.expr(entry.Key)), append(values, w.expr(entry.Value))
		}
		return w.at(n.Span, func() any {
			m := value.NewMap()
			for i, k := range keys {
				m.Put(b, k, values[i])
			}
			return m
		})
	case *syntax.Paren:
		return w.expr(n.X)
	case *syntax.Conditional:
		if w.truth(n.Cond) {
			return w.expr(n.Then)
		}
		return w.expr(n.Else)
	case *syntax.Unary:
		return w.unary(n)
	case *syntax.Binary:
		return w.binary(n)
	case *syntax.Call:
		return w.call(n)
	case *syntax.Method:
		return w.method(n)
	case *syntax.Member:
		return w.member(n)
	}
	panic(unknown{"an expression"})
}

func (w *walk) unary(n *syntax.Unary) any {
	x := w.expr(n.X)
	return w.at(n.Span, func() any {
		switch n.Op {
		case syntax.Not:
			return value.Not(x)
		case syntax.Sub:
			return value.Neg(x)
		}
		return value.Neg(value.Neg(x))
	})
}

func (w *walk) binary(n *syntax.Binary) any {
	b := w.rt.Budget
	switch n.Op {
	case syntax.And:
		return w.truth(n.X) && w.truth(n.Y)
	case syntax.Or:
		return w.truth(n.X) || w.truth(n.Y)
	case syntax.Add:
		// All parts of a sum are worked out before the first is added.
		var parts []syntax.Expr
		var x syntax.Expr = n
		for {
			sum, ok := x.(*syntax.Binary)
			if !ok || sum.Op != syntax.Add {
				break
			}
			parts = append([]syntax.Expr{sum.Y}, parts...)
			x = sum.X
		}
		values := w.all(append([]syntax.Expr{x}, parts...))
		return w.at(n.Span, func() any {
			total := values[0]
			for _, v := range values[1:] {
				total = value.Add(b, total, v)
			}
			return total
		})
	}
	x, y := w.expr(n.X), w.expr(n.Y)
	return w.at(n.Span, func() any {
		switch n.Op {
		case syntax.Sub:
			return value.Sub(b, x, y)
		case syntax.Mul:
			return value.Mul(b, x, y)
		case syntax.Div:
			return value.Div(b, x, y)
		case syntax.Mod:
			return value.Mod(b, x, y)
		case syntax.Equal:
			return value.Equal(b, x, y)
		case syntax.NotEqual:
			return !value.Equal(b, x, y)
		case syntax.Less:
			return value.Less(x, y)
		case syntax.LessEqual:
			return value.LessEq(x, y)
		case syntax.Greater:
			return value.Greater(x, y)
		case syntax.GreaterEqual:
			return value.GreaterEq(x, y)
		}
		panic(unknown{"an operator"})
	})
}

// sibling finds a function of the file.
func (o *oracle) sibling(name string) *syntax.Function {
	name = strings.TrimPrefix(strings.ToLower(name), "thisapp.")
	for _, fn := range o.functions {
		if strings.ToLower(fn.Name()) == name {
			return fn
		}
	}
	for _, fn := range o.functions {
		if strings.ToLower(fn.Path[len(fn.Path)-1].Name) == name {
			return fn
		}
	}
	return nil
}

func (w *walk) call(n *syntax.Call) any {
	if n.Elem != "" || len(n.Pairs) > 0 {
		panic(unknown{"a typed list or a collection"})
	}
	args := w.all(n.Args)
	if fn := w.sibling(n.Func.Name); fn != nil {
		return w.function(fn, args)
	}
	return w.builtin(n.Func.Name, n.Span, args)
}

func (w *walk) function(fn *syntax.Function, args []any) any {
	if w.depth++; w.depth > 200 {
		panic(&value.Limit{Name: "depth"})
	}
	inner := &walk{oracle: w.oracle, vars: map[string]any{}, names: map[string]bool{}}
	assigned(fn.Body.Stmts, inner.names)
	for i, p := range fn.Params {
		inner.vars[p.Name.Name], inner.names[p.Name.Name] = args[i], true
	}
	v, _ := inner.block(fn.Body.Stmts)
	w.depth--
	return v
}

func (w *walk) builtin(name string, span syntax.Span, args []any) any {
	f, ok := lib.Lookup(name)
	if !ok || f.Outside {
		panic(unknown{"a function"})
	}
	return w.at(span, func() any {
		v, err := f.Call(w.rt, args)
		if err != nil {
			panic(err)
		}
		return v
	})
}

// dotted is a name of parts whose first is no variable; "" for anything else.
func (w *walk) dotted(e syntax.Expr) string {
	switch n := e.(type) {
	case *syntax.Name:
		if !w.names[n.Name] {
			return n.Name
		}
	case *syntax.Member:
		if x := w.dotted(n.X); x != "" {
			return x + "." + n.Name.Name
		}
	}
	return ""
}

func (w *walk) method(n *syntax.Method) any {
	switch strings.ToLower(n.Func.Name) {
	case "count", "sum", "minimum", "maximum", "getall", "insert", "select", "selectall":
		panic(unknown{"a function of records"})
	case "average", "median", "distinct":
		if len(n.Args) > 0 {
			panic(unknown{"a function of records"})
		}
	}
	if len(n.Pairs) > 0 {
		panic(unknown{"pairs"})
	}
	if path := w.dotted(n.X); path != "" {
		if _, ok := lib.Lookup(path + "." + n.Func.Name); ok {
			return w.builtin(path+"."+n.Func.Name, n.Span, w.all(n.Args))
		}
		if fn := w.sibling(path + "." + n.Func.Name); fn != nil {
			return w.function(fn, w.all(n.Args))
		}
		if _, ok := lib.LookupConstant(path); !ok {
			panic(unknown{"a name of the world"})
		}
	}
	return w.builtin(n.Func.Name, n.Span, append([]any{w.expr(n.X)}, w.all(n.Args)...))
}

func (w *walk) member(n *syntax.Member) any {
	if path := w.dotted(n); path != "" {
		k, ok := lib.LookupConstant(path)
		if !ok {
			panic(unknown{"a name of the world"})
		}
		return k.Value(w.rt)
	}
	x := w.expr(n.X)
	switch v := value.Resolve(x).(type) {
	case *value.Map:
		got, _ := v.Get(n.Name.Name)
		return got
	case *value.Empty:
		return nil
	}
	panic(&fault{value.TypeName(x) + " has no field \"" + n.Name.Name + "\"", w.source.Range(n.Span).Start.Line})
}
