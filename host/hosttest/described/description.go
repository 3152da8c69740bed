// Package described reads what vendors publish of their APIs, as OpenAPI 3, and
// holds requests against it: whether there is such an operation, and whether it
// has the parameters and members that a request sends. Values are the matter of
// a mock server, for which it cuts a description down. It is for tests.
package described

import (
	"cmp"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A Description is one document. It is not changed once it is read.
type Description struct {
	doc   node
	paths []path
}

// A path is one of a description's, with the pattern of what it stands for.
type path struct {
	template string
	pattern  *regexp.Regexp
	places   int
}

// Read reads a description in JSON or YAML.
func Read(file string) (*Description, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	d := &Description{}
	if err := decode(file, text, &d.doc); err != nil {
		return nil, err
	}
	for template := range d.doc.object("paths") {
		d.paths = append(d.paths, path{template, patternOf(template), strings.Count(template, "{")})
	}
	// What is written out comes before what a place may stand for.
	slices.SortFunc(d.paths, func(a, b path) int {
		return cmp.Or(cmp.Compare(a.places, b.places), cmp.Compare(a.template, b.template))
	})
	return d, nil
}

func decode(file string, text []byte, to *node) error {
	if strings.HasSuffix(file, ".json") {
		return unmarshal(text, to)
	}
	var doc any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return err
	}
	return remarshal(doc, to)
}

var place = regexp.MustCompile(`\\\{[^/]*?\\\}`)

// patternOf matches a path with its places filled. A vendor may have put a part
// of the query behind it, which is no path.
func patternOf(template string) *regexp.Regexp {
	template, _, _ = strings.Cut(template, "?")
	template, _, _ = strings.Cut(template, "#")
	return regexp.MustCompile("^" + place.ReplaceAllString(regexp.QuoteMeta(template), "[^/]+") + "$")
}

// Bases are the URLs below which the paths stand.
func (d *Description) Bases() (list []string) {
	for _, s := range d.doc.list("servers") {
		list = append(list, strings.TrimSuffix(s.text("url"), "/"))
	}
	return list
}

// Find gives the operation that a request asks for, and the path below the base
// that it is found by.
func (d *Description) Find(method string, u *url.URL) (op Operation, below string, ok bool) {
	below = d.below(u.EscapedPath())
	for _, p := range d.paths {
		item := d.doc.object("paths").object(p.template)
		if found := item.object(strings.ToLower(method)); found != nil && p.pattern.MatchString(below) {
			return Operation{Path: p.template, Method: method, d: d, item: item, node: found}, below, true
		}
	}
	return Operation{}, below, false
}

// below is what follows the path of a base, in which there may be places.
func (d *Description) below(path string) string {
	for _, base := range d.Bases() {
		start := strings.TrimPrefix(base, "/") // a path alone
		if _, rest, whole := strings.Cut(base, "//"); whole {
			_, start, _ = strings.Cut(rest, "/")
		}
		start = place.ReplaceAllString(regexp.QuoteMeta(start), "[^/]+")
		if found := regexp.MustCompile("^/" + start + "(/.*)$").FindStringSubmatch(path); start != "" && found != nil {
			return found[1]
		}
	}
	return path
}

// Methods are those of the paths that a request's path is one of, for a person
// who reads that there is no operation.
func (d *Description) Methods(below string) (list []string) {
	for _, p := range d.paths {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if p.pattern.MatchString(below) && d.doc.object("paths").object(p.template).object(strings.ToLower(method)) != nil {
				list = append(list, method+" "+p.template)
			}
		}
	}
	return list
}

// TakeJSON lets the operations whose bodies are described for uploads alone take
// the same as JSON. What is made of Google's own descriptions leaves that out.
func (d *Description) TakeJSON() {
	for _, p := range d.paths {
		item := d.doc.object("paths").object(p.template)
		for method := range item {
			content := item.object(method).object("requestBody").object("content")
			for _, kind := range sortedKeys(content) {
				if _, has := content["application/json"]; !has {
					content["application/json"] = content[kind]
				}
			}
		}
	}
}

// Unsecured takes out what the description says of credentials, where a connector
// has a way to authorize that it does not tell.
func (d *Description) Unsecured() {
	delete(d.doc, "security")
	delete(d.doc.object("components"), "securitySchemes")
	for _, p := range d.paths {
		item := d.doc.object("paths").object(p.template)
		for method := range item {
			delete(item.object(method), "security")
		}
	}
}
