package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// Schema is the JSON Schema of a manifest, draft 2020-12. What it refuses the
// validator refuses too; the validator refuses more, because places in
// templates and the like are beyond a schema.
func (m Manifest) Schema() ([]byte, error) {
	s := schemas{m: m, defs: map[string]ordered{}}
	root := s.object("Manifest", "", abi.RequestRule{})
	root = append(ordered{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", fmt.Sprintf("urn:connhost:manifest:v%d", abi.Version)},
		{"$comment", "Generated from the types of package abi: go generate ./plugins/abi"},
		{"title", "The manifest of a connector, " + abi.SectionName},
	}, root...)
	root = append(root, member{"anyOf", []any{required("base_url"), required("hosts")}})
	var defs ordered
	for _, name := range s.order {
		defs = append(defs, member{name, s.defs[name]})
	}
	root = append(root, member{"$defs", defs})
	if s.err != nil {
		return nil, s.err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(root)
	return b.Bytes(), err
}

// schemas builds the schemas of objects; each is defined once.
type schemas struct {
	m     Manifest
	defs  map[string]ordered
	order []string
	err   error
}

// object is the schema of a Go type at a place of the manifest. A request
// depends on its place: rule says what it may hold there.
func (s *schemas) object(name, path string, rule abi.RequestRule) ordered {
	o := s.m[name]
	var properties ordered
	var needed []string
	for _, f := range o.fields {
		if f.Needed && f.For == nil {
			needed = append(needed, f.Name)
		}
		at := strings.TrimPrefix(path+"."+f.Name, ".")
		properties = append(properties, member{f.Name, s.requestKey(rule, f, s.field(f, at))})
	}
	out := ordered{{"type", "object"}, {"properties", properties}}
	if needed != nil {
		out = append(out, member{"required", needed})
	}
	out = append(out, member{"additionalProperties", false})
	switch name {
	case "Manifest":
		out = append(out, member{"allOf", forAuthTypes(o, func(is any) ordered {
			return ordered{{"properties", ordered{{"auth", withType(is)}}}, {"required", []string{"auth"}}}
		}, s.authTypes())})
	case "Auth":
		out = append(out, member{"allOf", forAuthTypes(o, withType, s.authTypes())})
	}
	return append(out, requestConditions(rule)...)
}

// field is the schema of a key's value.
func (s *schemas) field(f field, path string) ordered {
	out := ordered{{"description", sentence(f)}}
	switch f.kind {
	case text:
		out = append(out, textSchema(f.Key)...)
	case number:
		out = append(out, numberSchema(f.Key)...)
	case boolean:
		out = append(out, member{"type", "boolean"})
	case list:
		out = append(out, member{"type", "array"}, member{"items", s.part(f, path+"[]")})
		out = bound(out, "maxItems", f.MaxItems)
		if f.Unique {
			out = append(out, member{"uniqueItems", true})
		}
	case names:
		out = append(out, member{"type", "object"})
		if f.NamePattern != "" {
			out = append(out, member{"propertyNames", bound(ordered{{"pattern", anchored(f.NamePattern)}}, "maxLength", f.MaxLength)})
		}
		out = append(out, member{"additionalProperties", s.part(f, path+"[]")})
		out = bound(out, "maxProperties", f.MaxItems)
	case body:
		out = append(out, member{"type", []string{"object", "array", "string"}})
	case object:
		return append(out, s.reference(f.of, path)...)
	}
	return withValues(out, f)
}

// part is the schema of a list's items or of the values of free names.
func (s *schemas) part(f field, path string) ordered {
	k := f.Key
	k.MaxLength = 0 // which is of the names
	switch kind(f.of) {
	case number:
		return numberSchema(f.Key)
	case text:
		return textSchema(k)
	case oneOf:
		list := bound(ordered{{"type", "array"}, {"items", textSchema(k)}, {"minItems", 1}, {"uniqueItems", true}}, "maxItems", k.MaxItems)
		return ordered{{"anyOf", []any{textSchema(k), list}}}
	}
	return s.reference(f.of, path)
}

// reference names the schema of an object, and makes it at its first use.
func (s *schemas) reference(name, path string) ordered {
	rule, request := abi.RequestRule{}, name == "Request" || s.m[name].embeds == "Request"
	def := strings.ToLower(name)
	if request {
		path = strings.TrimSuffix(path, "[]")
		def = path[strings.LastIndexByte(path, '.')+1:]
		rules := abi.RequestRules()
		i := slices.IndexFunc(rules, func(r abi.RequestRule) bool { return r.Path == path })
		if i < 0 {
			s.err = fmt.Errorf("abi.RequestRules says nothing about the request %s", path)
			return nil
		}
		rule = rules[i]
	}
	if _, ok := s.defs[def]; !ok {
		s.defs[def] = nil // it may hold itself
		s.order = append(s.order, def)
		schema := s.object(name, path, rule)
		if o := s.m[name]; o.OrText {
			schema = ordered{{"anyOf", []any{textOrName(o), schema}}}
		}
		s.defs[def] = schema
	}
	return ordered{{"$ref", "#/$defs/" + def}}
}

// textOrName is the text that may stand in the place of an object.
func textOrName(o objectType) ordered { return textSchema(o.fields[0].Key) }

func required(keys ...string) ordered { return ordered{{"required", keys}} }
