package scripting

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
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
	attrUserAccess = "useraccess" // of Cliq; whose authorization counts is the connection's to say
	attrService    = "service"    // of invokeapi
	attrPath       = "path"
)

// A task is a kind of block: its attributes, those that it cannot go without,
// and what runs it.
type task struct {
	attributes []string
	needed     map[string]string // to an example
	run        func(m *machine, names []string, values []any) any
}

var webAttributes = []string{
	attrType, attrHeaders, attrParameters, attrBody, attrFiles,
	attrConnection, attrDetailed, attrContent, attrFormat, attrDecoding, attrUserAccess,
}

// tasks are the kinds of blocks by their names in lower case.
var tasks = map[string]task{
	"invokeurl":          {append([]string{attrURL}, webAttributes...), map[string]string{attrURL: `url: "https://..."`}, (*machine).invokeURL},
	"zoho.sdp.invokeurl": {append([]string{attrURL}, webAttributes...), map[string]string{attrURL: `url: "https://..."`}, (*machine).invokeURL},
	"invokeapi": {append([]string{attrService, attrPath}, webAttributes...),
		map[string]string{attrService: "service: ZohoCRM", attrPath: `path: "/crm/v2/Leads"`}, (*machine).invokeAPI},
	"sendmail": {mailAttributes, map[string]string{"from": "from: zoho.adminuserid", "to": `to: "..."`}, (*machine).sendMail},
}

var methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}

// task compiles a block: its attributes are evaluated in the order of the
// text, and a repeated one counts once, with its last value.
func (l *lowering) task(n *syntax.Task) ast.Node {
	kind, ok := tasks[strings.ToLower(n.Name.Name)]
	if !ok {
		return l.otherTask(n)
	}
	last := map[string]int{}
	for i, a := range n.Attrs {
		name := attributeName(a)
		if !slices.Contains(kind.attributes, name) {
			l.report(syntax.UnknownAttribute, a.Name.Span, n.Name.Name+" has no attribute "+a.Name.Name, syntax.DidYouMean(name, kind.attributes))
			continue
		}
		last[name] = i
	}
	for _, name := range slices.Sorted(maps.Keys(kind.needed)) {
		if _, ok := last[name]; !ok {
			l.report(syntax.MissingAttribute, n.Name.Span, fmt.Sprintf("%s needs %s", n.Name.Name, article(name)), "add "+kind.needed[name])
		}
	}
	var names []string
	var args []ast.Node
	for i, a := range n.Attrs {
		name := attributeName(a)
		if j, ok := last[name]; !ok || j != i {
			continue
		}
		names = append(names, name)
		args = append(args, l.attribute(name, a.Value))
	}
	if i, ok := last[attrConnection]; ok {
		l.use(n.Attrs[i].Value)
	}
	return l.call(n.Name.Span, typeOfMany, &ref{func(m *machine) any {
		return func(values ...any) any { return kind.run(m, names, values) }
	}}, args...)
}

// otherTask compiles a block that a service does: sendsms, ftp, or any other.
// Its attributes are the handler's to know.
func (l *lowering) otherTask(n *syntax.Task) ast.Node {
	var names []string
	var args []ast.Node
	for _, a := range n.Attrs {
		names = append(names, attributeName(a))
		if word := l.word(a.Value); word != "" {
			args = append(args, constant(word, nil))
			continue
		}
		args = append(args, l.lower(a.Value))
	}
	return l.call(n.Name.Span, typeOfMany, &ref{func(m *machine) any {
		return func(values ...any) any {
			call := TaskCall{Name: n.Name.Name, Attributes: map[string]any{}}
			for i, v := range m.plainAll(values) {
				call.Attributes[names[i]] = v
			}
			return m.doTask(call)
		}
	}}, args...)
}

// attachment compiles kind:value of attachments. Only files can be attached:
// what a product prints as PDF is not here.
func (l *lowering) attachment(n *syntax.Attachment) ast.Node {
	if n.Kind.Name == "file" {
		return l.lower(n.Value)
	}
	kind := n.Kind.Name
	return l.call(n.Span, typeOf0, &ref{func(*machine) any {
		return func() any {
			value.Throw("sendmail attaches files; a %s of the product cannot be made one here", kind)
			return nil
		}
	}})
}

// attributeName is an attribute with - between its words: content type is
// content-type.
func attributeName(a syntax.Attr) string { return strings.ReplaceAll(a.Name.Name, " ", "-") }

// words are the attributes whose values the language has constants for.
var words = map[string][]string{attrType: methods, attrFormat: formats, attrDecoding: nil, attrService: nil, attrContent: nil}

// attribute compiles a value. A bare word is a constant where the language has
// one: type: POST, response-format: JSON.
func (l *lowering) attribute(name string, e syntax.Expr) ast.Node {
	known, ok := words[name]
	word := l.word(e)
	if !ok || word == "" {
		return l.lower(e)
	}
	if known != nil {
		word = strings.ToUpper(strings.TrimSpace(word))
		if !slices.Contains(known, word) {
			what := map[string]string{attrType: "method", attrFormat: attrFormat}[name]
			l.report(syntax.BadAttribute, e.Pos(), word+" is not a "+what, "one of "+strings.Join(known, ", "))
		}
	}
	return constant(word, nil)
}

// word is a bare word or a text as it is written, "" for anything else. Two
// words with a - between them are one: KEY-VALUE.
func (l *lowering) word(e syntax.Expr) string {
	switch v := e.(type) {
	case *syntax.Name:
		if _, variable := l.scope.slots[v.Name]; !variable {
			return v.Name
		}
	case *syntax.Text:
		return v.Value
	case *syntax.Quoted:
		return v.Value
	case *syntax.Binary:
		if x, y := l.word(v.X), l.word(v.Y); v.Op == syntax.Sub && x != "" && y != "" {
			return x + "-" + y
		}
	}
	return ""
}

// use notes a connection that is named by a literal.
func (l *lowering) use(e syntax.Expr) {
	if t, ok := e.(*syntax.Text); ok {
		l.program.uses.connections = append(l.program.uses.connections, ConnectionUse{Name: t.Value, Range: l.source.Range(t.Span)})
	}
}
