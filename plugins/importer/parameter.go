package importer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// parameter puts one parameter of an operation where it belongs. Those in the
// path are there already, and bodies are read by body.
func (r *operationReader) parameter(n node) error {
	name, in := n.get("name").text(), strings.ToLower(n.get("in").text())
	if in == "path" || in == "body" || in == "formdata" || n.get("deprecated").flag() && !n.get("required").flag() {
		return nil
	}
	if clean(name) != name || r.isCredential(in, name) {
		return nil
	}
	if r.speaksOfCredential(n, in, name) {
		r.review.check("parameters that are the credential once more, such as " + name + ", are left out: the host sends it")
		return nil
	}
	s, err := r.schema(n)
	if err != nil {
		return err
	}
	switch in {
	case "query", "querystring":
		return r.query(n, name, s)
	case "header":
		return r.header(n, name, s)
	case "cookie":
		return r.cookie(n, name, s)
	}
	return faultAt(n, "a parameter that stands nowhere known, in: %s", quoted(in))
}

// isCredential says that the host puts it there itself.
func (r *operationReader) isCredential(in, name string) bool {
	a := r.manifest.Auth
	placed := func(at, as string) bool {
		return at == abi.InHeader && in == "header" && strings.EqualFold(as, name) || at == abi.InQuery && in == "query" && as == name
	}
	for _, p := range a.Also {
		if placed(p.Place(), p.Name) {
			return true
		}
	}
	switch a.Type {
	case abi.AuthAPIKey, abi.AuthBearer, abi.AuthOAuth2:
		return placed(a.Place(), a.PlaceName())
	}
	return false
}

var (
	tokenName  = regexp.MustCompile(`(?i)^(access_?token|auth_?token|oauth_?token|token|api_?key|x-api-key)$`)
	aboutToken = regexp.MustCompile(`(?i)authenticat|authoriz|bearer|api key|access token`)
)

// speaksOfCredential finds what some documents list for each operation beside
// their security schemes: the credential of another scheme, or the token once
// more.
func (r *operationReader) speaksOfCredential(n node, in, name string) bool {
	if r.manifest.Auth.Type == abi.AuthNone {
		return false
	}
	for _, s := range r.security.schemes {
		at := map[bool]string{true: "query", false: "header"}[s.auth.In == abi.InQuery]
		if s.auth.Type == abi.AuthAPIKey && in == at && strings.EqualFold(s.auth.Name, name) {
			return true
		}
	}
	return (in == "header" || in == "query") && tokenName.MatchString(name) && aboutToken.MatchString(n.get("description").text())
}

// query adds a query parameter. An object is one parameter for each member, and
// a list that is repeated has one value.
func (r *operationReader) query(n node, name string, s shape) error {
	style, explode := n.get("style").text(), n.get("explode")
	exploded := !explode.given() && (style == "" || style == "form" || style == "deepObject") || explode.flag()
	if n.get("content").given() {
		r.add(&r.out.Query, n, name, "query", s)
		return nil
	}
	switch {
	case s.kind == "object" && len(s.members) > 0 && (style == "deepObject" || exploded):
		return r.members(&r.out.Query, n, name, s, style == "deepObject")
	case s.kind == "object" && !n.get("required").flag():
		r.review.check("parameters that are objects without known members are left out")
		return nil
	case s.kind == "object":
		return faultAt(n, "a query parameter that is any object")
	case s.kind == "array":
		r.list(n, name, s, exploded)
		return nil
	}
	if pageParam.MatchString(name) && (s.standard == "0" || s.least.text() == "0") {
		r.out.fromZero = true
	}
	r.add(&r.out.Query, n, name, "query", s)
	return nil
}

// members spreads an object over the query: filter[name]=x, or name=x.
func (r *operationReader) members(into *map[string]string, n node, name string, s shape, deep bool) error {
	for _, member := range sortedMembers(s) {
		at := s.members[member]
		inner, err := shapeOf(at)
		if err != nil {
			return err
		}
		if inner.kind == "object" || inner.readOnly || clean(member) != member {
			continue
		}
		full, key := member, member
		if deep {
			full, key = name+"["+member+"]", name+"_"+member
		}
		if inner.kind == "array" {
			inner.kind = ""
			inner.enum = nil
		}
		p := r.describe(inner, at)
		p.Required = n.get("required").flag() && s.required[member]
		p.Key = r.key(key, "query")
		r.out.Parameters = append(r.out.Parameters, p)
		r.set(into, full, "{"+p.Key+"}")
	}
	return nil
}

