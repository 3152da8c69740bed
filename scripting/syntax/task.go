package syntax

import "strings"

// task reads the block of a task whose name was read: [ name: value ... ].
// Parentheses in place of the brackets are tolerated.
func (p *parser) task(name Ident) Expr {
	closing, open := tokRBracket, p.tok().Span
	switch {
	case p.accept(tokLBracket):
	case p.accept(tokLParen):
		closing = tokRParen
		p.report(TaskSeparator, open, "a task in parentheses", "write "+name.Name+" [ name: value ]")
	default:
		open = name.Span
		p.report(Unexpected, p.tok().Span, "expected [ after "+name.Name, "add [")
	}
	task := &Task{Name: name}
	for !p.is(closing) {
		if p.is(tokEOF) || p.is(tokRBrace) || p.is(tokMarkup) || p.leavesBrackets() {
			p.notClosed(open, closing)
		}
		if !p.try(func() { task.Attrs = append(task.Attrs, p.attr(open, closing)) }) {
			p.skipAttr(closing)
			task.Attrs = append(task.Attrs, Attr{Ident{Span: p.tok().Span}, &BadExpr{p.tok().Span}})
		}
		p.separator(open, closing)
	}
	p.advance()
	task.Span = name.Span.To(p.last())
	return task
}

// attr reads an attribute; its name may have several words.
func (p *parser) attr(open Span, closing tokenKind) Attr {
	t := *p.tok()
	if p.equalsAttr() {
		name := p.ident("the name of an attribute")
		name.Name = strings.ToLower(name.Name)
		p.report(Unexpected, p.advance().Span, "expected : after "+name.Name+", found =", "write "+name.Name+": value")
		return Attr{name, p.attrValue(name)}
	}
	if !p.attrAt(0) {
		if p.is(tokSemicolon) || p.startsStatement() {
			p.notClosed(open, closing)
		}
		p.unexpected("expected the name of an attribute", "write name: value")
	}
	p.node()
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
	return Attr{name, p.attrValue(name)}
}

// attrAt says whether an attribute begins n tokens on: a name of words on one
// line, joined by white space or -, and a colon.
func (p *parser) attrAt(n int) bool {
	const mostWords = 4
	for i := range mostWords {
		t := p.ahead(n)
		if t.kind != tokIdent || i > 0 && t.newline {
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

// equalsAttr says whether one of the usual attributes begins here with = in place
// of its colon; other names with = are assignments behind a missing bracket.
func (p *parser) equalsAttr() bool {
	t := p.tok()
	if t.kind != tokIdent || p.ahead(1).kind != tokAssign {
		return false
	}
	switch strings.ToLower(p.src.Slice(t.Span)) {
	case "url", "type", "headers", "parameters", "body", "connection", "from", "to", "cc", "bcc", "subject", "message":
		return true
	}
	return false
}

// attrValue reads one value, or several with commas between them.
func (p *parser) attrValue(name Ident) Expr {
	first := p.attrItem(name)
	if !p.anotherItem(name) {
		return first
	}
	s := &Several{Items: []Expr{first}}
	for p.anotherItem(name) {
		p.advance()
		s.Items = append(s.Items, p.attrItem(name))
	}
	s.Span = first.Pos().To(p.last())
	return s
}

// anotherItem says whether the comma at hand leads to another value, rather
// than to another attribute.
func (p *parser) anotherItem(name Ident) bool {
	if !p.is(tokComma) {
		return false
	}
	switch p.ahead(1).kind {
	case tokRBracket, tokRParen, tokEOF:
		return false
	}
	return !p.attrAt(1) || takesAttachments(name) && p.attachmentAt(1)
}

func (p *parser) attrItem(name Ident) Expr {
	if takesAttachments(name) && p.attachmentAt(0) {
		return p.attachment()
	}
	if t, next := p.tok(), p.ahead(1); t.newline && t.kind == tokIdent && next.kind == tokColon && !p.wordIs(t, "list") {
		p.fail(Unexpected, name.Span, "the attribute "+name.Name+" has no value", "write "+name.Name+": value")
	}
	return p.expression()
}

func takesAttachments(name Ident) bool {
	return name.Name == "attachments" || name.Name == "attachment"
}

// attachmentAt says whether kind:value stands n tokens on.
func (p *parser) attachmentAt(n int) bool {
	t := p.ahead(n)
	if t.kind != tokIdent || p.ahead(n+1).kind != tokColon {
		return false
	}
	switch strings.ToLower(p.src.Slice(t.Span)) {
	case "file", "view", "template", "record", "page", "report":
		return true
	}
	return false
}

// attachment reads kind:value as FORMAT, or template:Name:Form record as FORMAT.
func (p *parser) attachment() Expr {
	kind := p.advance()
	p.advance()
	a := &Attachment{Kind: Ident{kind.Span, strings.ToLower(p.src.Slice(kind.Span))}}
	a.Value = p.expression()
	if p.accept(tokColon) {
		form := p.ident("the form of the record")
		a.Form = &form
		a.Record = p.expression()
	}
	if p.wordIs(p.tok(), "as") {
		p.advance()
		format := p.ident("a format")
		a.As = &format
	}
	a.Span = kind.Span.To(p.last())
	return a
}

// separator tolerates a comma or semicolon between attributes.
func (p *parser) separator(open Span, closing tokenKind) {
	t := p.tok()
	if t.kind != tokComma && t.kind != tokSemicolon {
		return
	}
	if next := p.ahead(1); next.kind != closing && !p.attrAt(1) {
		p.notClosed(open, closing)
	}
	p.separated("attributes")
}

// skipAttr moves to the next attribute on a line of its own, or to the end of
// the block.
func (p *parser) skipAttr(closing tokenKind) {
	depth := 0
	for ; !p.is(tokEOF) && !p.is(tokMarkup); p.advance() {
		t := p.tok()
		if depth <= 0 && (t.newline && p.attrAt(0) || p.leavesBrackets()) {
			return
		}
		switch t.kind {
		case tokSemicolon:
			return
		case tokLParen, tokLBracket, tokLBrace:
			depth++
		case tokRParen, tokRBrace, tokRBracket:
			if depth <= 0 && t.kind == closing {
				return
			}
			depth--
		}
	}
}

func (p *parser) notClosed(open Span, closing tokenKind) {
	p.fail(OpenBracket, open, p.src.Slice(open)+" is never closed", "add "+closing.String())
}

// separated reads over a comma or semicolon where only white space should
// separate.
func (p *parser) separated(what string) {
	t := p.advance()
	p.report(TaskSeparator, t.Span, t.kind.String()+" between "+what, what+" are separated by white space only")
}
