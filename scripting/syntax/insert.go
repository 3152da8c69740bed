package syntax

// insertAhead says whether insert into begins here.
func (p *parser) insertAhead() bool {
	next := p.ahead(1)
	return p.wordIs(next, "into") && !next.newline && p.ahead(2).kind == tokIdent
}

// insert reads insert into Form [ Field = value ... ].
func (p *parser) insert() Expr {
	n := &Insert{Span: p.advance().Span}
	p.refuse(forms, n.Span, "insert into")
	p.advance()
	n.Form = p.fieldPath("the name of a form")
	open, closing := p.openFields()
	for !p.is(closing) {
		if p.leavesFields() {
			p.notClosed(open, closing)
		}
		if !p.try(func() { n.Fields = append(n.Fields, p.field()) }) {
			p.skipField(closing)
			n.Fields = append(n.Fields, Field{&BadExpr{p.tok().Span}, &BadExpr{p.tok().Span}})
		}
		if t := p.tok(); t.kind == tokComma || t.kind == tokSemicolon {
			p.separated("fields")
		}
	}
	p.advance()
	n.End = p.last().End
	return n
}

// leavesFields says whether the token at hand shows that the bracket was not
// closed.
func (p *parser) leavesFields() bool {
	t, next := p.tok(), p.ahead(1)
	switch t.kind {
	case tokEOF, tokRBrace, tokMarkup:
		return true
	}
	return t.newline && p.startsStatement() && next.kind != tokAssign && next.kind != tokDot
}

// openFields reads the bracket that begins the fields, and gives the kind of
// its partner. Parentheses are tolerated, and so is a bracket that is missing
// where fields follow.
func (p *parser) openFields() (open Span, closing tokenKind) {
	open = p.tok().Span
	switch {
	case p.accept(tokLBracket):
		return open, tokRBracket
	case p.accept(tokLParen):
		p.report(TaskSeparator, open, "fields in parentheses", "write insert into Form [ Field = value ]")
		return open, tokRParen
	}
	const message = "expected [ after the name of the form"
	const hint = "write insert into Form [ Field = value ]"
	if !p.tok().newline || !p.fieldAt() {
		p.unexpected(message, hint)
	}
	p.report(Unexpected, open, message, hint)
	return open, tokRBracket
}

// fieldAt says whether a field begins here: Name.part = or Name.part :
func (p *parser) fieldAt() bool {
	if !p.is(tokIdent) {
		return false
	}
	n := 1
	for p.ahead(n).kind == tokDot && p.ahead(n+1).kind == tokIdent {
		n += 2
	}
	kind := p.ahead(n).kind
	return kind == tokAssign || kind == tokColon
}

// field reads Name.part = value.
func (p *parser) field() Field {
	name := p.fieldPath("the name of a field")
	if !p.accept(tokColon) {
		p.expect(tokAssign, "after the name of the field")
	}
	return Field{name, p.expression()}
}

// skipField moves to the next field on a line of its own, or to the end of the
// block.
func (p *parser) skipField(closing tokenKind) {
	depth := 0
	for ; !p.is(tokEOF) && !p.is(tokMarkup); p.advance() {
		t := p.tok()
		if t.newline && t.kind == tokIdent && (p.fieldAt() || t.word.reserved()) {
			return
		}
		switch t.kind {
		case tokSemicolon:
			return
		case tokLParen, tokLBracket, tokLBrace:
			depth++
		case tokRParen, tokRBracket, tokRBrace:
			if depth <= 0 && t.kind == closing {
				return
			}
			depth--
		}
	}
}
