package described

import (
	"slices"
	"strings"
)

// Sample is a value that a parameter of the path or the query may have; nil
// where the operation has none of that name.
func (o Operation) Sample(in, name string) any {
	p := o.parameter(in, name)
	if p == nil {
		return nil
	}
	if v, ok := example(p); ok {
		return v
	}
	return o.d.sample(p.object("schema"), 0)
}

// SampleOf is a value that a segment of the path may have, counted from its end;
// nil where that segment is no place.
func (o Operation) SampleOf(fromEnd int) any {
	segments := strings.Split(o.Path, "/")
	if fromEnd >= len(segments) {
		return nil
	}
	segment := segments[len(segments)-1-fromEnd]
	_, name, ok := strings.Cut(segment, "{")
	name, _, _ = strings.Cut(name, "}")
	if !ok {
		return nil
	}
	return o.Sample("path", name)
}

// SampleMember is a value that a member of the body may have, by the names on
// the way to it; "" is any item of a list.
func (o Operation) SampleMember(contentType string, way ...string) any {
	schema, ok := o.body(contentType)
	for _, name := range way {
		if name == "" {
			schema = o.d.items(schema)
			continue
		}
		names, _, _ := o.d.members(schema)
		if schema = names[name]; schema == nil {
			return nil
		}
	}
	if !ok {
		return nil
	}
	return o.d.sample(schema, 0)
}

// example is a value that the description gives.
func example(n node) (any, bool) {
	if v, ok := n["example"]; ok && v != nil {
		return v, true
	}
	if list, ok := n["examples"].([]any); ok && len(list) > 0 {
		return list[0], true
	}
	for _, name := range sortedKeys(n.object("examples")) {
		if v, ok := n.object("examples").object(name)["value"]; ok {
			return v, true
		}
	}
	return nil, false
}

func sortedKeys(n node) (keys []string) {
	for key := range n {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// sample makes up a value that a schema allows: an example of its own, a word of
// its list, or what its type and form ask for. Of an object it has what must be
// there.
func (d *Description) sample(schema node, depth int) any {
	schema = d.follow(schema)
	if v, ok := example(schema); ok && d.fits(schema, v) {
		return v
	}
	if words, _ := schema["enum"].([]any); len(words) > 0 {
		return words[0]
	}
	for _, key := range []string{"const", "default"} {
		if v, ok := schema[key]; ok && v != nil {
			return v
		}
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		if list := schema.list(key); len(list) > 0 && schema["properties"] == nil {
			return d.sample(list[0], depth+1)
		}
	}
	kinds := d.kinds(schema)
	switch {
	case slices.Contains(kinds, "object"):
		return d.sampleObject(schema, depth)
	case slices.Contains(kinds, "array"):
		if depth > 6 {
			return []any{}
		}
		return []any{d.sample(d.items(schema), depth+1)}
	case slices.Contains(kinds, "integer"), slices.Contains(kinds, "number"):
		if low, ok := schema["minimum"].(float64); ok && low > 1 {
			return low
		}
		return float64(1)
	case slices.Contains(kinds, "boolean"):
		return true
	}
	return sampleText(schema)
}

// fits says whether an example is of the schema's type: some descriptions give
// the text of a number or of a list.
func (d *Description) fits(schema node, v any) bool {
	kinds := d.kinds(schema)
	switch v.(type) {
	case string:
		return len(kinds) == 0 || slices.Contains(kinds, "string")
	case float64:
		return len(kinds) == 0 || slices.Contains(kinds, "number") || slices.Contains(kinds, "integer")
	case bool:
		return len(kinds) == 0 || slices.Contains(kinds, "boolean")
	case []any:
		return len(kinds) == 0 || slices.Contains(kinds, "array")
	}
	return len(kinds) == 0 || slices.Contains(kinds, "object")
}

func (d *Description) sampleObject(schema node, depth int) any {
	object := map[string]any{}
	names, required, _ := d.members(schema)
	if depth > 6 {
		return object
	}
	for _, name := range required {
		if of := d.follow(names[name]); of != nil && !of.flag("readOnly") {
			object[name] = d.sample(of, depth+1)
		}
	}
	return object
}

// sampleText is a text of a form.
func sampleText(schema node) string {
	text := "sample"
	switch schema.text("format") {
	case "date-time":
		return "2026-11-26T10:00:00Z"
	case "date":
		return "2026-11-26"
	case "uri", "url":
		return "https://example.com/"
	case "email":
		return "ada@example.com"
	case "uuid":
		return "0190f3a2-7c1e-7b3a-9c55-1f0f8a6f2b11"
	case "ipv4":
		return "192.0.2.1"
	case "byte", "base64":
		return "c2FtcGxl"
	}
	if low, ok := schema["minLength"].(float64); ok {
		for len(text) < int(low) {
			text += "s"
		}
	}
	if high, ok := schema["maxLength"].(float64); ok && len(text) > int(high) {
		text = text[:int(high)]
	}
	return text
}
