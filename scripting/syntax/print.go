package syntax

import (
	"slices"
	"strings"
)

// Print writes a file in the usual form: one statement a line, tabs, spaces
// around operators, a blank line where the author left one. Literals and
// comments stay as they are written; a comment inside a statement moves before
// it. Reading the result gives the same tree. Text that could not be read is
// copied.
func Print(f *File) string {
	p := &printer{src: f.Source, comments: f.Comments, markup: f.Page}
	for _, s := range f.Stmts {
		p.place(s)
	}
	p.commentsBefore(len(f.Source.Text) + 1)
	switch {
	case f.Page:
		p.leaveScript()
		if !p.islands && !isPage(p.String()) {
			p.WriteString("<% %>")
		}
	case p.Len() > 0:
		p.WriteByte('\n')
	}
	return p.String()
}

type printer struct {
	strings.Builder
	src      *Source
	comments []Comment // not yet written
	indent   int
	end      int  // offset behind what was written last
	opened   bool // nothing was written in the block yet
	markup   bool // in a page, outside its scripts
	text     bool // its text was written last
	islands  bool // a script of the page was written
}

// place writes a statement on a line of its own, with the comments before and
// behind it.
func (p *printer) place(s Stmt) {
	p.commentsBefore(s.Pos().Start)
	switch s.(type) {
	case *Markup, *Output:
	default:
		p.line(s.Pos().Start)
	}
	p.inner(s)
	p.stmt(s)
	p.end = max(p.end, s.Pos().End)
	p.trailing()
}

// inner writes the comments inside a statement before it, except those of its
// blocks and attributes, which have places of their own.
func (p *printer) inner(s Stmt) {
	limit := s.Pos().End
	switch s := s.(type) {
	case *Function:
		limit = s.Body.Start
	case *If:
		limit = s.Clauses[0].Body.Pos().Start
	case *ForEach:
		limit = s.Body.Pos().Start
	case *While:
		limit = s.Body.Pos().Start
	case *Try, *Block:
		limit = s.Pos().Start
	default:
		if head := bracketsOf(s); head > 0 {
			limit = head
		}
	}
	for len(p.comments) > 0 && p.comments[0].Start < limit {
		c := p.comments[0]
		p.comments = p.comments[1:]
		p.WriteString(p.src.Slice(c.Span))
		p.newline()
	}
}

// bracketsOf gives the end of the name of the task whose block ends a
// statement, 0 for other statements. Comments behind it are written in the
// block.
func bracketsOf(s Stmt) int {
	var x Expr
	switch s := s.(type) {
	case *Assign:
		x = s.Value
	case *ExprStmt:
		x = s.X
	case *Return:
		x = s.Value
	case *Info:
		x = s.Value
	case *Throw:
		x = s.Value
	}
	switch x := x.(type) {
	case *Task:
		return x.Name.End
	case *Insert:
		return x.Form.Pos().End
	}
	return 0
}

// commentsBefore writes the comments that stand before an offset on lines of
// their own.
func (p *printer) commentsBefore(offset int) {
	for len(p.comments) > 0 && p.comments[0].Start < offset {
		c := p.comments[0]
		p.comments = p.comments[1:]
		p.line(c.Start)
		p.WriteString(p.src.Slice(c.Span))
		p.end = max(p.end, c.End)
	}
}

// trailing writes the comments that begin on the line where the last
// statement ended.
func (p *printer) trailing() {
	for len(p.comments) > 0 && !p.markup {
		c := p.comments[0]
		if c.Start < p.end || strings.Contains(p.src.Text[p.end:c.Start], "\n") ||
			strings.Trim(p.src.Text[p.end:c.Start], " \t\r;") != "" {
			return
		}
		p.comments = p.comments[1:]
		p.WriteString(" " + p.src.Slice(c.Span))
		p.end = c.End
		if strings.Contains(p.src.Slice(c.Span), "\n") {
			return
		}
	}
}

// line begins a line for what stands at an offset of the source, with a blank
// line before it where the author left one.
func (p *printer) line(offset int) {
	p.enterScript()
	if p.Len() > 0 {
		p.WriteByte('\n')
		if p.end < offset && strings.Count(p.src.Text[p.end:offset], "\n") > 1 && !p.opened {
			p.WriteByte('\n')
		}
	}
	p.opened = false
	p.WriteString(strings.Repeat("\t", p.indent))
}

func (p *printer) newline() {
	p.enterScript()
	p.WriteByte('\n')
	p.WriteString(strings.Repeat("\t", p.indent))
}

