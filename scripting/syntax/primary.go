package syntax

import (
	"strconv"
	"strings"
)

func (p *parser) primary() Expr {
	p.node()
	t := *p.tok()
	switch t.kind {
	case tokText:
		p.advance()
		return &Text{t.Span, p.literal(t)}
	case tokQuoted:
		p.advance()
		return &Quoted{t.Span, p.literal(t)}
	case tokNumber:
		p.advance()
		return p.number(t)
	case tokIdent:
		if t.word == notKeyword {
			p.foreignPrefix()
			t = *p.tok()
		}
		return p.word(t)
	case tokLParen:
		return p.paren()
	case tokLBrace:
		return p.braces()
	case tokLBracket:
		p.advance()
		items := p.items(tokRBracket, t.Span, nil)
		return &List{Span: t.Span.To(p.last()), Brackets: true, Items: items}
	case tokIllegal:
		p.advance()
		return &BadExpr{t.Span}
	}
	p.missingOperand()
	return nil
}

// paren reads an expression in parentheses. They count like operators, not like
// nesting: editors of old wrote ((("a" + b) + c) + d) for every long text.
func (p *parser) paren() Expr {
	p.link()
	open := p.advance().Span
	x := p.queried()
	p.expectClose(tokRParen, open)
	return &Paren{open.To(p.last()), x}
}

// missingOperand fails where an operand should stand.
func (p *parser) missingOperand() {
	p.foreignPair()
	switch t := p.tok(); t.kind {
	case tokSemicolon, tokRParen, tokRBracket, tokRBrace, tokComma:
		p.unexpected("expected a value", "add one before "+t.kind.String())
	}
	p.unexpected("expected a value", "complete the expression")
}

// foreignPair fails at operators of other languages that read as two of ours:
// x++, x -= 1, a <> b, a === b.
func (p *parser) foreignPair() {
	if p.at < 1 {
		return
	}
	// The second sign was read as an operator already where it may be one.
	for _, n := range []int{p.at, p.at - 1} {
		if n < 1 || n >= len(p.tokens) || p.tokens[n-1].End != p.tokens[n].Start {
			continue
		}
		span := p.tokens[n-1].Span.To(p.tokens[n].Span)
		op := p.src.Slice(span)
		switch op {
		case "++", "--":
			p.fail(ForeignSyntax, span, "Deluge has no operator "+op, "write x = x "+op[:1]+" 1")
		case "-=", "*=", "/=", "%=":
			p.fail(ForeignSyntax, span, "Deluge has no operator "+op, "write x = x "+op[:1]+" ...")
		case "<>":
			p.fail(ForeignSyntax, span, "Deluge has no operator <>", "write !=")
		case "===", "!==", "=>":
			p.fail(ForeignSyntax, span, "Deluge has no operator "+op, "write == or !=")
		}
	}
}

// literal gives the value of a text and warns of unknown escapes.
func (p *parser) literal(t token) string {
	value, unknown := unquote(p.src.Slice(t.Span))
	if unknown >= 0 {
		at := Span{t.Start + unknown, t.Start + unknown + 2}
		p.report(UnknownEscape, at, "unknown escape "+p.src.Slice(at), `write \\ for a backslash`)
	}
	return value
}

// maxDigits bounds a decimal literal; products of longer ones cost too much.
const maxDigits = 100

func (p *parser) number(t token) Expr {
	digits := p.src.Slice(t.Span)
	n := &Number{Span: t.Span, Digits: digits, Whole: !strings.Contains(digits, ".")}
	if n.Whole {
		if _, err := strconv.ParseInt(digits, 10, 64); err != nil {
			p.report(BadNumber, t.Span, "number too large", "whole numbers end at 9223372036854775807")
		}
	} else if len(digits) > maxDigits {
		p.report(BadNumber, t.Span, "number with too many digits", "at most 100 are kept")
	}
	return n
}

// foreignPrefix reports the words that stand before values elsewhere, and reads
// over them: new Map(), not x.
func (p *parser) foreignPrefix() {
	for {
		t, next := p.tok(), p.ahead(1)
		if t.kind != tokIdent || t.word != notKeyword || next.kind != tokIdent || next.newline || next.word == wordIn {
			return
		}
		switch second := p.ahead(2).kind; {
		case p.wordIs(t, "new") && second == tokLParen:
			p.report(ForeignSyntax, t.Span, "Deluge has no "+p.src.Slice(t.Span), "write "+p.describe(next)+"()")
		case p.wordIs(t, "not") && second != tokColon && second != tokAssign:
			p.report(ForeignSyntax, t.Span, "Deluge has no operator "+p.src.Slice(t.Span), "use &&, || and !")
		default:
			return
		}
		p.advance()
	}
}

