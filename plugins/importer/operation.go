package importer

import (
	"net/http"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// Lengths of texts in a draft, in characters.
const (
	maxText = 200
	maxHelp = 200
)

// operation reads one operation. What cannot be said leaves it out.
func (d *openAPI) operation(path, method string, item, op node) {
	d.review.Total++
	at := strings.ToUpper(method) + " " + path
	for _, tag := range op.get("tags").texts() {
		if d.review.Tags == nil {
			d.review.Tags = map[string]int{}
		}
		d.review.Tags[tag]++
	}
	if op.get("deprecated").flag() {
		d.review.omit(at, "it is deprecated")
		return
	}
	r := operationReader{openAPI: d, item: item, op: op, keys: namer{}}
	for key := range d.reserved {
		r.keys[key] = true
	}
	out, err := r.read(path, method)
	if err != nil {
		d.review.omit(at, err.Error())
		return
	}
	out.place, out.tags = at, op.get("tags").texts()
	d.operations = append(d.operations, out)
}

// An operationReader makes an action of one operation.
type operationReader struct {
	*openAPI
	item, op node
	out      operation
	keys     namer // of its parameters
}

func (r *operationReader) read(path, method string) (operation, error) {
	id := first(r.op.get("operationId").text(), r.op.get("x-operation-name").text())
	r.out.id = clip(clean(id), 200)
	if m := strings.ToUpper(method); m != http.MethodGet {
		r.out.Method = m
	}
	r.out.Text = first(phrase(r.op.get("summary").text(), maxText), phrase(r.op.get("description").text(), maxText), clip(strings.ToUpper(method)+" "+clean(path), maxText))
	r.out.Scopes = r.openAPI.declaredScopes(r.scopes(r.op))
	required, open := requirements(r.requires(r.op))
	r.out.open = open || len(required) == 0
	list, err := r.parameters()
	if err != nil {
		return r.out, err
	}
	if err := r.path(path, list); err != nil {
		return r.out, err
	}
	for _, p := range list {
		if err := r.parameter(p); err != nil {
			return r.out, err
		}
	}
	if err := r.body(list); err != nil {
		return r.out, err
	}
	if len(r.out.Parameters) > 100 {
		return r.out, faultAt(r.op, "more than 100 parameters")
	}
	if err := r.server(); err != nil {
		return r.out, err
	}
	r.answers()
	sortParameters(r.out.Parameters)
	r.out.Name = r.taken.take(actionName(id), actionName(byPath(method, path)), "call")
	return r.out, nil
}

// declaredScopes drops those that no manifest can declare.
func (d *openAPI) declaredScopes(names []string) (list []abi.OneOf) {
	for i, name := range names {
		if slices.ContainsFunc(d.manifest.Scopes, func(s abi.Scope) bool { return s.Name == name }) && !slices.Contains(names[:i], name) {
			list = append(list, abi.OneOf{name})
		}
	}
	return list
}

// sortParameters puts what is needed first.
func sortParameters(list []abi.Parameter) {
	slices.SortStableFunc(list, func(a, b abi.Parameter) int {
		switch {
		case a.Required == b.Required:
			return 0
		case a.Required:
			return -1
		}
		return 1
	})
}

// parameters are those of the operation and of its path, which it may replace.
func (r *operationReader) parameters() (list []node, err error) {
	for _, from := range []node{r.item, r.op} {
		for _, n := range from.get("parameters").items() {
			p, err := n.follow()
			if err != nil {
				return nil, err
			}
			if !p.isObject() || p.get("name").text() == "" && p.get("in").text() != "body" {
				return nil, faultAt(n, "a parameter without a name")
			}
			same := func(q node) bool {
				return q.get("name").text() == p.get("name").text() && q.get("in").text() == p.get("in").text()
			}
			if i := slices.IndexFunc(list, same); i >= 0 {
				list[i] = p
			} else {
				list = append(list, p)
			}
		}
	}
	return list, nil
}

// key is the key for a name, which is given once in an operation.
func (r *operationReader) key(name, in string) string {
	key := fieldKey(name)
	return r.keys.take(key, fieldKey(clip(key, 40)+"_"+in))
}

func (r *operationReader) set(m *map[string]string, name, template string) {
	if *m == nil {
		*m = map[string]string{}
	}
	(*m)[name] = template
}

// schema is the shape of a parameter. In Swagger 2 it stands in the parameter
// itself.
func (r *operationReader) schema(p node) (shape, error) {
	schema := p.get("schema")
	for _, kind := range p.get("content").keys() {
		schema = firstNode(schema, p.get("content").get(kind).get("schema"))
	}
	if !schema.given() && p.get("type").given() {
		schema = p
	}
	if !schema.given() {
		return shape{}, nil
	}
	return shapeOf(schema)
}

// describe is a parameter without its key. A default is only told: one that is
// sent with every call would go against other parameters, where the service
// takes only one of them.
func (r *operationReader) describe(s shape, n node) abi.Parameter {
	p := abi.Parameter{
		Help: phrase(first(n.get("description").text(), s.help), maxHelp), Required: n.get("required").flag(), Kind: s.paramKind(),
		Enum: usableEnum(s),
	}
	if what := first(kindHelp[s.kind], formatHelp[s.format]); what != "" {
		p.Help = followed(clip(p.Help, maxHelp-20), what)
	}
	if standard := clean(s.standard); standard != "" && len(standard) < 60 && !strings.Contains(standard, "{") {
		if p.Required && p.Check(standard) == nil {
			p.Default = standard
		} else {
			p.Help = followed(clip(p.Help, maxHelp-20), "Unless given: "+standard+".")
		}
	}
	return p
}

// What a person should know of a value whose kind does not say it.
var (
	kindHelp   = map[string]string{"array": "A list.", "object": "An object."}
	formatHelp = map[string]string{"date": "Such as 2026-01-31.", "date-time": "Such as 2026-01-31T12:00:00Z.", "uuid": "A UUID.", "email": "An e-mail address.", "uri": "A URL."}
)

// maxEnum is how many bytes the values of one enum may take of a manifest.
const maxEnum = 2000

func usableEnum(s shape) []string {
	size := 0
	for _, v := range s.enum {
		size += len(v) + 3
		if strings.Contains(v, "{") || s.paramKind() != "" && (abi.Parameter{Key: "x", Kind: s.paramKind()}).Check(v) != nil {
			return nil
		}
	}
	if size > maxEnum {
		return nil
	}
	return s.enum
}

// server is where this operation is, if it is elsewhere than the others.
func (r *operationReader) server() error {
	servers := r.op.get("servers").items()
	if len(servers) == 0 {
		servers = r.item.get("servers").items()
	}
	if len(servers) == 0 {
		return nil
	}
	other := baseOf(servers)
	if other.url == r.base.url {
		return nil
	}
	if strings.Contains(other.url, "{") {
		return faultAt(r.op, "a server of its own with variables")
	}
	r.out.URL, r.out.Path = other.url+r.out.Path, ""
	if h := hostOf(other.url); h != hostOf(r.base.url) && !slices.Contains(r.manifest.Hosts, h) {
		r.manifest.Hosts = append(r.manifest.Hosts, h)
		r.review.check("the credential goes to the host " + h + " too, which some operations name as theirs")
	}
	return nil
}
