package importer

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A provider is one entry of a Nango providers file while it is read. Its texts
// are templates of another kind: ${connectionConfig.x} is a parameter.
type provider struct {
	*service
	entry    node
	used     map[string]bool   // parameters that a template names
	captured map[string]string // name -> pointer, for those that are used
	problem  string            // what a template computes, which none of ours can
}

func readProvider(d *document, name string) (*service, error) {
	entry, name, err := entryOf(d, name)
	if err != nil {
		return nil, err
	}
	p := &provider{service: &service{}, entry: entry, used: map[string]bool{}, captured: map[string]string{}}
	p.review.From = "the Nango provider " + clip(clean(name), 60)
	m := &p.manifest
	m.ID = properID(name)
	m.Name = clip(first(clean(entry.get("display_name").text()), label(name)), 50)
	for _, c := range entry.get("categories").texts() {
		if categoryForm.MatchString(c) && m.Category == "" && c != "popular" {
			m.Category = c
		}
	}
	for _, key := range []string{"docs_connect", "setup_guide_url", "docs"} {
		if u := entry.get(key).text(); m.Docs == "" && docsIn(u) == u {
			m.Docs = u
		}
	}
	if err := p.readAuth(name); err != nil {
		return nil, err
	}
	p.proxy()
	p.parameters()
	if p.problem != "" {
		return nil, host.Errorf(host.Failed, "the provider %q computes %s, which only code can", clip(clean(name), 60), p.problem).
			WithHint("write a connector with a hook: connhost connector new %s --auth custom --lang go", properID(name))
	}
	if len(p.captured) > 0 {
		m.Capture = p.captured
	}
	p.review.check("a provider tells no operations: add actions, or call by paths")
	return p.service, nil
}

var categoryForm = regexp.MustCompile(`^[a-z][a-z-]{0,29}$`)

// maxAliases is how many entries may stand for one another.
const maxAliases = 5

// entryOf finds an entry, with what it takes over of the one that it is an alias
// of.
func entryOf(d *document, name string) (node, string, error) {
	root := d.root()
	names := slices.DeleteFunc(root.keys(), func(key string) bool { return !root.get(key).isObject() })
	if name == "" && len(names) == 1 {
		name = names[0]
	}
	if name == "" {
		return node{}, "", host.Errorf(host.Usage, "%s has %d providers; one of them is drafted at a time", d.name, len(names)).WithHint("name it: --provider NAME; some of them: %s", few(names, 8))
	}
	if !root.get(name).isObject() {
		hint := "some of them: " + few(names, 8)
		if near := nearNames(name, names); len(near) > 0 {
			hint = "near to it: " + few(near, 8)
		}
		return node{}, "", host.Errorf(host.NotFound, "%s has no provider %q", d.name, clip(clean(name), 60)).WithHint("%s", hint)
	}
	merged := map[string]any{}
	at := name
	for range maxAliases {
		entry, _ := root.get(at).value.(map[string]any)
		overlay(merged, entry)
		alias := root.get(at).get("alias").text()
		if alias == "" || !root.get(alias).isObject() {
			return node{d, merged, "/" + escapedToken(name)}, name, nil
		}
		at = alias
	}
	return node{}, "", host.Errorf(host.Failed, "%s: the provider %q is an alias of itself", d.name, clip(clean(name), 60))
}

// overlay adds what is not there yet; objects are put together.
func overlay(into, from map[string]any) {
	for key, value := range from {
		have, there := into[key]
		a, isA := have.(map[string]any)
		b, isB := value.(map[string]any)
		switch {
		case there && isA && isB:
			both := maps.Clone(a)
			overlay(both, b)
			into[key] = both
		case !there:
			into[key] = value
		}
	}
}

// nearNames are those that hold the name or have much in common with it.
func nearNames(name string, all []string) (near []string) {
	low := strings.ToLower(name)
	for _, n := range all {
		if strings.Contains(n, low) || len(n) > 3 && strings.Contains(low, n) {
			near = append(near, n)
		}
	}
	for cut := len(low) - 1; len(near) == 0 && cut >= 3; cut-- {
		for _, n := range all {
			if strings.HasPrefix(n, low[:cut]) {
				near = append(near, n)
			}
		}
	}
	return near
}

