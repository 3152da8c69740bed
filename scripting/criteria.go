package scripting

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// Criteria choose records: Orders[Status == "open" && Total > limit]. On the
// left of a comparison stands a field; elsewhere a name is a variable if there
// is one, and a field otherwise. A field that came as text is read as what it
// is compared with: a number or a date.

// A criteria says where the lowering of criteria finds the record at hand. It stands
// in a hidden slot.
type criteria struct {
	slot   int
	fields bool // names are fields, whatever variables there are
}

// fetch compiles Form[criteria], records[criteria] or list[index].
func (l *lowering) fetch(n *syntax.Fetch) ast.Node {
	source, form := l.recordSource(n.X)
	if path, ok := l.path(n.X); ok && !form && !isProduct(firstName(path)) {
		source, form = l.call(n.X.Pos(), typeOf0, &ref{func(m *machine) any {
			return func() any { return m.openForm(path) }
		}}), true
	}
	if n.Criteria == nil {
		return source
	}
	if !form && isIndex(n.Criteria) {
		return l.call(n.Span, typeOf2, refIndex, source, l.lower(n.Criteria))
	}
	slot := l.scope.hidden()
	inner := &lowering{builder: l.builder, criteria: &criteria{slot: slot}}
	expr := l.add(inner, inner.truth(n.Criteria))
	return l.call(n.Span, typeOf1, &ref{func(m *machine) any {
		return func(x any) any { return m.choose(x, expr, slot) }
	}}, source)
}

// isIndex says whether what stands in brackets is a place in a list.
func isIndex(e syntax.Expr) bool {
	switch e.(type) {
	case *syntax.Number, *syntax.Text, *syntax.Quoted, *syntax.Name:
		return true
	}
	return false
}

// recordSource compiles what records are taken from, and says whether it is a form:
// a name that is neither a variable nor an object of the world. The caller of a
// body may have given a value of that name all the same.
func (l *lowering) recordSource(e syntax.Expr) (ast.Node, bool) {
	if q, ok := e.(*syntax.Query); ok {
		return l.query(q), false
	}
	path, ok := l.path(e)
	name, plain := e.(*syntax.Name)
	switch {
	case !ok || isProductValue(path):
		return l.lower(e), false
	case plain:
		if _, constant := lib.LookupConstant(path); constant {
			return l.lower(e), false
		}
		path = name.Name
	case isNamespace(firstName(path)):
		path = strings.TrimPrefix(path, firstName(path)+".")
	case l.scope.fn.decl == nil:
		return l.lower(e), false // of a variable that the caller may give
	}
	given := plain && l.scope.fn.decl == nil
	return l.call(e.Pos(), typeOf0, &ref{func(m *machine) any {
		return func() any {
			if v, ok := m.Args[path]; ok && given {
				return v
			}
			if v, ok := m.Globals[path]; ok && given {
				return v
			}
			return m.openForm(path)
		}
	}}), true
}

func firstName(path string) string {
	first, _, _ := strings.Cut(path, ".")
	return first
}

// query compiles what orders and cuts records.
func (l *lowering) query(n *syntax.Query) ast.Node {
	source, _ := l.recordSource(n.X)
	args := []ast.Node{source}
	if n.From != nil {
		args = append(args, l.lower(n.From), l.lower(n.To))
	}
	var keys []sortKey
	for _, k := range n.Sort {
		keys = append(keys, sortKey{fieldPath(k.Field), k.Desc})
	}
	return l.call(n.Span, typeOfMany, &ref{func(m *machine) any {
		return func(args ...any) any {
			v := args[0]
			if len(keys) > 0 {
				v = m.sortRecords(v, keys)
			}
			if len(args) == 3 {
				v = m.cut(v, args[1], args[2])
			}
			return v
		}
	}}, args...)
}

// fieldPath is a field as it is written: a name, perhaps dotted.
func fieldPath(e syntax.Expr) string {
	switch n := e.(type) {
	case *syntax.Name:
		return n.Name
	case *syntax.Member:
		return fieldPath(n.X) + "." + n.Name.Name
	}
	return ""
}

// wordOperator says whether an operator is one of criteria.
func wordOperator(op syntax.Operator) bool {
	switch op {
	case syntax.In, syntax.NotIn, syntax.Contains, syntax.Like:
		return true
	}
	return false
}

// isField says whether a name in criteria is a field: on the left of a
// comparison, and wherever nothing else has the name.
func (l *lowering) isField(name string) bool {
	if l.global(name) || isProduct(name) {
		return false
	}
	if _, constant := lib.LookupConstant(name); constant {
		return false
	}
	_, variable := l.scope.slots[name]
	return !variable || l.criteria.fields
}

