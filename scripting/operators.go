package scripting

import (
	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// The functions behind operators and literals. Each is made for a machine, so
// that it charges that machine's budget.
var (
	refTruth = &ref{func(*machine) any { return value.Truth }}
	refNot   = &ref{func(*machine) any { return value.Not }}
	refNeg   = &ref{func(*machine) any { return value.Neg }}
	refPlus  = &ref{func(*machine) any {
		return func(x any) any { return value.Neg(value.Neg(x)) }
	}}
	refConcat = &ref{func(m *machine) any {
		return func(parts ...any) any { return value.Concat(m.budget, parts...) }
	}}
	refEmpty = &ref{func(m *machine) any {
		return func() any { m.budget.Alloc(wordSize); return &value.Empty{} }
	}}
	refList = &ref{func(m *machine) any {
		return func(items ...any) any {
			l := value.MakeList(m.budget, len(items))
			for _, v := range items {
				l.Add(m.budget, v)
			}
			return l
		}
	}}
	refPairs = &ref{func(m *machine) any {
		return func(pairs ...any) any {
			m.budget.AllocTimes(len(pairs), wordSize)
			p := &lib.Pairs{}
			for i := 0; i < len(pairs); i += 2 {
				p.Keys, p.Values = append(p.Keys, pairs[i]), append(p.Values, pairs[i+1])
			}
			return p
		}
	}}
	refMap = &ref{func(m *machine) any {
		return func(pairs ...any) any {
			out := value.NewMap()
			for i := 0; i < len(pairs); i += 2 {
				out.Put(m.budget, pairs[i], pairs[i+1])
			}
			return out
		}
	}}
)

// wordSize is what the smallest thing that a script makes is charged, in bytes.
const wordSize = 16

var arithmetic = map[syntax.Operator]*ref{
	syntax.Add: binaryRef(value.Add),
	syntax.Sub: binaryRef(value.Sub),
	syntax.Mul: binaryRef(value.Mul),
	syntax.Div: binaryRef(value.Div),
	syntax.Mod: binaryRef(value.Mod),
}

var comparisons = map[syntax.Operator]*ref{
	syntax.Equal: {func(m *machine) any {
		return func(x, y any) bool { return value.Equal(m.budget, x, y) }
	}},
	syntax.NotEqual: {func(m *machine) any {
		return func(x, y any) bool { return !value.Equal(m.budget, x, y) }
	}},
	syntax.Less:         {func(*machine) any { return value.Less }},
	syntax.LessEqual:    {func(*machine) any { return value.LessEq }},
	syntax.Greater:      {func(*machine) any { return value.Greater }},
	syntax.GreaterEqual: {func(*machine) any { return value.GreaterEq }},
}

func binaryRef(op func(*value.Budget, any, any) any) *ref {
	return &ref{func(m *machine) any {
		return func(x, y any) any { return op(m.budget, x, y) }
	}}
}

// refIndex is l[i] and m[k].
var refIndex = &ref{func(m *machine) any {
	return func(x, key any) any {
		switch v := value.Resolve(x).(type) {
		case *value.List:
			if i, ok := value.Resolve(key).(int64); ok {
				return v.At(i)
			}
		case *value.Map:
			got, _ := v.Get(value.Resolve(key))
			return got
		case *records:
			if got, ok := v.Call(m.budget, "get", []any{key}); ok {
				return got
			}
		}
		value.Throw("%s has no element %s", value.TypeName(x), value.Clip(value.Text(m.budget, key)))
		return nil
	}
}}

// undefined is what a slot holds before anything was assigned to it.
type undefined struct{}

// refDefined passes a value on unless it is undefined.
func refDefined(name string) *ref {
	return &ref{func(*machine) any {
		return func(x any) any {
			if _, no := x.(undefined); no {
				panic(&notDefined{name})
			}
			return x
		}
	}}
}

// member is x.key without a call: a field of a record, or a key of a map, null
// when it is missing.
func (m *machine) member(x any, key string) any {
	switch v := value.Resolve(x).(type) {
	case *records:
		return v.read(key)
	case *value.Map:
		got, _ := v.Get(key)
		return got
	case *value.Collection:
		if v.Keyed() {
			got, _ := v.Map().Get(key)
			return got
		}
	case *value.Empty:
		return nil
	}
	value.Throw("%s has no field %q", value.TypeName(x), key)
	return nil
}