// sortedMembers are the names of an object's members, the needed ones first.
func sortedMembers(s shape) []string {
	var needed, others []string
	for name := range s.members {
		if s.required[name] {
			needed = append(needed, name)
		} else {
			others = append(others, name)
		}
	}
	slices.Sort(needed)
	slices.Sort(others)
	return append(needed, others...)
}

// separators are what stands between the items of a list that is one text.
var separators = map[string]string{
	"spaceDelimited": "spaces", "pipeDelimited": "|", "ssv": "spaces", "pipes": "|", "tsv": "tabs", "csv": "commas", "": "commas", "form": "commas", "simple": "commas",
}

// list adds a list: a text of its items, or one item where the service wants a
// parameter for each.
func (r *operationReader) list(n node, name string, s shape, exploded bool) {
	item, _ := shapeOf(s.item)
	style := first(n.get("style").text(), n.get("collectionFormat").text())
	if r.swagger {
		exploded = n.get("collectionFormat").text() == "multi"
	}
	how := "Items are separated by " + first(separators[style], "commas") + "."
	if exploded {
		how = "One item."
		r.review.check("a list in a query that is sent as a parameter for each item (style form, explode) takes one item in the draft")
	}
	flat := shape{help: first(s.help, item.help), standard: ""}
	if exploded {
		flat.kind, flat.enum = item.kind, item.enum
		if flat.kind == "object" || flat.kind == "array" {
			flat.kind = ""
		}
	} else if len(item.enum) > 0 {
		how = clip(how+" Of: "+strings.Join(item.enum, ", "), 120)
	}
	p := r.describe(flat, n)
	p.Help = followed(clip(p.Help, maxHelp-20), how)
	p.Key = r.key(name, "query")
	r.out.Parameters = append(r.out.Parameters, p)
	r.set(&r.out.Query, name, "{"+p.Key+"}")
}

// add adds a parameter, or the one value that it can have.
func (r *operationReader) add(into *map[string]string, n node, name, in string, s shape) {
	p := r.describe(s, n)
	if p.Required && len(s.enum) == 1 {
		r.set(into, name, literal(s.enum[0]))
		return
	}
	p.Key = r.key(name, in)
	r.out.Parameters = append(r.out.Parameters, p)
	r.set(into, name, "{"+p.Key+"}")
}

var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$") // RFC 9110 section 5.6.2

// ownHeaders are those that the host sets, or that say what a body is.
var ownHeaders = []string{"accept", "content-type", "authorization", "host", "connection", "te", "content-length", "transfer-encoding", "trailer", "upgrade", "keep-alive", "user-agent", "cookie", "accept-encoding"}

func (r *operationReader) header(n node, name string, s shape) error {
	low := strings.ToLower(name)
	if slices.Contains(ownHeaders, low) || strings.HasPrefix(low, "proxy-") || strings.HasPrefix(low, "x-amz-") && r.manifest.Auth.Type == abi.AuthSigV4 {
		return nil
	}
	if !headerName.MatchString(name) {
		return faultAt(n, "a header with a name that is none, %s", quoted(name))
	}
	for other := range r.out.Headers {
		if strings.EqualFold(other, name) {
			return nil
		}
	}
	if s.kind == "object" || s.kind == "array" {
		s.kind, s.enum = "", nil
	}
	r.add(&r.out.Headers, n, name, "header", s)
	return nil
}

// cookie adds a cookie that is needed. One that is not would be sent empty.
func (r *operationReader) cookie(n node, name string, s shape) error {
	if !n.get("required").flag() || r.out.Headers["Cookie"] != "" {
		r.review.check("cookies that may be left out are left out")
		return nil
	}
	p := r.describe(s, n)
	p.Key = r.key(name, "cookie")
	r.out.Parameters = append(r.out.Parameters, p)
	r.set(&r.out.Headers, "Cookie", literal(name)+"={"+p.Key+"}")
	return nil
}
