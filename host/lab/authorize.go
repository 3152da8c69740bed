package lab

import (
	"html/template"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// authorize answers the person's browser (RFC 6749 section 4.1.1).
func (l *Lab) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !l.checkClient(w, r, q) {
		return
	}
	scopes, refused := checkAsk(q)
	if refused != "" {
		outcome(r, refused)
		sendBack(w, r, q, url.Values{"error": {refused}})
		return
	}
	l.mu.Lock()
	ask, who := l.ask, l.account
	l.mu.Unlock()
	if hinted, ok := findAccount(q.Get("login_hint")); ok {
		who = hinted
	}
	if ask {
		outcome(r, "asked")
		showConsent(w, q, scopes, who)
		return
	}
	l.consent(w, r, q, scopes, who)
}

// consented takes the choice that was made on the page.
func (l *Lab) consented(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		fail(w, r, http.StatusBadRequest, "invalid_request")
		return
	}
	if !l.checkClient(w, r, r.PostForm) {
		return
	}
	q := r.PostForm
	scopes, refused := checkAsk(q)
	who, ok := findAccount(q.Get("account"))
	if refused == "" && (!ok || q.Get("choice") != "allow") {
		refused = "access_denied"
	}
	if refused != "" {
		outcome(r, refused)
		sendBack(w, r, q, url.Values{"error": {refused}})
		return
	}
	l.consent(w, r, q, scopes, who)
}

func (l *Lab) consent(w http.ResponseWriter, r *http.Request, q url.Values, scopes []string, who account) {
	l.mu.Lock()
	text := l.newCode(who, scopes, q.Get("code_challenge"), q.Get("redirect_uri"))
	g := l.codes[text].grant
	l.mu.Unlock()
	entry(r).Grant = g.id
	sendBack(w, r, q, url.Values{"code": {text}})
}

// checkClient refuses here and not by a redirect: an unknown client or an
// address that is not its own must not be sent to (RFC 6749 section 4.1.2.1).
func (l *Lab) checkClient(w http.ResponseWriter, r *http.Request, q url.Values) bool {
	switch {
	case q.Get("client_id") != ClientID:
		fail(w, r, http.StatusBadRequest, "unknown_client")
	case !l.ownRedirect(q.Get("redirect_uri")):
		fail(w, r, http.StatusBadRequest, "unknown_redirect_uri")
	default:
		return true
	}
	return false
}

var callbackPath = regexp.MustCompile(`^/callback/[a-z][a-z0-9-]*$`)

// ownRedirect knows the exact URIs of Options, and /callback/<connector> on
// the literal loopback addresses with any port (RFC 8252 section 7.3).
func (l *Lab) ownRedirect(text string) bool {
	if slices.Contains(l.redirects, text) {
		return true
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#") {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback() && callbackPath.MatchString(u.EscapedPath())
}

// checkAsk says which scopes are asked for, or the error code of RFC 6749
// section 4.1.2.1. PKCE is not optional (RFC 9700 section 2.1.1).
func checkAsk(q url.Values) (scopes []string, refused string) {
	for name, texts := range q {
		if len(texts) > 1 && name != "scope" {
			return nil, "invalid_request"
		}
	}
	switch {
	case q.Get("response_type") != "code":
		return nil, "unsupported_response_type"
	case q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43:
		return nil, "invalid_request"
	}
	scopes = strings.Fields(q.Get("scope"))
	if len(scopes) == 0 {
		return knownScopes, ""
	}
	for _, s := range scopes {
		if !slices.Contains(knownScopes, s) {
			return nil, "invalid_scope"
		}
	}
	return scopes, ""
}

// sendBack redirects to the client with an answer and its state.
func sendBack(w http.ResponseWriter, r *http.Request, q, answer url.Values) {
	if state := q.Get("state"); state != "" {
		answer.Set("state", state)
	}
	u, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		fail(w, r, http.StatusBadRequest, "unknown_redirect_uri")
		return
	}
	own := u.Query()
	for name := range answer {
		own.Set(name, answer.Get(name))
	}
	u.RawQuery = own.Encode()
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, u.String(), http.StatusFound)
}

var consentPage = template.Must(template.New("consent").Parse(`<!doctype html>
<title>The lab</title>
<h1>The lab</h1>
<p>{{.Client}} asks for:</p>
<ul>{{range .Scopes}}<li>{{.}}</li>{{end}}</ul>
<form method="post">
{{range $name, $texts := .Query}}<input type="hidden" name="{{$name}}" value="{{index $texts 0}}">
{{end}}<p>{{range .Accounts}}<label><input type="radio" name="account" value="{{.ID}}"{{if eq .ID $.Who.ID}} checked{{end}}> {{.Name}}</label><br>
{{end}}</p>
<button name="choice" value="allow">Allow</button>
<button name="choice" value="deny">Deny</button>
</form>
`))

func showConsent(w http.ResponseWriter, q url.Values, scopes []string, who account) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	_ = consentPage.Execute(w, map[string]any{
		"Client": ClientID, "Scopes": scopes, "Query": q, "Accounts": accounts, "Who": who,
	})
}
