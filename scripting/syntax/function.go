package syntax

import "strings"

// functionAhead says whether a function header begins here:
// type [:type] name {.name} ( ... ) {
// Behind one of the usual types what stands in the parentheses may be wrong.
func (p *parser) functionAhead() bool {
	t := p.tok()
	if t.kind != tokIdent || t.word != notKeyword && t.word != wordIndex {
		return false
	}
	n := 1
	if p.ahead(n).kind == tokColon && p.ahead(n+1).kind == tokIdent {
		n += 2
	}
	if p.ahead(n).kind != tokIdent {
		return false
	}
	n++
	for p.ahead(n).kind == tokDot && p.ahead(n+1).kind == tokIdent {
		n += 2
	}
	if p.ahead(n).kind != tokLParen {
		return false
	}
	name := p.src.Slice(t.Span)
	return p.paramsAt(n) || p.functions == 0 && (isTypeName(name) || strings.EqualFold(name, "void"))
}

// paramsAt says whether parameters in parentheses and a block begin n tokens
// on.
func (p *parser) paramsAt(n int) bool {
	const most = 200
	for end := n + most; n < end; {
		n++
		switch p.ahead(n).kind {
		case tokIdent, tokComma, tokColon:
		case tokRParen:
			return p.ahead(n+1).kind == tokLBrace
		default:
			return false
		}
	}
	return false
}

// bareFunctionAhead says whether a header without a type begins here:
// name {.name} ( words ) {
func (p *parser) bareFunctionAhead() bool {
	const farthest = 100
	t := p.tok()
	if t.kind != tokIdent || t.word != notKeyword || p.wordIs(t, "foreach") {
		return false
	}
	n := 1
	for n < farthest && p.ahead(n).kind == tokDot {
		n += 2
	}
	return p.ahead(n).kind == tokLParen && p.paramsAt(n)
}

func (p *parser) typeName() *Type {
	name := p.ident("a type")
	t := &Type{Span: name.Span, Name: name.Name}
	if p.accept(tokColon) {
		elem := p.ident("an element type")
		t.Elem = elem.Name
		t.Span.End = elem.End
	}
	return t
}

// function reads a function; typed says that its header begins with a type.
func (p *parser) function(typed bool) Stmt {
	p.node()
	f := &Function{Span: p.tok().Span}
	if typed {
		f.Result = *p.typeName()
		if isForeignKeyword(f.Result.Name) {
			p.report(ForeignKeyword, f.Result.Span, "Deluge has no "+f.Result.Name, "write the type of the result, or void")
		}
	}
	f.Path = []Ident{p.ident("the name of the function")}
	for p.accept(tokDot) {
		f.Path = append(f.Path, p.memberName())
	}
	open := p.expect(tokLParen, "after the name of the function")
	if !p.try(func() { f.Params = p.params(open.Span) }) && !p.skipTo(tokLBrace) {
		panic(stop{})
	}
	p.functions++
	f.Body = p.block("the body of the function", notKeyword)
	p.functions--
	f.End = f.Body.End
	return f
}

func (p *parser) params(open Span) []Param {
	var list []Param
	for !p.is(tokRParen) {
		var param Param
		if next := p.ahead(1).kind; next == tokIdent || next == tokColon {
			param.Type = p.typeName()
		}
		param.Name = p.ident("the name of a parameter")
		list = append(list, param)
		if !p.accept(tokComma) {
			break
		}
	}
	p.expectClose(tokRParen, open)
	return list
}
