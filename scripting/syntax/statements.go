package syntax

import "strings"

// file reads everything.
func (p *parser) file() []Stmt {
	var list []Stmt
	for !p.is(tokEOF) {
		if p.skipEmptyMarkup() {
			continue
		}
		if p.is(tokRBrace) {
			p.report(OpenBracket, p.tok().Span, "} without an opening brace", "remove it")
			inside := p.braceOfExpression()
			p.advance()
			if inside {
				p.skipStatement(p.at)
			}
			p.orphan = true // an else behind it was told with it
			continue
		}
		if word := p.tok().word; word != wordElse && word != wordCatch {
			p.orphan = false
		}
		list = append(list, p.recoverable(p.topLevel))
	}
	return list
}

func (p *parser) topLevel() Stmt {
	p.openBlock = false
	if p.functionAhead() {
		return p.function(true)
	}
	if p.bareFunctionAhead() {
		p.report(NoResultType, p.tok().Span, "a function without a result type", "write void before its name")
		return p.function(false)
	}
	return p.statement()
}

// recoverable reads a statement; where that fails it skips it.
func (p *parser) recoverable(read func() Stmt) (s Stmt) {
	start := p.at
	at := p.mark()
	defer func() {
		if s == nil {
			p.recovered(recover(), at)
			p.skipStatement(start)
			s = p.unread(start)
		}
	}()
	return read()
}

// unread is the statement that was skipped from start to here. One that began to
// give a variable a value is still known to do so: its uses are no mistakes.
func (p *parser) unread(start int) Stmt {
	span := p.tokens[start].Span.To(p.last())
	name, next := p.tokens[start], p.tokens[min(start+1, len(p.tokens)-1)]
	if name.kind != tokIdent || name.word.reserved() || next.kind != tokAssign {
		return &BadStmt{span}
	}
	value, last := Span{next.Span.End, next.Span.End}, p.at-1
	if p.tokens[last].kind == tokSemicolon {
		last--
	}
	if last > start+1 {
		value = p.tokens[start+2].Span.To(p.tokens[last].Span)
	}
	return &Assign{Span: span, Target: &Name{name.Span, p.src.Slice(name.Span)}, Value: &BadExpr{value}}
}

func (p *parser) statement() Stmt {
	p.node()
	p.chain = 0
	t := p.tok()
	switch t.kind {
	case tokLBrace:
		return p.block("a block", notKeyword)
	case tokSemicolon:
		p.advance()
		return &Empty{t.Span}
	case tokMarkup, tokOutput:
		return p.page()
	case tokIdent:
		if s := p.keywordStatement(t); s != nil {
			return s
		}
	}
	if p.functionAhead() {
		p.report(MisplacedFunc, t.Span, "a function inside a block", "move it to the top of the file")
		return p.function(true)
	}
	if word := p.meantKeyword(t); word != "" {
		p.report(Unexpected, t.Span, "no statement begins with "+p.describe(t), "did you mean "+word+"?")
		t.word = lookupKeyword(strings.Fields(word)[0])
		if s := p.keywordStatement(t); s != nil {
			return s
		}
	}
	return p.simple()
}

// meantKeyword gives the keyword that was mistyped where a name begins a
// statement but a value or a block follows it, or "".
func (p *parser) meantKeyword(t *token) string {
	if t.kind != tokIdent || t.word != notKeyword || t.End-t.Start < 3 || p.declarationAhead() {
		return ""
	}
	name, next := p.src.Slice(t.Span), p.ahead(1)
	switch {
	case next.kind == tokLBrace:
		return Suggest(name, []string{"else", "try"})
	case next.newline:
		return ""
	case next.word == wordEach, strings.EqualFold(name, "foreach"):
		return "for each"
	case next.kind == tokLParen:
		if word := Suggest(name, []string{"if", "while"}); word != "" && p.blockBehind(1) {
			return word
		}
		return ""
	case next.word == wordIf:
		return Suggest(name, []string{"else"})
	case next.kind == tokText || next.kind == tokNumber || next.kind == tokIdent && next.word == notKeyword && p.ahead(2).kind != tokColon:
		return Suggest(name, []string{"return", "info", "throw", "alert"})
	}
	return ""
}

// blockBehind says whether a block begins behind the parenthesis n tokens on.
func (p *parser) blockBehind(n int) bool {
	const farthest = 1000
	depth := 0
	for end := n + farthest; n < end; n++ {
		switch p.ahead(n).kind {
		case tokLParen:
			depth++
		case tokRParen:
			depth--
			if depth == 0 {
				return p.ahead(n+1).kind == tokLBrace
			}
		case tokSemicolon, tokEOF:
			return false
		}
	}
	return false
}

