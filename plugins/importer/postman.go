package importer

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A collection is a Postman collection while it is read. Values in it are those
// of whoever exported it: of what may be a secret nothing but the name is kept.
type collection struct {
	*service
	root      node
	variables map[string]node // by name
	requests  []exported
	base      string // the origin and path that its requests share
	taken     namer
	reserved  namer
	declared  map[string]string // variable -> the connection's parameter
}

// An exported request stands in a folder, whose authorization it may take over.
type exported struct {
	name, folder string
	sent         node
	auth         node
	url          address
}

// maxFolders is how deep folders may go.
const maxFolders = 30

func readPostman(d *document) (*service, error) {
	root := d.root()
	if inner := root.get("collection"); inner.get("item").given() { // as the API gives it
		root = inner
	}
	c := &collection{service: &service{}, root: root, variables: map[string]node{}, taken: namer{}, declared: map[string]string{}}
	c.review.From = "a Postman collection"
	if strings.Contains(root.get("info").get("schema").text(), "/v1") || root.get("requests").given() {
		return nil, host.Errorf(host.Failed, "%s is a Postman collection of version 1, which is not known", d.name).WithHint("export it as Collection v2.1")
	}
	for _, v := range root.get("variable").items() {
		if name := first(v.get("key").text(), v.get("id").text()); name != "" {
			c.variables[name] = v
		}
	}
	c.collect(root.get("item"), "", node{}, 0)
	if c.review.Total = len(c.requests); c.review.Total == 0 {
		return nil, host.Errorf(host.Failed, "%s has no requests, so there is nothing to draft", d.name).WithHint("export the collection with its folders")
	}
	info := root.get("info")
	c.manifest.Name = clip(first(strings.TrimSpace(titleWords.ReplaceAllString(clean(info.get("name").text()), "")), "Imported service"), 50)
	c.manifest.Description = phrase(described(info), 300)
	c.manifest.Docs = docsIn(described(info))
	c.findBase()
	c.authorize()
	c.declare()
	c.reserved = reserved(c.manifest)
	for _, e := range c.requests {
		c.request(e)
	}
	return c.service, nil
}

// described is a description, which is a text or an object with one.
func described(n node) string {
	about := n.get("description")
	return first(about.text(), about.get("content").text())
}

// collect gathers the requests of a list of items.
func (c *collection) collect(items node, folder string, auth node, depth int) {
	if depth > maxFolders {
		return
	}
	for _, item := range items.items() {
		name := clean(item.get("name").text())
		own := firstNode(item.get("auth"), auth)
		if item.get("item").isList() {
			c.collect(item.get("item"), name, own, depth+1)
			continue
		}
		request := item.get("request")
		if !request.given() {
			continue
		}
		u := firstNode(request.get("url"), request) // a text may be the whole request
		c.requests = append(c.requests, exported{name, folder, request, firstNode(request.get("auth"), own), c.address(u)})
		if folder != "" {
			if c.review.Tags == nil {
				c.review.Tags = map[string]int{}
			}
			c.review.Tags[folder]++
		}
	}
}

var variable = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// An address is the URL of a request in parts, with {{name}} and :name in it.
type address struct {
	origin string // https://api.acme.test, or {{baseUrl}}
	path   []string
	query  []node
	places node // what :name stand for
}

// address reads a URL: a text, or an object of its parts.
func (c *collection) address(n node) address {
	raw := first(n.text(), n.get("raw").text())
	a := address{query: n.get("query").items(), places: n.get("variable")}
	if raw == "" {
		raw = strings.Join(n.get("host").texts(), ".") + "/" + strings.Join(n.get("path").texts(), "/")
		if !strings.HasPrefix(raw, "{{") {
			raw = first(n.get("protocol").text(), "https") + "://" + raw
		}
	}
	raw, query, _ := strings.Cut(clean(raw), "?")
	if len(a.query) == 0 && query != "" {
		a.query = queryNodes(n, query)
	}
	raw = c.opened(raw, 0)
	raw, _, _ = strings.Cut(raw, "?")
	end := 0
	if i := strings.Index(raw, "://"); i >= 0 {
		end = i + 3
	}
	rest := raw[end:]
	slash := strings.IndexByte(rest, '/')
	if slash < 0 {
		slash = len(rest)
	}
	a.origin = raw[:end] + rest[:slash]
	a.path = strings.Split(strings.Trim(rest[slash:], "/"), "/")
	return a
}

// opened puts in the variables that stand for a URL, a host or a path of
// several parts.
func (c *collection) opened(text string, depth int) string {
	if depth > 5 {
		return text
	}
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		v, ok := c.variables[found[2:len(found)-2]]
		value := clean(v.get("value").text())
		if ok && !keepsSecret(found, v) && (strings.Contains(value, "://") || strings.Contains(value, "/") || looksLikeHost(value)) {
			return c.opened(strings.TrimSuffix(value, "/"), depth+1)
		}
		return found
	})
}

