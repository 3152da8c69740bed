package importer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// maxMembers is how many parameters a body may be spread over; a larger one is
// one parameter.
const maxMembers = 60

// body reads what an operation sends: JSON or a form.
func (r *operationReader) body(list []node) error {
	if r.swagger {
		return r.oldBody(list)
	}
	body, err := r.op.get("requestBody").follow()
	if err != nil {
		return err
	}
	content := body.get("content")
	if len(content.keys()) == 0 {
		return nil
	}
	required := body.get("required").flag()
	if r.out.Method == "" || r.out.Method == "HEAD" || r.out.Method == "GET" {
		if required {
			return faultAt(body, "a body that GET cannot send")
		}
		return nil
	}
	kind := bodyType(content.keys())
	switch media := content.get(kind); {
	case isJSON(kind):
		return r.jsonBody(media.get("schema"), kind, required, body)
	case kind == formType:
		return r.formBody(media)
	case !required:
		return nil
	}
	return faultAt(body, "a body that is neither JSON nor a form, but %s", few(content.keys(), 3))
}

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

// bodyType is the media type that an action sends, of several.
func bodyType(kinds []string) string {
	rank := func(kind string) int {
		switch base := mediaType(kind); {
		case base == jsonType:
			return 5
		case strings.HasSuffix(base, "+json") && !strings.Contains(base, "patch"):
			return 4
		case base == formType:
			return 3
		case isJSON(kind):
			return 2
		}
		return 0
	}
	return slices.MaxFunc(kinds, func(a, b string) int { return rank(a) - rank(b) })
}

func mediaType(kind string) string {
	base, _, _ := strings.Cut(kind, ";")
	return strings.ToLower(strings.TrimSpace(base))
}

func isJSON(kind string) bool {
	base := mediaType(kind)
	return base == jsonType || base == "*/*" || base == "application/*" || base == "text/json" || strings.HasSuffix(base, "+json")
}

