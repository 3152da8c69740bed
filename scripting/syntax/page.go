package syntax

import "strings"

// An HTML page is text with scripts in it: <% script %>, and <%= value %> for
// what is written in their place. A block may begin in one of them and end in
// another. The text between %> and <% is one token, the markup.

// isPage says whether a text is a page rather than a script: it begins with <
// and has a script in it or ends with >, or <% stands in it outside texts and
// comments.
func isPage(text string) bool {
	bare := strings.TrimSpace(text)
	if !strings.Contains(text, "<%") {
		return strings.HasPrefix(bare, "<") && strings.HasSuffix(bare, ">")
	}
	if strings.HasPrefix(bare, "<") {
		return true
	}
	l := lexer{text: text, report: func(Code, Span, string, string) {}}
	for l.space(); l.at < len(text); l.space() {
		if strings.HasPrefix(text[l.at:], "<%") {
			return true
		}
		l.next()
	}
	return false
}

// markup reads what stands between the scripts of a page, with the <% or <%=
// behind it.
func (l *lexer) markup() {
	start := l.at
	n := strings.Index(l.text[start:], "<%")
	if n < 0 {
		l.at = len(l.text)
		l.add(tokMarkup, start)
		return
	}
	l.at += n
	l.add(tokMarkup, start)
	l.at += len("<%")
	if l.peek(0) == '=' {
		l.at++
		l.add(tokOutput, l.at-len("<%="))
	}
	l.newline = true
}

// page reads the markup or the output at hand.
func (p *parser) page() Stmt {
	t := p.advance()
	if t.kind == tokMarkup {
		return &Markup{t.Span, p.src.Slice(t.Span)}
	}
	value := p.value()
	p.accept(tokSemicolon)
	if !p.is(tokMarkup) && !p.is(tokEOF) {
		p.unexpected("expected %> after the value", "write <%= value %>")
	}
	return &Output{t.Span.To(value.Pos()), value}
}

// skipEmptyMarkup reads over markup that holds nothing: it only ends what
// stands before it.
func (p *parser) skipEmptyMarkup() bool {
	if t := p.tok(); t.kind != tokMarkup || t.Start != t.End {
		return false
	}
	p.advance()
	return true
}

// joinIsland reads over white space between the scripts of a page where a
// keyword continues the statement before it: %> <% else {
func (p *parser) joinIsland(word keyword) {
	t := p.tok()
	if t.kind == tokMarkup && p.ahead(1).word == word && strings.TrimSpace(p.src.Slice(t.Span)) == "" {
		p.advance()
	}
}
