package syntax

// expr writes an expression. Lines that the author broke at operators, dots
// and between items stay broken.
func (p *printer) expr(x Expr) {
	switch x := x.(type) {
	case *Name:
		p.WriteString(x.Name)
	case *Bool:
		p.WriteString(map[bool]string{true: "true", false: "false"}[x.Value])
	case *Null:
		p.WriteString("null")
	case *EmptyLit:
		p.WriteString("{}")
	case *Number:
		p.WriteString(x.Digits)
	case *List:
		p.list(x)
	case *Map:
		p.group('{', '}', x.Span, len(x.Entries), func(i int) Span { return p.entry(x.Entries[i]) })
	case *Unary:
		p.WriteString(string(x.Op))
		p.expr(x.X)
	case *Binary:
		p.binary(x)
	case *Call:
		p.WriteString(x.Func.Name)
		if x.Elem != "" {
			p.WriteString(":" + x.Elem)
		}
		p.args(x.Args, x.Pairs)
	case *Method:
		p.dot(x.X, x.Func)
		p.args(x.Args, x.Pairs)
	case *Member:
		p.dot(x.X, x.Name)
	case *Conditional:
		p.WriteString("if")
		p.args([]Expr{x.Cond, x.Then, x.Else}, nil)
	case *Paren:
		p.WriteByte('(')
		p.expr(x.X)
		p.WriteByte(')')
	case *Fetch:
		p.expr(x.X)
		p.WriteByte('[')
		if x.Criteria != nil {
			p.expr(x.Criteria)
		}
		p.WriteByte(']')
	case *Query:
		p.query(x)
	case *UI:
		p.expr(x.X)
		p.WriteString(":ui")
	case *IsNull:
		p.expr(x.X)
		p.WriteString(map[bool]string{true: " is not null", false: " is null"}[x.Not])
	case *Task:
		p.task(x)
	case *Insert:
		p.insert(x)
	case *Several:
		p.all(x.Items)
	case *Attachment:
		p.WriteString(x.Kind.Name + ":")
		p.expr(x.Value)
		if x.Form != nil {
			p.WriteString(":" + x.Form.Name + " ")
			p.expr(x.Record)
		}
		if x.As != nil {
			p.WriteString(" as " + x.As.Name)
		}
	default:
		p.WriteString(p.src.Slice(x.Pos()))
	}
}

func (p *printer) list(x *List) {
	open, closing := byte('{'), byte('}')
	if x.Brackets {
		open, closing = '[', ']'
	}
	p.group(open, closing, x.Span, len(x.Items), func(i int) Span {
		p.expr(x.Items[i])
		return x.Items[i].Pos()
	})
}

func (p *printer) entry(e Entry) Span {
	p.expr(e.Key)
	p.WriteString(": ")
	p.expr(e.Value)
	return e.Key.Pos().To(e.Value.Pos())
}

// group writes items between brackets, each on a line of its own where the
// author began the first one on a new line.
func (p *printer) group(open, closing byte, span Span, n int, item func(i int) Span) {
	p.WriteByte(open)
	broken := n > 0 && p.breaksAfter(span.Start+1)
	if broken {
		p.indent++
	}
	for i := range n {
		if i > 0 {
			p.WriteByte(',')
		}
		if broken {
			p.newline()
		} else if i > 0 {
			p.WriteByte(' ')
		}
		item(i)
	}
	if broken {
		p.indent--
		p.newline()
	}
	p.WriteByte(closing)
}

// breaksAfter says whether only spaces stand between an offset and the end of
// its line.
func (p *printer) breaksAfter(offset int) bool {
	for i := offset; i < len(p.src.Text); i++ {
		switch p.src.Text[i] {
		case '\n':
			return true
		case ' ', '\t', '\r':
		default:
			return false
		}
	}
	return false
}

// binary writes a chain of operators; it goes down the left side in a loop,
// because that side may be long.
func (p *printer) binary(x *Binary) {
	var chain []*Binary
	var left Expr = x
	for {
		b, ok := left.(*Binary)
		if !ok {
			break
		}
		chain = append(chain, b)
		left = b.X
	}
	p.expr(left)
	for i := len(chain) - 1; i >= 0; i-- {
		b := chain[i]
		p.WriteString(" " + string(b.Op))
		if p.multiline(b.X.Pos().End, b.Y.Pos().Start) {
			p.indent++
			p.newline()
			p.indent--
		} else {
			p.WriteByte(' ')
		}
		p.expr(b.Y)
	}
}

func (p *printer) dot(x Expr, name Ident) {
	p.expr(x)
	if p.multiline(x.Pos().End, name.Start) {
		p.indent++
		p.newline()
		p.indent--
	}
	p.WriteString("." + name.Name)
}

func (p *printer) args(args []Expr, pairs []Entry) {
	p.WriteByte('(')
	p.all(args)
	for i, e := range pairs {
		if i > 0 {
			p.WriteString(", ")
		}
		p.entry(e)
	}
	p.WriteByte(')')
}

// all writes expressions with commas between them.
func (p *printer) all(list []Expr) {
	for i, x := range list {
		if i > 0 {
			p.WriteString(", ")
		}
		p.expr(x)
	}
}

func (p *printer) query(q *Query) {
	p.expr(q.X)
	for i, key := range q.Sort {
		p.WriteString([...]string{" sort by ", ", "}[min(i, 1)])
		p.expr(key.Field)
		if key.Desc {
			p.WriteString(" desc")
		}
	}
	if q.From != nil {
		p.WriteString(" range from ")
		p.expr(q.From)
		p.WriteString(" to ")
		p.expr(q.To)
	}
}

func (p *printer) task(t *Task) {
	p.WriteString(t.Name.Name)
	p.brackets(t.End, len(t.Attrs), func(i int) {
		a := t.Attrs[i]
		p.commentsInline(a.Name.Start)
		p.WriteString(a.Name.Name + ": ")
		p.expr(a.Value)
		p.end = max(p.end, a.Value.Pos().End)
	})
}

func (p *printer) insert(n *Insert) {
	p.WriteString("insert into ")
	p.expr(n.Form)
	p.brackets(n.End, len(n.Fields), func(i int) {
		f := n.Fields[i]
		p.commentsInline(f.Name.Pos().Start)
		p.expr(f.Name)
		p.WriteString(" = ")
		p.expr(f.Value)
		p.end = max(p.end, f.Value.Pos().End)
	})
}

// brackets writes the block of a task, each of its n parts on a line of its
// own with the comments behind it.
func (p *printer) brackets(end, n int, part func(i int)) {
	p.newline()
	p.WriteByte('[')
	p.indent++
	for i := range n {
		p.newline()
		part(i)
		p.trailing()
	}
	p.commentsBefore(end)
	p.indent--
	p.newline()
	p.WriteByte(']')
	p.end = max(p.end, end)
}
