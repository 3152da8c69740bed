package scripting

import (
	"strings"

	"github.com/connhost/connhost/scripting/syntax"
)

// A builder turns a tree into functions. It goes on after a mistake, so that
// all are told.
type builder struct {
	program *Program
	source  *syntax.Source
	found   []syntax.Diagnostic
	scope   *scope
	library *Library
	globals []string               // that the caller has
	service func(name string) bool // whose actions the caller does
	loops   int                    // around the statement that is being compiled
}

func (c *builder) report(code syntax.Code, span syntax.Span, message, hint string) {
	c.found = append(c.found, c.source.Report(code, span, message, hint))
}

// compile compiles a file: all headers first, so that functions may call each
// other in any order.
func (c *builder) compile(file *syntax.File) {
	seen := map[string]bool{}
	for _, decl := range file.Functions() {
		fn := &function{name: pathName(decl.Path), result: decl.Result.Name, decl: decl}
		if key := strings.ToLower(fn.name); seen[key] {
			c.report(syntax.Duplicate, decl.Path[len(decl.Path)-1].Span, "the function "+fn.name+" stands twice", "rename one of them")
		} else {
			seen[key] = true
		}
		c.program.functions = append(c.program.functions, fn)
	}
	for _, fn := range c.program.functions {
		c.function(fn)
	}
	if body := file.Body(); len(body) > 0 {
		fn := &function{}
		c.scope = newScope(fn)
		c.scope.declare(body)
		fn.run = c.statements(body)
		c.program.body = fn
	}
}

func (c *builder) function(fn *function) {
	c.scope = newScope(fn)
	for _, p := range fn.decl.Params {
		kind := ""
		if p.Type != nil {
			kind = p.Type.Name
		}
		if _, ok := c.scope.slots[p.Name.Name]; ok {
			c.report(syntax.Duplicate, p.Name.Span, "the parameter "+p.Name.Name+" stands twice", "rename one of them")
		}
		slot := c.scope.slot(p.Name.Name)
		c.scope.assign(slot)
		fn.params = append(fn.params, param{name: p.Name.Name, kind: kind, slot: slot})
	}
	c.scope.declare(fn.decl.Body.Stmts)
	fn.run = c.statements(fn.decl.Body.Stmts)
}

// statements compiles a sequence and warns of what never runs in it.
func (c *builder) statements(list []syntax.Stmt) exec {
	var steps []exec
	ended, warned := false, false
	for _, st := range list {
		if _, empty := st.(*syntax.Empty); empty {
			continue
		}
		if ended && !warned {
			c.report(syntax.Unreachable, st.Pos(), "this never runs", "")
			warned = true
		}
		steps = append(steps, c.statement(st))
		switch st.(type) {
		case *syntax.Return, *syntax.Break, *syntax.Continue, *syntax.Throw:
			ended = true
		}
	}
	return sequence(steps)
}

func (c *builder) statement(st syntax.Stmt) exec {
	var run exec
	switch n := st.(type) {
	case *syntax.Block:
		return c.statements(n.Stmts)
	case *syntax.Empty, *syntax.BadStmt:
		return sequence(nil)
	case *syntax.If:
		run = c.ifStmt(n)
	case *syntax.ForEach:
		return looped(c.forEach(n), n.Span)
	case *syntax.While:
		return looped(c.while(n), n.Span)
	case *syntax.Try:
		run = c.try(n)
	case *syntax.Return:
		run = c.returnStmt(n)
	case *syntax.Info:
		run = infoStmt(c.expr(n.Value))
	case *syntax.Throw:
		run = throwStmt(c.expr(n.Value), n.Span)
	case *syntax.Break:
		run = c.jump(n.Span, "break", broke)
	case *syntax.Continue:
		run = c.jump(n.Span, "continue", continued)
	case *syntax.Assign:
		run = c.assign(n)
	case *syntax.ExprStmt:
		run = exprStmt(c.expr(n.X))
	case *syntax.Delete:
		run = c.deleteStmt(n)
	case *syntax.Alert, *syntax.CancelSubmit, *syntax.ClientTask:
		run = c.client(st)
	case *syntax.Markup, *syntax.Output:
		run = c.write(st)
	default:
		c.report(syntax.NotSupported, st.Pos(), "this statement is not supported yet", "")
		return sequence(nil)
	}
	return hooked(run, st.Pos())
}

func (c *builder) ifStmt(n *syntax.If) exec {
	var conds []int
	var bodies []exec
	var ends []bool
	first := true
	join := func(sure []bool) {
		if first {
			ends, first = sure, false
			return
		}
		ends = both(ends, sure)
	}
	for _, clause := range n.Clauses {
		conds = append(conds, c.condition(clause.Cond))
		join(c.scope.branch(func() { bodies = append(bodies, c.statement(clause.Body)) }))
	}
	var otherwise exec
	if n.Else != nil {
		join(c.scope.branch(func() { otherwise = c.statement(n.Else) }))
	} else {
		join(c.scope.sure)
	}
	c.scope.sure = ends
	return choose(conds, bodies, otherwise)
}

func (c *builder) forEach(n *syntax.ForEach) exec {
	l := &lowering{builder: c}
	node, _ := l.recordSource(n.Source)
	source := c.add(l, node)
	slot := c.scope.slot(n.Var.Name)
	var body exec
	c.scope.branch(func() {
		c.scope.assign(slot)
		body = c.loop(n.Body)
	})
	return forEachStmt(source, slot, c.scope.hidden(), n.Index, body, n.Source.Pos())
}

func (c *builder) while(n *syntax.While) exec {
	cond := c.condition(n.Cond)
	var body exec
	c.scope.branch(func() { body = c.loop(n.Body) })
	return whileStmt(cond, body)
}

func (c *builder) loop(body syntax.Stmt) exec {
	c.loops++
	defer func() { c.loops-- }()
	return c.statement(body)
}

func (c *builder) try(n *syntax.Try) exec {
	var body, handler exec
	c.scope.branch(func() { body = c.statement(n.Body) })
	slot := -1
	c.scope.branch(func() {
		if n.Var != nil {
			slot = c.scope.slot(n.Var.Name)
			c.scope.assign(slot)
		}
		if n.Catch != nil {
			handler = c.statement(n.Catch)
		} else {
			handler = sequence(nil)
		}
	})
	return tryStmt(body, handler, slot)
}

func (c *builder) returnStmt(n *syntax.Return) exec {
	if n.Value == nil {
		return func(f *frame) flow { return returned }
	}
	return returnValue(c.expr(n.Value))
}

func (c *builder) jump(span syntax.Span, word string, to flow) exec {
	if c.loops == 0 {
		c.report(syntax.OutsideLoop, span, word+" stands outside a loop", "")
	}
	return func(*frame) flow { return to }
}

func (c *builder) assign(n *syntax.Assign) exec {
	var name *syntax.Name
	switch t := n.Target.(type) {
	case *syntax.Name:
		name = t
	case *syntax.Member:
		return c.setField(n, t)
	case *syntax.UI:
		l := &lowering{builder: c}
		return exprStmt(c.add(l, l.clientCall(n.Span, "set", []string{fieldPath(t.X)}, l.all([]syntax.Expr{n.Value}))))
	default:
		return exprStmt(c.expr(n.Value))
	}
	source := n.Value
	if n.Add {
		source = &syntax.Binary{Span: n.Span, Op: syntax.Add, OpSpan: n.Target.Pos(), X: n.Target, Y: n.Value}
	}
	value := c.expr(source)
	slot := c.scope.slot(name.Name)
	c.scope.assign(slot)
	return assignSlot(value, slot)
}