// keywordStatement reads a statement that a keyword begins, or returns nil
// when the word is a plain name here.
func (p *parser) keywordStatement(t *token) Stmt {
	switch t.word {
	case wordIf:
		if p.inlineIfAhead() {
			return nil
		}
		return p.ifStatement()
	case wordFor:
		return p.forEach()
	case wordWhile:
		return p.while()
	case wordTry:
		return p.tryStatement()
	case wordReturn:
		return p.returnStatement()
	case wordBreak:
		p.advance()
		p.end()
		return &Break{t.Span}
	case wordContinue:
		p.advance()
		p.end()
		return &Continue{t.Span}
	case wordInfo, wordThrow:
		if p.nameAhead() {
			return nil
		}
		return p.valueStatement()
	case wordElse:
		return p.stray("else without if", "it must follow the } of an if")
	case wordCatch:
		return p.stray("catch without try", "it must follow the } of a try")
	}
	return p.productStatement(t)
}

// stray reports an else or catch that follows nothing, and reads what follows
// it.
func (p *parser) stray(message, hint string) Stmt {
	t := p.advance()
	if !p.orphan {
		p.report(Unexpected, t.Span, message, hint)
	}
	if t.word == wordCatch {
		p.toBody()
	}
	return p.body("the branch", notKeyword)
}

// nameAhead says whether the contextual keyword at hand is a variable:
// info = 1; info.put(..);
func (p *parser) nameAhead() bool {
	switch p.ahead(1).kind {
	case tokAssign, tokPlusAssign, tokDot:
		return true
	}
	return false
}

func (p *parser) valueStatement() Stmt {
	t := p.advance()
	value := p.value()
	p.endAfter(value)
	span := t.Span.To(value.Pos())
	if t.word == wordThrow {
		return &Throw{span, value}
	}
	return &Info{span, value}
}

func (p *parser) returnStatement() Stmt {
	t := p.advance()
	r := &Return{Span: t.Span}
	next := p.tok()
	if next.kind == tokSemicolon || next.kind == tokRBrace || next.kind == tokEOF || next.kind == tokMarkup || next.newline && p.startsStatement() {
		p.end()
		return r
	}
	r.Value = p.value()
	r.End = r.Value.Pos().End
	p.endAfter(r.Value)
	return r
}

// simple reads an assignment or an expression statement.
func (p *parser) simple() Stmt {
	start := p.tok().Span
	var declared *Type
	if p.declarationAhead() {
		declared = p.typeName()
	}
	target := p.unary()
	switch p.tok().kind {
	case tokAssign, tokPlusAssign:
		return p.assign(start, declared, target)
	}
	x := p.query(p.binary(target, lowest))
	p.endAfter(x)
	return &ExprStmt{start.To(x.Pos()), x}
}

// declarationAhead says whether a type stands before the variable:
// String name = or list:String names =
func (p *parser) declarationAhead() bool {
	if !p.is(tokIdent) || p.tok().word != notKeyword {
		return false
	}
	n := 1
	if p.ahead(1).kind == tokColon {
		n = 3
	}
	return p.ahead(n).kind == tokIdent && p.ahead(n+1).kind == tokAssign && !p.ahead(n).newline
}

func (p *parser) assign(start Span, declared *Type, target Expr) Stmt {
	op := p.advance()
	switch target.(type) {
	case *Name, *Member, *UI, *BadExpr:
	default:
		p.report(BadTarget, target.Pos(), "this cannot be assigned to", "only a variable can stand before =")
	}
	if declared != nil && isForeignKeyword(declared.Name) {
		p.report(ForeignKeyword, declared.Span, "Deluge has no "+declared.Name, "variables need no declaration")
	}
	a := &Assign{Type: declared, Target: target, Add: op.kind == tokPlusAssign}
	if a.Add {
		p.report(CompoundAssign, op.Span, "+= is not Deluge everywhere", "write x = x + ...")
	}
	a.Value = p.value()
	if b, ok := a.Value.(*Binary); ok && b.OpSpan.End-b.OpSpan.Start == 1 && b.Op == Equal {
		p.report(SingleEqual, b.OpSpan, "a second = compares", "write == to compare, or two statements to assign twice")
	}
	a.Span = start.To(a.Value.Pos())
	p.endAfter(a.Value)
	return a
}

// endAfter ends a statement whose last part is x: behind the ] of a task the
// semicolon may be left out.
func (p *parser) endAfter(x Expr) {
	switch x.(type) {
	case *Task, *Insert, *BadExpr:
		p.accept(tokSemicolon)
	default:
		p.end()
	}
}

// end reads the semicolon of a statement. It may be left out before } and %> and is
// tolerated to be missing at the end of a line.
func (p *parser) end() {
	t := p.tok()
	if p.accept(tokSemicolon) || t.kind == tokRBrace || t.kind == tokMarkup {
		return
	}
	last := p.last()
	at := Span{last.End, last.End}
	switch {
	case t.kind == tokIllegal:
		panic(stop{}) // it was reported
	case t.kind == tokEOF, t.newline && (t.kind == tokIdent || t.kind == tokLBrace):
		p.report(NoSemicolon, at, "missing ; at the end of the line", "add ;")
	case t.kind == tokRParen || t.kind == tokRBracket:
		p.fail(OpenBracket, t.Span, p.describe(t)+" without an opening partner", "remove it")
	default:
		p.foreignPair()
		p.fail(MissingEnd, at, "expected ; before "+p.describe(t), "add ;")
	}
}
