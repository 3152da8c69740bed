package syntax

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Severity says what a diagnostic means for the script: an error keeps it
// from running, a warning does not.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// A Diagnostic is one finding about a script. It is data: Render shows it to
// people, its JSON form goes to machines.
type Diagnostic struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	File     string   `json:"file"`
	Range    Range    `json:"range"`
	Message  string   `json:"message"`        // a lower-case sentence, no full stop
	Hint     string   `json:"hint,omitempty"` // what to do, shown at the caret
}

// Report makes a diagnostic about a span of the source. The severity follows
// from the code: codes with W are warnings.
func (s *Source) Report(code Code, span Span, message, hint string) Diagnostic {
	return Diagnostic{
		Code: code, Severity: code.severity(), File: s.Name,
		Range: s.Range(span), Message: message, Hint: hint,
	}
}

func (c Code) severity() Severity {
	if strings.HasPrefix(string(c), "W") {
		return Warning
	}
	return Error
}

// HasErrors says whether one of the diagnostics keeps the script from running.
func HasErrors(list []Diagnostic) bool {
	return slices.ContainsFunc(list, func(d Diagnostic) bool { return d.Severity == Error })
}

// SortDiagnostics orders diagnostics by place; those of one place keep their
// order.
func SortDiagnostics(list []Diagnostic) {
	slices.SortStableFunc(list, func(a, b Diagnostic) int {
		return a.Range.Start.Offset - b.Range.Start.Offset
	})
}

// Render shows a diagnostic with its line, a caret under the range and the
// hint, ending with a newline:
//
//	flow.dg:4:13: error[E101]: unknown method .siz()
//	 4 | 	info ordrs.siz();
//	   | 	           ^^^ did you mean size?
func (s *Source) Render(d Diagnostic) string {
	start := d.Range.Start
	head := fmt.Sprintf("%s:%d:%d: %s[%s]: %s\n",
		d.File, start.Line, start.Column, d.Severity, d.Code, d.Message)
	return head + s.Excerpt(d.Range, d.Hint)
}

// excerptSide is how many characters of a line an excerpt shows before and after
// the start of its range. Lines of pages and of data can be megabytes long.
const excerptSide = 120

// Excerpt shows the first line of a range with a caret under it and a note
// beside the caret. Of a long line it shows the part around the caret.
func (s *Source) Excerpt(r Range, note string) string {
	before, marked := cut(s.Line(r.Start.Line), r.Start.Column-1)
	before, marked = visible(clipStart(before)), visible(clipEnd(marked))
	width, left := 1, utf8.RuneCountInString(strings.TrimRight(marked, " "))
	switch {
	case r.End.Line > r.Start.Line:
		width = left
	case r.End.Column > r.Start.Column:
		width = min(r.End.Column-r.Start.Column, max(1, left))
	}
	number := fmt.Sprintf("%2d", r.Start.Line)
	margin := strings.Repeat(" ", len(number))
	text := fmt.Sprintf("%s | %s%s\n%s | %s%s", number, before, marked, margin, blank(before), strings.Repeat("^", max(1, width)))
	if note != "" {
		text += " " + note
	}
	return text + "\n"
}

// clipStart keeps the last characters of what stands before a caret.
func clipStart(text string) string {
	if over := utf8.RuneCountInString(text) - excerptSide; over > 0 {
		_, kept := cut(text, over)
		return "…" + kept
	}
	return text
}

// clipEnd keeps the first characters of what stands from a caret on.
func clipEnd(text string) string {
	if kept, rest := cut(text, excerptSide); rest != "" {
		return kept + "…"
	}
	return text
}

// visible replaces control characters other than tabs, so that a hostile
// script cannot drive the terminal that shows its errors.
func visible(line string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			return '\ufffd'
		}
		return r
	}, line)
}

// blank keeps tabs and turns everything else into spaces: the caret line then
// lines up whatever the width of a tab is.
func blank(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, text)
}

// cut splits a line after n runes, or at its end.
func cut(line string, n int) (before, after string) {
	for i := range line {
		if n == 0 {
			return line[:i], line[i:]
		}
		n--
	}
	return line, ""
}
