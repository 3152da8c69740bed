package syntax

import "fmt"

// maxReports bounds the errors and the warnings of one file; what comes after
// so many is seldom worth reading.
const maxReports = 100

// maxChain bounds operators and dots that nest to the left in one expression,
// such as a + b + c: they cost no nesting in the text but depth in the tree.
const maxChain = 4000

// Parse reads a script or a page. It always returns a file, holding BadStmt and
// BadExpr where something could not be read, and the diagnostics sorted by
// place. A script with errors among them must not be run.
func Parse(src *Source, opts Options) (*File, []Diagnostic) {
	file, reports, guessed := parse(src, opts, false)
	if guessed {
		if plain, list, _ := parse(src, opts, true); countErrors(list) < countErrors(reports) {
			return plain, list
		}
	}
	return file, reports
}

func countErrors(list []Diagnostic) int {
	n := 0
	for _, d := range list {
		if d.Severity == Error {
			n++
		}
	}
	return n
}

// parse reads the file with every quote taken as it stands, if plain, or with
// missing ones guessed. guessed says whether one was.
func parse(src *Source, opts Options, plain bool) (file *File, reports []Diagnostic, guessed bool) {
	opts = opts.orDefault()
	p := &parser{src: src, opts: opts, limits: opts.Limits, places: map[place]bool{}, counts: map[Severity]int{}}
	file = &File{Source: src}
	if p.tooLong() {
		return file, p.reports, false
	}
	lex := lexer{text: src.Text, page: isPage(src.Text), plain: plain, report: p.report}
	lex.run()
	p.tokens, file.Comments, file.Page, p.cutOff = lex.tokens, lex.comments, lex.page, lex.cutOff
	if file.Page {
		p.refuse(htmlPages, Span{}, "HTML pages")
	}
	file.Stmts = p.file()
	SortDiagnostics(p.reports)
	return file, p.reports, lex.guessed
}

// A parser reads tokens by recursive descent. A mistake inside a statement
// panics with stop and is caught by the statement around it, which skips to
// the next one.
type parser struct {
	src         *Source
	opts        Options
	limits      Limits
	tokens      []token
	at          int
	depth       int
	chain       int
	criteria    int  // brackets of criteria around the token at hand
	functions   int  // around the token at hand
	orphan      bool // a brace without partner was reported at the top of the file
	nodes       int
	reports     []Diagnostic
	places      map[place]bool
	counts      map[Severity]int
	openBlock   bool // a block that is never closed was reported
	partnerless int  // brackets before this token have no partner
	halted      bool // a limit was exceeded: read no further
	cutOff      bool // the end is missing, and it was told why
}

// A place has at most one report of a severity.
type place struct {
	start    int
	severity Severity
}

// stop ends the reading of a statement; the reason was reported.
type stop struct{}

func (p *parser) tooLong() bool {
	if len(p.src.Text) <= p.limits.Source {
		return false
	}
	p.report(SourceTooBig, Span{}, fmt.Sprintf("the script is longer than the limit source (%d bytes)",
		p.limits.Source), "split it into several scripts")
	return true
}

// report adds a diagnostic, unless its place has one already.
func (p *parser) report(code Code, span Span, message, hint string) {
	severity := code.severity()
	if p.opts.Strict && code.refused() {
		severity = Error
	}
	at := place{span.Start, severity}
	if p.halted || p.cutOff && p.is(tokEOF) || p.places[at] || p.counts[severity] >= maxReports {
		return
	}
	p.places[at] = true
	p.counts[severity]++
	d := p.src.Report(code, span, message, hint)
	d.Severity = severity
	p.reports = append(p.reports, d)
}

// refuse reports a construct that the product of the dialect does not take.
func (p *parser) refuse(f feature, span Span, what string) {
	if p.opts.Dialect.has(f) {
		return
	}
	hint := "it belongs to Creator"
	if f == whileLoop {
		hint = "write a for each over a list"
	}
	p.report(NotInProduct, span, what+" is refused by "+p.opts.Dialect.product(), hint)
}

// fail reports an error and leaves the statement.
func (p *parser) fail(code Code, span Span, message, hint string) {
	p.report(code, span, message, hint)
	panic(stop{})
}

// try runs read and says whether it came to its end.
func (p *parser) try(read func()) (ok bool) {
	at := p.mark()
	defer func() {
		if !ok {
			p.recovered(recover(), at)
		}
	}()
	read()
	return true
}

// A mark is what a panic must restore.
type mark struct{ depth, chain, criteria, functions int }

func (p *parser) mark() mark { return mark{p.depth, p.chain, p.criteria, p.functions} }

// recovered takes the reason of a panic: what is not a stop goes on.
func (p *parser) recovered(reason any, at mark) {
	if _, stopped := reason.(stop); !stopped {
		panic(reason)
	}
	p.depth, p.chain, p.criteria, p.functions = at.depth, at.chain, at.criteria, at.functions
}