// asFields compiles what stands on the left of a comparison.
func (l *lowering) asFields(e syntax.Expr, fields bool) ast.Node {
	if l.criteria == nil {
		return l.lower(e)
	}
	before := l.criteria.fields
	l.criteria.fields = fields
	defer func() { l.criteria.fields = before }()
	return l.lower(e)
}

// comparison compiles a comparison of criteria.
func (l *lowering) comparison(n *syntax.Binary) ast.Node {
	x, y := l.asFields(n.X, true), l.asFields(n.Y, false)
	op := n.Op
	return l.call(n.Span, typeOf2Bool, &ref{func(m *machine) any {
		return func(x, y any) bool { return m.compare(op, x, y) }
	}}, x, y)
}

// isNull is x is null, and x is not null.
func (l *lowering) isNull(n *syntax.IsNull) ast.Node {
	return l.call(n.Span, typeOf1Bool, &ref{func(m *machine) any {
		return func(x any) bool {
			x = m.plainOf(x)
			return (x == nil || x == "") != n.Not
		}
	}}, l.asFields(n.X, true))
}

// insert compiles insert into Form [ Field = value ].
func (l *lowering) insert(n *syntax.Insert) ast.Node {
	form := fieldPath(n.Form)
	if isNamespace(firstName(form)) {
		form = strings.TrimPrefix(form, firstName(form)+".")
	}
	var names []string
	var values []ast.Node
	for _, f := range n.Fields {
		names = append(names, fieldPath(f.Name))
		values = append(values, l.lower(f.Value))
	}
	return l.call(n.Span, typeOfMany, &ref{func(m *machine) any {
		return func(values ...any) any { return m.insertRecord(form, names, values) }
	}}, values...)
}

// field reads a field of the record at hand.
func (l *lowering) field(name string, span syntax.Span) ast.Node {
	if !slices.Contains(l.slots, l.criteria.slot) {
		l.slots = append(l.slots, l.criteria.slot)
	}
	return l.call(span, typeOf1, &ref{func(*machine) any {
		return func(x any) any { return x.(*records).read(name) }
	}}, at(slotNode(l.criteria.slot), span))
}

// choose gives the records that fulfil the criteria.
func (m *machine) choose(x any, expr, slot int) any {
	r, isList := m.asRecords(x)
	f := m.frames[m.depth-1]
	program, err := m.expr(expr)
	if err != nil {
		panic(err)
	}
	inner := m.nested()
	defer func() { m.innerDepth-- }()
	inner.Variables = f.vm.Variables
	defer func() { inner.Variables = nil }()
	out := &records{m: m, form: r.form, owner: r.owner, field: r.field}
	before := inner.Variables[slot]
	defer func() { f.vm.Variables[slot] = before }()
	for i := range r.rows {
		m.budget.Tick(1)
		inner.Variables[slot] = r.one(i)
		v, err := inner.Run(program, nil)
		if err != nil {
			panic(&placed{m.failed(err)})
		}
		if v.(bool) {
			m.budget.Alloc(wordSize)
			out.rows = append(out.rows, r.rows[i])
		}
	}
	if isList {
		return value.Resolve(out.Plain(m.budget))
	}
	return out
}

// nested gives a machine of expr for criteria, which run inside an expression.
func (m *machine) nested() *vm.VM {
	m.budget.Enter()
	defer m.budget.Leave()
	if m.innerDepth == len(m.inner) {
		m.inner = append(m.inner, &vm.VM{})
	}
	m.innerDepth++
	return m.inner[m.innerDepth-1]
}

// asRecords takes records, and lists of maps as such.
func (m *machine) asRecords(x any) (r *records, isList bool) {
	switch v := value.Resolve(x).(type) {
	case *records:
		return v, false
	case nil, *value.Empty:
		return &records{m: m}, false
	case *value.List:
		if rows, ok := m.rowsOf(nil, "", v).(*records); ok {
			return rows, true
		}
		if v.Len() == 0 {
			return &records{m: m}, false
		}
	}
	value.Throw("criteria choose among records, not from %s", article(value.TypeName(x)))
	return nil, false
}

// A sortKey orders records by a field.
type sortKey struct {
	field string
	desc  bool
}

