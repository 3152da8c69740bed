package scripting

import (
	"strconv"
	"strings"

	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// A flow says how a statement ended.
type flow int

const (
	next      flow = iota
	broke          // out of the loop around it
	continued      // to the next turn of that loop
	returned       // from the function, with frame.result
	failed         // with frame.err
)

// An exec runs a statement in a frame.
type exec func(*frame) flow

// hooked charges a step for a statement and calls the run's hook, if there is
// one.
func hooked(run exec, span syntax.Span) exec {
	return func(f *frame) flow {
		f.at = span
		f.m.budget.Tick(1)
		f.m.statement()
		if f.m.Hook != nil {
			f.m.Hook(f.step(span))
		}
		return run(f)
	}
}

// looped is hooked for a loop, whose statement counts once a turn.
func looped(run exec, span syntax.Span) exec {
	counted := hooked(run, span)
	return func(f *frame) flow {
		f.m.statements--
		return counted(f)
	}
}

// statement counts one towards the limit of products.
func (r *run) statement() {
	r.statements++
	if most := r.limits.Statements; most > 0 && r.statements > most {
		panic(&value.Limit{Name: "statements", Max: strconv.FormatInt(most, 10)})
	}
}

func sequence(steps []exec) exec {
	switch len(steps) {
	case 0:
		return func(*frame) flow { return next }
	case 1:
		return steps[0]
	}
	return func(f *frame) flow {
		for _, step := range steps {
			if fl := step(f); fl != next {
				return fl
			}
		}
		return next
	}
}

func choose(conds []int, bodies []exec, otherwise exec) exec {
	return func(f *frame) flow {
		for i, cond := range conds {
			v, ok := f.eval(cond)
			if !ok {
				return failed
			}
			if v.(bool) {
				return bodies[i](f)
			}
		}
		if otherwise != nil {
			return otherwise(f)
		}
		return next
	}
}

func assignSlot(expr, slot int) exec {
	return func(f *frame) flow {
		v, ok := f.eval(expr)
		if !ok {
			return failed
		}
		f.vm.Variables[slot] = v
		return next
	}
}

func exprStmt(expr int) exec {
	return func(f *frame) flow {
		if _, ok := f.eval(expr); !ok {
			return failed
		}
		return next
	}
}

func infoStmt(expr int) exec {
	return func(f *frame) flow {
		v, ok := f.eval(expr)
		if !ok {
			return failed
		}
		if f.m.Info != nil {
			f.m.Info(value.Text(f.m.budget, v))
		}
		return next
	}
}

func returnValue(expr int) exec {
	return func(f *frame) flow {
		v, ok := f.eval(expr)
		if !ok {
			return failed
		}
		f.result = v
		return returned
	}
}

func throwStmt(expr int, span syntax.Span) exec {
	return func(f *frame) flow {
		v, ok := f.eval(expr)
		if !ok {
			return failed
		}
		f.err = f.m.fail(span, &thrown{value.Text(f.m.budget, v)})
		return failed
	}
}

func whileStmt(cond int, body exec) exec {
	return func(f *frame) flow {
		for {
			v, ok := f.eval(cond)
			if !ok {
				return failed
			}
			if !v.(bool) {
				return next
			}
			f.m.statement()
			if fl := body(f); fl == broke {
				return next
			} else if fl == returned || fl == failed {
				return fl
			}
			f.turn()
		}
	}
}

// forEachStmt runs its body for what the source held when the loop began. The
// elements stay in a hidden slot, so that they count as held.
func forEachStmt(source, slot, hidden int, index bool, body exec, span syntax.Span) exec {
	return func(f *frame) flow {
		v, ok := f.eval(source)
		if !ok {
			return failed
		}
		items, err := f.m.elements(v)
		if err != nil {
			f.err = f.m.fail(span, err)
			return failed
		}
		f.vm.Variables[hidden] = items
		defer func() { f.vm.Variables[hidden] = nil }()
		for i, item := range items.Items() {
			if index {
				item = int64(i)
			}
			f.vm.Variables[slot] = item
			f.m.statement()
			if fl := body(f); fl == broke {
				break
			} else if fl == returned || fl == failed {
				return fl
			}
			f.turn()
		}
		return next
	}
}

// elements gives what a loop goes over: the elements of a list, the keys of a
// map, and of a text that is a JSON array its elements.
func (m *machine) elements(v any) (*value.List, error) {
	switch x := value.Resolve(v).(type) {
	case *records:
		if !x.single {
			return x.each(m.budget), nil
		}
	case *value.Collection:
		if x.Keyed() {
			return m.elements(x.Map())
		}
		return m.elements(x.List())
	case *value.List:
		l := value.MakeList(m.budget, x.Len())
		l.AddAll(m.budget, x)
		return l, nil
	case *value.Map:
		l := value.MakeList(m.budget, x.Len())
		for k := range x.All() {
			l.Add(m.budget, k)
		}
		return l, nil
	case *value.Empty:
		return value.NewList(), nil
	case string:
		if strings.HasPrefix(strings.TrimSpace(x), "[") {
			if parsed, err := value.ParseJSON(m.budget, x); err == nil {
				return parsed.(*value.List), nil
			}
		}
	}
	return nil, value.Faultf("for each goes over a list, not over %s", value.TypeName(v))
}

// tryStmt runs its handler when the body fails with what a script may catch.
func tryStmt(body, handler exec, slot int) exec {
	return func(f *frame) flow {
		fl := body(f)
		if fl != failed || !f.err.catchable() {
			return fl
		}
		if slot >= 0 {
			f.vm.Variables[slot] = f.err.caught(f.m.budget)
		}
		f.err = nil
		return handler(f)
	}
}
