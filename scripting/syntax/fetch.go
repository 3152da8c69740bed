package syntax

import "strings"

// fetch reads the criteria in brackets behind x.
func (p *parser) fetch(x Expr) Expr {
	p.link()
	open := p.advance().Span
	f := &Fetch{X: x}
	p.criteria++
	if p.is(tokRBracket) {
		p.report(NotInProduct, open, "records without criteria", "select all with [ID != 0]")
	} else {
		f.Criteria = p.expression()
	}
	p.criteria--
	p.expectClose(tokRBracket, open)
	f.Span = x.Pos().To(p.last())
	switch f.Criteria.(type) {
	case *Number, *Text, *Quoted:
		p.report(NotInProduct, open.To(p.last()), "brackets hold criteria, not an index", "write .get("+p.src.Slice(f.Criteria.Pos())+")")
	case nil:
	default:
		p.refuse(forms, open, "selecting records with [ ]")
	}
	return f
}

// query reads what may order and cut the records of x: sort by, range from.
func (p *parser) query(x Expr) Expr {
	q := &Query{X: x}
	for {
		t, next := p.tok(), p.ahead(1)
		switch {
		case len(q.Sort) == 0 && p.wordIs(t, "sort") && p.wordIs(next, "by"):
			p.skipWords(t)
			p.sortKeys(q)
		case q.From == nil && p.wordIs(t, "range") && p.wordIs(next, "from"):
			p.skipWords(t)
			q.From = p.operand()
			if !p.wordIs(p.tok(), "to") {
				p.unexpected("expected to after the start of the range", "write range from 1 to 10")
			}
			p.advance()
			q.To = p.operand()
		default:
			if len(q.Sort) == 0 && q.From == nil {
				return x
			}
			q.Span = x.Pos().To(p.last())
			return q
		}
	}
}

func (p *parser) skipWords(t *token) {
	p.refuse(forms, t.Span, strings.ToLower(p.src.Slice(t.Span.To(p.ahead(1).Span))))
	p.node()
	p.advance()
	p.advance()
}

// operand reads an expression without sort by and range from behind it.
func (p *parser) operand() Expr { return p.binary(p.unary(), lowest) }

func (p *parser) sortKeys(q *Query) {
	for {
		key := SortKey{Field: p.fieldPath("the field to sort by")}
		switch t := p.tok(); {
		case p.wordIs(t, "desc"), p.wordIs(t, "descending"):
			key.Desc = true
			p.advance()
		case p.wordIs(t, "asc"), p.wordIs(t, "ascending"):
			p.advance()
		}
		q.Sort = append(q.Sort, key)
		if !p.is(tokComma) || p.ahead(1).kind != tokIdent || !p.sortKeyAhead() {
			return
		}
		p.advance()
	}
}

// sortKeyAhead says whether what follows the comma at hand is another field to
// sort by rather than another argument of the call around it.
func (p *parser) sortKeyAhead() bool {
	n := 2
	for p.ahead(n).kind == tokDot && p.ahead(n+1).kind == tokIdent {
		n += 2
	}
	t := p.ahead(n)
	switch t.kind {
	case tokSemicolon, tokLBrace, tokComma:
		return true
	}
	return p.wordIs(t, "asc") || p.wordIs(t, "desc") || p.wordIs(t, "range")
}

// uiAhead says whether the colon at hand begins the :ui of a field; it may also
// stand behind a key.
func (p *parser) uiAhead(x Expr) bool {
	if !p.wordIs(p.ahead(1), "ui") || p.tok().newline {
		return false
	}
	switch x.(type) {
	case *Name, *Member:
	default:
		return false
	}
	switch p.ahead(2).kind {
	case tokDot, tokAssign, tokSemicolon:
		return true
	}
	return false
}

// wordInfix reads an operator that is a word: in, not in, contains, like. It
// gives how many tokens it has, 0 for none. Outside criteria only those on the
// same line count, so that a name on the next line is not taken for one.
func (p *parser) wordInfix(t *token) (op Operator, length int) {
	if t.newline && p.criteria == 0 {
		return "", 0
	}
	switch {
	case t.word == wordIn:
		return In, 1
	case p.wordIs(t, "not") && p.ahead(1).word == wordIn:
		return NotIn, 2
	case p.wordIs(t, "contains"):
		return Contains, 1
	case p.wordIs(t, "like"):
		return Like, 1
	}
	return "", 0
}

// isNull reads is null or is not null behind x, if it stands there.
func (p *parser) isNull(x Expr, min precedence) (Expr, bool) {
	t := p.tok()
	if min >= precCompare || !p.wordIs(t, "is") || t.newline && p.criteria == 0 {
		return x, false
	}
	n := 1
	if p.wordIs(p.ahead(n), "not") {
		n++
	}
	if p.ahead(n).word != wordNull {
		return x, false
	}
	p.outsideCriteria(t)
	p.link()
	for range n + 1 {
		p.advance()
	}
	return &IsNull{Span: x.Pos().To(p.last()), X: x, Not: n == 2}, true
}

// outsideCriteria warns of a word operator where it is none in the product.
func (p *parser) outsideCriteria(t *token) {
	if p.criteria > 0 {
		return
	}
	word := strings.ToLower(p.src.Slice(t.Span))
	hint := "write x.contains(y)"
	switch word {
	case "is":
		hint = "write x == null"
	case "in", "not":
		hint = "write list.contains(x)"
	}
	p.report(WordOperator, t.Span, word+" is an operator in criteria only", hint)
}
