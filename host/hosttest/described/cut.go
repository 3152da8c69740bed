package described

import (
	"encoding/json"
	"strings"
)

// Cut is a description of these operations alone, as JSON, for a mock server: with
// what their requests refer to, without servers, and with an empty answer, which
// needs no making up. What more than deep references lead to may be anything: a
// description in which everything leads to everything takes a server minutes.
func (d *Description) Cut(list []Operation, deep int) ([]byte, error) {
	c := cutting{d: d, deep: deep, components: map[string]any{}}
	paths := map[string]any{}
	for _, o := range list {
		item, _ := paths[o.Path].(map[string]any)
		if item == nil {
			item = map[string]any{}
			paths[o.Path] = item
		}
		kept := map[string]any{"responses": map[string]any{"200": map[string]any{"description": "done"}}}
		for _, key := range []string{"operationId", "security", "requestBody"} {
			if v, ok := o.node[key]; ok {
				kept[key] = c.keep(v, 0)
			}
		}
		var parameters []any
		for _, p := range o.parameters() {
			parameters = append(parameters, c.keep(map[string]any(p), 0))
		}
		if parameters != nil {
			kept["parameters"] = parameters
		}
		item[strings.ToLower(o.Method)] = kept
	}
	for name, v := range d.doc.object("components").object("securitySchemes") {
		c.place("securitySchemes", name, c.keep(v, 0))
	}
	c.gather()
	out := map[string]any{
		"openapi": d.doc["openapi"], "info": map[string]any{"title": "cut", "version": "1"}, "paths": paths, "components": c.components,
	}
	if v, ok := d.doc["security"]; ok {
		out["security"] = v
	}
	return json.Marshal(out)
}

// A cutting keeps what the kept parts refer to, the nearest first.
type cutting struct {
	d          *Description
	deep       int
	components map[string]any
	next       []reference
}

// A reference names a component, by its kind and name.
type reference struct {
	kind, name string
	depth      int
}

func (c *cutting) place(kind, name string, value any) {
	of, _ := c.components[kind].(map[string]any)
	if of == nil {
		of = map[string]any{}
		c.components[kind] = of
	}
	of[name] = value
}

// keep copies a part without examples, which the server would hold against the
// schemas, and notes what it refers to.
func (c *cutting) keep(v any, depth int) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, 0, len(v))
		for _, item := range v {
			list = append(list, c.keep(item, depth))
		}
		return list
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			if !strings.HasPrefix(ref, "#/components/") {
				return c.keep(c.d.at(ref), depth) // in a path, which may be cut away
			}
			c.refer(ref, depth+1)
		}
		object := map[string]any{}
		for name, member := range v {
			if _, named := member.(map[string]any); (name == "example" || name == "examples") && !named || strings.HasPrefix(name, "x-") {
				continue
			}
			object[name] = c.keep(member, depth)
		}
		return object
	}
	return v
}

// refer notes the component that a reference names, or the one in which what it
// names stands.
func (c *cutting) refer(ref string, depth int) {
	way := strings.Split(strings.TrimPrefix(ref, "#/components/"), "/")
	if len(way) > 1 {
		c.next = append(c.next, reference{way[0], strings.NewReplacer("~1", "/", "~0", "~").Replace(way[1]), depth})
	}
}

// gather keeps what was referred to.
func (c *cutting) gather() {
	for len(c.next) > 0 {
		r := c.next[0]
		c.next = c.next[1:]
		if of, _ := c.components[r.kind].(map[string]any); of[r.name] != nil {
			continue
		}
		if r.depth > c.deep && r.kind == "schemas" {
			c.place(r.kind, r.name, map[string]any{})
			continue
		}
		c.place(r.kind, r.name, c.keep(c.d.doc.object("components").object(r.kind)[r.name], r.depth))
	}
}
