package lab

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

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
	case !e.request.JSON.IsZero():
		fit := bodyFit{service: s, parameters: e.parameters(), into: into}
		if wrong, right = fit.whole(e.request.JSON.Value(), v.json); wrong != "" {
			return wrong, right
		}
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

// parameters are those that only a call of this endpoint has.
func (e *endpoint) parameters() []abi.Parameter {
	if e.api == nil || e.api.action == nil {
		return nil
	}
	return e.api.action.Parameters
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

// endpointOf is the endpoint of a kind; one that stands for any call where the
// manifest describes none.
func (s *service) endpointOf(kind string) *endpoint {
	if i := slices.IndexFunc(s.endpoints, func(e *endpoint) bool { return e.kind == kind }); i >= 0 {
		return s.endpoints[i]
	}
	return &endpoint{kind: kind}
}

// errorAt is where an endpoint names an error.
func (s *service) errorAt(e *endpoint) string {
	switch e.kind {
	case "refresh":
		return s.m.RefreshAnswer().Error
	case "token", "login":
		return s.m.TokenAnswer().Error
	}
	if e.api != nil && e.api.answers() != nil {
		return cmp.Or(e.api.answers().Error, "/error")
	}
	return "/error"
}
