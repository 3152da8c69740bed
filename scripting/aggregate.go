package scripting

import (
	"slices"
	"strings"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/value"
)

// aggregates are what is worked out over a field of records: sum(Price). Each
// leaves records without a value out.
var aggregates = map[string]func(*machine, []any) any{
	"count":    func(_ *machine, list []any) any { return int64(len(list)) },
	"sum":      (*machine).sum,
	"average":  func(m *machine, list []any) any { return m.overList("average", list) },
	"median":   func(m *machine, list []any) any { return m.overList("median", list) },
	"minimum":  func(m *machine, list []any) any { return m.extreme(list, -1) },
	"maximum":  func(m *machine, list []any) any { return m.extreme(list, 1) },
	"distinct": func(m *machine, list []any) any { return m.overList("distinct", list) },
	"getall":   func(m *machine, list []any) any { return value.NewList(list...) },
}

// aggregate works out a function over a field of records.
func (m *machine) aggregate(function, field string, r *records) any {
	list := r.values(field)
	if function != "getall" {
		list = slices.DeleteFunc(list, func(v any) bool { return v == nil || v == "" })
	}
	if len(list) == 0 {
		switch function {
		case "count", "sum":
			return int64(0)
		case "distinct", "getall":
			return value.NewList()
		}
		return nil
	}
	return aggregates[function](m, list)
}

func (m *machine) sum(list []any) any {
	var total any = int64(0)
	for _, v := range list {
		total = value.Add(m.budget, total, m.numeric(v))
	}
	return total
}

// numeric is a number, also one that is written as text.
func (m *machine) numeric(v any) any {
	if s, ok := v.(string); ok {
		n, err := value.ParseNumber(strings.TrimSpace(s))
		if err != nil {
			panic(err)
		}
		return n
	}
	return v
}

// extreme is the largest or the smallest, of numbers, dates or texts.
func (m *machine) extreme(list []any, sign int) any {
	best := list[0]
	for _, v := range list[1:] {
		m.budget.Tick(1)
		if m.order(v, best)*sign > 0 {
			best = v
		}
	}
	return best
}

// overList works out a function of the table over the values.
func (m *machine) overList(name string, list []any) any {
	f, ok := lib.Lookup(name)
	if !ok {
		value.Throw("%s cannot be worked out here", name)
	}
	v, err := f.Call(m.lib, []any{value.NewList(list...)})
	if err != nil {
		panic(err)
	}
	return v
}

// order compares values of a field: numbers, dates and texts among themselves,
// what is missing first, and different kinds by their printed forms.
func (m *machine) order(x, y any) int {
	x, y = value.Resolve(x), value.Resolve(y)
	switch {
	case x == nil && y == nil:
		return 0
	case x == nil:
		return -1
	case y == nil:
		return 1
	}
	x, y = m.alike(x, y)
	if ordered(x) && ordered(y) && (value.TypeName(x) == "date") == (value.TypeName(y) == "date") {
		return value.Compare(x, y)
	}
	a, b := value.Text(m.budget, x), value.Text(m.budget, y)
	m.budget.Tick(1 + (len(a)+len(b))/256)
	return strings.Compare(a, b)
}

func ordered(v any) bool {
	switch value.TypeName(v) {
	case "number", "decimal", "date":
		return true
	}
	return false
}

// alike makes two values comparable where one of them is written as text: a
// record that came from JSON has its dates and numbers so. A record in a
// look-up field counts as its ID.
func (m *machine) alike(x, y any) (any, any) {
	return m.like(m.lookedUp(x, y), y), m.like(m.lookedUp(y, x), x)
}

func (m *machine) lookedUp(v, other any) any {
	fields, ok := v.(*value.Map)
	if !ok || value.TypeName(other) == "map" {
		return v
	}
	if id := readField(fields, idField); id != nil {
		return id
	}
	return v
}

func (m *machine) like(v, other any) any {
	s, ok := v.(string)
	if !ok {
		return v
	}
	switch value.TypeName(other) {
	case "date":
		if t, err := value.ParseDate(s, m.lib.Location); err == nil {
			return t
		}
	case "number", "decimal":
		if n, err := value.ParseNumber(strings.TrimSpace(s)); err == nil {
			return n
		}
	case "boolean":
		if strings.EqualFold(s, "true") || strings.EqualFold(s, "false") {
			return strings.EqualFold(s, "true")
		}
	}
	return v
}