func (p *printer) stmt(s Stmt) {
	switch s := s.(type) {
	case *Function:
		p.function(s)
	case *Block:
		p.block(s)
	case *Empty:
		p.WriteByte(';')
	case *If:
		p.ifStatement(s)
	case *ForEach:
		p.WriteString("for each ")
		if s.Index {
			p.WriteString("index ")
		}
		p.WriteString(s.Var.Name + " in ")
		p.expr(s.Source)
		p.body(s.Body)
	case *While:
		p.WriteString("while (")
		p.expr(s.Cond)
		p.WriteByte(')')
		p.body(s.Body)
	case *Try:
		p.try(s)
	default:
		p.simple(s)
	}
}

func (p *printer) simple(s Stmt) {
	switch s := s.(type) {
	case *Return:
		p.WriteString("return")
		if s.Value != nil {
			p.WriteByte(' ')
			p.expr(s.Value)
		}
	case *Info:
		p.WriteString("info ")
		p.expr(s.Value)
	case *Throw:
		p.WriteString("throw ")
		p.expr(s.Value)
	case *Break:
		p.WriteString("break")
	case *Continue:
		p.WriteString("continue")
	case *Assign:
		p.assign(s)
	case *ExprStmt:
		p.expr(s.X)
	case *Alert:
		p.WriteString("alert ")
		p.expr(s.Value)
	case *CancelSubmit:
		p.WriteString("cancel submit")
	case *ClientTask:
		p.WriteString(s.Action.Name + " ")
		p.all(s.Fields)
	case *Delete:
		p.WriteString("delete from ")
		p.expr(s.Source)
	case *Markup:
		p.markupText(s.Text)
		return
	case *Output:
		p.output(s)
		return
	case *BadStmt:
		p.WriteString(p.src.Slice(s.Span))
		return
	}
	p.WriteByte(';')
}

func (p *printer) assign(s *Assign) {
	if s.Type != nil {
		p.WriteString(dumpType(s.Type) + " ")
	}
	p.expr(s.Target)
	if s.Add {
		p.WriteString(" += ")
	} else {
		p.WriteString(" = ")
	}
	p.expr(s.Value)
}

func (p *printer) function(f *Function) {
	if f.Result.Name != "" {
		p.WriteString(dumpType(&f.Result) + " ")
	}
	p.WriteString(f.Name() + "(")
	for i, param := range f.Params {
		if i > 0 {
			p.WriteString(", ")
		}
		if param.Type != nil {
			p.WriteString(dumpType(param.Type) + " ")
		}
		p.WriteString(param.Name.Name)
	}
	p.WriteString(") ")
	p.block(f.Body)
}

func (p *printer) ifStatement(s *If) {
	for i, c := range s.Clauses {
		if i > 0 {
			p.otherwise(s.Clauses[i-1].Body)
			p.WriteByte(' ')
		}
		p.WriteString("if (")
		p.expr(c.Cond)
		p.WriteByte(')')
		p.body(c.Body)
	}
	if s.Else != nil {
		p.otherwise(s.Clauses[len(s.Clauses)-1].Body)
		p.body(s.Else)
	}
}

// otherwise writes the else behind a branch.
func (p *printer) otherwise(branch Stmt) {
	if _, block := branch.(*Block); block {
		p.WriteString(" else")
		return
	}
	p.newline()
	p.WriteString("else")
}

func (p *printer) try(s *Try) {
	p.WriteString("try ")
	p.block(s.Body)
	p.WriteString(" catch ")
	if s.Var != nil {
		p.WriteByte('(')
		if s.Type != nil {
			p.WriteString(dumpType(s.Type) + " ")
		}
		p.WriteString(s.Var.Name + ") ")
	}
	p.block(s.Catch)
}

// body writes what a header guards.
func (p *printer) body(s Stmt) {
	if b, ok := s.(*Block); ok {
		p.WriteByte(' ')
		p.block(b)
		return
	}
	p.indent++
	p.newline()
	p.commentsInline(s.Pos().Start)
	p.inner(s)
	p.stmt(s)
	p.end = max(p.end, s.Pos().End)
	p.indent--
}

// commentsInline writes comments before an offset, each with a line end.
func (p *printer) commentsInline(offset int) {
	for len(p.comments) > 0 && p.comments[0].Start < offset {
		p.WriteString(p.src.Slice(p.comments[0].Span))
		p.comments = p.comments[1:]
		p.newline()
	}
}

func (p *printer) block(b *Block) {
	p.WriteByte('{')
	p.end = max(p.end, b.Start+1)
	if len(b.Stmts) == 0 && (len(p.comments) == 0 || p.comments[0].Start >= b.End) {
		p.WriteByte('}')
		p.end = b.End
		return
	}
	p.indent++
	p.trailing()
	p.opened = true
	for _, s := range b.Stmts {
		p.place(s)
	}
	p.commentsBefore(b.End)
	p.indent--
	p.newline()
	p.WriteByte('}')
	p.end = b.End
}

// multiline says whether what stands between two offsets has several lines.
func (p *printer) multiline(start, end int) bool {
	return start < end && slices.Contains([]byte(p.src.Text[start:end]), '\n')
}
