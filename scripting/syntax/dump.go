package syntax

import (
	"fmt"
	"strings"
)

// Dump shows the tree of a file as nested lists, one statement a line and
// without places; two texts with the same dump mean the same. It is for tests.
func Dump(f *File) string {
	d := &dumper{}
	for _, s := range f.Stmts {
		d.stmt(s)
	}
	return d.String()
}

type dumper struct {
	strings.Builder
	indent int
}

func (d *dumper) line(format string, args ...any) {
	d.WriteString(strings.Repeat("  ", d.indent))
	fmt.Fprintf(d, format, args...)
	d.WriteByte('\n')
}

func (d *dumper) inside(s Stmt) {
	if s == nil {
		return
	}
	d.indent++
	d.stmt(s)
	d.indent--
}

func (d *dumper) stmt(s Stmt) {
	switch s := s.(type) {
	case *Function:
		d.line("function %s %s(%s)", dumpType(&s.Result), s.Name(), dumpParams(s.Params))
		d.inside(s.Body)
	case *Block:
		d.line("block")
		for _, inner := range s.Stmts {
			d.inside(inner)
		}
	case *Empty:
		d.line("empty")
	case *If:
		for i, c := range s.Clauses {
			d.line("%s %s", [...]string{"if", "elseif"}[min(i, 1)], dumpExpr(c.Cond))
			d.inside(c.Body)
		}
		if s.Else != nil {
			d.line("else")
			d.inside(s.Else)
		}
	case *ForEach:
		d.line("for index=%v %s in %s", s.Index, s.Var.Name, dumpExpr(s.Source))
		d.inside(s.Body)
	case *While:
		d.line("while %s", dumpExpr(s.Cond))
		d.inside(s.Body)
	case *Try:
		d.line("try")
		d.inside(s.Body)
		d.line("catch %s %s", dumpType(s.Type), dumpIdent(s.Var))
		d.inside(s.Catch)
	case *Assign:
		d.line("set %s %s add=%v %s", dumpType(s.Type), dumpExpr(s.Target), s.Add, dumpExpr(s.Value))
	default:
		d.simple(s)
	}
}

func (d *dumper) simple(s Stmt) {
	switch s := s.(type) {
	case *Return:
		if s.Value == nil {
			d.line("return")
			return
		}
		d.line("return %s", dumpExpr(s.Value))
	case *Info:
		d.line("info %s", dumpExpr(s.Value))
	case *Throw:
		d.line("throw %s", dumpExpr(s.Value))
	case *Break:
		d.line("break")
	case *Continue:
		d.line("continue")
	case *ExprStmt:
		d.line("do %s", dumpExpr(s.X))
	case *Alert:
		d.line("alert %s", dumpExpr(s.Value))
	case *CancelSubmit:
		d.line("cancel submit")
	case *ClientTask:
		d.line("client %s%s", s.Action.Name, dumpAll(s.Fields))
	case *Delete:
		d.line("delete %s", dumpExpr(s.Source))
	case *Markup:
		d.line("markup %q", s.Text)
	case *Output:
		d.line("output %s", dumpExpr(s.Value))
	default:
		d.line("bad")
	}
}

func dumpType(t *Type) string {
	if t == nil {
		return "-"
	}
	if t.Elem != "" {
		return t.Name + ":" + t.Elem
	}
	return t.Name
}

func dumpIdent(i *Ident) string {
	if i == nil {
		return "-"
	}
	return i.Name
}

func dumpParams(params []Param) string {
	var list []string
	for _, p := range params {
		list = append(list, dumpType(p.Type)+" "+p.Name.Name)
	}
	return strings.Join(list, ", ")
}

