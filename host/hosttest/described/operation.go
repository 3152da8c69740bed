package described

import (
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// An Operation is one method of one path.
type Operation struct {
	Path, Method string

	d          *Description
	item, node node
}

// parameters are those of the operation and of its path.
func (o Operation) parameters() (list []node) {
	for _, p := range append(o.node.list("parameters"), o.item.list("parameters")...) {
		list = append(list, o.d.follow(p))
	}
	return list
}

// parameter is one by its place and name; nil where there is none. A list or an
// object in a query has its name before a bracket.
func (o Operation) parameter(in, name string) node {
	for _, p := range o.parameters() {
		if p.text("in") == in && (p.text("name") == name || plain(p.text("name")) == plain(name)) {
			return p
		}
	}
	return nil
}

func plain(name string) string {
	name, _, _ = strings.Cut(name, "[")
	return name
}

// body is the schema of a body of a content type; false where the operation
// takes none of that.
func (o Operation) body(contentType string) (schema node, ok bool) {
	content := o.d.follow(o.node.object("requestBody")).object("content")
	for name := range content {
		kind, _, err := mime.ParseMediaType(name)
		if err == nil && (kind == contentType || kind == "*/*") {
			return content.object(name).object("schema"), true
		}
	}
	return nil, false
}

// Faults says what a request sends that the operation does not have, and what it
// lacks. Headers and the value of a parameter are no matter of it.
func (o Operation) Faults(r *http.Request, body []byte) (faults []string) {
	sent := r.URL.Query()
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if o.parameter("query", name) == nil && !o.credential(name) {
			faults = append(faults, fmt.Sprintf("the query has no %q", name))
		}
	}
	for _, p := range o.parameters() {
		if name := p.text("name"); p.text("in") == "query" && p.flag("required") && !sent.Has(name) && !o.credential(name) {
			faults = append(faults, fmt.Sprintf("the query needs %q", name))
		}
	}
	return append(faults, o.bodyFaults(r.Header.Get("Content-Type"), body)...)
}

// credential says whether a parameter of the query is a credential, as security
// schemes say.
func (o Operation) credential(name string) bool {
	schemes := o.d.doc.object("components").object("securitySchemes")
	for key := range schemes {
		if s := o.d.follow(schemes.object(key)); s.text("in") == "query" && s.text("name") == name {
			return true
		}
	}
	return false
}

func (o Operation) bodyFaults(contentType string, body []byte) []string {
	kind, _, _ := mime.ParseMediaType(contentType)
	if len(body) == 0 {
		if o.d.follow(o.node.object("requestBody")).flag("required") {
			return []string{"it needs a body"}
		}
		return nil
	}
	schema, ok := o.body(kind)
	if !ok {
		return []string{fmt.Sprintf("it takes no body of %s", kind)}
	}
	var doc any
	switch kind {
	case "application/json":
		if err := json.Unmarshal(body, &doc); err != nil {
			return []string{"the body is no JSON"}
		}
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return []string{"the body is no form"}
		}
		members := map[string]any{}
		for name := range form {
			members[plain(name)] = nil
		}
		doc = members
	}
	return o.d.unknown("body", schema, doc)
}

// unknown says which members of a value a schema does not have, and which it
// needs.
func (d *Description) unknown(at string, schema node, value any) (faults []string) {
	switch value := value.(type) {
	case map[string]any:
		names, required, open := d.members(schema)
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if of, ok := names[name]; ok {
				faults = append(faults, d.unknown(at+"/"+name, of, value[name])...)
			} else if !open {
				faults = append(faults, fmt.Sprintf("the %s has no %q", at, name))
			}
		}
		for _, name := range required {
			if _, ok := value[name]; !ok && !d.follow(names[name]).flag("readOnly") {
				faults = append(faults, fmt.Sprintf("the %s needs %q", at, name))
			}
		}
	case []any:
		for i, item := range value {
			if of := d.items(schema); of != nil {
				faults = append(faults, d.unknown(fmt.Sprint(at, "/", i), of, item)...)
			}
		}
	}
	return faults
}

// Scopes are the alternatives of what an authorization must have for the
// operation: none where it is not told.
func (o Operation) Scopes() (alternatives [][]string) {
	security := o.node.list("security")
	if o.node["security"] == nil {
		security = o.d.doc.list("security")
	}
	schemes := o.d.doc.object("components").object("securitySchemes")
	for _, rule := range security {
		for name := range rule {
			if scopes := rule.texts(name); o.d.follow(schemes.object(name)).text("type") == "oauth2" && len(scopes) > 0 {
				alternatives = append(alternatives, scopes)
			}
		}
	}
	return alternatives
}

// ScopeNames are all that the description names; none where it names none.
func (d *Description) ScopeNames() map[string]bool {
	names := map[string]bool{}
	schemes := d.doc.object("components").object("securitySchemes")
	for key := range schemes {
		flows := d.follow(schemes.object(key)).object("flows")
		for flow := range flows {
			for scope := range flows.object(flow).object("scopes") {
				names[scope] = true
			}
		}
	}
	return names
}
