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
	case *Task:
		p.task(x)
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
	for i, a := range args {
		if i > 0 {
			p.WriteString(", ")
		}
		p.expr(a)
	}
	for i, e := range pairs {
		if i > 0 {
			p.WriteString(", ")
		}
		p.entry(e)
	}
	p.WriteByte(')')
}

func (p *printer) task(t *Task) {
	p.WriteString(t.Name.Name)
	p.newline()
	p.WriteByte('[')
	p.indent++
	for _, a := range t.Attrs {
		p.newline()
		p.commentsInline(a.Name.Start)
		p.WriteString(a.Name.Name + ": ")
		p.expr(a.Value)
		p.end = max(p.end, a.Value.Pos().End)
		p.trailing()
	}
	p.commentsBefore(t.End)
	p.indent--
	p.newline()
	p.WriteByte(']')
	p.end = max(p.end, t.End)
}
