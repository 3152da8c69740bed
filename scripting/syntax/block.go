package syntax

import "fmt"

// block reads statements in braces. Follows is the keyword that may stand
// behind the block.
func (p *parser) block(what string, follows keyword) *Block {
	p.enter()
	p.node()
	b := &Block{Span: p.tok().Span}
	p.openBrace(what)
	for !p.is(tokRBrace) {
		if p.skipEmptyMarkup() {
			continue
		}
		if p.leavesBlock(follows) {
			p.unclosed(b.Span)
			b.End = p.last().End
			p.leave()
			return b
		}
		b.Stmts = append(b.Stmts, p.recoverable(p.statement))
	}
	b.End = p.advance().End
	p.leave()
	return b
}

// openBrace reads the brace that begins a block. Where it is missing and a
// statement follows, the block is read all the same.
func (p *parser) openBrace(what string) {
	if p.accept(tokLBrace) {
		return
	}
	message := fmt.Sprintf("expected { to begin %s", what)
	switch p.tok().kind {
	case tokIdent, tokText, tokQuoted, tokMarkup, tokOutput:
		p.report(Unexpected, p.tok().Span, message+", found "+p.describe(p.tok()), "add {")
	default:
		p.unexpected(message, "add {")
	}
}

// leavesBlock says whether the block at hand ends without a brace: at the end
// of the file, at the keyword that may follow it, or where a function begins
// at the start of a line.
func (p *parser) leavesBlock(follows keyword) bool {
	t := p.tok()
	switch {
	case t.kind == tokEOF:
		return true
	case t.kind != tokIdent:
		return false
	case t.word != notKeyword:
		return t.word == follows
	}
	return t.newline && p.startsLine(t) && p.functionAhead()
}

// startsLine says whether not even white space stands before a token.
func (p *parser) startsLine(t *token) bool {
	return t.Start == 0 || p.src.Text[t.Start-1] == '\n' || p.src.Text[t.Start-1] == '\r'
}

// unclosed reports a block that has no end. Of blocks inside each other the
// inner one is told, unless a keyword showed where it ends.
func (p *parser) unclosed(open Span) {
	if p.halted || p.openBlock {
		return
	}
	p.openBlock = p.tok().word == notKeyword
	p.report(OpenBracket, Span{open.Start, open.Start + 1}, "{ is never closed", "add }")
}

// body reads what a condition or loop guards: a block, seldom one statement.
func (p *parser) body(what string, follows keyword) Stmt {
	if p.is(tokLBrace) {
		return p.block(what, follows)
	}
	if p.is(tokEOF) || p.is(tokRBrace) {
		p.unexpected("expected { to begin "+what, "add {")
	}
	p.enter()
	s := p.recoverable(p.statement)
	p.leave()
	return s
}