func dumpExpr(x Expr) string {
	switch x := x.(type) {
	case *Name:
		return x.Name
	case *Text:
		return fmt.Sprintf("%q", x.Value)
	case *Quoted:
		return fmt.Sprintf("(quoted %q)", x.Value)
	case *Number:
		return x.Digits
	case *Bool:
		return fmt.Sprint(x.Value)
	case *Null:
		return "null"
	case *EmptyLit:
		return "{}"
	case *List:
		return fmt.Sprintf("(list %v%s)", x.Brackets, dumpAll(x.Items))
	case *Map:
		return "(map" + dumpEntries(x.Entries) + ")"
	case *Unary:
		return fmt.Sprintf("(%s %s)", x.Op, dumpExpr(x.X))
	case *Binary:
		return fmt.Sprintf("(%s %s %s)", x.Op, dumpExpr(x.X), dumpExpr(x.Y))
	case *Call:
		return fmt.Sprintf("(call %s:%s%s%s)", x.Func.Name, x.Elem, dumpAll(x.Args), dumpEntries(x.Pairs))
	case *Method:
		return fmt.Sprintf("(method %s %s%s%s)", x.Func.Name, dumpExpr(x.X), dumpAll(x.Args), dumpEntries(x.Pairs))
	case *Member:
		return fmt.Sprintf("(member %s %s)", dumpExpr(x.X), x.Name.Name)
	case *Conditional:
		return fmt.Sprintf("(if %s %s %s)", dumpExpr(x.Cond), dumpExpr(x.Then), dumpExpr(x.Else))
	case *Paren:
		return fmt.Sprintf("(paren %s)", dumpExpr(x.X))
	}
	return dumpBlock(x)
}

// dumpBlock shows what belongs to tasks and records.
func dumpBlock(x Expr) string {
	switch x := x.(type) {
	case *Task:
		text := "(task " + strings.ToLower(x.Name.Name)
		for _, a := range x.Attrs {
			text += fmt.Sprintf(" [%s %s]", a.Name.Name, dumpExpr(a.Value))
		}
		return text + ")"
	case *Several:
		return fmt.Sprintf("(several%s)", dumpAll(x.Items))
	case *Attachment:
		if x.Form != nil {
			return fmt.Sprintf("(%s %s %s %s %s)", x.Kind.Name, dumpExpr(x.Value), x.Form.Name, dumpExpr(x.Record), dumpIdent(x.As))
		}
		return fmt.Sprintf("(%s %s %s)", x.Kind.Name, dumpExpr(x.Value), dumpIdent(x.As))
	case *Fetch:
		if x.Criteria == nil {
			return fmt.Sprintf("(fetch %s)", dumpExpr(x.X))
		}
		return fmt.Sprintf("(fetch %s %s)", dumpExpr(x.X), dumpExpr(x.Criteria))
	case *Query:
		return dumpQuery(x)
	case *Insert:
		text := "(insert " + dumpExpr(x.Form)
		for _, f := range x.Fields {
			text += fmt.Sprintf(" [%s %s]", dumpExpr(f.Name), dumpExpr(f.Value))
		}
		return text + ")"
	case *UI:
		return fmt.Sprintf("(ui %s)", dumpExpr(x.X))
	case *IsNull:
		return fmt.Sprintf("(null not=%v %s)", x.Not, dumpExpr(x.X))
	}
	return "bad"
}

func dumpQuery(q *Query) string {
	text := "(query " + dumpExpr(q.X)
	for _, key := range q.Sort {
		text += fmt.Sprintf(" [%s desc=%v]", dumpExpr(key.Field), key.Desc)
	}
	if q.From != nil {
		text += fmt.Sprintf(" %s..%s", dumpExpr(q.From), dumpExpr(q.To))
	}
	return text + ")"
}

func dumpAll(list []Expr) string {
	var b strings.Builder
	for _, x := range list {
		b.WriteString(" " + dumpExpr(x))
	}
	return b.String()
}

func dumpEntries(list []Entry) string {
	var b strings.Builder
	for _, e := range list {
		b.WriteString(" " + dumpExpr(e.Key) + ":" + dumpExpr(e.Value))
	}
	return b.String()
}
