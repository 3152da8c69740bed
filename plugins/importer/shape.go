package importer

import (
	"maps"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// A shape is what a schema comes to for one parameter, body or answer: its
// kind, and for an object what it holds. References, allOf and alternatives are
// put together as far as that says something.
type shape struct {
	kind       string          // string, number, boolean, object, array; empty for any
	members    map[string]node // of an object
	required   map[string]bool
	item       node // of an array
	open       bool // an object that may hold other members
	either     bool // one of several, so the members are not all
	enum       []string
	fixed      bool // the enum is the only value that there is
	standard   string
	help       string
	format     string
	most       int  // maximum
	least      node // minimum
	readOnly   bool
	deprecated bool
}

// maxSteps bounds the schemas that one shape is put together of. A few lines
// can stand for more than anyone can read: S0 is ten times S1, which is ten
// times S2.
const maxSteps = 400

// A reader of one schema counts its steps.
type shaper struct {
	steps int
	open  map[string]bool // places that are being read
}

// shapeOf reads a schema, each once. One that is broken, or refers to what is
// not there, is of any kind; the fault says why. Nobody changes the members of a
// shape.
func shapeOf(n node) (shape, error) {
	if n.doc == nil {
		return shape{}, nil
	}
	if known, ok := n.doc.shapes[n.at]; ok {
		return known, nil
	}
	r := shaper{open: map[string]bool{}}
	s := shape{members: map[string]node{}, required: map[string]bool{}}
	if err := r.add(&s, n); err != nil {
		return s, err
	}
	if s.kind == "" {
		s.kind = s.implied()
	}
	n.doc.shapes[n.at] = s
	return s, nil
}

// implied is the kind that a schema has without saying so.
func (s shape) implied() string {
	switch {
	case len(s.members) > 0:
		return "object"
	case s.item.given():
		return "array"
	}
	return ""
}

// add puts a schema into a shape.
func (r *shaper) add(s *shape, n node) error {
	n, err := n.follow()
	if err != nil {
		return err
	}
	if r.steps++; r.steps > maxSteps || r.open[n.at] {
		s.either = true // the rest is not known
		return nil
	}
	r.open[n.at] = true
	defer delete(r.open, n.at)
	r.own(s, n)
	for _, part := range n.get("allOf").items() {
		if err := r.add(s, part); err != nil {
			return err
		}
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		if err := r.alternatives(s, n.get(key).items()); err != nil {
			return err
		}
	}
	return nil
}

// own adds what a schema says itself.
func (r *shaper) own(s *shape, n node) {
	if kind := kindOf(n); kind != "" {
		s.kind = kind
	}
	properties := n.get("properties")
	for _, name := range properties.keys() {
		s.members[name] = properties.get(name)
	}
	for _, name := range n.get("required").texts() {
		s.required[name] = true
	}
	if items := n.get("items"); items.given() {
		s.item = items
	}
	if more := n.get("additionalProperties"); more.isObject() || more.flag() {
		s.open = true
	}
	if list := enumOf(n); list != nil {
		s.enum, s.fixed = list, len(list) == 1
	}
	s.standard = first(s.standard, n.get("default").text())
	s.help = first(s.help, n.get("description").text(), n.get("title").text())
	s.format = first(s.format, n.get("format").text())
	s.most = max(s.most, n.get("maximum").number())
	if least := n.get("minimum"); least.given() {
		s.least = least
	}
	s.readOnly = s.readOnly || n.get("readOnly").flag()
	s.deprecated = s.deprecated || n.get("deprecated").flag()
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// kindOf is the type of a schema: one of several where all but null say the
// same, and what its values say where it has none.
func kindOf(n node) string {
	kinds := map[string]bool{}
	for _, t := range n.get("type").texts() {
		if t = strings.ToLower(t); t == "integer" || t == "int" || t == "float" || t == "double" || t == "long" {
			t = "number"
		}
		if t != "null" {
			kinds[t] = true
		}
	}
	switch {
	case len(kinds) == 0:
		return ""
	case kinds["string"] || kinds["file"]:
		return "string"
	case kinds["object"] && len(kinds) == 1, kinds["array"] && len(kinds) == 1, kinds["number"] && len(kinds) == 1, kinds["boolean"] && len(kinds) == 1:
		return slices.Collect(maps.Keys(kinds))[0]
	}
	return mixed(kinds)
}

// mixed is the kind of what may be of several: a text can be written for each
// scalar, and JSON for each object and list.
func mixed(kinds map[string]bool) string {
	switch {
	case kinds["string"]:
		return "string"
	case kinds["object"]:
		return "object"
	case kinds["array"]:
		return "array"
	case kinds["number"]:
		return "string" // a number or a boolean: as it is written
	case kinds["boolean"]:
		return "boolean"
	}
	return ""
}

// enumOf are the values of an enum or const as texts, nil where there is none.
func enumOf(n node) (list []string) {
	values := n.get("enum").items()
	if c := n.get("const"); c.given() {
		values = []node{c}
	}
	seen := map[string]bool{}
	for _, v := range values {
		text := v.text()
		if text == "" || seen[text] {
			continue
		}
		if clean(text) != text {
			return nil // a line break, a space at an end: it is no choice for people
		}
		seen[text] = true
		list = append(list, text)
	}
	return list
}

// alternatives adds schemas of which one holds. Null is none, and one that only
// says which members are needed changes nothing about what they are.
func (r *shaper) alternatives(s *shape, list []node) error {
	var real []node
	for _, n := range list {
		at, err := n.follow()
		if err != nil {
			return err
		}
		if at.get("type").text() == "null" || len(at.keys()) == 0 || onlyRequires(at) {
			continue
		}
		real = append(real, n)
	}
	if len(real) == 1 {
		return r.add(s, real[0])
	}
	kinds := map[string]bool{}
	for _, n := range real {
		part := shape{members: map[string]node{}, required: map[string]bool{}}
		if err := r.add(&part, n); err != nil {
			return err
		}
		kinds[first(part.kind, part.implied(), "any")] = true
		s.item = firstNode(s.item, part.item)
		s.either = true
		for name, member := range part.members { // what paging and accounts look for
			if _, known := s.members[name]; !known {
				s.members[name] = member
			}
		}
	}
	if s.kind == "" && len(kinds) > 0 {
		s.kind = mixed(kinds)
	}
	return nil
}

func firstNode(a, b node) node {
	if a.given() {
		return a
	}
	return b
}

// onlyRequires says whether a schema adds nothing but needed members.
func onlyRequires(n node) bool {
	for _, key := range n.keys() {
		if key != "required" && key != "title" && key != "description" && key != "not" {
			return false
		}
	}
	return true
}

// paramKind is the kind of a parameter for a shape.
func (s shape) paramKind() string {
	switch s.kind {
	case "number":
		return abi.KindNumber
	case "boolean":
		return abi.KindBoolean
	case "object", "array":
		return abi.KindJSON
	}
	return ""
}

// plainObject says whether each member of an object can be a parameter.
func (s shape) plainObject() bool { return s.kind == "object" && !s.either && len(s.members) > 0 }