// word reads what begins with a name.
func (p *parser) word(t token) Expr {
	next := p.ahead(1)
	switch t.word {
	case wordTrue, wordFalse:
		p.advance()
		return &Bool{t.Span, t.word == wordTrue}
	case wordNull:
		p.advance()
		return &Null{t.Span}
	case wordIf:
		return p.conditional()
	case wordTask:
		if next.kind == tokLBracket || next.kind == tokLParen && p.attrAt(2) || next.newline && p.attrAt(1) {
			return p.task(p.ident("a value"))
		}
	case wordInsert:
		if p.insertAhead() {
			return p.insert()
		}
	}
	name := p.ident("a value")
	if p.typedListAhead(name) {
		p.advance()
		elem := p.ident("an element type")
		return p.call(name, elem.Name)
	}
	if p.is(tokLParen) {
		return p.call(name, "")
	}
	return &Name{name.Span, name.Name}
}

// typedListAhead says whether list:string() stands here; a name and a colon
// may also be a key in a map.
func (p *parser) typedListAhead(name Ident) bool {
	return p.is(tokColon) && strings.EqualFold(name.Name, "list") && p.ahead(1).kind == tokIdent &&
		p.ahead(2).kind == tokLParen && isTypeName(p.src.Slice(p.ahead(1).Span))
}

func (p *parser) call(name Ident, elem string) Expr {
	c := &Call{Func: name, Elem: elem}
	c.Args, c.Pairs = p.args()
	c.Span = name.Span.To(p.last())
	return c
}

// inlineIfAhead says whether the if at hand is the one with three values; a
// statement seldom begins with it.
func (p *parser) inlineIfAhead() bool {
	const farthest = 1000
	depth := 0
	for n := 1; n < farthest; n++ {
		switch p.ahead(n).kind {
		case tokLParen, tokLBrace, tokLBracket:
			depth++
		case tokRParen, tokRBrace, tokRBracket:
			depth--
			if depth <= 0 {
				return false
			}
		case tokComma:
			if depth == 1 {
				return true
			}
		case tokSemicolon, tokEOF:
			return false
		}
	}
	return false
}

func (p *parser) conditional() Expr {
	word := p.advance()
	open := p.expect(tokLParen, "after if")
	c := &Conditional{Cond: p.expression()}
	p.expect(tokComma, "after the condition of if( , , )")
	c.Then = p.expression()
	p.expect(tokComma, "after the first value of if( , , )")
	c.Else = p.expression()
	p.expectClose(tokRParen, open.Span)
	c.Span = word.Span.To(p.last())
	return c
}

// braces reads {}, a list {a, b} or a map {k: v}.
func (p *parser) braces() Expr {
	open := p.advance().Span
	if p.accept(tokRBrace) {
		return &EmptyLit{open.To(p.last())}
	}
	first := p.expression()
	if !p.is(tokColon) {
		items := p.items(tokRBrace, open, first)
		return &List{Span: open.To(p.last()), Items: items}
	}
	m := &Map{}
	for key := first; ; key = p.expression() {
		p.expect(tokColon, "after the key")
		m.Entries = append(m.Entries, Entry{key, p.expression()})
		if !p.accept(tokComma) {
			break
		}
		if p.noTrailingComma(tokRBrace); p.is(tokRBrace) {
			break
		}
	}
	p.expectClose(tokRBrace, open)
	m.Span = open.To(p.last())
	return m
}

// items reads the rest of a list whose first item may have been read.
func (p *parser) items(closing tokenKind, open Span, first Expr) []Expr {
	var list []Expr
	if first != nil {
		list = append(list, first)
	}
	for !p.is(closing) {
		if len(list) > 0 {
			if !p.accept(tokComma) {
				break
			}
			if p.noTrailingComma(closing); p.is(closing) {
				break
			}
		}
		list = append(list, p.expression())
	}
	p.expectClose(closing, open)
	return list
}