var dollar = regexp.MustCompile(`\$\{([^${}]*)\}`)

// template makes one of ours: ${connectionConfig.x} and ${credentials.x} are
// {x}. Own are names of the host that the text may have, by theirs.
func (p *provider) template(text string, own map[string]string) string {
	return p.filled(clean(text), func(name string) string { return "{" + name + "}" }, own)
}

func (p *provider) filled(text string, write func(string) string, own map[string]string) string {
	if text, found := p.alternative(text); found {
		return p.filled(text, write, own)
	}
	var out strings.Builder
	last := 0
	for _, at := range dollar.FindAllStringSubmatchIndex(text, -1) {
		out.WriteString(literal(text[last:at[0]]))
		out.WriteString(p.place(text[at[2]:at[3]], write, own))
		last = at[1]
	}
	out.WriteString(literal(text[last:]))
	if strings.Contains(dollar.ReplaceAllString(text, ""), "${") {
		p.problem = quoted(text)
	}
	return out.String()
}

// alternative is the last of several texts of which the first that has all its
// values counts: the one that needs least.
func (p *provider) alternative(text string) (string, bool) {
	parts := strings.Split(text, "||")
	if len(parts) == 1 {
		return text, false
	}
	p.review.check("one of several was taken: " + text)
	return strings.TrimSpace(slices.MinFunc(parts, func(a, b string) int { return strings.Count(a, "${") - strings.Count(b, "${") })), true
}

func (p *provider) place(text string, write func(string) string, own map[string]string) string {
	if mine, ok := own[text]; ok {
		return mine
	}
	scope, name, dotted := strings.Cut(text, ".")
	switch {
	case dotted && (scope == "connectionConfig" || scope == "credentials") && !strings.ContainsAny(name, "(:"):
		key := p.key(name)
		p.used[key] = true
		return write(key)
	case text == "apiKey" || text == "username" || text == "password":
		key := p.key(text)
		p.used[key] = true
		return write(key)
	}
	p.problem = quoted("${" + text + "}")
	return ""
}

// key is the parameter of a name; that of a value which the service tells when
// it is authorized is captured.
func (p *provider) key(name string) string {
	key := fieldKey(name)
	if pointer := p.told(name); pointer != "" {
		p.captured[key] = pointer
		return key
	}
	if p.manifest.Auth.Type == abi.AuthOAuth2 && reserved(abi.Manifest{Auth: p.manifest.Auth})[key] {
		key += "_value"
	}
	return key
}

// told is where the service tells a value: in the token answer, or the
// callback.
func (p *provider) told(name string) string {
	early := p.entry.get("authorization_url").text() + p.tokenURL()
	if p.manifest.Auth.Type != abi.AuthOAuth2 || strings.Contains(early, "${connectionConfig."+name+"}") {
		return "" // it has to be known before
	}
	if slices.Contains(p.entry.get("token_response_metadata").texts(), name) {
		return "/" + strings.ReplaceAll(escapedToken(name), ".", "/")
	}
	if slices.Contains(p.entry.get("redirect_uri_metadata").texts(), name) {
		return "callback:/" + name
	}
	return ""
}

// url is the template of a URL, in which a parameter may be the whole host or
// one label.
func (p *provider) url(text string) string {
	text, _ = p.alternative(clean(text))
	raw := p.filled(text, func(name string) string { return "{" + name + "}" }, nil)
	if name, rest, ok := strings.Cut(strings.TrimPrefix(raw, "{"), "}"); ok && raw != "" && raw[0] == '{' && p.captured[name] != "" {
		return "{" + name + "}" + rest
	}
	path, query, _ := strings.Cut(raw, "?")
	b := serverBase(path, p.variables())
	p.hosts(b)
	if query != "" {
		return b.url + "?" + query
	}
	return b.url
}

