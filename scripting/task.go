package scripting

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/connhost/connhost/scripting/syntax"
)

// The attributes of invokeurl, as scripts write them.
const (
	attrURL        = "url"
	attrType       = "type"
	attrHeaders    = "headers"
	attrParameters = "parameters"
	attrBody       = "body"
	attrFiles      = "files"
	attrConnection = "connection"
	attrDetailed   = "detailed"
	attrContent    = "content-type"
	attrFormat     = "response-format"
	attrDecoding   = "response-decoding"
)

var attributes = []string{
	attrURL, attrType, attrHeaders, attrParameters, attrBody, attrFiles,
	attrConnection, attrDetailed, attrContent, attrFormat, attrDecoding,
}

var methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}

// task compiles an invokeurl block: its attributes are evaluated in the order
// of the text, and a repeated one counts once, with its last value.
func (l *lowering) task(n *syntax.Task) ast.Node {
	if !strings.EqualFold(n.Name.Name, "invokeurl") {
		l.report(syntax.NotSupported, n.Name.Span, n.Name.Name+" is not supported yet", "call the service's own API with invokeurl")
		return &ast.NilNode{}
	}
	last := map[string]int{}
	for i, a := range n.Attrs {
		name := strings.ReplaceAll(a.Name.Name, " ", "-")
		if !slices.Contains(attributes, name) {
			l.report(syntax.UnknownAttribute, a.Name.Span, "invokeurl has no attribute "+a.Name.Name, syntax.DidYouMean(name, attributes))
			continue
		}
		last[name] = i
	}
	if _, ok := last[attrURL]; !ok {
		l.report(syntax.MissingAttribute, n.Name.Span, "invokeurl needs a url", `add url: "https://..."`)
	}
	var names []string
	var args []ast.Node
	for i, a := range n.Attrs {
		name := strings.ReplaceAll(a.Name.Name, " ", "-")
		if j, ok := last[name]; !ok || j != i {
			continue
		}
		names = append(names, name)
		args = append(args, l.attribute(name, a.Value))
	}
	if i := slices.Index(names, attrConnection); i >= 0 {
		l.use(n.Attrs[last[attrConnection]].Value)
	}
	return l.call(n.Name.Span, typeOfMany, &ref{func(m *machine) any {
		return func(values ...any) any { return m.invokeURL(names, values) }
	}}, args...)
}

// attribute compiles a value. A bare word is a constant where the language has
// one: type: POST, response-format: JSON.
func (l *lowering) attribute(name string, e syntax.Expr) ast.Node {
	word := ""
	switch v := e.(type) {
	case *syntax.Name:
		if _, variable := l.scope.slots[v.Name]; !variable {
			word = v.Name
		}
	case *syntax.Text:
		word = v.Value
	}
	if word == "" || name != attrType && name != attrFormat && name != attrDecoding {
		return l.lower(e)
	}
	if name == attrType {
		word = strings.ToUpper(strings.TrimSpace(word))
		if !slices.Contains(methods, word) {
			l.report(syntax.BadAttribute, e.Pos(), word+" is not a method", "one of GET, POST, PUT, PATCH, DELETE")
		}
	}
	return constant(word, nil)
}

// use notes a connection that is named by a literal.
func (l *lowering) use(e syntax.Expr) {
	if t, ok := e.(*syntax.Text); ok {
		l.program.uses = append(l.program.uses, ConnectionUse{Name: t.Value, Range: l.source.Range(t.Span)})
	}
}
