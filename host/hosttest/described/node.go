package described

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// A node is an object of a description; nil where there is none, which has no
// members.
type node map[string]any

func unmarshal(text []byte, to *node) error { return json.Unmarshal(text, to) }

// remarshal makes what YAML was read into the same as JSON.
func remarshal(doc any, to *node) error {
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return unmarshal(text, to)
}

func (n node) object(key string) node {
	m, _ := n[key].(map[string]any)
	return m
}

func (n node) text(key string) string {
	s, _ := n[key].(string)
	return s
}

func (n node) flag(key string) bool {
	b, _ := n[key].(bool)
	return b
}

func (n node) list(key string) (list []node) {
	items, _ := n[key].([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			list = append(list, m)
		}
	}
	return list
}

func (n node) texts(key string) (list []string) {
	items, _ := n[key].([]any)
	for _, item := range items {
		if s, ok := item.(string); ok {
			list = append(list, s)
		}
	}
	return list
}

// follow is a node, or what it refers to.
func (d *Description) follow(n node) node {
	for range 20 { // a circle leads nowhere
		ref := n.text("$ref")
		if ref == "" {
			return n
		}
		n, _ = d.at(ref).(map[string]any)
	}
	return nil
}

// at is what stands at a reference within the document (RFC 6901 section 6).
func (d *Description) at(ref string) any {
	pointer, err := url.PathUnescape(strings.TrimPrefix(ref, "#/"))
	if err != nil {
		return nil
	}
	var to any = map[string]any(d.doc)
	for _, name := range strings.Split(pointer, "/") {
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		switch of := to.(type) {
		case map[string]any:
			to = of[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(of) {
				return nil
			}
			to = of[i]
		default:
			return nil
		}
	}
	return to
}