func (m *machine) sortRecords(x any, keys []sortKey) any {
	r, _ := m.asRecords(x)
	out := *r
	out.rows = slices.Clone(r.rows)
	m.budget.AllocTimes(len(out.rows), wordSize)
	slices.SortStableFunc(out.rows, func(a, b *value.Map) int {
		m.budget.Tick(1)
		for _, k := range keys {
			if n := m.order(m.pathOf(a, k.field), m.pathOf(b, k.field)); n != 0 {
				if k.desc {
					return -n
				}
				return n
			}
		}
		return 0
	})
	return &out
}

// pathOf reads a dotted field.
func (m *machine) pathOf(row *value.Map, path string) any {
	var v any
	for part := range strings.SplitSeq(path, ".") {
		if row == nil {
			return nil
		}
		v = readField(row, part)
		row, _ = v.(*value.Map)
	}
	return v
}

// cut gives the records from one place to another, counted from 1 and both
// included; from 0 is from 1.
func (m *machine) cut(x, from, to any) any {
	first, ok1 := value.Resolve(from).(int64)
	last, ok2 := value.Resolve(to).(int64)
	if !ok1 || !ok2 {
		value.Throw("range from takes whole numbers, not %s and %s", value.TypeName(from), value.TypeName(to))
	}
	if list, ok := value.Resolve(x).(*value.List); ok {
		n := int64(list.Len())
		first, last = max(first, 1), min(last, n)
		out := value.NewList()
		for i := first; i <= last; i++ {
			out.Add(m.budget, list.Items()[i-1])
		}
		return out
	}
	r, _ := m.asRecords(x)
	out := *r
	first, last = max(first, 1), min(last, int64(len(r.rows)))
	out.rows = nil
	if first <= last {
		out.rows = r.rows[first-1 : last : last]
	}
	return &out
}

// compare is a comparison of criteria.
func (m *machine) compare(op syntax.Operator, x, y any) bool {
	x, y = m.plainOf(x), m.plainOf(y)
	switch op {
	case syntax.Equal:
		return m.same(x, y)
	case syntax.NotEqual:
		return !m.same(x, y)
	case syntax.In:
		return m.within(x, y)
	case syntax.NotIn:
		return !m.within(x, y)
	case syntax.Contains:
		return m.holds(x, y)
	case syntax.Like:
		return m.matches(x, y)
	}
	if x == nil || y == nil {
		return false // nothing is neither more nor less
	}
	x, y = m.alike(x, y)
	switch op {
	case syntax.Less:
		return value.Less(x, y)
	case syntax.LessEqual:
		return value.LessEq(x, y)
	case syntax.Greater:
		return value.Greater(x, y)
	}
	return value.GreaterEq(x, y)
}

func (m *machine) plainOf(v any) any {
	v = value.Resolve(v)
	if o, ok := v.(value.Object); ok {
		return value.Resolve(o.Plain(m.budget))
	}
	return v
}

// same compares for equality: a field that is a list is equal to what it
// holds, and nothing is equal to an empty text.
func (m *machine) same(x, y any) bool {
	if list, ok := x.(*value.List); ok {
		if _, both := y.(*value.List); !both {
			return m.within(y, list)
		}
	}
	if x == nil && y == "" || x == "" && y == nil {
		return true
	}
	x, y = m.alike(x, y)
	return value.Equal(m.budget, x, y)
}

// within says whether a list holds a value.
func (m *machine) within(x, list any) bool {
	items, ok := list.(*value.List)
	if !ok {
		if _, empty := list.(*value.Empty); empty || list == nil {
			return false
		}
		return m.same(x, list)
	}
	for _, item := range items.Items() {
		if m.same(x, m.plainOf(item)) {
			return true
		}
	}
	return false
}

// holds is contains: a list holds a value, a text a part of it.
func (m *machine) holds(x, y any) bool {
	switch v := x.(type) {
	case *value.List:
		return m.within(y, v)
	case nil, *value.Empty:
		return false
	}
	text := value.Text(m.budget, x)
	m.budget.Tick(1 + len(text)/64)
	return strings.Contains(text, value.Text(m.budget, y))
}

// matches is like: % stands for any text, in any letter case; without one the
// text is looked for anywhere.
func (m *machine) matches(x, y any) bool {
	if x == nil {
		return false
	}
	text, pattern := strings.ToLower(value.Text(m.budget, x)), strings.ToLower(value.Text(m.budget, y))
	m.budget.Tick(1 + (len(text)+len(pattern))/16)
	if !strings.Contains(pattern, "%") {
		return strings.Contains(text, pattern)
	}
	parts := strings.Split(pattern, "%")
	last := len(parts) - 1
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1:last] {
		m.budget.Tick(1 + len(text)/64)
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return strings.HasSuffix(text, parts[last])
}
