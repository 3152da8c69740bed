package syntax

import "strings"

// The statements that Creator's forms know.

// productStatement reads a statement of forms that begins here, or returns nil.
func (p *parser) productStatement(t *token) Stmt {
	next := p.ahead(1)
	named := next.kind == tokIdent && !next.newline
	switch t.word {
	case wordDelete:
		if named && p.wordIs(next, "from") {
			return p.deleteStatement()
		}
	case wordCancel:
		if named && p.wordIs(next, "submit") {
			return p.cancelSubmit()
		}
	case wordAlert:
		if !p.nameAhead() {
			return p.alert()
		}
	case wordUIAction:
		if named {
			return p.clientTask()
		}
	}
	return nil
}

func (p *parser) wordIs(t *token, word string) bool {
	return t.kind == tokIdent && strings.EqualFold(p.src.Slice(t.Span), word)
}

func (p *parser) deleteStatement() Stmt {
	s := &Delete{Span: p.advance().Span}
	p.refuse(forms, s.Span, "delete from")
	p.advance()
	s.Source = p.value()
	s.End = s.Source.Pos().End
	p.endAfter(s.Source)
	return s
}

func (p *parser) cancelSubmit() Stmt {
	s := &CancelSubmit{p.advance().Span}
	p.refuse(clientTasks, s.Span, "cancel submit")
	s.End = p.advance().End
	p.end()
	return s
}

func (p *parser) alert() Stmt {
	s := &Alert{Span: p.advance().Span}
	p.refuse(clientTasks, s.Span, "alert")
	s.Value = p.value()
	s.End = s.Value.Pos().End
	p.endAfter(s.Value)
	return s
}

// clientTask reads hide a, b.c;
func (p *parser) clientTask() Stmt {
	t := p.advance()
	s := &ClientTask{Span: t.Span, Action: Ident{t.Span, strings.ToLower(p.src.Slice(t.Span))}}
	p.refuse(clientTasks, t.Span, s.Action.Name)
	for {
		s.Fields = append(s.Fields, p.fieldPath("the name of a field"))
		if !p.accept(tokComma) {
			break
		}
	}
	s.End = p.last().End
	p.end()
	return s
}

// fieldPath reads a name that may be dotted: Address.city.
func (p *parser) fieldPath(what string) Expr {
	p.node()
	name := p.ident(what)
	var x Expr = &Name{name.Span, name.Name}
	for p.is(tokDot) {
		p.link()
		p.advance()
		name := p.memberName()
		x = &Member{Span: x.Pos().To(name.Span), X: x, Name: name}
	}
	return x
}
