package lab

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// sessions are the log-in and the log-out of a service with sessions.
func (s *service) sessions() []*endpoint {
	r := *s.m.Auth.Login
	r.Method = cmp.Or(r.Method, http.MethodPost)
	list := []*endpoint{s.endpoint("login", r, s.url(&r, ""), s.login)}
	if s.m.Revoke != nil {
		out := s.m.Revoke.Request
		out.Method = cmp.Or(out.Method, http.MethodPost)
		list = append(list, s.endpoint("revoke", out, s.url(&out, ""), s.logout))
	}
	return list
}

// login gives a session to whoever knows the credential, where the manifest
// looks for it. What a request must hold was checked when it was found to fit.
func (s *service) login(v *visit) {
	s.mu.Lock()
	g := s.begin(s.account, nil)
	pair := s.issue(g)
	s.mu.Unlock()
	entry(v.r).Grant = g.id
	outcome(v.r, "logged in")
	p := s.m.TokenAnswer()
	if name, ok := strings.CutPrefix(p.Access, "header:/"); ok {
		v.w.Header().Set(name, pair.Access)
	}
	if name, ok := strings.CutPrefix(p.Access, "cookie:/"); ok {
		http.SetCookie(v.w, &http.Cookie{Name: name, Value: pair.Access, Path: "/", HttpOnly: true})
	}
	writeJSON(v.w, http.StatusOK, s.tokenDocument(abi.Answer{Access: p.Access, ExpiresIn: p.ExpiresIn}, pair))
}

// logout ends the session that a request names, or shows as calls do.
func (s *service) logout(v *visit) {
	text := v.bound[abi.SessionName]
	if text == "" {
		got, _ := s.shown(v)
		text = got[abi.SessionName]
	}
	s.mu.Lock()
	s.end(v.r, text)
	s.mu.Unlock()
	v.w.WriteHeader(http.StatusOK)
}
