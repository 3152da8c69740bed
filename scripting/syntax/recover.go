package syntax

// skipStatement moves behind the statement that could not be read: behind its
// semicolon, before the brace that closes its block, or to a line that clearly
// begins another statement. Braces of the statement's own maps and lists that
// are open at the mistake are closed on the way.
func (p *parser) skipStatement(start int) {
	open := p.openBraces(start)
	depth := 0 // of braces opened on the way
	for ; !p.is(tokEOF); p.advance() {
		t := p.tok()
		if p.at > start && depth == 0 && t.newline && p.startsStatement() && (open == 0 || p.startsClearly()) {
			return
		}
		switch t.kind {
		case tokMarkup:
			if depth == 0 && p.at > start {
				return
			}
		case tokLBracket:
			p.overBrackets()
		case tokLBrace:
			depth++
		case tokRBrace:
			switch {
			case depth > 0:
				depth--
				if depth == 0 && open == 0 && p.braceEndsStatement() {
					p.advance()
					return
				}
			case open > 0:
				open--
			case !p.braceOfExpression():
				return
			}
		case tokSemicolon:
			if depth == 0 {
				p.advance()
				return
			}
		}
	}
}

// overBrackets moves to the partner of the bracket at hand, if it has one before
// the statement ends.
func (p *parser) overBrackets() {
	if p.at < p.partnerless {
		return
	}
	brackets, braces := 0, 0
	for n := p.at; n < len(p.tokens); n++ {
		t := &p.tokens[n]
		switch t.kind {
		case tokLBracket:
			brackets++
		case tokRBracket:
			brackets--
			if brackets == 0 {
				p.at = n
				return
			}
		case tokLBrace:
			braces++
		case tokRBrace:
			braces--
		}
		if braces < 0 || t.kind == tokMarkup || t.kind == tokEOF || t.newline && t.word.reserved() {
			p.partnerless = n
			return
		}
	}
}

// openBraces counts the braces between a token and the one at hand that were
// not closed.
func (p *parser) openBraces(start int) int {
	n := 0
	for _, t := range p.tokens[start:p.at] {
		switch t.kind {
		case tokLBrace:
			n++
		case tokRBrace:
			n = max(0, n-1)
		}
	}
	return n
}

// braceOfExpression says whether the closing brace at hand can only belong to a
// map or a list.
func (p *parser) braceOfExpression() bool {
	next := p.ahead(1)
	switch next.kind {
	case tokSemicolon, tokComma, tokRParen, tokRBracket, tokDot, tokColon:
		return !next.newline
	}
	return false
}

// braceEndsStatement says whether the brace at hand closes a block rather than
// a map inside an expression.
func (p *parser) braceEndsStatement() bool {
	switch next := p.ahead(1); next.kind {
	case tokIdent:
		return next.newline && next.word != wordElse && next.word != wordCatch
	case tokRBrace, tokEOF:
		return next.newline || next.kind == tokEOF
	}
	return false
}

// startsStatement says whether the token at hand, the first of its line, can
// hardly be anything but the start of a statement.
func (p *parser) startsStatement() bool {
	t, next := p.tok(), p.ahead(1)
	if t.kind != tokIdent {
		return false
	}
	switch t.word {
	case wordIf, wordFor, wordWhile, wordTry, wordReturn, wordInfo, wordThrow, wordBreak, wordContinue:
		return next.kind != tokColon && next.kind != tokComma
	}
	switch next.kind {
	case tokAssign, tokPlusAssign, tokDot:
		return true
	case tokIdent:
		switch t.word {
		case wordInsert:
			return p.insertAhead()
		case wordDelete:
			return p.wordIs(next, "from")
		case wordUIAction, wordCancel:
			return !next.newline
		}
		return p.functionAhead()
	case tokLBracket:
		return t.word == wordTask
	case tokText:
		return t.word == wordAlert
	}
	return false
}

// leavesBrackets says whether the token at hand shows that the bracket of a
// task was not closed: a statement begins on its line.
func (p *parser) leavesBrackets() bool {
	t := p.tok()
	return t.kind == tokIdent && t.newline && !p.attrAt(0) && !p.equalsAttr() && p.startsClearly()
}

// startsClearly says whether the name at hand begins a statement even where an
// expression was not finished.
func (p *parser) startsClearly() bool {
	t := p.tok()
	return t.word.reserved() || t.word == wordInfo || p.ahead(1).kind == tokAssign
}

// skipTo moves to a token of one of the kinds, over balanced brackets, and
// says whether there is one before the end of the statement.
func (p *parser) skipTo(kinds ...tokenKind) bool {
	depth, start := 0, p.at
	for ; !p.is(tokEOF); p.advance() {
		kind := p.tok().kind
		if p.at > start && p.tok().newline && p.startsStatement() {
			return false
		}
		if depth == 0 {
			for _, k := range kinds {
				if kind == k {
					return true
				}
			}
		}
		switch kind {
		case tokLParen, tokLBracket, tokLBrace:
			depth++
		case tokRParen, tokRBracket, tokRBrace:
			if depth > 0 {
				depth--
			} else if kind == tokRBrace {
				return false
			}
		case tokMarkup:
			return false
		case tokSemicolon:
			if depth == 0 {
				return false
			}
		}
	}
	return false
}
