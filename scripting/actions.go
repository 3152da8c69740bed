package scripting

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// An ActionCall is a named action that a script asks of a service over a
// connection: acme.list_items({"page": 1}, "acme_connection").
type ActionCall struct {
	Service    string // acme, as it is written
	Action     string
	Parameters string // a JSON object
	Connection string
	// Task is the integration task that the action does, if it is one. Its
	// connection may be that of any connector whose name begins with the
	// service's, such as one for a sandbox; without a name it is the one
	// connection that can be meant.
	Task string
}

// Actions do named actions of services. The answer is typed and charged as that
// of invokeurl; the run closes its body. A *Missing says that there is no such
// service: the call is then one of a function that is not there.
type Actions interface {
	Act(ctx context.Context, call ActionCall) (*http.Response, error)
}

// An ActionUse is a call that may be a named action of a service over a
// connection: acme.list_items({...}, "acme_connection"). It is one of a function
// that is in no file, and its last argument is a literal.
type ActionUse struct {
	Service, Action string
	Connection      ConnectionUse
	Range           syntax.Range // of the action's name
	// Misused says that the service is known and that no call can go so: what
	// ActionWants says is not given. There is no connection then.
	Misused bool
	// Given are the names of the parameters, where Literal says that the call
	// itself has them all.
	Given   []string
	Literal bool
	// Task is the integration task that is called so; the connection may then
	// have no name.
	Task string
}

// ActionWants says what every named action takes.
const ActionWants = "takes a map of parameters and the name of a connection"

// useAction notes a call that may be a named action, and reports whether it is
// one.
func (l *lowering) useAction(name string, n *syntax.Method) bool {
	service, action, _ := strings.Cut(name, ".")
	if len(n.Args) == 0 || len(n.Args) > 2 || len(n.Pairs) > 0 || strings.Contains(action, ".") || isNamespace(service) {
		return false
	}
	t, ok := n.Args[len(n.Args)-1].(*syntax.Text)
	if ok {
		given, literal := literalNames(n.Args[:len(n.Args)-1])
		l.program.uses.actions = append(l.program.uses.actions, ActionUse{
			Service: service, Action: action, Range: l.source.Range(n.Func.Span), Given: given, Literal: literal,
			Connection: ConnectionUse{Name: t.Value, Range: l.source.Range(t.Span)},
		})
	}
	return ok
}

// literalNames are the keys of a map that is written down; of no argument, none.
func literalNames(args []syntax.Expr) ([]string, bool) {
	if len(args) == 0 {
		return nil, true
	}
	m, ok := args[0].(*syntax.Map)
	if !ok {
		return nil, false
	}
	var names []string
	for _, e := range m.Entries {
		key, ok := e.Key.(*syntax.Text)
		if !ok {
			return nil, false
		}
		names = append(names, key.Value)
	}
	return names, true
}

// knownAction notes a call of a known service's action: one over a literal
// connection, or one that cannot go.
func (l *lowering) knownAction(name string, n *syntax.Method) {
	if l.useAction(name, n) {
		return
	}
	misused := len(n.Args) == 0 || len(n.Args) > 2 || len(n.Pairs) > 0
	if !misused {
		_, misused = n.Args[len(n.Args)-1].(*syntax.Map)
	}
	if misused {
		service, action, _ := strings.Cut(name, ".")
		l.program.uses.actions = append(l.program.uses.actions, ActionUse{Service: service, Action: action, Range: l.source.Range(n.Func.Span), Misused: true})
	}
}

// isAction says whether a dotted name is an action of a service that the caller
// knows.
func (l *lowering) isAction(name string) bool {
	service, action, two := strings.Cut(name, ".")
	return two && !strings.Contains(action, ".") && l.service != nil && !isNamespace(service) && l.service(service)
}

// action compiles a call of a named action.
func (l *lowering) action(name string, n *syntax.Method, args []ast.Node) ast.Node {
	return l.call(n.Span, typeOfMany, &ref{func(m *machine) any {
		return func(args ...any) any {
			if _, ok := m.actionCall(name, m.plainAll(args)); !ok && m.Tasks == nil {
				value.Throw("%s %s", name, ActionWants)
			}
			return m.act(name, args)
		}
	}}, args...)
}

// act does what no function of any file does: an answer that the caller wrote
// down, or a named action. Anything else is a function that is missing.
func (m *machine) act(name string, args []any) any {
	missing := &Missing{"function", name}
	args = m.plainAll(args)
	if m.Tasks != nil {
		v, err := m.Tasks.Do(m.budget.Context(), TaskCall{Name: name, Args: args})
		if _, none := errors.AsType[*Missing](err); !none {
			return m.done(name, v, err)
		}
	}
	call, ok := m.actionCall(name, args)
	if !ok || m.Actions == nil {
		panic(missing)
	}
	resp, err := m.acted(call)
	if _, none := errors.AsType[*Missing](err); none {
		panic(missing)
	}
	if err != nil {
		panic(&callFailed{err})
	}
	return m.received(resp, name, wanted{})
}

// acted does a named action. It counts as a call of invokeurl.
func (m *machine) acted(call ActionCall) (*http.Response, error) {
	m.countCall()
	resp, err := m.Actions.Act(m.budget.Context(), call)
	m.budget.Check() // a cancelled run is not a failed call
	return resp, err
}

// actionCall reads the arguments of an action: a map of parameters or nothing,
// and the connection.
func (m *machine) actionCall(name string, args []any) (ActionCall, bool) {
	service, action, _ := strings.Cut(name, ".")
	if len(args) == 0 || len(args) > 2 || strings.Contains(action, ".") {
		return ActionCall{}, false
	}
	call := ActionCall{Service: service, Action: action, Parameters: "{}"}
	var ok bool
	if call.Connection, ok = args[len(args)-1].(string); !ok || len(args) == 1 {
		return call, ok
	}
	parameters, ok := args[0].(*value.Map)
	if ok {
		call.Parameters = value.JSON(m.budget, parameters)
	}
	return call, ok || args[0] == nil
}

// countCall charges a call of a service.
func (m *machine) countCall() {
	if m.requests++; m.requests > m.limits.Calls {
		panic(&value.Limit{Name: "invokeurl_calls", Max: strconv.Itoa(m.limits.Calls)})
	}
	m.budget.Check()
}
