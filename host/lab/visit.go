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
	form     url.Values     // nil where the body is none
	json     map[string]any // nil where the body is none
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
	u, err := url.Parse(v.origin)
	return err == nil && slices.ContainsFunc(s.hosts, func(name string) bool { return abi.MatchHost(name, u) }) || v.origin == first(s.locate(s.m.BaseURL))
}

func first(a, _ string) string { return a }

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

// choose finds the endpoint of a request: the one that it fits, and of several
// the one that says most.
func (s *service) choose(v *visit) {
	best := -1 << 20
	for _, e := range s.endpoints {
		got := bound{}
		path := v.full
		if e.api != nil {
			path = v.path
		}
		if e.origin != v.origin || !s.matchPath(e.path, path, got) {
			continue
		}
		score := -10 * len(got)
		wrong, fits := s.fits(e, v, got)
		if wrong != "" {
			score -= 1000
		} else {
			v.all = append(v.all, e)
		}
		if score += fits; score > best {
			best, v.endpoint, v.bound, v.wrong = score, e, got, wrong
		}
	}
	if v.endpoint != nil && v.wrong != "" {
		v.all = []*endpoint{v.endpoint}
	}
}

// fits says what is wrong with a request for an endpoint, and how much of it is
// right.
func (s *service) fits(e *endpoint, v *visit, into bound) (wrong string, right int) {
	if e.request.Method != v.r.Method {
		return methodWrong, -500
	}
	if e.loose {
		return "", 0
	}
	type place struct {
		name      string
		templates map[string]string
		values    func(string) []string
	}
	header := func(name string) []string { return v.r.Header.Values(name) }
	places := []place{{"query", e.request.Query, func(n string) []string { return v.query[n] }}, {"header", e.request.Headers, header}}
	switch {
	case e.request.JSON != nil:
		if v.json == nil && len(e.request.JSON) > 0 {
			return "the body is not JSON", 0
		}
		places = append(places, place{"member", e.request.JSON, v.member})
	case e.request.Form != nil:
		if v.form == nil && len(e.request.Form) > 0 && !s.allAbsent(e.request.Form) {
			return "the body is not a form", 0
		}
		places = append(places, place{"parameter", e.request.Form, func(n string) []string { return v.form[n] }})
	}
	for _, p := range places {
		for _, name := range slices.Sorted(maps.Keys(p.templates)) {
			switch values := p.values(name); {
			case len(values) > 1:
				return "the " + p.name + " " + name + " stands twice", right
			case len(values) == 0 || values[0] == "":
				if !s.absent(p.templates[name]) {
					return "the " + p.name + " " + name + " is missing", right
				}
			case p.name == "header" && strings.EqualFold(name, "Accept"):
			case !s.match(p.templates[name], values[0], into):
				return "the " + p.name + " " + name + " is another than the manifest says", right
			default:
				right++
			}
		}
	}
	return "", right
}

const methodWrong = "the method is another than the manifest says"

func (s *service) allAbsent(templates map[string]string) bool {
	for _, t := range templates {
		if !s.absent(t) {
			return false
		}
	}
	return true
}

// member is a member of the JSON body as text.
func (v *visit) member(name string) []string {
	value, ok := v.json[name]
	if !ok {
		return nil
	}
	if text, ok := value.(string); ok {
		return []string{text}
	}
	text, _ := json.Marshal(value)
	return []string{string(text)}
}

// misfit refuses what no endpoint takes as it is.
func (s *service) misfit(v *visit) {
	outcome(v.r, v.wrong)
	status := http.StatusBadRequest
	if v.wrong == methodWrong {
		status = http.StatusMethodNotAllowed
		v.w.Header().Set("Allow", v.endpoint.request.Method)
	}
	code := "invalid_request"
	if v.endpoint.kind == "login" && status == http.StatusBadRequest {
		status, code = http.StatusUnauthorized, "invalid_login"
	}
	doc := any(map[string]any{"error_description": v.wrong})
	writeJSON(v.w, status, set(doc, s.errorAt(v.endpoint), code))
}

// errorAt is where an endpoint names an error.
func (s *service) errorAt(e *endpoint) string {
	switch e.kind {
	case "refresh":
		return s.m.RefreshAnswer().Error
	case "token", "login":
		return s.m.TokenAnswer().Error
	}
	return "/error"
}
