package scripting

import (
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// A Missing is the error of a script that wants something of the world around
// it which the run was not given. A script may catch it.
type Missing struct {
	Kind string // function, form, task, object or mailer
	Name string
}

// Error says what is missing.
func (m *Missing) Error() string {
	switch m.Kind {
	case "function":
		return "there is no function " + m.Name + "()"
	case "object":
		return "variable '" + m.Name + "' is not defined"
	case "mailer":
		return "nothing sends mails for this run"
	case "task":
		return "nothing does the task " + m.Name + " for this run"
	}
	return "there is no " + m.Kind + " " + m.Name
}

// hostObjects are what products put around a script. Scripts read them without
// assigning anything.
var hostObjects = []string{
	"input", "old", "row", "crmAPIRequest", "message", "user", "visitor", "chat", "form", "target", "arguments", "entity", "trigger",
}

// global reports whether a name stands for an object of the world, when no
// variable has it.
func (c *builder) global(name string) bool {
	if _, variable := c.scope.slots[name]; variable || isProduct(name) {
		return false
	}
	return slices.Contains(hostObjects, name) || slices.Contains(c.globals, name)
}

// globalNode reads an object of the world.
func (l *lowering) globalNode(name string, span syntax.Span) ast.Node {
	body := l.scope.fn.decl == nil
	return l.call(span, typeOf0, &ref{func(m *machine) any {
		return func() any {
			if v, ok := m.Globals[name]; ok {
				return v
			}
			if v, ok := m.Args[name]; ok && body {
				return v
			}
			panic(&Missing{"object", name})
		}
	}})
}

// recordObjects are the objects of the world that are records: their fields
// can be set.
var recordObjects = []string{"input", "old", "row"}

// wrapRecords makes records of those objects. What the script sets is in the
// caller's map.
func (m *machine) wrapRecords() {
	for _, name := range recordObjects {
		if fields, ok := m.Globals[name].(*value.Map); ok {
			m.Globals = maps.Clone(m.Globals)
			m.Globals[name] = &records{m: m, rows: []*value.Map{fields}, single: true}
		}
	}
}

// isProduct says whether a name begins what a product offers: its values, its
// services and functions.
func isProduct(first string) bool {
	return strings.EqualFold(first, "zoho") || isNamespace(first)
}

// productValues are the values of a product, in lower case. Of names that begin
// with appvariable there may be any.
var productValues = []string{
	"zoho.loginuser", "zoho.loginuserid", "zoho.adminuser", "zoho.adminuserid", "zoho.appname", "zoho.appuri", "zoho.ipaddress",
}

// isProductValue says whether a dotted name is one that productName reads, and
// no service.
func isProductValue(path string) bool {
	lower := strings.ToLower(path)
	return slices.Contains(productValues, lower) || strings.HasPrefix(lower, "zoho.appvariable.")
}

// productName reads a name such as zoho.loginuser from the object zoho of the
// world, in any letter case.
func (l *lowering) productName(path string, span syntax.Span) ast.Node {
	parts := strings.Split(path, ".")
	return l.call(span, typeOf0, &ref{func(m *machine) any {
		return func() any {
			at := m.Globals[strings.ToLower(parts[0])]
			for _, part := range parts[1:] {
				fields, ok := value.Resolve(at).(*value.Map)
				if !ok {
					panic(&Missing{"object", path})
				}
				if at, ok = fieldFold(fields, part); !ok {
					panic(&Missing{"object", path})
				}
			}
			return at
		}
	}})
}

// fieldFold finds a key in any letter case.
func fieldFold(m *value.Map, key string) (any, bool) {
	if v, ok := m.Get(key); ok {
		return v, true
	}
	for k, v := range m.All() {
		if s, ok := k.(string); ok && strings.EqualFold(s, key) {
			return v, true
		}
	}
	return nil, false
}

// missing compiles a call of a function that nothing here has. With a library
// at hand that is a mistake, unless it may be a named action of a service;
// without one it may stand in another file, so the run decides. Without arguments it may be a row of a sub-form: Orders.Items();
// where fields of it are set, it is one.
func (l *lowering) missing(name string, n *syntax.Method, args []ast.Node) ast.Node {
	action := l.useAction(name, n)
	row := len(args) == 0 && strings.Count(name, ".") == 1 && !isNamespace(firstName(name)) // perhaps Form.Sub()
	sure := row && l.scope.isRow(n)
	near := l.callable()
	if isNamespace(firstName(name)) { // no variable with a method that is misspelt
		near = l.functionNames()
	}
	switch {
	case sure:
	case l.library != nil && !row && !action:
		l.report(syntax.UnknownFunction, n.Func.Span, "there is no function "+name+"()", syntax.DidYouMean(lastName(name), append(near, l.library.names()...)))
	default:
		l.report(syntax.OtherFile, n.Func.Span, "the function "+name+"() is not in this file", syntax.DidYouMean(lastName(name), near))
	}
	return l.call(n.Span, typeOfMany, &ref{func(m *machine) any {
		return func(args ...any) any {
			if sure {
				return m.row()
			}
			if row {
				return m.newRow(name)
			}
			return m.act(name, args)
		}
	}}, args...)
}
