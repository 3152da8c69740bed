package lab

import (
	"maps"
	"net/http"
	"slices"

	"github.com/connhost/connhost/plugins/abi"
)

// answer is that of a call with the credential. It holds what every request of
// the manifest that this one fits looks for: an account, a page. A call that the
// manifest does not describe is answered too: a service has more than that.
func (s *service) answer(v *visit) {
	who, g, ok := s.admit(v)
	if !ok {
		return
	}
	if why := s.undressed(v); why != "" {
		outcome(v.r, why)
		writeJSON(v.w, http.StatusBadRequest, map[string]any{"error": "invalid_request", "error_description": why})
		return
	}
	if v.endpoint == nil {
		s.page(v, map[string]any{"ok": true}, s.m.Page)
		return
	}
	if a := v.endpoint.api.action; a != nil && !allowsAll(g, a.Scopes) {
		v.w.Header().Set("WWW-Authenticate", `Bearer realm="lab", error="insufficient_scope"`)
		fail(v.w, v.r, http.StatusForbidden, "insufficient_scope")
		return
	}
	doc := any(map[string]any{})
	var paging *abi.Paging
	for _, e := range v.all {
		if e.api == nil {
			continue
		}
		if c := e.api.choose; c != nil {
			doc = s.choices(doc, c)
		}
		if a := e.api.answer; a != nil {
			doc = s.accountAt(doc, a, who)
		}
		if a := e.api.action; a != nil {
			if paging = a.Page; paging == nil {
				paging = s.m.Page
			}
		}
	}
	if object, ok := doc.(map[string]any); ok && len(object) == 0 {
		object["ok"] = true
		for name, text := range v.bound {
			if _, clash := object[name]; !clash {
				object[name] = text
			}
		}
	}
	s.page(v, doc, paging)
}

// accountAt puts an account where an answer's pointers look for it.
func (s *service) accountAt(doc any, a *abi.Answer, who account) any {
	if a.Label != "" {
		doc = set(doc, a.Label, who.Name)
	}
	if a.Key != "" {
		doc = set(doc, a.Key, who.ID)
	}
	return doc
}

// undressed says which of the headers that every call carries a call lacks. What
// it says there is its own affair: a caller may ask for another version.
func (s *service) undressed(v *visit) string {
	for _, name := range slices.Sorted(maps.Keys(s.m.Headers)) {
		if v.r.Header.Get(name) == "" && !s.absent(s.m.Headers[name]) {
			return "the header " + name + " is missing"
		}
	}
	return ""
}
