package scripting

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// A ClientTask is what a script does with the page of the person at it: it
// hides a field, alerts, opens a URL. Nobody is there in a run, so it is told
// to whoever wants to know.
type ClientTask struct {
	// Task is alert, cancel submit, openUrl, hide, show, enable, disable, clear,
	// focus, reload, or what is done with the widget of a field: add, select.
	Task   string   `json:"task"`
	Fields []string `json:"fields,omitempty"` // as the script names them
	Args   []string `json:"args,omitempty"`   // as info would print them
}

// client compiles the statements that are client tasks; nil for any other.
func (c *builder) client(st syntax.Stmt) exec {
	switch n := st.(type) {
	case *syntax.Alert:
		return c.clientStmt(n.Span, "alert", nil, n.Value)
	case *syntax.CancelSubmit:
		return c.clientStmt(n.Span, "cancel submit", nil)
	case *syntax.ClientTask:
		var fields []string
		for _, f := range n.Fields {
			fields = append(fields, strings.TrimPrefix(fieldPath(f), "input."))
		}
		return c.clientStmt(n.Span, n.Action.Name, fields)
	}
	return nil
}

func (c *builder) clientStmt(span syntax.Span, task string, fields []string, args ...syntax.Expr) exec {
	l := &lowering{builder: c}
	return exprStmt(c.add(l, l.clientCall(span, task, fields, l.all(args))))
}

// clientMethod compiles what is done with the widget of a field: Field:ui.add(x),
// Field.select("x").
func (l *lowering) clientMethod(n *syntax.Method) (ast.Node, bool) {
	x := n.X
	if ui, ok := x.(*syntax.UI); ok {
		x = ui.X
	} else if !selects(n.Func.Name) {
		return nil, false
	}
	field := strings.TrimPrefix(fieldPath(x), "input.")
	if field == "" {
		return nil, false
	}
	return l.clientCall(n.Span, n.Func.Name, []string{field}, l.arguments(n.Args, n.Pairs, n.Span)), true
}

// selects says whether a method without :ui is one of a widget.
func selects(name string) bool {
	switch strings.ToLower(name) {
	case "select", "selectall", "deselect", "deselectall":
		_, builtin := lib.Lookup(name)
		return !builtin
	}
	return false
}

func (l *lowering) clientCall(span syntax.Span, task string, fields []string, args []ast.Node) ast.Node {
	return l.call(span, typeOfMany, &ref{func(m *machine) any {
		return func(args ...any) any {
			m.tellClient(task, fields, args)
			return nil
		}
	}}, args...)
}

func (m *machine) tellClient(task string, fields []string, args []any) {
	if m.Client == nil {
		return
	}
	t := ClientTask{Task: task, Fields: fields}
	for _, v := range args {
		t.Args = append(t.Args, value.Text(m.budget, v))
	}
	m.budget.Alloc(8 * wordSize)
	m.Client(t)
}