// oldBody is the body of Swagger 2: a parameter in: body, or several in:
// formData.
func (r *operationReader) oldBody(list []node) error {
	consumes := r.op.get("consumes").texts()
	if len(consumes) == 0 {
		consumes = r.root.get("consumes").texts()
	}
	if len(consumes) == 0 {
		consumes = []string{jsonType}
	}
	var fields []node
	for _, p := range list {
		switch strings.ToLower(p.get("in").text()) {
		case "body":
			return r.oldJSON(p, consumes)
		case "formdata":
			fields = append(fields, p)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return r.oldForm(fields, consumes)
}

func (r *operationReader) oldJSON(p node, consumes []string) error {
	kind := bodyType(consumes)
	switch required := p.get("required").flag(); {
	case r.out.Method == "" || r.out.Method == "HEAD":
		if required {
			return faultAt(p, "a body that GET cannot send")
		}
		return nil
	case !isJSON(kind):
		return faultAt(p, "a body that is neither JSON nor a form, but %s", few(consumes, 3))
	default:
		return r.jsonBody(p.get("schema"), kind, required, p)
	}
}

func (r *operationReader) oldForm(fields []node, consumes []string) error {
	for _, p := range fields {
		if strings.EqualFold(p.get("type").text(), "file") && p.get("required").flag() {
			return faultAt(p, "a file to upload")
		}
	}
	if bodyType(consumes) != formType && !slices.Contains(consumes, formType) && slices.ContainsFunc(consumes, func(s string) bool { return strings.HasPrefix(s, "multipart/") }) {
		return faultAt(r.op, "a multipart body")
	}
	if r.out.Method == "" {
		return faultAt(r.op, "a body that GET cannot send")
	}
	r.out.Form = map[string]string{}
	for _, p := range fields {
		s, err := r.schema(p)
		if err != nil {
			return err
		}
		if strings.EqualFold(p.get("type").text(), "file") || clean(p.get("name").text()) != p.get("name").text() {
			continue
		}
		if s.kind == "array" {
			s.kind, s.enum = "", nil
		}
		r.add(&r.out.Form, p, p.get("name").text(), "body", s)
	}
	return nil
}

// jsonBody makes the template of a JSON body: its members where they are known,
// else one parameter that is all of it.
func (r *operationReader) jsonBody(schema node, kind string, required bool, at node) error {
	s := shape{}
	if schema.given() {
		var err error
		if s, err = shapeOf(schema); err != nil {
			return err
		}
	}
	if s.kind == "string" || s.kind == "number" || s.kind == "boolean" {
		return faultAt(at, "a body that is no object and no list")
	}
	if r.out.Method == "POST" && !at.get("required").given() && len(s.required) > 0 {
		required = true // most documents forget to say so
	}
	members, err := r.template(s, required, 0)
	if err != nil {
		return err
	}
	var value any = members
	if members == nil {
		value = r.wholeBody(s, at)
	}
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := r.out.JSON.UnmarshalJSON(data); err != nil {
		return err
	}
	if base := mediaType(kind); strings.HasSuffix(base, "+json") {
		r.set(&r.out.Headers, "Content-Type", literal(base))
	}
	return nil
}

// wholeBody is the template of a body that the caller gives as it is.
func (r *operationReader) wholeBody(s shape, at node) string {
	help := phrase(first(at.get("description").text(), s.help), maxHelp-60)
	if names := sortedMembers(s); len(names) > 0 && !s.either {
		help = clip(strings.TrimSpace(help+" An object of: "+few(names, 12)), maxHelp)
	}
	p := abi.Parameter{Key: r.key("body", "json"), Kind: abi.KindJSON, Required: at.get("required").flag(), Help: first(help, "The whole body.")}
	r.out.Parameters = append(r.out.Parameters, p)
	return "{" + p.Key + "}"
}

// maxSpread is how deep the needed objects of a body are spread.
const maxSpread = 4

// template spreads an object over parameters, and the objects in it that are
// always there; nil where it cannot be spread.
func (r *operationReader) template(s shape, required bool, depth int) (map[string]any, error) {
	if !s.plainObject() || depth > maxSpread {
		return nil, nil
	}
	before := len(r.out.Parameters)
	taken := maps.Clone(r.keys)
	value := map[string]any{}
	for _, name := range sortedMembers(s) {
		member, err := r.member(s, name, required, depth)
		if err != nil {
			return nil, err
		}
		if member != nil {
			value[name] = member
		}
		if len(r.out.Parameters) > maxMembers || name == "" || clean(name) != name {
			r.out.Parameters, r.keys = r.out.Parameters[:before], taken
			return nil, nil
		}
	}
	return value, nil
}

// member is the template of one member of an object, nil where it has none.
func (r *operationReader) member(s shape, name string, required bool, depth int) (any, error) {
	at := s.members[name]
	inner, err := shapeOf(at)
	if err != nil {
		return nil, fmt.Errorf("member %s: %w", quoted(name), err)
	}
	always := s.required[name] || depth == 0 && len(s.members) == 1 // a wrapper
	needed := required && s.required[name]
	if inner.readOnly || inner.deprecated && !s.required[name] {
		return nil, nil
	}
	if needed && len(inner.enum) == 1 {
		return constant(inner), nil
	}
	if always {
		if value, err := r.template(inner, required, depth+1); err != nil || value != nil {
			return value, err
		}
	}
	p := r.describe(inner, at)
	p.Required, p.Key = needed, r.key(name, "body")
	if !needed {
		p.Default = ""
	}
	r.out.Parameters = append(r.out.Parameters, p)
	return "{" + p.Key + "}", nil
}

// constant is the one value that a member can have.
func constant(s shape) any {
	switch s.kind {
	case "number":
		if json.Valid([]byte(s.enum[0])) {
			return json.RawMessage(s.enum[0])
		}
	case "boolean":
		return s.enum[0] == "true"
	}
	return literal(s.enum[0])
}
