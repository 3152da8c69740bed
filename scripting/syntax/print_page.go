package syntax

// enterScript begins a script where the text of a page was written last.
func (p *printer) enterScript() {
	if p.markup {
		p.WriteString("<%")
		p.markup, p.islands = false, true
	}
}

// leaveScript ends the script that is being written.
func (p *printer) leaveScript() {
	if !p.markup {
		p.WriteString(" %>")
		p.markup = true
	}
}

// markupText writes text of a page as it is. Two texts in a row keep the empty
// script between them.
func (p *printer) markupText(text string) {
	if p.markup && p.text {
		p.WriteString("<% %>")
		p.islands = true
	}
	p.leaveScript()
	p.WriteString(text)
	p.text = true
}

func (p *printer) output(s *Output) {
	p.leaveScript()
	p.WriteString("<%= ")
	p.expr(s.Value)
	p.WriteString(" %>")
	p.text, p.islands = false, true
}
