package lab

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// An endpoint is one request that a manifest describes, as the service takes it.
type endpoint struct {
	kind    string      // what faults and the log call it: token, refresh, action:list_items
	request abi.Request // its method and the templates of its parameters, with the defaults of its RFC
	origin  string      // such as https://api.acme.test
	path    string      // template
	loose   bool        // the connector's code makes it, so its parameters are its own
	serve   func(*visit)
	api     *api // what its answer holds, where it is a call with the credential
}

// An api says what the answer of a call holds.
type api struct {
	answer *abi.Answer // of identity and test
	action *abi.Action
	choose *abi.Choose
}

// answers are the pointers into its answer; nil for none.
func (a *api) answers() *abi.Answer {
	if a.action != nil {
		return a.action.Answer
	}
	return a.answer
}

// describe lists the endpoints of a manifest. Where two of them take the same
// request the first one counts, and the answer has what all of them look for.
func (s *service) describe() []*endpoint {
	var list []*endpoint
	switch s.m.Auth.Type {
	case abi.AuthOAuth2:
		list = s.oauth2()
	case abi.AuthOAuth1:
		list = s.oauth1()
	case abi.AuthSession:
		list = s.sessions()
	}
	if r := s.m.Identity; r != nil {
		list = append(list, s.call("identity", *r, &api{answer: r.Answer}))
	}
	if c := s.m.Choose; c != nil {
		list = append(list, s.call("choose", c.Request, &api{choose: c}))
	}
	if r := s.m.Test; r != nil {
		list = append(list, s.call("test", *r, &api{answer: r.Answer}))
	}
	for i := range s.m.Actions {
		a := &s.m.Actions[i]
		if !a.ByHook() {
			list = append(list, s.call("action:"+a.Name, a.Request, &api{action: a}))
		}
	}
	return list
}

// call is the endpoint of a request that carries the credential.
func (s *service) call(kind string, r abi.Request, what *api) *endpoint {
	r.Method = cmp.Or(r.Method, http.MethodGet)
	e := s.endpoint(kind, r, s.url(&r, ""), s.answer)
	e.api, e.loose = what, what.action != nil && slices.Contains(s.m.Hooks, abi.HookPrepare)
	return e
}

// endpoint stands at the template of a URL. The query of that is part of what it
// wants.
func (s *service) endpoint(kind string, r abi.Request, template string, serve func(*visit)) *endpoint {
	e := &endpoint{kind: kind, request: r, serve: serve}
	var tail, query string
	e.origin, tail = s.locate(template)
	e.path, query, _ = strings.Cut(tail, "?")
	if query == "" {
		return e
	}
	e.request.Query = maps.Clone(r.Query)
	if e.request.Query == nil {
		e.request.Query = map[string]string{}
	}
	for pair := range strings.SplitSeq(query, "&") {
		name, text, _ := strings.Cut(pair, "=")
		if _, given := r.Query[name]; !given {
			e.request.Query[name] = text
		}
	}
	return e
}

// url is the template of a request's URL: its own, below the base URL, or of the
// issuer, whose metadata tells it.
func (s *service) url(r *abi.Request, ofIssuer string) string {
	switch {
	case r != nil && r.URL != "":
		return r.URL
	case r != nil && r.Path != "":
		return strings.TrimSuffix(s.m.BaseURL, "/") + r.Path
	case s.m.Auth.Issuer != "":
		return strings.TrimSuffix(s.m.Auth.Issuer, "/") + ofIssuer
	}
	return ""
}

// over lays the manifest's parameters over those of an RFC, and puts all where
// the manifest puts its own: the rule of every request of a flow.
func over(given *abi.Request, method string, defaults map[string]string) abi.Request {
	var r abi.Request
	if given != nil {
		r = *given
	}
	r.Method = cmp.Or(r.Method, method)
	own := r.Form
	if !r.JSON.IsZero() {
		own = r.JSON.Texts()
	} else if r.Method == http.MethodGet {
		own = r.Query
	}
	all := maps.Clone(defaults)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, own)
	maps.DeleteFunc(all, func(_, text string) bool { return text == "" })
	switch {
	case !r.JSON.IsZero():
		r.JSON = abi.BodyOf(all)
	case r.Method == http.MethodGet:
		r.Query = all
	default:
		r.Form = all
	}
	return r
}

// mentions says whether a request has a place of that name.
func mentions(r abi.Request, name string) bool {
	named := func(text string) bool {
		places, _ := abi.Places(text)
		return slices.ContainsFunc(places, func(p abi.Place) bool { return p.Name == name })
	}
	for _, texts := range []map[string]string{r.Query, r.Headers, r.Form} {
		for _, text := range texts {
			if named(text) {
				return true
			}
		}
	}
	for _, text := range r.JSON.Templates("") {
		if named(text) {
			return true
		}
	}
	return false
}
