package importer

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// A requestReader makes an action of one request of a collection.
type requestReader struct {
	*collection
	exported
	out  operation
	keys namer
	own  map[string]string // variable -> this action's parameter
}

func (r *requestReader) read(method string) error {
	if method != "GET" {
		r.out.Method = method
	}
	r.own = map[string]string{}
	if err := r.path(); err != nil {
		return err
	}
	for _, q := range r.url.query {
		r.pair(&r.out.Query, q, "query")
	}
	headers := r.sent.get("header")
	for _, h := range headers.items() {
		name := h.get("key").text()
		if h.get("disabled").flag() || slices.Contains(ownHeaders, strings.ToLower(name)) || !headerName.MatchString(name) {
			continue
		}
		r.pair(&r.out.Headers, h, "header")
	}
	if err := r.body(); err != nil {
		return err
	}
	if len(r.out.Parameters) > 100 {
		return faultAt(r.sent, "more than 100 parameters")
	}
	sortParameters(r.out.Parameters)
	r.out.Text = first(phrase(described(r.sent), maxText), clip(r.name, maxText))
	r.out.Name = r.taken.take(actionName(r.name), actionName(r.folder+" "+r.name), actionName(byPath(strings.ToLower(method), r.out.Path)), "call")
	return nil
}

// path makes the template of a path, with a parameter for each :name and each
// variable.
func (r *requestReader) path() error {
	var out strings.Builder
	for _, segment := range r.url.path {
		if segment == "" {
			continue
		}
		out.WriteByte('/')
		if name, ok := strings.CutPrefix(segment, ":"); ok && name != "" {
			p := abi.Parameter{Key: r.keys.take(fieldKey(name), fieldKey(name+"_path")), Required: true}
			for _, v := range r.url.places.items() {
				if first(v.get("key").text(), v.get("id").text()) == name {
					p.Help = phrase(described(v), maxHelp)
				}
			}
			r.out.Parameters = append(r.out.Parameters, p)
			out.WriteString("{" + p.Key + "}")
			continue
		}
		template, err := r.template(segment, true)
		if err != nil {
			return err
		}
		out.WriteString(template)
	}
	path := first(out.String(), "/")
	if r.url.origin == r.base {
		r.out.Path = path
		return nil
	}
	other := serverBase(r.url.origin, node{})
	if len(other.parameters) > 0 {
		return faultAt(r.sent, "an address of its own, %s, that the collection does not tell", quoted(r.url.origin))
	}
	r.out.URL = other.url + path
	if h := hostOf(other.url); h != hostOf(r.manifest.BaseURL) && !slices.Contains(r.manifest.Hosts, h) {
		r.manifest.Hosts = append(r.manifest.Hosts, h)
		r.review.check("the credential goes to the host " + h + " too, which some requests have")
	}
	return nil
}

// template is a text in which variables are places.
func (r *requestReader) template(text string, inPath bool) (string, error) {
	var out strings.Builder
	last := 0
	write := func(part string) {
		if inPath {
			part = pathText(part)
		} else {
			part = literal(part)
		}
		out.WriteString(part)
	}
	for _, at := range variable.FindAllStringSubmatchIndex(text, -1) {
		write(text[last:at[0]])
		key, err := r.place(text[at[2]:at[3]], inPath)
		if err != nil {
			return "", err
		}
		out.WriteString("{" + key + "}")
		last = at[1]
	}
	write(text[last:])
	return out.String(), nil
}

// place is the parameter that a variable is: one of the connection, or of this
// action.
func (r *requestReader) place(name string, inPath bool) (string, error) {
	if key := r.declared[name]; key != "" {
		f, _ := r.manifest.Field(key)
		if f.Secret && inPath {
			return "", faultAt(r.sent, "a secret in a URL")
		}
		return key, nil
	}
	if key := r.own[name]; key != "" {
		return key, nil
	}
	key := r.keys.take(fieldKey(name), fieldKey(name+"_value"))
	r.own[name] = key
	r.out.Parameters = append(r.out.Parameters, abi.Parameter{Key: key, Required: inPath})
	return key, nil
}

// pair adds one name with its value: a place where variables stand in it, a
// constant of a header, else a parameter of which the value is an example.
func (r *requestReader) pair(into *map[string]string, n node, in string) {
	name, value := n.get("key").text(), clean(n.get("value").text())
	if name == "" || clean(name) != name || r.isCredential(in, name) {
		return
	}
	set := func(template string) {
		if *into == nil {
			*into = map[string]string{}
		}
		(*into)[name] = template
	}
	off := n.get("disabled").flag()
	if variable.MatchString(value) && !off {
		if template, err := r.template(value, false); err == nil {
			set(template)
		}
		return
	}
	if in == "header" && !off && value != "" && !secretName.MatchString(name) && !looksSecret(value) {
		set(literal(value))
		return
	}
	p := r.example(name, in, value)
	if about := described(n); about != "" {
		about, p.Required = strings.CutPrefix(strings.TrimSpace(about), "(Required)")
		p.Help = first(phrase(about, maxHelp), p.Help)
	}
	r.out.Parameters = append(r.out.Parameters, p)
	set("{" + p.Key + "}")
}

