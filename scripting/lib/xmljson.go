package lib

import (
	"strings"
	"unicode"

	"github.com/connhost/connhost/scripting/value"
)

// Values as XML: a map is its keys as elements, a list the element repeated,
// null an empty element; everything stands in the element root.

// toXML prints a value as XML.
func (c call) toXML(v any) string {
	w := &xmlWriter{c: c}
	w.raw("<root>")
	w.content(v, 0)
	w.raw("</root>")
	return w.sb.String()
}

// content writes what stands inside the element of v.
func (w *xmlWriter) content(v any, depth int) {
	switch t := value.Resolve(v).(type) {
	case *value.Map:
		for k, v := range t.All() {
			w.element(elementName(value.Text(w.c.budget(), k)), v, depth)
		}
	case *value.List:
		w.element("array", t, depth)
	case *value.Collection:
		if t.Keyed() {
			w.content(t.Map(), depth)
		} else if t.Len() > 0 {
			w.element("array", t.List(), depth)
		}
	case nil, *value.Empty:
	default:
		w.escaped(value.Text(w.c.budget(), t))
	}
}

// element writes v as an element of that name, a list as several.
func (w *xmlWriter) element(name string, v any, depth int) {
	w.c.budget().Tick(1)
	if depth >= value.MaxNesting {
		value.Throw("the value is nested too deep for XML")
	}
	if l, ok := value.Resolve(v).(*value.List); ok {
		for _, item := range l.Items() {
			if _, nested := value.Resolve(item).(*value.List); nested {
				w.raw("<" + name + ">")
				w.element("array", item, depth+1)
				w.raw("</" + name + ">")
				continue
			}
			w.element(name, item, depth+1)
		}
		return
	}
	w.raw("<" + name + ">")
	w.content(v, depth+1)
	w.raw("</" + name + ">")
}

// elementName makes a name that an element may have of a key: what it may not
// hold becomes an underscore.
func elementName(key string) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-.", r) {
			return r
		}
		return '_'
	}, key)
	if first := strings.IndexFunc(name, func(r rune) bool { return unicode.IsLetter(r) || r == '_' }); first != 0 {
		name = "_" + name
	}
	return name
}