// variables are the entry's parameters as those of a server.
func (p *provider) variables() node {
	all := map[string]any{}
	for _, from := range []string{"connection_config", "credentials"} {
		for _, name := range p.entry.get(from).keys() {
			at := p.entry.get(from).get(name)
			all[p.key(name)] = map[string]any{"default": at.get("default_value").value, "enum": at.get("enum").value, "description": at.get("description").value}
		}
	}
	return node{p.entry.doc, all, p.entry.at + "/connection_config"}
}

// hosts takes over what the place of a parameter in a host says about it.
func (p *provider) hosts(b base) {
	p.review.check(b.notes...)
	for _, q := range b.parameters {
		if p.captured[q.Key] != "" {
			continue
		}
		i := slices.IndexFunc(p.manifest.Parameters, func(known abi.Parameter) bool { return known.Key == q.Key })
		if i < 0 {
			p.manifest.Parameters = append(p.manifest.Parameters, q)
		} else if q.Kind == abi.KindHost {
			p.manifest.Parameters[i].Kind, p.manifest.Parameters[i].Enum = abi.KindHost, nil
		}
	}
}

// parameters declares what the templates name, as the entry describes it.
func (p *provider) parameters() {
	for key := range p.captured {
		p.used[key] = false
	}
	for _, from := range []string{"connection_config", "credentials"} {
		for _, name := range p.entry.get(from).keys() {
			if key := p.key(name); p.used[key] {
				p.declare(key, name, p.entry.get(from).get(name))
				p.used[key] = false
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(p.used)) {
		if p.used[key] {
			p.declare(key, key, node{})
		}
	}
}

func (p *provider) declare(key, name string, n node) {
	q := abi.Parameter{Key: key, Required: !n.get("optional").flag()}
	i := slices.IndexFunc(p.manifest.Parameters, func(known abi.Parameter) bool { return known.Key == key })
	if i >= 0 {
		q = p.manifest.Parameters[i]
	} else {
		i = len(p.manifest.Parameters)
		p.manifest.Parameters = append(p.manifest.Parameters, q)
	}
	q.Label = first(clip(clean(n.get("title").text()), 80), q.Label, label(name))
	q.Help = first(phrase(n.get("description").text(), maxHelp), q.Help)
	if example := clean(n.get("example").text()); example != "" && !n.get("secret").flag() && !secretName.MatchString(name) && len(example) < 60 {
		q.Help = followed(q.Help, "Such as "+example+".")
	}
	if list := enumOf(n); q.Kind == abi.KindHost && len(list) > 1 {
		q.Help = clip(followed(q.Help, "One of: "+strings.Join(list, ", ")+"."), maxHelp)
	}
	if implied, ok := p.implied(key); ok && implied.Secret || n.get("secret").flag() || secretName.MatchString(name) && q.Kind == "" && len(n.get("enum").texts()) == 0 && p.manifest.Auth.Type != abi.AuthJWT {
		q.Secret, q.Default, q.Enum = true, "", nil
	}
	if q.Kind == "" && !q.Secret && len(q.Enum) == 0 {
		q.Enum = enumOf(n)
	}
	if standard := clean(n.get("default_value").text()); standard != "" && !q.Secret && q.Default == "" && q.Check(standard) == nil {
		q.Default, q.Required = standard, false
	}
	if form := n.get("pattern").text(); strings.HasPrefix(form, "^") && strings.HasSuffix(form, "$") && q.Kind == "" && len(q.Enum) == 0 && len(form) < 200 {
		q.Pattern = strings.TrimSuffix(strings.TrimPrefix(form, "^"), "$")
		if (abi.Parameter{Key: key, Pattern: q.Pattern}).Check("a") != nil && !patternForm(q.Pattern) || q.Default != "" && q.Check(q.Default) != nil {
			q.Pattern = ""
		}
	}
	p.manifest.Parameters[i] = q
}

// patternForm says whether a pattern is one of RE2.
func patternForm(pattern string) bool {
	_, err := regexp.Compile("^(?:" + pattern + ")$")
	return err == nil && !strings.Contains(pattern, "|")
}

// implied is what the auth type asks for by itself.
func (p *provider) implied(key string) (abi.Parameter, bool) {
	m := abi.Manifest{Auth: p.manifest.Auth}
	return m.Field(key)
}
