package host

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// Values fills the templates of a manifest. Whole names the parameters of kind
// host: they may be a host with a port, every other value in a host is one
// label. Paths names those of kind path: they keep their slashes in a path,
// where every other value is one segment.
type Values struct {
	Params map[string]string
	Secret map[string]Secret
	Whole  map[string]bool
	Paths  map[string]bool
}

// lookup gives the value of a place, with the secret ones revealed: a filled
// request is about to be sent.
func (v Values) lookup(p abi.Place) (string, error) {
	if s := v.Params[p.Name]; s != "" {
		return s, nil
	}
	if s := v.Secret[p.Name]; !s.Empty() {
		return s.Reveal(), nil
	}
	if p.HasFall {
		return p.Fallback, nil
	}
	if _, ok := v.Params[p.Name]; ok {
		return "", nil
	}
	return "", Errorf(Failed, "the connection has no value for the parameter %q", p.Name)
}

// Text fills a template without any escaping.
func (v Values) Text(template string) (string, error) {
	return abi.Expand(template, v.lookup)
}

var hostLabel = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// Host fills the template of a host or host:port. A value is one label, except
// that of a parameter of kind host (design rule 12).
func (v Values) Host(template string) (string, error) {
	return abi.Expand(template, func(p abi.Place) (string, error) {
		s, err := v.lookup(p)
		if err != nil {
			return "", err
		}
		if v.Whole[p.Name] {
			return s, CheckHost(s)
		}
		if s == p.Fallback && p.HasFall {
			return s, nil
		}
		if !hostLabel.MatchString(s) {
			return "", Errorf(Refused, "the value of %q stands in a host name and must be one label of a-z, 0-9 and '-'", p.Name)
		}
		return s, nil
	})
}

// CheckHost says what is wrong with a host or host:port, or nil.
func CheckHost(s string) error {
	u, err := url.Parse("https://" + s)
	if err != nil || u.Host != s || u.Hostname() == "" || strings.ContainsAny(s, " \t\r\n%\\@?#/") {
		return Errorf(Usage, "%q is not a host name, with a port or without", s)
	}
	for label := range strings.SplitSeq(u.Hostname(), ".") {
		if !hostLabel.MatchString(label) && !strings.Contains(u.Hostname(), ":") {
			return Errorf(Usage, "%q is not a host name, with a port or without", s)
		}
	}
	return nil
}

// URL fills the template of an absolute URL, each part by its own rules: the
// host by Host, path and query values escaped. A template that begins with a
// place takes its scheme and host from that value, which is a captured URL;
// whether it may be called is decided at the call.
func (v Values) URL(template string) (*url.URL, error) {
	scheme, rest, ok := strings.Cut(template, "://")
	if !ok || strings.ContainsAny(scheme, "{}") {
		return v.capturedURL(template)
	}
	authority, path := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	hostname, err := v.Host(authority)
	if err != nil {
		return nil, err
	}
	tail, err := v.tail(path)
	if err != nil {
		return nil, err
	}
	return parseURL(scheme + "://" + hostname + tail)
}

// capturedURL fills "{instance_url}/path".
func (v Values) capturedURL(template string) (*url.URL, error) {
	end := strings.IndexByte(template, '}')
	if !strings.HasPrefix(template, "{") || end < 0 {
		return nil, Errorf(Failed, "%q is not an absolute URL", template)
	}
	base, err := v.Text(template[:end+1])
	if err != nil {
		return nil, err
	}
	tail, err := v.tail(template[end+1:])
	if err != nil {
		return nil, err
	}
	return parseURL(strings.TrimSuffix(base, "/") + tail)
}

// tail fills path and query.
func (v Values) tail(template string) (string, error) {
	path, query, has := strings.Cut(template, "?")
	p, err := v.escaped(path, func(name, s string) (string, error) {
		if v.Paths[name] {
			return pathSegments(s)
		}
		return pathSegment(s)
	})
	if err != nil || !has {
		return p, err
	}
	q, err := v.escaped(query, func(_, s string) (string, error) { return url.QueryEscape(s), nil })
	return p + "?" + q, err
}

