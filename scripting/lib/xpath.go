package lib

import (
	"strconv"
	"strings"

	"github.com/antchfx/xpath"

	"github.com/connhost/connhost/scripting/value"
)

// xmls read and make XML, which is text in a script. A map, list or JSON text is
// put into XML first.
var xmls = []*Function{
	def(Function{
		Names: names("toXML"), Receiver: "text|map|list|collection", Returns: "text",
		Semantics: "A map or list, or a JSON text, as XML in an element root: keys are elements, lists repeat theirs. XML stays as it is.",
		Examples: examples(Example{Expr: `"{Name:'Lia', OrderNo:[343,443]}".toXML()`, Args: `["{Name:'Lia', OrderNo:[343,443]}"]`, Want: "<root><Name>Lia</Name><OrderNo>343</OrderNo><OrderNo>443</OrderNo></root>"},
			Example{Expr: `toXML("a & b")`, Args: `["a & b"]`, Want: "error: text is neither JSON nor XML"}),
	}, func(c call) any { return c.asXML() }),
	def(Function{
		Names: names("toXMLList"), Receiver: "text|map|list|collection", Returns: "list",
		Semantics: "The outermost elements of an XML text as a list, each as XML; an empty text gives an empty list.",
		Examples:  examples(Example{Expr: `"<a>1</a><b/>".toXMLList()`, Args: `["<a>1</a><b/>"]`, Want: "<a>1</a>,<b/>"}),
	}, toXMLList),
	def(Function{
		Names: names("executeXPath"), Receiver: "text|map|list|collection", Params: params("path text"), Returns: "text",
		Semantics: "What an XPath 1.0 expression finds: elements as XML one after the other, an attribute in an element of its name, texts as they are with -|- between several, a number or boolean printed. JSON is put into an element root first.",
		Examples: examples(Example{Expr: `"<a><b n=\"1\">x</b><b>y</b></a>".executeXPath("/a/b")`, Args: `["<a><b n=\"1\">x</b><b>y</b></a>","/a/b"]`, Want: `<b n="1">x</b><b>y</b>`},
			Example{Expr: `"<a><b>x</b><b>y</b></a>".executeXPath("/a/b/text()")`, Args: `["<a><b>x</b><b>y</b></a>","/a/b/text()"]`, Want: "x-|-y"},
			Example{Expr: `"<a href=\"u\">x</a>".executeXPath("/a/@href")`, Args: `["<a href=\"u\">x</a>","/a/@href"]`, Want: "<href>u</href>"},
			Example{Expr: `{"address":{"city":"Surat"}}.executeXPath("/root/address/city")`, Args: `[{"address":{"city":"Surat"}},"/root/address/city"]`, Want: "<city>Surat</city>"},
			Example{Expr: `"<a/>".executeXPath("/a[")`, Args: `["<a/>","/a["]`, Want: `error: "/a[" is not an XPath expression`}),
	}, executeXPath),
}

// asXML returns the receiver as an XML text.
func (c call) asXML() string {
	s, ok := c.arg(0).(string)
	if !ok {
		return c.toXML(c.arg(0))
	}
	switch start := strings.TrimLeft(s, " \t\r\n\uFEFF"); {
	case strings.HasPrefix(start, "<"):
		return s
	case strings.HasPrefix(start, "{"), strings.HasPrefix(start, "["):
		if v, err := value.ParseLooseJSON(c.budget(), s); err == nil {
			return c.toXML(v)
		}
	}
	value.Throw("text is neither JSON nor XML")
	return ""
}

func (c call) xmlTree() *xmlNode {
	root, err := readXML(c.budget(), c.asXML())
	if err != nil {
		panic(err)
	}
	return root
}

func toXMLList(c call) any {
	list := value.NewList()
	if s, ok := c.arg(0).(string); ok && strings.TrimSpace(s) == "" {
		return list
	}
	for _, n := range c.xmlTree().children {
		if n.kind == xmlElement {
			list.Add(c.budget(), c.printXML(n))
		}
	}
	return list
}

func (c call) printXML(nodes ...*xmlNode) string {
	w := &xmlWriter{c: c}
	w.all(nodes)
	return w.sb.String()
}

const maxXPath = 10_000 // bytes

func executeXPath(c call) (found any) {
	path := c.text(1)
	if len(path) > maxXPath {
		value.Throw("XPath expression longer than %d bytes", maxXPath)
	}
	c.budget().Tick(len(path))
	expr, err := xpath.Compile(path)
	if err != nil || usesRegex(path) {
		panic(&value.Fault{Msg: strconv.Quote(value.Clip(path)) + " is not an XPath expression", Err: err})
	}
	root := c.xmlTree()
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *value.Limit, *value.Fault:
			panic(p)
		default: // the library says so that types do not fit
			value.Throw("the XPath expression %q cannot be calculated", value.Clip(path))
		}
	}()
	switch result := expr.Evaluate(&walker{b: c.budget(), at: root}).(type) {
	case *xpath.NodeIterator:
		return c.nodes(result)
	case string:
		return result
	case bool:
		return strconv.FormatBool(result)
	case float64:
		return strconv.FormatFloat(result, 'f', -1, 64)
	}
	return ""
}

