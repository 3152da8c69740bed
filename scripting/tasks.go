package scripting

import (
	"context"
	"errors"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// A TaskCall is what a script asks of a service or of the product around it:
// zoho.crm.getRecordById("Leads", 7), sendsms [ to: "..." ].
type TaskCall struct {
	Name string // zoho.crm.getRecordById, as it is written
	// Args are the arguments in their order, as the package value has them:
	// string, int64, decimal.Decimal, bool, value.Time, *value.List, *value.Map,
	// *value.File or nil.
	Args []any
	// Attributes are those of a block, by name in lower case with - between
	// words; nil for a call.
	Attributes map[string]any
}

// Tasks do what services offer to scripts. The answer is a value like those of
// the arguments. An error is one that the script may catch, and reaches the
// caller of Run through errors.As.
type Tasks interface {
	Do(ctx context.Context, call TaskCall) (any, error)
}

// taskFailed is the cause of a task that its service refused.
type taskFailed struct {
	name string
	err  error
}

func (t *taskFailed) Error() string { return t.name + ": " + t.err.Error() }
func (t *taskFailed) Unwrap() error { return t.err }

// productServices are the names under thisapp. that are services and no
// functions.
var productServices = []string{"thisapp.portal.", "thisapp.blueprint.", "thisapp.permissions."}

// isVendor says whether a name begins the services of a company: what stands
// behind it is a task, even where a built-in function has the name.
func isVendor(first string) bool {
	switch strings.ToLower(first) {
	case "zoho", "intuit", "salesforce":
		return true
	}
	return isNamespace(first)
}

// isTask says whether a dotted name calls a task of a service: zoho.crm.x, or
// any name of three parts whose first is no namespace of functions.
func isTask(name string) bool {
	lower := strings.ToLower(name)
	for _, prefix := range productServices {
		if strings.HasPrefix(lower, prefix) {
			return true
		}
	}
	first, _, _ := strings.Cut(lower, ".")
	return first == "zoho" || strings.Count(name, ".") >= 2 && !isNamespace(first)
}

// serviceTask compiles a call of a task.
func (l *lowering) serviceTask(name string, n *syntax.Method, args []ast.Node) ast.Node {
	if len(n.Pairs) == 0 {
		l.useIntegration(name, n)
	}
	return l.call(n.X.Pos().To(n.Func.Span), typeOfMany, &ref{func(m *machine) any {
		return func(args ...any) any { return m.doTask(TaskCall{Name: name, Args: m.plainAll(args)}) }
	}}, args...)
}

// doTask asks the run's handler. An integration task of which that knows nothing
// is done by the service.
func (m *machine) doTask(call TaskCall) any {
	var t *integration
	var args []any
	if call.Attributes == nil && m.Actions != nil {
		t, args = integrationOf(call.Name, call.Args)
	}
	m.budget.Check()
	if m.Tasks != nil {
		v, err := m.Tasks.Do(m.budget.Context(), call)
		if _, none := errors.AsType[*Missing](err); !none || t == nil {
			return m.done(call.Name, v, err)
		}
	}
	if t == nil {
		panic(&Missing{"task", call.Name})
	}
	return m.integrate(t, args)
}

// done is what a task gave.
func (m *machine) done(name string, v any, err error) any {
	m.budget.Check()
	switch e := err.(type) {
	case nil:
		return v
	case *Missing:
		panic(e)
	}
	panic(&taskFailed{name, err})
}

// plainAll gives arguments as they leave the engine: objects of the world as
// what they stand for, and a {} that nothing decided as a map.
func (m *machine) plainAll(args []any) []any {
	out := make([]any, len(args))
	for i, v := range args {
		v = value.Resolve(v)
		switch o := v.(type) {
		case value.Object:
			v = value.Resolve(o.Plain(m.budget))
		case *value.Empty:
			v = value.NewMap()
		}
		out[i] = v
	}
	return out
}
