package importer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// An openAPI is a document of OpenAPI 3 or Swagger 2 while it is read.
type openAPI struct {
	*service
	root     node
	swagger  bool // Swagger 2
	security security
	base     base
	taken    namer // names of actions
	reserved namer // keys that no parameter may have
}

var methods = []string{"get", "post", "put", "patch", "delete", "head", "options"}

func readOpenAPI(d *document, o Options) (*service, error) {
	root := d.root()
	version := clean(first(root.get("openapi").text(), root.get("swagger").text()))
	doc := &openAPI{service: &service{}, root: root, swagger: root.get("swagger").given(), taken: namer{}}
	doc.review.From = "OpenAPI " + first(clip(version, 20), "of no version")
	if doc.swagger {
		doc.review.From = "Swagger " + clip(version, 20)
	}
	if version != "" && !regexp.MustCompile(`^(2|3\.[0-9])(\.|$|-)`).MatchString(version) {
		return nil, host.Errorf(host.Failed, "%s is of %s, which is not known", d.name, doc.review.From).WithHint("known are OpenAPI 3 and Swagger 2")
	}
	if paths := root.get("paths"); paths.given() && !paths.isObject() {
		return nil, host.Errorf(host.Failed, "%s: #/paths is no object, so the document has no operations", d.name)
	}
	doc.head()
	doc.readBase()
	if err := doc.readSecurity(o.Auth); err != nil {
		return nil, err
	}
	doc.manifest.Docs = first(doc.manifest.Docs, docsIn(root.get("info").get("description").text()))
	doc.manifest.Parameters = append(slices.Clone(doc.base.parameters), doc.manifest.Parameters...)
	doc.reserved = reserved(doc.manifest)
	doc.each(doc.operation)
	elsewhere := doc.elsewhere()
	if doc.review.Total == 0 && elsewhere > 0 {
		return nil, host.Errorf(host.Failed, "%s has its paths in other files, which are not read", d.name).
			WithHint("make one file of it first; OpenAPI tools call that bundling")
	}
	doc.review.Total += elsewhere
	if doc.review.Total == 0 {
		return nil, host.Errorf(host.Failed, "%s has no operations, so there is nothing to draft", d.name).WithHint("they stand under paths in an OpenAPI document")
	}
	return doc.service, nil
}

var titleWords = regexp.MustCompile(`(?i)[\s_-]+(public |rest |web |http |open |json |v?[0-9.]+ )*(api|apis|openapi|swagger|specification|spec|definition|documentation|reference)?(\s*v?[0-9.]+)?$|^(the|swagger|openapi)\s+`)

// head is what the document says about itself.
func (d *openAPI) head() {
	info := d.root.get("info")
	title := clean(info.get("title").text())
	name := strings.TrimSpace(titleWords.ReplaceAllString(title, ""))
	d.manifest.Name = clip(first(name, title, "Imported service"), 50)
	d.manifest.Description = phrase(first(info.get("summary").text(), info.get("description").text()), 300)
	for _, n := range []node{d.root.get("externalDocs").get("url"), info.get("contact").get("url"), info.get("x-origin").get("url"), info.get("termsOfService")} {
		if u := docsIn(n.text()); u != "" && u == clean(n.text()) && d.manifest.Docs == "" {
			d.manifest.Docs = u
		}
	}
}

// readBase finds where the service is.
func (d *openAPI) readBase() {
	if !d.swagger {
		d.base = baseOf(d.root.get("servers").items())
	} else {
		scheme := "https"
		if schemes := d.root.get("schemes").texts(); len(schemes) > 0 && !slices.Contains(schemes, "https") {
			scheme = strings.ToLower(schemes[0])
		}
		text := d.root.get("basePath").text()
		if host := d.root.get("host").text(); host != "" {
			text = scheme + "://" + host + "/" + strings.TrimPrefix(text, "/")
		}
		d.base = serverBase(text, node{})
	}
	d.manifest.BaseURL = d.base.url
	d.review.check(d.base.notes...)
}

