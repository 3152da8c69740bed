package scripting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// An Env is what a run finds around it. The zero value runs a script that
// calls nothing and prints to nobody. What a script asks of a part that is nil
// is an error that it may catch.
type Env struct {
	Invoker  Invoker
	Info     func(line string) // what info prints, as it comes
	Now      func() time.Time
	Location *time.Location // of dates without a zone; UTC when nil
	// Rand gives a number from 0 up to n, n excluded; nil for one that nobody
	// can foresee.
	Rand func(n int64) int64
	// Function is the one to run, with its namespaces or without. Empty: the
	// body of the script, or its first function when it has no body.
	Function string
	// Args are the arguments of the function by name, or variables that the
	// body finds: texts, or values as ParseArgs gives them.
	Args map[string]any
	// Globals are the objects that the product puts around a script, by name:
	// input, message, crmAPIRequest. Every function sees them. A map may be
	// changed by the script, as a record: input.Status = "done".
	Globals map[string]any
	// JSONBodies sends a text that is JSON as application/json where neither a
	// header nor content-type says what it is. Without it, it is text/plain, as
	// documented.
	JSONBodies bool
	Actions    Actions
	Mailer     Mailer
	Tasks      Tasks
	Forms      Forms
	// Renderer makes PDFs of pages; nil for nobody.
	Renderer lib.Renderer
	Client   func(ClientTask)  // what is done with the page of a person, as it comes
	Page     func(text string) // what an HTML page writes, as it comes
	Hook     func(Step)        // called before every statement; nil for none
}

// A Result is what a run gave.
type Result struct {
	Value any    // nil when nothing was returned
	Text  string // as info would print it
	JSON  json.RawMessage
	Steps int64
}

// ParseArgs reads arguments from a JSON object. Whole numbers stay whole and
// decimals exact.
func ParseArgs(text string) (map[string]any, error) {
	v, err := value.ParseJSON(value.NewBudget(context.Background(), value.Limits{}), text)
	if err != nil {
		return nil, err
	}
	m, ok := v.(*value.Map)
	if !ok {
		return nil, errors.New("the arguments must be a JSON object")
	}
	out := map[string]any{}
	for k, v := range m.All() {
		out[fmt.Sprint(k)] = v
	}
	return out, nil
}

// JSON is a value as JSON text.
func JSON(v any) string {
	return value.JSON(value.NewBudget(context.Background(), value.Limits{}), v)
}

// MapOf makes a map of values, with its keys in that order.
func MapOf(values map[string]any, keys []string) *value.Map {
	b := value.NewBudget(context.Background(), value.Limits{})
	m := value.NewMap()
	for _, k := range keys {
		m.Put(b, k, values[k])
	}
	return m
}

// Run runs the script once. Its error is an *Error. A run ends with ctx.
func (p *Program) Run(ctx context.Context, env Env) (result Result, err error) {
	m := p.machine()
	// A call to a service ends with the run's time, a moment after the budget
	// says so: the limit is then told, and not the cancelled call.
	ctx, cancel := context.WithTimeout(ctx, p.limits.Time+10*time.Millisecond)
	defer cancel()
	m.begin(ctx, env)
	defer func() {
		if r := recover(); r != nil {
			err = m.recovered(r, m.first())
			return // such a machine is not used again
		}
		m.release()
	}()
	fn, err := p.entry(env.Function)
	if err != nil {
		return Result{}, m.fail(syntax.Span{}, err).as(syntax.BadArgument)
	}
	f := m.push(fn)
	defer func() { m.depth, f.err = 0, nil }()
	if err := m.arguments(f, fn, env.Args); err != nil {
		return Result{}, err
	}
	if fn.run(f) == failed {
		return Result{}, f.err
	}
	result = Result{Value: value.Resolve(f.result), Steps: m.budget.Steps()}
	if result.Value != nil {
		result.Text = value.Text(m.budget, result.Value)
		result.JSON = json.RawMessage(value.JSON(m.budget, result.Value))
	}
	return result, nil
}

func (e *Error) as(code syntax.Code) *Error {
	if e.Code == syntax.Internal {
		e.Msg = e.Err.Error()
	}
	e.Code = code
	return e
}

// machine gives one that nobody uses.
func (p *Program) machine() *machine {
	if m, ok := p.machines.Get().(*machine); ok {
		return m
	}
	return newMachine(p)
}

