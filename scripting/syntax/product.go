package syntax

import "strings"

// Constructs that belong to a product are recognised, so that a script that
// holds them gets one clear sentence for each and is read on behind it.

// productStatement reads over a statement of a product that begins here, or
// returns nil.
func (p *parser) productStatement(t *token) Stmt {
	next := p.ahead(1)
	named := next.kind == tokIdent && !next.newline
	switch t.word {
	case wordInsert:
		if named && p.wordIs(next, "into") {
			return p.unsupported("insert into")
		}
	case wordDelete:
		if named && p.wordIs(next, "from") {
			return p.unsupported("delete from")
		}
	case wordCancel:
		if named && p.wordIs(next, "submit") {
			return p.unsupported("cancel submit")
		}
	case wordAlert:
		if next.kind != tokLParen && !p.nameAhead() {
			return p.unsupported("alert")
		}
	case wordUIAction:
		if named {
			return p.unsupported(strings.ToLower(p.src.Slice(t.Span)))
		}
	}
	return nil
}

func (p *parser) wordIs(t *token, word string) bool {
	return strings.EqualFold(p.src.Slice(t.Span), word)
}

// unsupported reports the product statement at hand and moves behind it.
func (p *parser) unsupported(what string) Stmt {
	start := p.tok().Span
	p.report(NotSupported, start, what+" is not supported yet", "")
	p.advance()
	if !p.skipTo(tokLBracket) {
		panic(stop{})
	}
	p.skipBrackets()
	if t := p.tok(); !t.newline && t.kind != tokSemicolon {
		panic(stop{})
	}
	p.accept(tokSemicolon)
	return &BadStmt{start.To(p.last())}
}

// unsupportedBrackets reports a product expression that ends with the bracket
// at hand, and moves behind it.
func (p *parser) unsupportedBrackets(span Span, what string) Expr {
	p.report(NotSupported, span, what+" is not supported yet", "")
	p.skipBrackets()
	return &BadExpr{span.To(p.last())}
}

// recordSuffix skips what orders and limits records: sort by, range from.
func (p *parser) recordSuffix(x Expr) Expr {
	t := p.tok()
	if t.kind != tokIdent || !p.wordIs(t, "sort") && !p.wordIs(t, "range") {
		return x
	}
	if next := p.ahead(1); !p.wordIs(next, "by") && !p.wordIs(next, "from") {
		return x
	}
	if _, bad := x.(*BadExpr); !bad {
		p.report(NotSupported, t.Span, p.src.Slice(t.Span.To(p.ahead(1).Span))+" is not supported yet", "")
	}
	p.skipTo(tokLBrace, tokSemicolon)
	return &BadExpr{x.Pos().To(p.last())}
}
