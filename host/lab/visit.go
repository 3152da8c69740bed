package lab

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// A visit is one request to a shaped lab while it is answered.
type visit struct {
	w        http.ResponseWriter
	r        *http.Request
	body     []byte
	query    url.Values
	form     url.Values // nil where the body is none
	json     any        // nil where the body is none
	origin   string
	path     string // escaped, without a credential that stands before it
	full     string // escaped, as it came
	before   bound  // what a credential before the path holds; nil for none
	endpoint *endpoint
	all      []*endpoint // that take this request, the first among them
	bound    bound
	wrong    string // why it does not fit, without anything of it
	chosen   bool   // a person has chosen on the page that asks
}

// find reads a request and finds who answers it.
func (s *service) find(w http.ResponseWriter, r *http.Request) (kinds []string, serve http.HandlerFunc) {
	v := s.read(w, r)
	if v == nil {
		return nil, func(w http.ResponseWriter, r *http.Request) {
			fail(w, r, http.StatusRequestEntityTooLarge, "too_large")
		}
	}
	s.choose(v)
	seen := entry(r)
	if v.endpoint == nil {
		if !s.declares(v) || s.own(r) {
			return nil, s.mux.ServeHTTP
		}
		seen.Endpoint, seen.Path = "call", short(s.masked(v))
		return []string{"call"}, func(w http.ResponseWriter, _ *http.Request) { v.w = w; s.answer(v) }
	}
	seen.Endpoint, seen.Path = v.endpoint.kind, short(v.endpoint.path)
	for _, e := range v.all {
		kinds = append(kinds, e.kind)
		if e.kind != seen.Endpoint {
			seen.Also = append(seen.Also, e.kind)
		}
		if e.api != nil {
			kinds = append(kinds, "call")
		}
		if e.api != nil && e.api.action != nil {
			kinds = append(kinds, "action")
		}
	}
	return kinds, func(w http.ResponseWriter, r *http.Request) {
		v.w = w
		if v.wrong != "" {
			s.misfit(v)
			return
		}
		v.endpoint.serve(v)
	}
}

// own says whether a request is for the lab's own pages, which stand at its
// address.
func (s *service) own(r *http.Request) bool {
	return r.URL.Path == "/" || r.URL.Path == "/log" || r.URL.Path == "/control"
}

// declares says whether a request is for a host that the manifest declares.
func (s *service) declares(v *visit) bool {
	if base, _ := s.locate(s.m.BaseURL); v.origin == base {
		return true
	}
	u, err := url.Parse(v.origin)
	return err == nil && slices.ContainsFunc(s.hosts, func(name string) bool { return abi.MatchHost(name, u) })
}

// masked is the path of a call without what the lab knows as a secret, which may
// stand there wrongly. Where the credential belongs before the path and is none,
// nobody knows what stands there.
func (s *service) masked(v *visit) string {
	if s.m.Auth.Place() == abi.InPath && v.before == nil {
		return "/..."
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	segments := strings.Split(v.path, "/")
	for i, segment := range segments {
		text, err := url.PathUnescape(segment)
		secret := slices.Contains(slices.Collect(maps.Values(s.credential.Secrets)), text)
		if err != nil || secret || s.tokens[text] != nil || s.tokens1[text] != nil || s.codes[text] != nil {
			segments[i] = "..."
		}
	}
	return strings.Join(segments, "/")
}

// read reads the parts of a request; nil where its body is too large.
func (s *service) read(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{w: w, r: r, query: r.URL.Query(), full: r.URL.EscapedPath(), path: r.URL.EscapedPath(), bound: bound{}}
	u := &url.URL{Scheme: "http", Host: strings.ToLower(r.Host)}
	if r.TLS != nil {
		u.Scheme = "https"
	}
	if u.Port() == map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		u.Host = u.Hostname()
	}
	v.origin = u.String()
	var err error
	if v.body, err = io.ReadAll(r.Body); err != nil {
		return nil
	}
	r.Body = io.NopCloser(bytes.NewReader(v.body)) // for the lab's own pages
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); {
	case len(v.body) == 0:
	case kind == "application/x-www-form-urlencoded":
		v.form, _ = url.ParseQuery(string(v.body))
	case strings.HasSuffix(kind, "json"):
		dec := json.NewDecoder(bytes.NewReader(v.body))
		dec.UseNumber()
		_ = dec.Decode(&v.json)
	}
	if a := s.m.Auth; a.Place() == abi.InPath {
		v.before, v.path = s.behind(a.ValueTemplate(), v.full)
	}
	return v
}

// behind takes a credential off that stands before a path; nil where there is
// none.
func (s *service) behind(template, path string) (bound, string) {
	got := bound{}
	for i := range len(path) + 1 {
		if i < len(path) && path[i] != '/' {
			continue
		}
		clear(got)
		if i > 0 && s.matchPath("/"+strings.TrimPrefix(template, "/"), path[:i], got) {
			return got, path[i:]
		}
	}
	return nil, path
}

// member is a member of the JSON body as text.
func (v *visit) member(name string) []string {
	members, _ := v.json.(map[string]any)
	value, ok := members[name]
	if !ok {
		return nil
	}
	if text, ok := value.(string); ok {
		return []string{text}
	}
	text, _ := json.Marshal(value)
	return []string{string(text)}
}
