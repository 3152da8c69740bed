package abi

import (
	"bytes"
	"encoding/json"
	"iter"
	"maps"
	"reflect"
	"slices"
)

// A Body is the template of a JSON body: an object, a list or one text. Its
// texts are templates; names, numbers, true, false and null stand as they are.
// The zero value is no body.
type Body struct{ value any }

// BodyOf is an object whose members are texts. That of a nil map is no body.
func BodyOf(texts map[string]string) Body {
	if texts == nil {
		return Body{}
	}
	value := map[string]any{}
	for name, text := range texts {
		value[name] = text
	}
	return Body{value}
}

// UnmarshalJSON keeps numbers as they are written.
func (b *Body) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	return dec.Decode(&b.value)
}

func (b Body) MarshalJSON() ([]byte, error) { return json.Marshal(b.value) }

// IsZero says that there is no body. An empty object is one.
func (b Body) IsZero() bool { return b.value == nil }

// Value is the template as a decoded document: of maps, lists, texts,
// json.Number, bool and nil. It may not be changed.
func (b Body) Value() any { return b.value }

// Texts are the members of an object that are texts, which is all that the
// body of a token request has. They are nil where there is no body.
func (b Body) Texts() map[string]string {
	if b.value == nil {
		return nil
	}
	texts := map[string]string{}
	members, _ := b.value.(map[string]any)
	for name, value := range members {
		if text, ok := value.(string); ok {
			texts[name] = text
		}
	}
	return texts
}

// Templates are all texts of a body with the paths at which they stand below
// at, in the order of names.
func (b Body) Templates(at string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) { walk(at, b.value, yield) }
}

func walk(at string, value any, yield func(string, string) bool) bool {
	switch value := value.(type) {
	case string:
		return yield(at, value)
	case []any:
		for i, item := range value {
			if !walk(ItemPath(at, i), item, yield) {
				return false
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if !walk(KeyPath(at, name), value[name], yield) {
				return false
			}
		}
	}
	return true
}

// Fill gives the document that fill makes of the texts. A text of which fill
// says that it is absent is left out, and so is an object or a list from which
// everything was left out. The outermost one stays, empty; a body that is one
// absent text is none, and there is false.
func (b Body) Fill(fill func(template string) (value any, there bool, err error)) (doc any, there bool, err error) {
	if b.IsZero() {
		return nil, false, nil
	}
	doc, there, err = filled(b.value, fill)
	if _, text := b.value.(string); err != nil || there || text {
		return doc, there, err
	}
	return doc, true, nil
}

// filled gives an empty object or list beside false where everything was left
// out of it.
func filled(value any, fill func(string) (any, bool, error)) (any, bool, error) {
	switch value := value.(type) {
	case string:
		return fill(value)
	case []any:
		list := []any{}
		for _, item := range value {
			got, there, err := filled(item, fill)
			if err != nil {
				return nil, false, err
			}
			if there {
				list = append(list, got)
			}
		}
		return list, len(list) > 0 || len(value) == 0, nil
	case map[string]any:
		object := map[string]any{}
		for name, member := range value {
			got, there, err := filled(member, fill)
			if err != nil {
				return nil, false, err
			}
			if there {
				object[name] = got
			}
		}
		return object, len(object) > 0 || len(value) == 0, nil
	}
	return value, true, nil
}

// body checks the templates of a JSON body.
func (c *checker) body(at string, b Body, u use) {
	if members, object := b.value.(map[string]any); u.flat && !b.IsZero() && (!object || len(b.Texts()) < len(members)) {
		c.fault("M421", at, "write for example: {audience: \"{tenant}\"}", "%s is an object of texts, beside which the host puts its own", last(at))
		return
	}
	for path, text := range b.Templates(at) {
		if c.plain(path, text) {
			c.template(path, text, u)
		}
	}
}

// isBody are the kinds that the whole of a body may have.
const isBody kind = "an object, a list or text"

// body compares a value with what a JSON body may be.
func (s *shape) body(path string, raw json.RawMessage) {
	switch got := kindOf(raw); got {
	case isObject, isList, isText:
		s.part(path, raw, 0)
	default:
		s.wrong("M006", path, "", "%s must be %s, not %s", last(path), isBody, got)
	}
}

// part looks at a value within a body.
func (s *shape) part(path string, raw json.RawMessage, depth int) {
	switch kindOf(raw) {
	case isObject:
		if depth > 0 && isPlace(raw) && string(bytes.TrimSpace(raw)) != "{}" {
			s.wrong("M006", path, `a text that begins with a brace stands in quotes: "{key}"`, "%s holds names without values", last(path))
			return
		}
		for name, value := range s.unique(path, raw) {
			at := KeyPath(path, name)
			switch {
			case name == "":
				s.wrong("M408", at, "", "a parameter in %s has an empty name", last(path))
			case controls(name):
				s.wrong("M013", at, "", "%s may not hold line breaks or control characters", last(at))
			}
			s.part(at, value, depth+1)
		}
	case isList:
		var items []json.RawMessage
		_ = json.Unmarshal(raw, &items) // the document has been read
		for i, item := range items {
			s.part(ItemPath(path, i), item, depth+1)
		}
	}
}

var bodyType = reflect.TypeFor[Body]()
