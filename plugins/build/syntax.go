package build

import (
	"errors"
	"io"
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
	t.add("M020", line, column, "", msg, t.syntaxHint(line, msg))
}

// syntaxHint names the mistakes that are made most.
func (t *tree) syntaxHint(line int, msg string) string {
	source := t.line(line)
	value := strings.TrimSpace(source[strings.Index(source, ":")+1:])
	switch {
	case strings.Contains(msg, "tab character") || strings.HasPrefix(source, "\t"):
		return "indent with spaces; YAML has no tabs there"
	case strings.HasPrefix(value, "{") || strings.HasPrefix(strings.TrimPrefix(strings.TrimSpace(source), "- "), "{"):
		return `a text that begins with a brace stands in quotes: "{key}"`
	case strings.Contains(msg, "mapping values are not allowed"):
		return `a text that holds ": " stands in quotes`
	case strings.HasPrefix(value, "*") || strings.HasPrefix(value, "&"):
		return "a text that begins with * or & stands in quotes"
	case strings.HasPrefix(value, "@") || strings.HasPrefix(value, "`") || strings.HasPrefix(value, "%"):
		return "a text that begins with this character stands in quotes"
	}
	return ""
}
