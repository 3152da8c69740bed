package lib

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/connhost/connhost/scripting/value"
)

// elementKinds are the words for types that list:string() takes, in lower case,
// and what they mean. Any other word leaves the list as it is.
var elementKinds = map[string]string{
	"string": "text", "text": "text",
	"int": "number", "number": "number", "bigint": "number", "long": "number",
	"float": "decimal", "decimal": "decimal", "double": "decimal",
	"bool": "boolean", "boolean": "boolean",
	"date": "date", "datetime": "date", "timestamp": "date",
	"map": "map", "key-value": "map", "list": "list", "file": "file",
}

// TypedList makes what list:string(a, b) gives: a list whose elements are all of
// one type. What is put into it is converted; what cannot be is a *value.Fault.
func TypedList(rt *Runtime, element string, args []any) (any, error) {
	list, err := byName["list"].Call(rt, args)
	if err != nil {
		return nil, err
	}
	l := list.(*value.List)
	kind := elementKinds[strings.ToLower(element)]
	if kind == "" {
		return l, nil
	}
	typed := value.TypedList(kind)
	return byName["append"].Call(rt, []any{typed, l})
}

// fitting returns what v is as an element of l.
func (c call) fitting(l *value.List, v any) any {
	kind := l.Element()
	if kind == "" || v == nil {
		return v
	}
	c.budget().Tick(1)
	// The conversions read argument 0 and name it as receiver of the function.
	one := call{fn: c.fn, rt: c.rt, args: []any{v}}
	switch kind {
	case "text":
		return value.Text(c.budget(), v)
	case "number":
		return toLong(one)
	case "decimal":
		if t, ok := one.arg(0).(value.Time); ok {
			return decimal.NewFromInt(t.UnixMilli())
		}
		return one.decimal(0)
	case "boolean":
		return one.flag(0)
	case "date":
		return one.date(0)
	}
	if have := value.TypeName(v); have != kind {
		value.Throw("a list of %s cannot hold a %s", kind, have)
	}
	return v
}

// put adds v to l as one of its elements.
func (c call) put(l *value.List, v any) { l.Add(c.budget(), c.fitting(l, v)) }

// putEach adds all of items, which may be those of l itself.
func (c call) putEach(l *value.List, items []any) {
	if l.Element() == "" {
		l.AddAll(c.budget(), value.NewList(items...))
		return
	}
	for _, v := range items {
		c.put(l, v)
	}
}
