package lib

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// An xmlNode is a piece of an XML text: an element, an attribute of one, or
// text. The document above the outermost elements is an element without a name.
type xmlNode struct {
	kind         xmlKind
	prefix, name string
	text         string // of text, comments and attributes
	attributes   []*xmlNode
	children     []*xmlNode
	parent       *xmlNode
	place        int // among the parent's children or attributes
}

type xmlKind uint8

const (
	xmlElement xmlKind = iota
	xmlAttribute
	xmlText
	xmlComment
)

// nodeBytes is the approximate cost of a node besides its texts.
const nodeBytes = 200

// An xmlReader builds the tree of an XML text. Names keep their prefixes as they
// are written, as XPath expressions of scripts have them; entities are the five
// of XML, so that a short text stays short.
type xmlReader struct {
	b    *value.Budget
	in   *xml.Decoder
	at   *xmlNode
	deep int
}

// readXML reads a text of one element or several. What a script may catch comes
// back as a *value.Fault.
func readXML(b *value.Budget, text string) (*xmlNode, error) {
	in := xml.NewDecoder(strings.NewReader(text))
	// It is a text already, whatever its first line says of bytes.
	in.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	r := xmlReader{b: b, in: in, at: &xmlNode{}}
	root := r.at
	for {
		b.Tick(4)
		t, err := in.RawToken()
		switch {
		case err == io.EOF && r.at == root && len(root.children) > 0:
			return root, nil
		case err == io.EOF && r.at == root:
			return nil, r.fault("there is no element")
		case err == io.EOF:
			return nil, r.fault("the element " + value.Clip(r.at.fullName()) + " is not closed")
		case err != nil:
			return nil, r.broken(err)
		}
		if err := r.token(t); err != nil {
			return nil, err
		}
	}
}

func (r *xmlReader) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		if r.deep++; r.deep > value.MaxNesting {
			return r.fault("it is nested too deep")
		}
		e := r.add(&xmlNode{prefix: t.Name.Space, name: t.Name.Local})
		for i, a := range t.Attr {
			r.b.Alloc(nodeBytes + len(a.Value) + len(a.Name.Local))
			e.attributes = append(e.attributes, &xmlNode{kind: xmlAttribute, prefix: a.Name.Space, name: a.Name.Local, text: a.Value, parent: e, place: i})
		}
		r.at = e
	case xml.EndElement:
		if r.at.parent == nil || r.at.prefix != t.Name.Space || r.at.name != t.Name.Local {
			return r.fault("the element " + value.Clip(t.Name.Local) + " is closed and was not open last")
		}
		r.deep--
		r.at = r.at.parent
	case xml.CharData:
		if r.at.parent == nil {
			if strings.TrimSpace(string(t)) != "" {
				return r.fault("text stands outside an element")
			}
			return nil
		}
		r.add(&xmlNode{kind: xmlText, text: string(t)})
	case xml.Comment:
		r.add(&xmlNode{kind: xmlComment, text: string(t)})
	}
	return nil
}

func (r *xmlReader) add(n *xmlNode) *xmlNode {
	r.b.Tick(len(n.text) / 64)
	r.b.Alloc(nodeBytes + len(n.text) + len(n.name))
	n.parent, n.place = r.at, len(r.at.children)
	r.at.children = append(r.at.children, n)
	return n
}

func (r *xmlReader) broken(err error) *value.Fault {
	msg := "it cannot be read"
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		msg = syntax.Msg
	}
	f := r.fault(msg)
	f.Err = err
	return f
}

func (r *xmlReader) fault(msg string) *value.Fault {
	line, _ := r.in.InputPos()
	return value.Faultf("text is not XML, line %d: %s", line, msg)
}

func (n *xmlNode) fullName() string {
	if n.prefix == "" {
		return n.name
	}
	return n.prefix + ":" + n.name
}

// isNamespace reports whether an attribute only declares a namespace.
func (n *xmlNode) isNamespace() bool {
	return n.prefix == "xmlns" || n.prefix == "" && n.name == "xmlns"
}

// An xmlWriter prints nodes as XML and charges for it.
type xmlWriter struct {
	c  call
	sb strings.Builder
}

func (w *xmlWriter) raw(s string) {
	w.c.grow(2, len(s))
	w.sb.WriteString(s)
}

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
var xmlQuoteEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func (w *xmlWriter) escaped(s string) {
	w.c.grow(5, len(s))
	w.raw(xmlEscaper.Replace(s))
}

func (w *xmlWriter) node(n *xmlNode) {
	w.c.budget().Tick(1)
	switch {
	case n.kind == xmlText:
		w.escaped(n.text)
	case n.kind == xmlComment:
		w.raw("<!--" + n.text + "-->")
	case n.kind == xmlAttribute:
		w.raw("<" + n.fullName() + ">")
		w.escaped(n.text)
		w.raw("</" + n.fullName() + ">")
	case n.parent == nil:
		w.all(n.children)
	default:
		w.raw("<" + n.fullName())
		for _, a := range n.attributes {
			w.c.grow(6, len(a.text))
			w.raw(" " + a.fullName() + `="` + xmlQuoteEscaper.Replace(a.text) + `"`)
		}
		if len(n.children) == 0 {
			w.raw("/>")
			return
		}
		w.raw(">")
		w.all(n.children)
		w.raw("</" + n.fullName() + ">")
	}
}

func (w *xmlWriter) all(list []*xmlNode) {
	for _, n := range list {
		w.node(n)
	}
}
