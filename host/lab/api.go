package lab

import (
	"net/http"
	"strings"
)

// A guard admits a request to the API. The grant is nil for an API key and a
// password. False means that the guard has answered.
type guard func(w http.ResponseWriter, r *http.Request) (account, *grant, bool)

// handler is one operation of the API, for an account that was admitted.
type handler func(w http.ResponseWriter, r *http.Request, a account)

// api puts every operation below a prefix, behind a guard.
func (l *Lab) api(mux *http.ServeMux, prefix string, admit guard) {
	route := func(pattern, scope string, h handler) {
		method, path, ok := strings.Cut(pattern, " ")
		if !ok {
			method, path = "", pattern
		}
		mux.HandleFunc(strings.TrimSpace(method+" "+prefix+path), func(w http.ResponseWriter, r *http.Request) {
			a, g, ok := admit(w, r)
			if !ok {
				return
			}
			if g != nil {
				entry(r).Grant = g.id
			}
			if scope != "" && !g.allows(scope) {
				w.Header().Set("WWW-Authenticate", `Bearer realm="lab", error="insufficient_scope", scope="`+scope+`"`)
				fail(w, r, http.StatusForbidden, "insufficient_scope")
				return
			}
			h(w, r, a)
		})
	}
	route("GET /me", "", func(w http.ResponseWriter, _ *http.Request, a account) { succeed(w, a) })
	route("GET /items", scopeRead, listItems)
	route("GET /items/{id}", scopeRead, showItem)
	route("GET /orders/{id}", scopeOrder, l.showOrder)
	route("POST /orders", scopeOrder, l.placeOrder)
	route("/echo", "", echo)
}

// bearer admits a living access token (RFC 6750 section 2.1).
func (l *Lab) bearer(w http.ResponseWriter, r *http.Request) (account, *grant, bool) {
	scheme, access, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") || access == "" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="lab"`)
		fail(w, r, http.StatusUnauthorized, "no_token")
		return account{}, nil, false
	}
	g, ok := l.living(access)
	if !ok {
		w.Header().Set("WWW-Authenticate", `Bearer realm="lab", error="invalid_token", error_description="the access token has expired or was revoked"`)
		fail(w, r, http.StatusUnauthorized, "invalid_token")
		return account{}, nil, false
	}
	return g.account, g, true
}

// key admits the API key, in a header or in the query.
func (l *Lab) key(w http.ResponseWriter, r *http.Request) (account, *grant, bool) {
	if !same(r.Header.Get("X-Lab-Key"), APIKey) && !same(r.URL.Query().Get("key"), APIKey) {
		fail(w, r, http.StatusUnauthorized, "invalid_key")
		return account{}, nil, false
	}
	return accounts[0], nil, true
}

// basic admits the user name and password (RFC 7617).
func (l *Lab) basic(w http.ResponseWriter, r *http.Request) (account, *grant, bool) {
	user, password, _ := r.BasicAuth()
	if user != BasicUser || !same(password, BasicSecret) {
		w.Header().Set("WWW-Authenticate", `Basic realm="lab", charset="UTF-8"`)
		fail(w, r, http.StatusUnauthorized, "invalid_password")
		return account{}, nil, false
	}
	return accounts[0], nil, true
}
