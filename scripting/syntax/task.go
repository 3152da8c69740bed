package syntax

import "strings"

// task reads invokeurl [ name: value ... ].
func (p *parser) task() Expr {
	name := p.ident("the name of the task")
	open := p.advance().Span
	task := &Task{Name: name}
	for !p.is(tokRBracket) {
		if p.is(tokEOF) || p.is(tokRBrace) {
			p.fail(OpenBracket, open, "[ is never closed", "add ]")
		}
		if !p.try(func() { task.Attrs = append(task.Attrs, p.attr(open)) }) {
			p.skipAttr()
			task.Attrs = append(task.Attrs, Attr{Ident{Span: p.tok().Span}, &BadExpr{p.tok().Span}})
		}
		p.separator(open)
	}
	p.advance()
	task.Span = name.Span.To(p.last())
	return task
}

// attr reads an attribute; its name may have several words.
func (p *parser) attr(open Span) Attr {
	t := *p.tok()
	if !p.attrAhead() {
		if p.is(tokSemicolon) || p.startsStatement() {
			p.fail(OpenBracket, open, "[ is never closed", "add ]")
		}
		p.unexpected("expected the name of an attribute", "write name: value")
	}
	var name Ident
	for !p.is(tokColon) {
		word := p.advance()
		if word.kind == tokIdent && name.Name != "" && !strings.HasSuffix(name.Name, "-") {
			name.Name += " "
		}
		name.Name += strings.ToLower(p.src.Slice(word.Span))
	}
	name.Span = t.Span.To(p.last())
	p.advance()
	return Attr{name, p.expression()}
}

// attrAhead says whether an attribute begins here: a name of words, joined by
// white space or -, and a colon.
func (p *parser) attrAhead() bool {
	const mostWords = 4
	n := 0
	for range mostWords {
		if p.ahead(n).kind != tokIdent {
			return false
		}
		n++
		switch p.ahead(n).kind {
		case tokColon:
			return true
		case tokMinus:
			n++
		}
	}
	return false
}

// separator tolerates a comma or semicolon between attributes.
func (p *parser) separator(open Span) {
	t := p.tok()
	if t.kind != tokComma && t.kind != tokSemicolon {
		return
	}
	p.advance()
	if !p.is(tokRBracket) && !p.attrAhead() {
		p.fail(OpenBracket, open, "[ is never closed", "add ]")
	}
	p.report(TaskSeparator, t.Span, t.kind.String()+" between attributes", "attributes are separated by white space only")
}

// skipAttr moves to the next attribute on a line of its own, or to the end of
// the block.
func (p *parser) skipAttr() {
	depth := 0
	for ; !p.is(tokEOF); p.advance() {
		t := p.tok()
		if depth <= 0 && t.newline && p.attrAhead() {
			return
		}
		switch t.kind {
		case tokLParen, tokLBracket, tokLBrace:
			depth++
		case tokRParen, tokRBrace:
			depth--
		case tokRBracket:
			if depth <= 0 {
				return
			}
			depth--
		case tokSemicolon:
			return
		}
	}
}