// pathSegments escapes the segments of a value and leaves the slashes between
// them. An empty one would make the path another than it looks.
func pathSegments(s string) (string, error) {
	list := strings.Split(s, "/")
	for i, segment := range list {
		escaped, err := pathSegment(segment)
		if err != nil {
			return "", err
		}
		if list[i] = escaped; segment == "" && len(list) > 1 {
			return "", Errorf(Refused, "%q cannot stand in the path of a URL: a part of it is empty", s)
		}
	}
	return strings.Join(list, "/"), nil
}

// pathSegment escapes a value for a path. A dot segment would climb out of the
// place where it was put (RFC 3986 section 3.3).
func pathSegment(s string) (string, error) {
	if s == "." || s == ".." {
		return "", Errorf(Refused, "%q cannot stand in the path of a URL", s)
	}
	return url.PathEscape(s), nil
}

func (v Values) escaped(template string, escape func(name, value string) (string, error)) (string, error) {
	return abi.Expand(template, func(p abi.Place) (string, error) {
		s, err := v.lookup(p)
		if err != nil {
			return "", err
		}
		return escape(p.Name, s)
	})
}

func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" {
		return nil, Errorf(Failed, "a URL of the connector is not absolute: it needs a scheme and a host, and no user")
	}
	return u, nil
}

// Endpoint is the URL of a request: its own, or its path below the base URL.
func (v Values) Endpoint(r abi.Request, baseURL string) (*url.URL, error) {
	template := r.URL
	if template == "" {
		template = strings.TrimSuffix(baseURL, "/") + r.Path
	}
	u, err := v.URL(template)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	for _, name := range slices.Sorted(maps.Keys(r.Query)) {
		text, err := v.Text(r.Query[name])
		if err != nil {
			return nil, err
		}
		if text != "" {
			q.Set(name, text)
		}
	}
	if len(r.Query) > 0 {
		u.RawQuery = q.Encode()
	}
	return u, nil
}

// Call fills a request of a manifest. It has no credential, no policy and no
// limits yet. A parameter whose text comes out empty is not sent.
func (v Values) Call(r abi.Request, baseURL string) (Call, error) {
	u, err := v.Endpoint(r, baseURL)
	if err != nil {
		return Call{}, err
	}
	c := Call{Method: r.Method, URL: u, Header: http.Header{}}
	if c.Method == "" {
		c.Method = http.MethodGet
	}
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		text, err := v.Text(r.Headers[name])
		if err != nil {
			return Call{}, err
		}
		if text != "" {
			c.Header.Set(name, text)
		}
	}
	body, kind, err := v.body(r)
	if err != nil || body == nil {
		return c, err
	}
	if c.Header.Get("Content-Type") == "" {
		c.Header.Set("Content-Type", kind)
	}
	c.SetBody(body)
	return c, nil
}

// SetBody makes b the body of every attempt.
func (c *Call) SetBody(b []byte) {
	c.ContentLength = int64(len(b))
	c.Body = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}

func (v Values) body(r abi.Request) ([]byte, string, error) {
	switch {
	case !r.JSON.IsZero():
		doc, there, err := r.JSON.Fill(func(template string) (any, bool, error) {
			text, err := v.Text(template)
			return text, text != "", err
		})
		if err != nil || !there {
			return nil, "", err
		}
		b, err := json.Marshal(doc)
		return b, "application/json", err
	case r.Form != nil:
		m, err := v.Texts(r.Form)
		if err != nil {
			return nil, "", err
		}
		form := url.Values{}
		for k, text := range m {
			form.Set(k, text)
		}
		return []byte(form.Encode()), "application/x-www-form-urlencoded", nil
	}
	return nil, "", nil
}

// Texts fills a map of templates and leaves out what comes out empty.
func (v Values) Texts(templates map[string]string) (map[string]string, error) {
	m := map[string]string{}
	for k, template := range templates {
		text, err := v.Text(template)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
		if text != "" {
			m[k] = text
		}
	}
	return m, nil
}
