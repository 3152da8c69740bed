package syntax

// condition reads ( expr ). A mistake in it does not cost the body.
func (p *parser) condition(after string) Expr {
	var x Expr
	start := p.tok().Span
	ok := p.try(func() {
		open := p.expect(tokLParen, "after "+after)
		x = p.expression()
		p.expectClose(tokRParen, open.Span)
	})
	if ok {
		return x
	}
	p.toBody()
	return &BadExpr{start}
}

// toBody moves to the block of a header that could not be read.
func (p *parser) toBody() {
	if p.halted || !p.skipTo(tokLBrace) {
		panic(stop{})
	}
}

func (p *parser) ifStatement() Stmt {
	s := &If{Span: p.tok().Span}
	for {
		p.advance()
		cond := p.condition("if")
		s.Clauses = append(s.Clauses, Clause{cond, p.body("the branch", wordElse)})
		p.joinIsland(wordElse)
		if p.tok().word != wordElse {
			break
		}
		p.advance()
		p.node()
		if p.tok().word != wordIf {
			s.Else = p.body("the else branch", notKeyword)
			break
		}
	}
	if t := p.tok(); p.wordIs(t, "elseif") || p.wordIs(t, "elsif") || p.wordIs(t, "elif") {
		p.fail(ForeignSyntax, t.Span, "Deluge has no "+p.src.Slice(t.Span), "write else if")
	}
	s.End = p.last().End
	return s
}

func (p *parser) while() Stmt {
	s := &While{Span: p.advance().Span}
	p.refuse(whileLoop, s.Span, "while")
	s.Cond = p.condition("while")
	s.Body = p.body("the loop", notKeyword)
	s.End = s.Body.Pos().End
	return s
}

func (p *parser) forEach() Stmt {
	s := &ForEach{Span: p.advance().Span}
	if !p.try(func() { p.forHeader(s) }) {
		p.toBody()
		s.Source = &BadExpr{s.Span}
	}
	s.Body = p.body("the loop", notKeyword)
	s.End = s.Body.Pos().End
	return s
}

// forHeader reads what stands between for and the body.
func (p *parser) forHeader(s *ForEach) {
	switch {
	case p.tok().word == wordEach:
		p.advance()
	case p.wordIs(&p.tokens[p.at-1], "foreach"):
		if p.is(tokLParen) {
			panic(stop{}) // it was told that there is no foreach
		}
	default:
		p.fail(ForeignSyntax, p.tok().Span, "expected each after for", "write for each x in list { ... }")
	}
	if p.tok().word == wordIndex && p.ahead(1).kind == tokIdent && p.ahead(1).word != wordIn {
		s.Index = true
		p.advance()
	}
	s.Var = p.ident("the variable of the loop")
	if p.tok().word != wordIn {
		p.unexpected("expected in after the variable of the loop", "write for each x in list { ... }")
	}
	p.advance()
	s.Source = p.value()
}

func (p *parser) tryStatement() Stmt {
	s := &Try{Span: p.advance().Span}
	s.Body = p.block("the try block", wordCatch)
	p.joinIsland(wordCatch)
	if p.tok().word != wordCatch {
		if p.openBlock {
			panic(stop{}) // it was told that the try block has no end
		}
		p.unexpected("expected catch after the try block", "write catch (e) { ... }")
	}
	p.advance()
	if !p.try(func() { p.catchHeader(s) }) {
		p.toBody()
	}
	s.Catch = p.block("the catch block", notKeyword)
	s.End = s.Catch.End
	if t := p.tok(); p.wordIs(t, "finally") && p.ahead(1).kind == tokLBrace {
		p.fail(ForeignSyntax, t.Span, "Deluge has no finally", "write its statements behind the catch block")
	}
	return s
}

// catchHeader reads the variable: (e), (Exception e), e, or nothing.
func (p *parser) catchHeader(s *Try) {
	switch {
	case p.is(tokLParen):
		open := p.advance()
		if p.ahead(1).kind == tokIdent {
			s.Type = p.typeName()
		}
		if !p.is(tokRParen) || s.Type != nil {
			name := p.ident("the variable of the error")
			s.Var = &name
		}
		p.expectClose(tokRParen, open.Span)
	case p.is(tokIdent):
		name := p.ident("the variable of the error")
		s.Var = &name
	}
}