// halt ends all reading at a limit.
func (p *parser) halt(code Code, message, hint string) {
	p.report(code, p.tok().Span, message, hint)
	p.halted = true
	p.at = len(p.tokens) - 1
	panic(stop{})
}

// enter counts a level of nesting; leave with defer is not needed where a
// panic passes, because try restores the depth.
func (p *parser) enter() {
	p.depth++
	if p.depth > p.limits.Nesting {
		p.halt(TooNested, fmt.Sprintf("nested deeper than the limit nesting allows (%d)", p.limits.Nesting),
			"move an inner part to a variable or a function of its own")
	}
}

func (p *parser) leave() { p.depth-- }

// node counts a node.
func (p *parser) node() {
	p.nodes++
	if p.nodes > p.limits.Nodes {
		p.halt(TooManyNodes, fmt.Sprintf("more parts than the limit nodes allows (%d)", p.limits.Nodes),
			"split the script")
	}
}

// link counts a node that nests to the left.
func (p *parser) link() {
	p.node()
	p.chain++
	if p.chain > maxChain {
		p.halt(TooManyNodes, fmt.Sprintf("more than %d operators in one expression", maxChain),
			"split the expression")
	}
}

func (p *parser) tok() *token { return &p.tokens[p.at] }

// ahead returns the token n places on.
func (p *parser) ahead(n int) *token { return &p.tokens[min(p.at+n, len(p.tokens)-1)] }

// last returns the span of the token that was read last.
func (p *parser) last() Span {
	if p.at == 0 {
		return Span{}
	}
	return p.tokens[p.at-1].Span
}

func (p *parser) is(kind tokenKind) bool { return p.tok().kind == kind }

func (p *parser) advance() token {
	t := p.tokens[p.at]
	if p.at < len(p.tokens)-1 {
		p.at++
	}
	return t
}

// accept reads a token of a kind if it is the next.
func (p *parser) accept(kind tokenKind) bool {
	if p.is(kind) {
		p.advance()
		return true
	}
	return false
}

// expect reads a token of a kind or fails.
func (p *parser) expect(kind tokenKind, where string) token {
	if !p.is(kind) {
		p.foreignPair()
		p.unexpected(fmt.Sprintf("expected %s %s", kind, where), "add "+kind.String())
	}
	return p.advance()
}

// expectClose reads the partner of an opening bracket or fails.
func (p *parser) expectClose(kind tokenKind, open Span) {
	if p.accept(kind) {
		return
	}
	if next := p.ahead(1); p.is(tokSemicolon) && next.kind == kind && !next.newline {
		p.report(Unexpected, p.tok().Span, "a semicolon before "+kind.String(), "remove it")
		p.advance()
		p.advance()
		return
	}
	if p.is(tokEOF) {
		p.fail(OpenBracket, open, fmt.Sprintf("%s is never closed", p.src.Slice(open)), fmt.Sprintf("add %s", kind))
	}
	p.foreignPair()
	hint := "add " + kind.String()
	switch p.tok().kind {
	case tokIdent, tokText, tokQuoted, tokNumber, tokLBrace:
		hint += ", or a comma or operator before " + p.describe(p.tok())
	}
	p.unexpected(fmt.Sprintf("expected %s", kind), hint)
}

// unexpected fails at the next token. Tokens that the lexer reported are not
// reported again.
func (p *parser) unexpected(message, hint string) {
	t := p.tok()
	switch t.kind {
	case tokIllegal:
		panic(stop{})
	case tokEOF:
		p.fail(Unexpected, t.Span, message+" before the end of the script", hint)
	}
	p.fail(Unexpected, t.Span, fmt.Sprintf("%s, found %s", message, p.describe(t)), hint)
}

// describe shows a token in a message.
func (p *parser) describe(t *token) string {
	const longest = 24
	if t.End-t.Start > longest || t.kind == tokEOF || t.kind == tokText || t.kind == tokMarkup {
		return t.kind.String()
	}
	return p.src.Slice(t.Span)
}

// ident reads a name or fails.
func (p *parser) ident(what string) Ident {
	t := p.tok()
	if t.kind != tokIdent || t.word.reserved() {
		hint := "names begin with a letter"
		if t.kind == tokIdent {
			hint = "the word " + p.src.Slice(t.Span) + " is none: it begins a statement"
		}
		p.unexpected("expected "+what, hint)
	}
	p.advance()
	return Ident{t.Span, p.src.Slice(t.Span)}
}

// memberName reads a name behind a dot, where every word is a name.
func (p *parser) memberName() Ident {
	t := p.tok()
	if t.kind != tokIdent {
		p.unexpected("expected a name after the dot", "write x.name or x.method()")
	}
	p.advance()
	return Ident{t.Span, p.src.Slice(t.Span)}
}