// readSecurity finds what the operations want and chooses.
func (d *openAPI) readSecurity(asked string) error {
	list := d.root.get("components").get("securitySchemes")
	if d.swagger {
		list = d.root.get("securityDefinitions")
	}
	d.security = security{schemes: map[string]scheme{}, wanted: map[string]int{}, known: map[string]requirement{}}
	for _, name := range list.keys() {
		d.security.schemes[name] = readScheme(name, list.get(name), d.base)
	}
	d.each(func(_ string, _ string, _, op node) {
		required, _ := requirements(d.requires(op))
		d.security.count(required)
	})
	d.bySpokenHeader()
	if err := d.security.choose(asked); err != nil {
		return err
	}
	d.security.apply(&d.manifest, &d.review)
	d.scopesOfOperations()
	return nil
}

// requires is the list of security requirements of an operation.
func (d *openAPI) requires(op node) node {
	if own := op.get("security"); own.isList() {
		return own
	}
	return d.root.get("security")
}

var keyHeader = regexp.MustCompile(`(?i)^(x-)?([a-z]+-)?(api|auth|access|app|application|subscription)[-_]?(key|token)$|^(authorization|token)$`)

// bySpokenHeader takes a credential that a document without schemes describes
// as a parameter of most operations.
func (d *openAPI) bySpokenHeader() {
	if len(d.security.schemes) > 0 {
		return
	}
	count, operations := map[string]int{}, 0
	found := map[string]node{}
	d.each(func(_ string, _ string, item, op node) {
		operations++
		for _, p := range slices.Concat(item.get("parameters").items(), op.get("parameters").items()) {
			p, err := p.follow()
			in := strings.ToLower(p.get("in").text())
			if name := p.get("name").text(); err == nil && (in == "header" || in == "query") && keyHeader.MatchString(name) {
				count[name]++
				found[name] = p
			}
		}
	})
	for name, n := range count {
		if n*2 < operations {
			continue
		}
		s := scheme{name: name}
		s.apiKey(found[name])
		s.extra.notes = append(s.extra.notes, "that the parameter "+quoted(name)+" of most operations is the credential is a guess: the document has no security schemes")
		d.security.schemes[name] = s
	}
}

// each calls f with every operation that is an object, in the order of paths.
func (d *openAPI) each(f func(path, method string, item, op node)) {
	paths := d.root.get("paths")
	for _, path := range paths.keys() {
		item, err := paths.get(path).follow()
		if err != nil || strings.HasPrefix(path, "x-") {
			continue
		}
		for _, method := range methods {
			if op := item.get(method); op.isObject() {
				f(path, method, item, op)
			}
		}
	}
}

// elsewhere leaves out the paths that cannot be read, because they stand in
// another file or nowhere, and counts them.
func (d *openAPI) elsewhere() (n int) {
	paths := d.root.get("paths")
	for _, path := range paths.keys() {
		if _, err := paths.get(path).follow(); err != nil {
			d.review.omit(path, err.Error())
			n++
		}
	}
	return n
}

// scopesOfOperations declares the scopes that operations want and the scheme
// does not list, as an issuer's never are.
func (d *openAPI) scopesOfOperations() {
	if d.manifest.Auth.Type != abi.AuthOAuth2 {
		return
	}
	seen := map[string]bool{}
	for _, s := range d.manifest.Scopes {
		seen[s.Name] = true
	}
	d.each(func(_ string, _ string, _, op node) {
		for _, name := range d.scopes(op) {
			if !seen[name] && goodScope(name) {
				seen[name] = true
				d.manifest.Scopes = append(d.manifest.Scopes, abi.Scope{Name: name})
			}
		}
	})
	if most := 2000; len(d.manifest.Scopes) > most {
		d.review.check("the service has more scopes than a manifest may list; the first 2000 are kept")
		d.manifest.Scopes = d.manifest.Scopes[:most]
	}
}

// scopes are those that an operation wants of the chosen scheme.
func (d *openAPI) scopes(op node) []string {
	if len(d.security.chosen) == 0 || d.manifest.Auth.Type != abi.AuthOAuth2 {
		return nil
	}
	main := d.security.main(d.security.chosen)
	for _, alternative := range d.requires(op).items() {
		if list := alternative.get(main); list.given() {
			return list.texts()
		}
	}
	return nil
}
