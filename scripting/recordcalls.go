package scripting

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// ofRecords compiles the methods that take the name of a field, or work on a
// field of records: Orders[c].sum(Price), o.Items.insert(row), rows.F.getAll().
// What they meet that is no record goes to the function of the table.
func (l *lowering) ofRecords(n *syntax.Method) (ast.Node, bool) {
	function := strings.ToLower(n.Func.Name)
	if member, ok := n.X.(*syntax.Member); ok && function == "insert" && len(n.Pairs) == 0 {
		return l.insertRows(n, member), true
	}
	if _, known := aggregates[function]; !known || len(n.Args) > 1 || len(n.Pairs) > 0 {
		return nil, false
	}
	x, field := n.X, ""
	switch {
	case len(n.Args) == 1:
		if field = l.fieldName(n.Args[0]); field == "" {
			return nil, false
		}
	case function == "getall":
		if member, ok := n.X.(*syntax.Member); ok {
			return l.allOf(n, member), true
		}
	default:
		if function == "distinct" || function == "average" || function == "median" {
			return nil, false // of lists
		}
	}
	source, _ := l.recordSource(x)
	return l.call(n.Span, typeOf1, &ref{func(m *machine) any {
		return func(x any) any {
			r, ok := value.Resolve(x).(*records)
			switch {
			case ok && field != "":
				return m.aggregate(function, field, r)
			case ok:
				if v, done := r.Call(m.budget, function, nil); done {
					return v
				}
			case field != "":
				return m.table(n.Func.Name, []any{x, field})
			}
			return m.table(n.Func.Name, []any{x})
		}
	}}, source), true
}

// overRecords compiles count(Orders[c]): what records have as a method may be
// called as a plain function, as everything may, unless something else has the
// name.
func (l *lowering) overRecords(n *syntax.Call) (ast.Node, bool) {
	if _, known := aggregates[strings.ToLower(n.Func.Name)]; !known || len(n.Args) == 0 || len(n.Pairs) > 0 {
		return nil, false
	}
	if _, builtin := lib.Lookup(n.Func.Name); builtin || l.sibling(n.Func.Name) != nil {
		return nil, false
	}
	return l.ofRecords(&syntax.Method{Span: n.Span, X: n.Args[0], Func: n.Func, Args: n.Args[1:]})
}

// fieldName is the field that an argument names: a bare word that is no
// variable, perhaps dotted.
func (l *lowering) fieldName(e syntax.Expr) string {
	switch e.(type) {
	case *syntax.Name, *syntax.Member:
	default:
		return ""
	}
	path, ok := l.path(e)
	if _, constant := lib.LookupConstant(path); !ok || constant || isProduct(firstName(path)) {
		return ""
	}
	return fieldPath(e)
}

// allOf is records.Field.getAll().
func (l *lowering) allOf(n *syntax.Method, member *syntax.Member) ast.Node {
	field := member.Name.Name
	source, _ := l.recordSource(member.X)
	return l.call(n.Span, typeOf1, &ref{func(m *machine) any {
		return func(x any) any {
			r, ok := value.Resolve(x).(*records)
			if !ok {
				return m.table("getAll", []any{m.member(x, field)})
			}
			if rows, ok := r.read(field).(*records); ok && len(r.rows) == 1 {
				return rows
			}
			return m.aggregate("getall", field, r)
		}
	}}, source)
}

// insertRows is record.Field.insert(row).
func (l *lowering) insertRows(n *syntax.Method, member *syntax.Member) ast.Node {
	field := member.Name.Name
	args := append([]ast.Node{l.lower(member.X)}, l.arguments(n.Args, n.Pairs, n.Span)...)
	return l.call(n.Span, typeOfMany, &ref{func(m *machine) any {
		return func(args ...any) any {
			if r, ok := value.Resolve(args[0]).(*records); ok {
				r.addRows(field, args[1:])
				return nil
			}
			return m.table("insert", append([]any{m.member(args[0], field)}, args[1:]...))
		}
	}}, args...)
}

// table calls a function of the table by its name.
func (m *machine) table(name string, args []any) any {
	f, ok := lib.Lookup(name)
	if !ok {
		value.Throw("%s has no function %q", value.TypeName(args[0]), name)
	}
	v, err := f.Call(m.lib, args)
	if err != nil {
		panic(err)
	}
	return v
}

// setField compiles record.Field = value: of one record, of all that criteria
// choose, or of a part of a composite field.
func (c *builder) setField(n *syntax.Assign, target *syntax.Member) exec {
	x := n.Value
	if n.Add {
		x = &syntax.Binary{Span: n.Span, Op: syntax.Add, OpSpan: n.Target.Pos(), X: n.Target, Y: n.Value}
	}
	_, inner := target.X.(*syntax.Member)
	field := target.Name.Name
	l := &lowering{builder: c}
	node := l.call(n.Span, typeOf2, &ref{func(m *machine) any {
		return func(v, x any) any {
			m.setField(x, field, v, inner)
			return nil
		}
	}}, l.lower(x), l.lower(target.X))
	return exprStmt(c.add(l, node))
}

// setField sets a field of a record. A map is one only as a part of a record.
func (m *machine) setField(x any, field string, v any, inner bool) {
	switch r := value.Resolve(x).(type) {
	case *records:
		r.set(field, v)
		return
	case *value.Map:
		if inner {
			r.Put(m.budget, field, v)
			return
		}
		value.Throw("a map has no fields to set: write put(%q, ...)", field)
	case nil:
		value.Throw("there is no record whose field %q could be set", field)
	}
	value.Throw("%s has no field %q to set", value.TypeName(x), field)
}

// deleteStmt compiles delete from Form[criteria].
func (c *builder) deleteStmt(n *syntax.Delete) exec {
	l := &lowering{builder: c}
	source, _ := l.recordSource(n.Source)
	node := l.call(n.Span, typeOf1, &ref{func(m *machine) any {
		return func(x any) any {
			m.deleteRecords(x)
			return nil
		}
	}}, source)
	return exprStmt(c.add(l, node))
}

// newRow is Form.Sub(): a row of a sub-form that is not yet in a record. It is
// one where no function has the name and the run knows the form.
func (m *machine) newRow(name string) any {
	if m.Forms == nil {
		panic(&Missing{"function", name})
	}
	form, _, _ := strings.Cut(name, ".")
	if _, err := m.Forms.Records(m.budget.Context(), form); err != nil {
		panic(&Missing{"function", name})
	}
	return m.row()
}

// row is a row that is not yet in a record.
func (m *machine) row() any {
	return &records{m: m, rows: []*value.Map{value.NewMap()}, single: true}
}