// isCredential says that the host puts it there itself.
func (r *requestReader) isCredential(in, name string) bool {
	a := r.manifest.Auth
	switch a.Type {
	case abi.AuthAPIKey, abi.AuthBearer, abi.AuthOAuth2:
		return a.Place() == in && strings.EqualFold(a.PlaceName(), name)
	}
	return false
}

// example is a parameter for a name of which a value is known. The value is told
// as an example unless it may be somebody's secret.
func (r *requestReader) example(name, in, value string) abi.Parameter {
	p := abi.Parameter{Key: r.keys.take(fieldKey(name), fieldKey(name+"_"+in))}
	if wholeNumber.MatchString(value) {
		p.Kind = abi.KindNumber
	}
	if value != "" && len(value) <= 40 && !secretName.MatchString(name) && !looksSecret(value) {
		p.Help = "Such as " + value + "."
	}
	return p
}

var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?$`)

// body reads what a request sends.
func (r *requestReader) body() error {
	body := r.sent.get("body")
	mode := body.get("mode").text()
	if r.out.Method == "" || body.get("disabled").flag() {
		return nil
	}
	switch {
	case mode == "raw" && strings.TrimSpace(body.get("raw").text()) != "":
		return r.raw(body)
	case mode == "urlencoded":
		r.out.Form = map[string]string{}
		for _, f := range body.get("urlencoded").items() {
			r.pair(&r.out.Form, f, "body")
		}
	case mode == "formdata" && len(body.get("formdata").items()) > 0:
		return faultAt(body, "a multipart body")
	case mode == "file":
		return faultAt(body, "a file to upload")
	case mode == "graphql":
		return r.graphQL(body.get("graphql"))
	}
	return nil
}

// graphQL keeps the query and asks for its variables.
func (r *requestReader) graphQL(n node) error {
	query := n.get("query").text()
	p := abi.Parameter{Key: r.keys.take("variables", "variables_body"), Kind: abi.KindJSON, Help: "The variables of the query."}
	r.out.Parameters = append(r.out.Parameters, p)
	value := map[string]any{"query": literal(clean(query)), "variables": "{" + p.Key + "}"}
	if strings.Contains(query, "#") || strings.Contains(query, `"""`) || query == "" {
		q := abi.Parameter{Key: r.keys.take("query", "query_body"), Required: true, Help: "The query."}
		r.out.Parameters = append(r.out.Parameters, q)
		value["query"] = "{" + q.Key + "}"
	}
	return r.setJSON(value)
}

func (r *requestReader) setJSON(value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return r.out.JSON.UnmarshalJSON(data)
}

var bareVariable = regexp.MustCompile(`([:\[,]\s*)(\{\{[^{}"]*\}\})`)

// raw reads a body that is JSON, with variables in it. What is no JSON is left
// to the caller where the request says that it is.
func (r *requestReader) raw(body node) error {
	text := bareVariable.ReplaceAllString(body.get("raw").text(), `$1"$2"`)
	language := body.get("options").get("raw").get("language").text()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		if language == "json" || strings.HasPrefix(strings.TrimSpace(text), "{") {
			return r.setJSON(r.whole())
		}
		return faultAt(body, "a body that is neither JSON nor a form")
	}
	if members, ok := value.(map[string]any); ok && len(members) > 0 {
		before, taken := len(r.out.Parameters), maps.Clone(r.keys)
		template, err := r.members(members, 0)
		if err == nil && len(r.out.Parameters)-before <= maxMembers {
			return r.setJSON(template)
		}
		r.out.Parameters, r.keys = r.out.Parameters[:before], taken
	}
	return r.setJSON(r.whole())
}

func (r *requestReader) whole() string {
	p := abi.Parameter{Key: r.keys.take("body", "body_json"), Kind: abi.KindJSON, Required: true, Help: "The whole body."}
	r.out.Parameters = append(r.out.Parameters, p)
	return "{" + p.Key + "}"
}

// members is the template of an object of which one example is known.
func (r *requestReader) members(object map[string]any, depth int) (map[string]any, error) {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if name == "" || clean(name) != name {
			return nil, faultAt(r.sent, "a member with a name that is none")
		}
		switch v := object[name].(type) {
		case map[string]any:
			if len(v) > 0 && depth < maxSpread {
				inner, err := r.members(v, depth+1)
				if err != nil {
					return nil, err
				}
				out[name] = inner
				continue
			}
			out[name] = r.member(name, abi.KindJSON, "")
		case []any:
			out[name] = r.member(name, abi.KindJSON, "")
		case bool:
			out[name] = r.member(name, abi.KindBoolean, "")
		case float64:
			out[name] = r.member(name, abi.KindNumber, "")
		case string:
			if m := variable.FindString(v); m != "" {
				template, err := r.template(clean(v), false)
				if err != nil {
					return nil, err
				}
				out[name] = template
				continue
			}
			out[name] = r.member(name, "", clean(v))
		default:
			out[name] = r.member(name, "", "")
		}
	}
	return out, nil
}

func (r *requestReader) member(name, kind, value string) string {
	p := r.example(name, "body", value)
	p.Kind = kind
	r.out.Parameters = append(r.out.Parameters, p)
	return "{" + p.Key + "}"
}
