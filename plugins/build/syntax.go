package build

import (
	"errors"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

func ended(err error) bool { return errors.Is(err, io.EOF) }

// syntax turns an error of the YAML parser into a diagnostic.
func (t *tree) syntax(err error, empty bool) {
	if ended(err) || empty {
		t.add("M021", 1, 1, "", "the file holds no "+t.kind, "every key of a "+t.kind+" is told in "+t.told)
		return
	}
	line, column, msg := 1, 1, "the file is not YAML"
	if e, ok := errors.AsType[*yaml.LoadError](err); ok {
		msg = "not YAML: " + e.Message
		if e.Mark.Line > 0 {
			line, column = e.Mark.Line, max(e.Mark.Column, 1)
		}
		// Where the file ends, what was left open says more.
		if strings.TrimSpace(t.line(line)) == "" && e.ContextMark.Line > 0 {
			line, column = e.ContextMark.Line, max(e.ContextMark.Column, 1)
		}
	}
	t.add("M020", line, column, "", msg, t.syntaxHint(line, column, msg))
}

// syntaxHint names the mistakes that are made most.
func (t *tree) syntaxHint(line, column int, msg string) string {
	source := t.line(line)
	colon := strings.Index(source, ":")
	value := strings.TrimSpace(source[colon+1:])
	switch {
	case strings.Contains(msg, "tab character") || strings.HasPrefix(source, "\t"):
		return "indent with spaces; YAML has no tabs there"
	case strings.Contains(msg, "mapping values") && indent(source) > indent(t.before(line)):
		return "this line belongs to nothing above it; keys of one object begin in the same column"
	case column == indent(source)+1 && slices.ContainsFunc(misindented, func(m string) bool { return strings.HasSuffix(msg, m) }):
		return "keys of one object begin in the same column, and so do the items of one list"
	case column > colon+1 && strings.HasPrefix(value, "{") || strings.HasPrefix(strings.TrimPrefix(strings.TrimSpace(source), "- "), "{"):
		return `a text that begins with a brace, or holds one within braces, stands in quotes: "{key}"`
	case strings.Contains(msg, "mapping values are not allowed"):
		return `a text that holds ": " stands in quotes`
	case strings.HasPrefix(value, "*") || strings.HasPrefix(value, "&"):
		return "a text that begins with * or & stands in quotes"
	case strings.HasPrefix(value, "@") || strings.HasPrefix(value, "`") || strings.HasPrefix(value, "%"):
		return "a text that begins with this character stands in quotes"
	case strings.HasSuffix(msg, "expected ',' or '}'") || strings.HasSuffix(msg, "expected ',' or ']'"):
		return "close what a brace or bracket opened, or put a comma before this"
	case strings.HasSuffix(msg, "end of stream"):
		return "close the quote that begins here"
	}
	return ""
}

// misindented is what the parser says of a line that begins in a column of its
// own.
var misindented = []string{"did not find expected key", "did not find expected '-' indicator", "did not find expected <document start>"}

// before is the last line above one that holds something.
func (t *tree) before(line int) string {
	for line--; line > 0; line-- {
		if s := t.line(line); strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

// indent is how many blanks a line begins with.
func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
