package importer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

var inBraces = regexp.MustCompile(`\{([^{}]+)\}`)

// path makes the template of a path: each place is a parameter that is needed.
func (r *operationReader) path(path string, list []node) error {
	text, query, _ := strings.Cut(path, "?")
	switch {
	case strings.Contains(path, "#"):
		return faultAt(r.op, "a path with a fragment, which is never sent")
	case clean(path) != path || strings.ContainsAny(text, " \\"):
		return faultAt(r.op, "a path that is none")
	case strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://"):
		return faultAt(r.op, "a path that is a whole URL")
	}
	var out strings.Builder
	last := 0
	for _, at := range inBraces.FindAllStringSubmatchIndex(text, -1) {
		out.WriteString(pathText(text[last:at[0]]))
		name := text[at[2]:at[3]]
		if err := r.inPathParameter(&out, name, list); err != nil {
			return err
		}
		last = at[1]
	}
	out.WriteString(pathText(text[last:]))
	r.out.Path = "/" + strings.TrimLeft(out.String(), "/")
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(pair, "="); name != "" && !strings.Contains(pair, "{") {
			r.set(&r.out.Query, percentDecoded(name), literal(percentDecoded(value)))
		}
	}
	return nil
}

// inPathParameter writes the place of one parameter of the path.
func (r *operationReader) inPathParameter(out *strings.Builder, name string, list []node) error {
	several := strings.HasPrefix(name, "+") || strings.HasSuffix(name, "+") || strings.HasSuffix(name, "*")
	bare := strings.Trim(name, "+*;?.")
	i := slices.IndexFunc(list, func(p node) bool {
		return strings.EqualFold(p.get("in").text(), "path") && (p.get("name").text() == name || p.get("name").text() == bare)
	})
	p := abi.Parameter{Required: true}
	if i >= 0 {
		s, err := r.schema(list[i])
		if err != nil {
			return err
		}
		if len(s.enum) == 1 {
			out.WriteString(pathText(s.enum[0]))
			return nil
		}
		p = r.describe(s, list[i])
		p.Required, p.Default = true, ""
		if p.Kind == abi.KindJSON {
			p.Kind = ""
		}
		several = several || list[i].get("allowReserved").flag() || list[i].get("x-multi-segment").flag() || strings.Contains(list[i].get("schema").get("pattern").text(), "/")
	}
	if several && len(p.Enum) == 0 {
		p.Kind = abi.KindPath
	}
	p.Key = r.key(bare, "path")
	r.out.Parameters = append(r.out.Parameters, p)
	out.WriteString("{" + p.Key + "}")
	return nil
}

var verbs = map[string]string{"get": "get", "post": "create", "put": "replace", "patch": "update", "delete": "delete", "head": "head", "options": "options"}

// byPath names an operation that has no name: GET /pets is list_pets, and GET
// /pets/{id} get_pets.
func byPath(method, path string) string {
	words := []string{verbs[method]}
	if method == "get" && !strings.HasSuffix(strings.TrimSuffix(path, "/"), "}") {
		words[0] = "list"
	}
	for segment := range strings.SplitSeq(path, "/") {
		if !strings.Contains(segment, "{") {
			words = append(words, segment)
		}
	}
	return strings.Join(words, "_")
}