// queryNodes are the parameters of a query that is a text.
func queryNodes(n node, query string) (list []node) {
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(pair, "="); name != "" {
			list = append(list, node{n.doc, map[string]any{"key": percentDecoded(name), "value": percentDecoded(value)}, n.at})
		}
	}
	return list
}

var (
	secretName = regexp.MustCompile(`(?i)secret|password|passwd|passphrase|token|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|credential|auth|signature|session|cookie|bearer|jwt`)
	randomText = regexp.MustCompile(`[A-Za-z0-9+/=_-]{20,}`)
	twoKinds   = regexp.MustCompile(`[0-9].*[A-Za-z]|[A-Za-z].*[0-9]`)
)

// keepsSecret says whether a value may be somebody's secret: by the name, by
// what it is marked as, or by looking as if chance had made it.
func keepsSecret(name string, v node) bool {
	value := v.get("value").text()
	return secretName.MatchString(name) || v.get("type").text() == "secret" || looksSecret(value)
}

func looksSecret(value string) bool {
	if strings.Contains(value, "://") {
		return strings.Contains(hostOf(value), "@")
	}
	return randomText.MatchString(value) && twoKinds.MatchString(randomText.FindString(value)) || strings.Contains(value, "@") || len(value) > 60
}

// findBase takes the origin that most requests share, with the path that all of
// those do.
func (c *collection) findBase() {
	count := map[string]int{}
	for _, e := range c.requests {
		count[e.url.origin]++
	}
	origin := ""
	for o, n := range count {
		if n > count[origin] || n == count[origin] && o < origin {
			origin = o
		}
	}
	c.base = origin
	shared := c.sharedPath()
	b := base{}
	switch name := strings.Trim(origin, "{}"); {
	case origin == "{{"+name+"}}":
		b = serverBase("{"+fieldKey(name)+"}", node{})
	default:
		b = serverBase(variable.ReplaceAllStringFunc(origin, func(found string) string { return "{" + fieldKey(found[2:len(found)-2]) + "}" }), node{})
	}
	for _, segment := range shared {
		b.url += "/" + pathText(segment)
	}
	c.manifest.BaseURL, c.manifest.Parameters = b.url, b.parameters
	c.review.check(b.notes...)
	for i := range c.manifest.Parameters {
		p := &c.manifest.Parameters[i]
		for name, v := range c.variables {
			if fieldKey(name) == p.Key && p.Kind != abi.KindHost && !keepsSecret(name, v) && p.Check(clean(v.get("value").text())) == nil && v.get("value").text() != "" {
				p.Default, p.Required = clean(v.get("value").text()), false
			}
			if fieldKey(name) == p.Key {
				c.declared[name] = p.Key
			}
		}
	}
}

// sharedPath takes the version and its kind from the beginning of all paths: it
// belongs to the base.
func (c *collection) sharedPath() (shared []string) {
	for {
		segment := ""
		for _, e := range c.requests {
			if e.url.origin != c.base {
				continue
			}
			if len(e.url.path) < 2 || !versionSegment.MatchString(e.url.path[0]) || segment != "" && e.url.path[0] != segment {
				return shared
			}
			segment = e.url.path[0]
		}
		if segment == "" {
			return shared
		}
		for i := range c.requests {
			if e := &c.requests[i]; e.url.origin == c.base {
				e.url.path = e.url.path[1:]
			}
		}
		shared = append(shared, segment)
	}
}

// declare makes parameters of the connection of the variables that have a value
// and stand in requests; the others belong to the calls.
func (c *collection) declare() {
	used := map[string]int{}
	for _, e := range c.requests {
		text, _ := json.Marshal(e.sent.value)
		for _, m := range variable.FindAllStringSubmatch(string(text), -1) {
			used[m[1]]++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.variables)) {
		v := c.variables[name]
		value := clean(v.get("value").text())
		if used[name] == 0 || c.declared[name] != "" || value == "" || strings.Contains(value, "/") || strings.Contains(value, "{{") {
			continue
		}
		p := abi.Parameter{Key: fieldKey(name), Label: label(name), Help: phrase(described(v), maxHelp)}
		if keepsSecret(name, v) {
			p.Secret = true
		} else {
			p.Default = value
		}
		if reserved(c.manifest)[p.Key] {
			c.declared[name] = p.Key // of the credential
			continue
		}
		c.declared[name] = p.Key
		c.manifest.Parameters = append(c.manifest.Parameters, p)
	}
}

// request makes an action of one request.
func (c *collection) request(e exported) {
	method := strings.ToUpper(first(e.sent.get("method").text(), http.MethodGet))
	where := method + " /" + strings.Join(e.url.path, "/")
	r := requestReader{collection: c, exported: e, keys: namer{}}
	for key := range c.reserved {
		r.keys[key] = true
	}
	if err := r.read(method); err != nil {
		c.review.omit(first(e.name, where), err.Error())
		return
	}
	r.out.place, r.out.id = where, e.name
	if e.folder != "" {
		r.out.tags = []string{e.folder}
	}
	r.out.open = e.auth.get("type").text() == "noauth"
	c.operations = append(c.operations, r.out)
}
