package syntax

import "strings"

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
	x := p.queried()
	p.leave()
	return x
}

// queried reads an operand with what orders and cuts its records.
func (p *parser) queried() Expr {
	x := p.operand()
	if p.is(tokIdent) {
		return p.query(x)
	}
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
		p.fail(Unexpected, pairs[0].Key.Pos(), "arguments are either all values or all pairs of key and value", "give every value a key, or none")
	}
	p.expectClose(tokRParen, open.Span)
	return args, pairs
}

func (p *parser) noTrailingComma(closing tokenKind) {
	if p.is(closing) {
		p.report(TrailingComma, p.last(), "comma before "+closing.String(), "remove it")
	}
}
