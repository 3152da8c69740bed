package described

import "slices"

// parts are a schema and what it is put together from. All of them hold where
// all is true, and else one of them may.
func (d *Description) parts(schema node, depth int, visit func(part node, all bool)) {
	d.visit(schema, true, depth, visit)
}

func (d *Description) visit(schema node, all bool, depth int, visit func(node, bool)) {
	if schema = d.follow(schema); schema == nil || depth > 8 {
		return
	}
	visit(schema, all)
	for _, part := range schema.list("allOf") {
		d.visit(part, all, depth+1, visit)
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		for _, part := range schema.list(key) {
			d.visit(part, false, depth+1, visit)
		}
	}
}

// members are the names that an object may have, each with its schema. It is
// open where others are let in by name, or where nothing is said of any.
func (d *Description) members(schema node) (names map[string]node, required []string, open bool) {
	names = map[string]node{}
	d.parts(schema, 0, func(part node, all bool) {
		for name := range part.object("properties") {
			names[name] = part.object("properties").object(name)
		}
		if all {
			required = append(required, part.texts("required")...)
		}
		switch more := part["additionalProperties"].(type) {
		case bool:
			open = open || more
		case map[string]any:
			open = true
		}
	})
	return names, required, open || len(names) == 0
}

// items is the schema of a list's items; nil where it is none.
func (d *Description) items(schema node) (items node) {
	d.parts(schema, 0, func(part node, _ bool) {
		if of := part.object("items"); of != nil && items == nil {
			items = of
		}
	})
	return items
}

// Words are the values that a schema lists, nil for any.
func (d *Description) words(schema node) (list []any) {
	d.parts(schema, 0, func(part node, _ bool) {
		words, _ := part["enum"].([]any)
		list = append(list, words...)
	})
	return list
}

// kinds are the JSON types that a schema allows.
func (d *Description) kinds(schema node) (list []string) {
	d.parts(schema, 0, func(part node, _ bool) {
		list = append(list, part.texts("type")...) // OpenAPI 3.1
		if kind := part.text("type"); kind != "" {
			list = append(list, kind)
		}
		if part["properties"] != nil {
			list = append(list, "object")
		}
	})
	slices.Sort(list)
	return slices.Compact(list)
}
