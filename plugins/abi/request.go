package abi

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// request checks a request that a manifest describes, if there is one.
func (c *checker) request(at string, r *Request, u use) {
	if r == nil {
		return
	}
	switch {
	case r.URL != "" && r.Path != "":
		c.fault("M401", KeyPath(at, "path"), "keep one of them", `%s has both "url" and "path"`, last(at))
	case r.URL != "":
		c.url(KeyPath(at, "url"), r.URL, u)
	case r.Path != "":
		c.path(KeyPath(at, "path"), r.Path, u)
	case at != "refresh" && !u.byHook && !c.found(at):
		hint := "write for example: {path: /me}"
		if strings.HasPrefix(at, "auth.") {
			hint = "write for example: {url: https://...}"
		}
		c.fault("M402", at, hint, `%s needs a "url" or a "path"`, last(at))
	}
	c.method(at, r, u)
	c.texts(KeyPath(at, "query"), r.Query, u)
	c.headers(KeyPath(at, "headers"), r.Headers, u)
	c.texts(KeyPath(at, "form"), r.Form, u)
	c.body(KeyPath(at, "json"), r.JSON, u)
	c.answer(KeyPath(at, "answer"), r.Answer, u)
}

// found says whether the metadata of the issuer tells the URL of a request.
func (c *checker) found(at string) bool {
	return c.m.Auth.Type == AuthOAuth2 && c.m.Auth.Issuer != "" && slices.Contains(foundByIssuer, at)
}

// foundByIssuer are the requests whose URLs metadata may tell.
var foundByIssuer = []string{"auth.authorize", "auth.token", "auth.device", "auth.par"}

// method checks the method and what may go with it.
func (c *checker) method(at string, r *Request, u use) {
	path := KeyPath(at, "method")
	if !u.body {
		for _, k := range []struct {
			key   string
			given bool
		}{{"method", r.Method != "" && r.Method != "GET"}, {"headers", len(r.Headers) > 0}, {"form", r.Form != nil}, {"json", !r.JSON.IsZero()}} {
			if k.given {
				c.fault("M403", KeyPath(at, k.key), "put its parameters into query", "%q has no meaning here: a browser opens this URL", k.key)
			}
		}
		return
	}
	hasBody := r.Form != nil || !r.JSON.IsZero()
	switch method := r.Method; {
	case method != "" && !methodForm.MatchString(method):
		c.fault("M404", path, "", "the method %q must be upper-case letters, such as POST", method)
	case method == "CONNECT" || method == "TRACE":
		c.fault("M405", path, "", "the method %s is not allowed", method)
	case hasBody && (method == "" && u.method == "GET" || method == "GET" || method == "HEAD"):
		c.fault("M406", path, "write: method: POST", "%s has a body, which GET cannot send", last(at))
	}
	if r.Form != nil && !r.JSON.IsZero() {
		c.fault("M407", KeyPath(at, "json"), "keep one of them", `%s has both "form" and "json"`, last(at))
	}
}

// texts checks the templates of a query or form.
func (c *checker) texts(at string, m map[string]string, u use) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		path := KeyPath(at, name)
		if name == "" {
			c.fault("M408", path, "", "a parameter in %s has an empty name", last(at))
		}
		if c.plain(path, name) {
			c.template(path, m[name], u)
		}
	}
}

// Headers that belong to the connection and not to the message; security.md
// names those that a connector may not set.
var ownHeaders = []string{"host", "connection", "te", "content-length", "transfer-encoding", "trailer", "upgrade", "keep-alive"}

// headerName holds RFC 9110 section 5.1.
func (c *checker) headerName(path, name string) bool {
	low := strings.ToLower(name)
	switch {
	case !tokenForm.MatchString(name):
		c.fault("M409", path, "", "%q is not the name of a header", name)
	case slices.Contains(ownHeaders, low) || strings.HasPrefix(low, "proxy-"):
		c.fault("M410", path, "leave it out", "the header %s is set by the host only", name)
	default:
		return true
	}
	return false
}

func (c *checker) headers(at string, m map[string]string, u use) {
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		path := KeyPath(at, name)
		if !c.headerName(path, name) {
			continue
		}
		low := strings.ToLower(name)
		switch other, twice := seen[low]; {
		case twice:
			c.fault("M411", path, "", "the header %s stands twice, also as %s", name, other)
		case c.signs(low) && slices.Equal(u.answer, accountAnswer):
			c.fault("M412", path, "leave it out", "the header %s carries the credential and is set by the host", name)
		}
		seen[low] = name
		if c.plain(path, m[name]) {
			c.template(path, m[name], u)
		}
	}
}