// usesRegex reports whether a path calls functions of XPath 2.0 that keep every
// regular expression they ever saw.
func usesRegex(path string) bool {
	compact := strings.Join(strings.Fields(path), "")
	return strings.Contains(compact, "matches(") || strings.Contains(compact, "replace(")
}

// nodes prints what a path selected.
func (c call) nodes(it *xpath.NodeIterator) string {
	w := &xmlWriter{c: c}
	texts := 0
	for it.MoveNext() {
		n := it.Current().(*walker).node()
		if n.kind == xmlText {
			if texts > 0 {
				w.raw("-|-")
			}
			texts++
			w.raw(n.text)
			continue
		}
		w.node(n)
	}
	return w.sb.String()
}

// A walker goes over a tree for the XPath library and charges for every step, so
// that an expression that visits everything again and again is stopped.
type walker struct {
	b         *value.Budget
	at        *xmlNode
	attribute int // which attribute of at, counted from 1; 0 for at itself
}

var _ xpath.NodeNavigator = (*walker)(nil)

// node returns the node the walker is on.
func (w *walker) node() *xmlNode {
	if w.attribute > 0 {
		return w.at.attributes[w.attribute-1]
	}
	return w.at
}

func (w *walker) NodeType() xpath.NodeType {
	w.b.Tick(1)
	switch n := w.node(); {
	case n.kind == xmlAttribute:
		return xpath.AttributeNode
	case n.kind == xmlText:
		return xpath.TextNode
	case n.kind == xmlComment:
		return xpath.CommentNode
	case n.parent == nil:
		return xpath.RootNode
	}
	return xpath.ElementNode
}

func (w *walker) LocalName() string { return w.node().name }

func (w *walker) Prefix() string { return w.node().prefix }

// Value is the text of a node, of an element that of all texts within.
func (w *walker) Value() string {
	n := w.node()
	if n.kind != xmlElement {
		w.b.Tick(1 + len(n.text)/64)
		return n.text
	}
	var sb strings.Builder
	w.collect(&sb, n)
	return sb.String()
}

func (w *walker) collect(sb *strings.Builder, n *xmlNode) {
	for _, child := range n.children {
		w.b.Tick(1 + len(child.text)/64)
		switch child.kind {
		case xmlText:
			w.b.AllocTimes(len(child.text), 2)
			sb.WriteString(child.text)
		case xmlElement:
			w.collect(sb, child)
		}
	}
}

func (w *walker) Copy() xpath.NodeNavigator {
	w.b.Tick(1)
	w.b.Alloc(32)
	other := *w
	return &other
}

func (w *walker) MoveToRoot() {
	w.attribute = 0
	for w.at.parent != nil {
		w.b.Tick(1)
		w.at = w.at.parent
	}
}

func (w *walker) MoveToParent() bool {
	w.b.Tick(1)
	if w.attribute > 0 {
		w.attribute = 0
		return true
	}
	if w.at.parent == nil {
		return false
	}
	w.at = w.at.parent
	return true
}

func (w *walker) MoveToNextAttribute() bool {
	for i := w.attribute; i < len(w.at.attributes); i++ {
		w.b.Tick(1)
		if !w.at.attributes[i].isNamespace() {
			w.attribute = i + 1
			return true
		}
	}
	return false
}

func (w *walker) MoveToChild() bool {
	w.b.Tick(1)
	if w.attribute > 0 || len(w.at.children) == 0 {
		return false
	}
	w.at = w.at.children[0]
	return true
}

func (w *walker) MoveToFirst() bool { return w.toSibling(0) }

func (w *walker) MoveToNext() bool { return w.toSibling(w.at.place + 1) }

func (w *walker) MoveToPrevious() bool { return w.toSibling(w.at.place - 1) }

func (w *walker) toSibling(place int) bool {
	w.b.Tick(1)
	if w.attribute > 0 || w.at.parent == nil || place < 0 || place >= len(w.at.parent.children) {
		return false
	}
	w.at = w.at.parent.children[place]
	return true
}

func (w *walker) MoveTo(other xpath.NodeNavigator) bool {
	o, ok := other.(*walker)
	if !ok {
		return false
	}
	w.b.Tick(1)
	w.at, w.attribute = o.at, o.attribute
	return true
}
