package importer

import (
	"slices"
	"strings"
)

// answers reads what an operation answers when it succeeds, and asks for JSON
// where the service has other things too.
func (r *operationReader) answers() {
	responses := r.op.get("responses")
	codes := slices.DeleteFunc(responses.keys(), func(code string) bool { return !strings.HasPrefix(code, "2") })
	if len(codes) == 0 {
		codes = []string{"default"}
	}
	for _, code := range codes {
		response, err := responses.get(code).follow()
		if err != nil {
			continue
		}
		schema, kinds := response.get("schema"), response.get("content").keys()
		if r.swagger {
			kinds = firstList(r.op.get("produces").texts(), r.root.get("produces").texts())
		}
		r.accept(kinds)
		for _, name := range response.get("headers").keys() {
			r.out.linked = r.out.linked || strings.EqualFold(name, "Link")
		}
		if len(kinds) > 0 && !r.swagger {
			if kind := bodyType(kinds); isJSON(kind) {
				schema = response.get("content").get(kind).get("schema")
			}
		}
		if schema.given() {
			r.out.answered = schema
			return
		}
	}
}

// answer is the shape of what an operation answers. It is read for the few that
// are looked at, because a large service has thousands.
func (o operation) answer() shape {
	s, _ := shapeOf(o.answered)
	return s
}

func firstList(a, b []string) []string {
	if len(a) > 0 {
		return a
	}
	return b
}

// accept asks for JSON by its name where plain JSON is not the only answer.
func (r *operationReader) accept(kinds []string) {
	if len(kinds) == 0 || len(kinds) == 1 && (mediaType(kinds[0]) == jsonType || mediaType(kinds[0]) == "*/*") {
		return
	}
	kind := mediaType(bodyType(kinds))
	if !isJSON(kind) || strings.Contains(kind, "*") || r.out.Headers["Accept"] != "" {
		return
	}
	r.set(&r.out.Headers, "Accept", literal(kind))
}

// A pointer leads to a member, at most a few objects deep.
type found struct {
	pointer string
	shape   shape
}

// lookup finds members by the form of their names, those further up first.
func lookup(s shape, depth int, fits func(name string, s shape) bool) (list []found) {
	var deeper []found
	for _, name := range sortedMembers(s) {
		inner, err := shapeOf(s.members[name])
		if err != nil {
			continue
		}
		pointer := "/" + escapedToken(name)
		if fits(name, inner) {
			list = append(list, found{pointer, inner})
		}
		if depth > 0 && inner.kind == "object" && len(inner.members) <= 40 {
			for _, f := range lookup(inner, depth-1, fits) {
				deeper = append(deeper, found{pointer + f.pointer, f.shape})
			}
		}
	}
	return append(list, deeper...)
}