// ownHeaders checks the headers that every call carries. What the credential
// sets would take their place.
func (c *checker) ownHeaders() {
	c.few("headers", len(c.m.Headers), keyOf(manifestKeys, "headers"))
	c.headers("headers", c.m.Headers, headerUse)
	for _, name := range slices.Sorted(maps.Keys(c.m.Headers)) {
		if slices.ContainsFunc(c.m.CredentialHeaders(), func(own string) bool { return strings.EqualFold(own, name) }) {
			c.fault("M412", KeyPath("headers", name), "leave it out", "the header %s carries the credential and is set by the host", name)
		}
	}
}

// signs says whether the credential itself goes to that header.
func (c *checker) signs(low string) bool {
	a := c.m.Auth
	return (a.sendsText() || a.Type == AuthBasic) && a.Place() == InHeader && low == strings.ToLower(a.PlaceName())
}

// path checks a path below the base URL.
func (c *checker) path(at, path string, u use) {
	switch {
	case c.m.BaseURL == "":
		c.fault("M413", "base_url", "add it, or write a whole url", `the key "base_url" is missing, and %s lies below it`, at)
	case strings.Contains(path, "://"):
		c.fault("M414", at, "write it as url", "%s is a path below base_url and begins with '/'", last(at))
		return
	case !strings.HasPrefix(path, "/"):
		c.fault("M414", at, fmt.Sprintf("write: path: %q", "/"+path), "%s must begin with '/'", last(at))
		return
	}
	c.tail(at, path, u)
}

// url checks the template of an absolute URL, part by part as the host fills
// it. Nothing secret stands in it: URLs are logged and shown.
func (c *checker) url(at, template string, u use) {
	scheme, rest, ok := strings.Cut(template, "://")
	if strings.HasPrefix(template, "{") {
		c.capturedURL(at, template, u)
		return
	}
	if !ok || scheme != "https" && scheme != "http" {
		c.fault("M415", at, "write: https://...", "%s must be an absolute URL with the scheme https", last(at))
		return
	}
	host := URLHost(template)
	if strings.Contains(host, "@") {
		c.fault("M416", at, "", "%s may not hold a user or password", last(at))
		return
	}
	c.host(at, host, u)
	c.tail(at, rest[len(host):], u)
	if scheme == "http" && c.leavesMachine(host) {
		c.warn("M417", at, "write https, unless the operator opens that address", "%s sends its credential unencrypted", last(at))
	}
}

// leavesMachine guesses whether a host is another machine than this one. What
// may be called is decided at the call.
func (c *checker) leavesMachine(host string) bool {
	name, _, _ := strings.Cut(host, ":")
	return name != "localhost" && !strings.HasPrefix(name, "127.") && !strings.HasPrefix(host, "[") && !strings.HasPrefix(host, "{")
}

// capturedURL checks a URL that begins with a place: {instance_url}/path.
func (c *checker) capturedURL(at, template string, u use) {
	end := strings.IndexByte(template, '}')
	if end < 0 {
		c.template(at, template, u)
		return
	}
	places, err := Places(template[:end+1])
	if err != nil || len(places) != 1 {
		c.fault("M415", at, "", "%s must be an absolute URL", last(at))
		return
	}
	p := places[0]
	c.used[p.Name] = true
	if !c.m.Captured(p.Name) || !u.captured || u.unchosen && c.m.chosen(p.Name) {
		c.fault("M418", at, fmt.Sprintf("write: https://{%s}", p.Name), "%s may begin with a place only where a URL of that name is captured", last(at))
		return
	}
	if p.Fallback != "" {
		c.url(at, p.Fallback, u)
	}
	c.tail(at, template[end+1:], u)
}

// tail checks path and query of a URL.
func (c *checker) tail(at, text string, u use) {
	if !c.plain(at, text) {
		return
	}
	u.fields = false
	c.template(at, text, u)
	filled, err := Expand(text, func(Place) (string, error) { return "1", nil })
	if err != nil {
		return
	}
	if strings.Contains(filled, "#") {
		c.fault("M419", at, "", "%s may not have a fragment", last(at))
	} else if _, err := url.Parse("https://a" + filled); err != nil || strings.ContainsAny(filled, " \\") || filled != "" && filled[0] != '/' && filled[0] != '?' {
		c.fault("M420", at, "", "%s is not a URL", last(at))
	}
}

// host checks a host or host:port and what it names.
func (c *checker) host(at, template string, u use) {
	u.fields, u.inPath = false, nil
	before := len(c.problems)
	c.template(at, template, u)
	if len(c.problems) > before {
		return
	}
	if err := CheckHostTemplate(template); err != nil {
		c.fault("M110", at, cmp.Or(hostHint(template), err.Error()), "%q is not a host or host:port", template)
		return
	}
	for _, f := range c.m.Parameters {
		_, rest, ok := strings.Cut(template, "{"+f.Key)
		if _, rest, closed := strings.Cut(rest, "}"); ok && closed && f.Kind == KindHost && rest != "" && rest[0] != ':' {
			c.fault("M111", at, "leave out kind: host to insert one label", "{%s} is a whole host name, and nothing but a port may follow it", f.Key)
		}
	}
}
