package syntax

import (
	"strconv"
	"strings"
)

type precedence int

const (
	lowest precedence = iota
	precOr
	precAnd
	precEqual
	precCompare
	precAdd
	precMul
)

// An infix is an operator between operands with its rank. A single = compares
// wherever an expression stands; assignments are read before.
type infix struct {
	prec precedence
	op   Operator
}

var infixes = [...]infix{
	tokOr:  {precOr, Or},
	tokAnd: {precAnd, And},

	tokEqual: {precEqual, Equal}, tokAssign: {precEqual, Equal}, tokNotEqual: {precEqual, NotEqual},

	tokLess: {precCompare, Less}, tokGreater: {precCompare, Greater},
	tokLessEqual: {precCompare, LessEqual}, tokGreaterEqual: {precCompare, GreaterEqual},

	tokPlus: {precAdd, Add}, tokMinus: {precAdd, Sub},

	tokStar: {precMul, Mul}, tokSlash: {precMul, Div}, tokPercent: {precMul, Mod},

	tokOutput: {},
}

// value reads an expression where a statement wants one.
func (p *parser) value() Expr {
	p.chain = 0
	return p.expression()
}

func (p *parser) expression() Expr {
	p.enter()
	x := p.operand()
	if p.is(tokIdent) {
		x = p.query(x)
	}
	p.leave()
	return x
}

// binary reads the operators that follow x and bind tighter than min.
func (p *parser) binary(x Expr, min precedence) Expr {
	for {
		t := p.tok()
		in, length := infixes[t.kind], 1
		if t.kind == tokIdent {
			if y, ok := p.isNull(x, min); ok {
				x = y
				continue
			}
			in.op, length = p.wordInfix(t)
			if length > 0 {
				in.prec = precCompare
			}
		}
		if in.prec <= min {
			p.foreignOperator(t)
			return x
		}
		span := t.Span.To(p.ahead(length - 1).Span)
		if t.kind == tokIdent {
			p.outsideCriteria(t)
		}
		for range length {
			p.advance()
		}
		p.link()
		y := p.unary()
		if next := infixes[p.tok().kind]; next.prec > in.prec || p.is(tokIdent) {
			y = p.binary(y, in.prec)
		}
		x = &Binary{Span: x.Pos().To(y.Pos()), Op: in.op, OpSpan: span, X: x, Y: y}
	}
}

// foreignOperator refuses the words that are operators elsewhere.
func (p *parser) foreignOperator(t *token) {
	if t.kind != tokIdent || t.newline || p.ahead(1).kind == tokColon || p.ahead(1).kind == tokAssign {
		return
	}
	switch word := strings.ToLower(p.src.Slice(t.Span)); word {
	case "and", "or", "not":
		p.fail(ForeignSyntax, t.Span, "Deluge has no operator "+word, "use &&, || and !")
	}
}

// unary reads an operand with the operators before it. A minus binds looser
// than a method: -2.5.round(0) is -(2.5.round(0)).
func (p *parser) unary() Expr {
	t := *p.tok()
	switch t.kind {
	case tokMinus, tokNot, tokPlus:
	default:
		return p.postfix(p.primary())
	}
	p.advance()
	if t.kind == tokMinus && p.leastNumber() {
		p.node()
		n := p.advance()
		return p.postfix(&Number{Span: t.Span.To(n.Span), Digits: "-" + leastDigits, Whole: true})
	}
	p.enter()
	p.node()
	x := p.unary()
	p.leave()
	return &Unary{Span: t.Span.To(x.Pos()), Op: Operator(t.kind.String()), X: x}
}

// leastDigits are the digits of the least whole number, whose positive does
// not exist.
const leastDigits = "9223372036854775808"

func (p *parser) leastNumber() bool {
	return p.is(tokNumber) && p.src.Slice(p.tok().Span) == leastDigits
}

// postfix reads the dots and brackets that follow x.
func (p *parser) postfix(x Expr) Expr {
	for {
		switch t := p.tok(); t.kind {
		case tokDot:
			p.link()
			p.advance()
			x = p.dotted(x)
		case tokLBracket:
			if name, ok := dottedName(x); ok && p.attrAt(1) {
				x = p.task(Ident{x.Pos(), name})
			} else {
				x = p.fetch(x)
			}
		case tokColon:
			if !p.uiAhead(x) {
				return x
			}
			p.link()
			p.advance()
			x = &UI{x.Pos().To(p.advance().Span), x}
			p.refuse(clientTasks, x.Pos(), ":ui")
		default:
			return x
		}
	}
}

// dottedName gives the name that x is, as it is written without its spaces.
func dottedName(x Expr) (string, bool) {
	switch x := x.(type) {
	case *Name:
		return x.Name, true
	case *Member:
		left, ok := dottedName(x.X)
		return left + "." + x.Name.Name, ok
	}
	return "", false
}

func (p *parser) dotted(x Expr) Expr {
	name := p.memberName()
	if !p.is(tokLParen) {
		return &Member{Span: x.Pos().To(name.Span), X: x, Name: name}
	}
	m := &Method{X: x, Func: name}
	m.Args, m.Pairs = p.args()
	m.Span = x.Pos().To(p.last())
	return m
}

// args reads arguments in parentheses: values, or pairs of key and value.
func (p *parser) args() (args []Expr, pairs []Entry) {
	open := p.advance()
	for !p.is(tokRParen) {
		x := p.expression()
		if p.accept(tokColon) {
			pairs = append(pairs, Entry{x, p.expression()})
		} else {
			args = append(args, x)
		}
		if !p.accept(tokComma) {
			break
		}
		p.noTrailingComma(tokRParen)
	}
	if len(args) > 0 && len(pairs) > 0 {
		p.report(Unexpected, pairs[0].Key.Pos(), "arguments are either all values or all pairs of key and value", "give every value a key, or none")
	}
	p.expectClose(tokRParen, open.Span)
	return args, pairs
}

func (p *parser) noTrailingComma(closing tokenKind) {
	if p.is(closing) {
		p.report(TrailingComma, p.last(), "comma before "+closing.String(), "remove it")
	}
}

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
		return p.word(t)
	case tokLParen:
		p.advance()
		x := p.expression()
		p.expectClose(tokRParen, t.Span)
		return &Paren{t.Span.To(p.last()), x}
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
		if next.kind == tokLBracket || next.kind == tokLParen && p.attrAt(2) {
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
