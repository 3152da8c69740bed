package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
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

// authTypes are the words of auth.type.
func (s *schemas) authTypes() []string {
	for _, f := range s.m["Auth"].fields {
		if f.Name == "type" {
			return f.Words
		}
	}
	return nil
}

// withType is an object whose type is one of those.
func withType(is any) ordered {
	return ordered{{"properties", ordered{{"type", is}}}, {"required", []string{"type"}}}
}

// forAuthTypes says which keys each auth type needs and which it may not have.
// Types with the same rules share one.
func forAuthTypes(o objectType, condition func(is any) ordered, types []string) []any {
	var rules []any
	var groups [][]string
	for _, authType := range types {
		rule := authRule(o, authType)
		i := slices.IndexFunc(rules, func(r any) bool { return fmt.Sprint(r) == fmt.Sprint(rule) })
		if i < 0 {
			i = len(rules)
			rules, groups = append(rules, rule), append(groups, nil)
		}
		groups[i] = append(groups[i], authType)
	}
	var out []any
	for i, rule := range rules {
		if len(rule.(ordered)) > 0 {
			out = append(out, ordered{{"if", condition(ordered{{"enum", groups[i]}})}, {"then", rule}})
		}
	}
	return out
}

func authRule(o objectType, authType string) ordered {
	var foreign ordered
	var needed []string
	for _, f := range o.fields {
		switch {
		case f.For != nil && !slices.Contains(f.For, authType):
			foreign = append(foreign, member{f.Name, nothing(f.kind)})
		case f.For != nil && f.Needed:
			needed = append(needed, f.Name)
		}
	}
	var rule ordered
	if foreign != nil {
		rule = append(rule, member{"properties", foreign})
	}
	if needed != nil {
		rule = append(rule, member{"required", needed})
	}
	return rule
}

// nothing is a value that means the same as leaving the key out.
func nothing(k kind) any {
	switch k {
	case text:
		return ordered{{"maxLength", 0}}
	case list:
		return ordered{{"maxItems", 0}}
	case names:
		return ordered{{"maxProperties", 0}}
	case boolean:
		return ordered{{"const", false}}
	case number:
		return ordered{{"const", 0}}
	}
	return false
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
	case object:
		return append(out, s.reference(f.of, path)...)
	}
	return withValues(out, f)
}

// part is the schema of a list's items or of the values of free names.
func (s *schemas) part(f field, path string) ordered {
	if f.of != string(text) {
		return s.reference(f.of, path)
	}
	k := f.Key
	k.MaxLength = 0 // which is of the names
	return textSchema(k)
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

// requestKey narrows a key of a request to what it may hold at its place.
func (s *schemas) requestKey(rule abi.RequestRule, f field, schema ordered) any {
	switch {
	case rule.Path == "":
		return schema
	case f.Name == "answer" && f.of == "Answer":
		return answerSchema(s.m["Answer"], rule, schema[0])
	case rule.Body:
		return schema
	case f.Name == "method":
		return ordered{schema[0], {"const", rule.Method}}
	case f.Name == "headers":
		return ordered{schema[0], {"type", "object"}, {"maxProperties", 0}}
	case f.Name == "form" || f.Name == "json":
		return false
	}
	return schema
}

// answerSchema has the pointers that mean something for a request.
func answerSchema(o objectType, rule abi.RequestRule, description member) ordered {
	properties := ordered{}
	for _, f := range o.fields {
		if slices.Contains(rule.Answer, f.Name) {
			properties = append(properties, member{f.Name, withValues(append(ordered{{"description", sentence(f)}}, textSchema(f.Key)...), f)})
		}
	}
	out := ordered{description, {"type", "object"}, {"properties", properties}, {"additionalProperties", false}}
	if rule.Reads {
		out = append(out, member{"minProperties", 1})
	}
	return out
}

// requestConditions are the rules between the keys of a request.
func requestConditions(rule abi.RequestRule) ordered {
	if rule.Path == "" {
		return nil
	}
	all := []any{ordered{{"not", required("url", "path")}}}
	if rule.Body {
		all = append(all, ordered{{"not", required("form", "json")}})
	}
	out := ordered{{"allOf", all}}
	if rule.URL {
		out = append(out, member{"anyOf", []any{required("url"), required("path")}})
	}
	if rule.Reads {
		out = append(out, member{"required", []string{"answer"}})
	}
	return out
}

func required(keys ...string) ordered { return ordered{{"required", keys}} }

func textSchema(k abi.Key) ordered {
	out := ordered{{"type", "string"}}
	if k.Words != nil {
		out = append(out, member{"enum", k.Words})
	}
	if k.Pattern != "" {
		out = append(out, member{"pattern", anchored(k.Pattern)})
	}
	return bound(bound(out, "minLength", k.MinLength), "maxLength", k.MaxLength)
}

func numberSchema(k abi.Key) ordered {
	if k.Min == k.Max && k.Max != 0 {
		return ordered{{"const", k.Min}}
	}
	return bound(ordered{{"type", "integer"}, {"minimum", k.Min}}, "maximum", k.Max)
}

func anchored(pattern string) string { return "^(?:" + pattern + ")$" }

func bound(s ordered, key string, n int) ordered {
	if n == 0 {
		return s
	}
	return append(s, member{key, n})
}

// withValues adds the default and the example of what is no object.
func withValues(s ordered, f field) ordered {
	if f.Default != "" {
		s = append(s, member{"default", value(f, f.Default)})
	}
	if f.kind == text || f.kind == number || f.kind == boolean {
		s = append(s, member{"examples", []any{value(f, f.Example)}})
	}
	return s
}

// value reads a default or an example as it is written in a manifest.
func value(f field, written string) any {
	switch f.kind {
	case number, boolean:
		return json.RawMessage(written)
	}
	if plain, err := strconv.Unquote(written); err == nil {
		return plain
	}
	return written
}

// sentence describes a key for an editor.
func sentence(f field) string {
	s := strings.ToUpper(f.meaning[:1]) + f.meaning[1:] + "."
	if f.For != nil {
		s += " For " + strings.Join(f.For, ", ") + "."
	}
	if f.Otherwise != "" {
		s += " Default: " + plainText(f.Otherwise) + "."
	}
	return s
}

var link = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)

// plainText is Markdown without its marks.
func plainText(s string) string { return strings.ReplaceAll(link.ReplaceAllString(s, "$1"), "`", "") }

// ordered is a JSON object whose members keep their order.
type ordered []member

type member struct {
	key   string
	value any
}

// MarshalJSON writes the members in order.
func (o ordered) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(m.key)
		if err != nil {
			return nil, err
		}
		var value bytes.Buffer
		e := json.NewEncoder(&value)
		e.SetEscapeHTML(false)
		if err := e.Encode(m.value); err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(bytes.TrimSpace(value.Bytes()))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