// begin starts a run on the machine.
func (m *machine) begin(ctx context.Context, env Env) {
	m.run = &run{Env: env, limits: m.program.limits, httpErrors: m.program.httpErrors}
	m.wrapRecords()
	m.budget = value.NewBudget(ctx, m.limits.budget())
	m.lib = &lib.Runtime{Budget: m.budget, Now: env.Now, Location: env.Location, Rand: env.Rand, Outside: m, Renderer: env.Renderer}
	if m.lib.Now == nil {
		m.lib.Now = time.Now
	}
	if m.lib.Rand == nil {
		m.lib.Rand = rand.Int64N
	}
	m.depth, m.innerDepth = 0, 0
}

// join makes the machine a part of the run of another one, which calls into
// its file.
func (m *machine) join(caller *machine) {
	m.run, m.budget, m.lib, m.caller, m.depth, m.innerDepth = caller.run, caller.budget, caller.lib, caller, 0, 0
}

// release gives the machine back with nothing of the run in it.
func (m *machine) release() {
	for _, f := range m.frames {
		clear(f.vm.Variables)
		clear(f.vm.Stack[:cap(f.vm.Stack)])
		clear(f.waiting[:cap(f.waiting)])
		f.waiting = f.waiting[:0]
		f.result, f.err = nil, nil
	}
	for _, inner := range m.inner {
		clear(inner.Stack[:cap(inner.Stack)])
	}
	const keep = 32
	m.frames = m.frames[:min(len(m.frames), keep)]
	m.budget, m.lib, m.run, m.caller = nil, nil, nil, nil
	m.program.machines.Put(m)
}

// first is the statement of the entry function that ran last.
func (m *machine) first() syntax.Span {
	if len(m.frames) == 0 {
		return syntax.Span{}
	}
	return m.frames[0].at
}

// recovered is the error of a panic that no expression caught: a limit at a
// statement, or a mistake of ours.
func (m *machine) recovered(r any, at syntax.Span) *Error {
	cause, ok := r.(error)
	if !ok {
		cause = fmt.Errorf("panic: %v", r)
	}
	if e, ok := cause.(*Error); ok {
		return e
	}
	return m.fail(at, cause)
}

// entry finds what to run.
func (p *Program) entry(name string) (*function, error) {
	if name == "" {
		switch {
		case p.body != nil:
			return p.body, nil
		case len(p.functions) > 0:
			return p.functions[0], nil
		}
		return &function{run: sequence(nil)}, nil
	}
	var names []string
	for _, fn := range p.functions {
		if strings.EqualFold(fn.name, name) || strings.EqualFold(lastName(fn.name), name) {
			return fn, nil
		}
		names = append(names, fn.name)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("the script has no function %q, and no other", name)
	}
	return nil, fmt.Errorf("the script has no function %q; it has %s", name, strings.Join(names, ", "))
}

// arguments puts the caller's values into the slots of the function.
func (m *machine) arguments(f *frame, fn *function, args map[string]any) error {
	var missing []string
	known := map[string]bool{}
	for i, p := range fn.params {
		known[p.name] = true
		v, ok := args[p.name]
		if !ok {
			missing = append(missing, p.name)
			continue
		}
		converted, err := m.convert(v, p.kind)
		if err != nil {
			return m.fail(fn.decl.Params[i].Name.Span, fmt.Errorf("the argument %s does not fit: %w", p.name, err)).as(syntax.BadArgument)
		}
		f.vm.Variables[p.slot] = converted
	}
	if fn.decl != nil {
		return m.complete(fn, known, missing, args)
	}
	for name, v := range m.Globals { // a name of the world that the body reads as a variable
		if slot := slices.Index(fn.names, name); slot >= 0 {
			f.vm.Variables[slot] = v
		}
	}
	for name, v := range args {
		if slot := slices.Index(fn.names, name); slot >= 0 {
			f.vm.Variables[slot] = v
		}
	}
	return nil
}

// complete refuses arguments that a function does not take, which a misspelt
// one is too, and the lack of one that it needs.
func (m *machine) complete(fn *function, known map[string]bool, missing []string, args map[string]any) error {
	at := fn.decl.Path[0].Span
	for _, name := range slices.Sorted(maps.Keys(args)) {
		switch {
		case known[name]:
		case len(fn.params) == 0:
			return m.fail(at, fmt.Errorf("%s has no parameter %s; it takes none", fn.name, name)).as(syntax.BadArgument)
		default:
			return m.fail(at, fmt.Errorf("%s has no parameter %s; it takes %s", fn.name, name, parameterNames(fn))).as(syntax.BadArgument)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	noun := "argument"
	if len(missing) > 1 {
		noun = "arguments"
	}
	return m.fail(at, fmt.Errorf("%s needs the %s %s", fn.name, noun, strings.Join(missing, ", "))).as(syntax.BadArgument)
}

func parameterNames(fn *function) string {
	var names []string
	for _, p := range fn.params {
		names = append(names, p.name)
	}
	return strings.Join(names, ", ")
}
