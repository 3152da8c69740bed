package oauth_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

const password = "swordfish of ann"

// sessionTarget logs in with a form and finds the session at access.
func sessionTarget(access string) host.FlowTarget {
	m := abi.Manifest{ID: "forum", Name: "Forum", BaseURL: "https://forum.test", Auth: abi.Auth{
		Type: abi.AuthSession, In: abi.InHeader, Name: "Cookie", Value: "SID={session}",
		Login: &abi.Request{Path: "/login", Form: map[string]string{"user": "{username}", "pass": "{password}"}, Answer: &abi.Answer{Access: access, ExpiresIn: "/ttl"}},
	}}
	return host.FlowTarget{
		Connector: host.Connector{ID: m.ID, Manifest: m}, Params: map[string]string{"username": "ann"},
		Secret: map[string]host.Secret{"password": host.NewSecret(password)}, Redactor: host.NewRedactor(nil),
	}
}

func cookies(kind string, list ...string) http.Header {
	return http.Header{"Content-Type": {kind}, "Set-Cookie": list}
}

// logIn logs in once.
func logIn(t *testing.T, access string, r reply) (host.Tokens, error, *script, host.FlowTarget) {
	t.Helper()
	to, s := sessionTarget(access), &script{replies: []reply{r}}
	tokens, err := oauth.NewSession(oauth.New(s.egress(t), nil, host.Clock{Now: clock})).Refresh(t.Context(), to, host.Secret{})
	if len(s.headers) != 1 || s.forms[0] != "pass=swordfish+of+ann&user=ann" {
		t.Errorf("%d requests: %q", len(s.headers), s.forms)
	}
	return tokens, err, s, to
}

// Where a session stands, and what of it is kept: what a browser would have
// after the answer (RFC 6265 section 5.3).
func TestSessionIsFound(t *testing.T) {
	const gone = "; expires=Thu, 01-Jan-1970 00:00:01 GMT"
	for name, c := range map[string]struct {
		access string
		reply  reply
		want   string // empty: no session
	}{
		"JSON":              {"/session", reply{status: 200, body: `{"session":"abc-1","ttl":60}`}, "abc-1"},
		"a number":          {"/session/id", reply{status: 201, body: `{"session":{"id":12345678901234567890}}`}, "12345678901234567890"},
		"a list":            {"/session", reply{status: 200, body: `{"session":["abc"]}`}, ""},
		"the whole text":    {"/session", reply{status: 200, body: `abc-1`}, ""},
		"a header":          {"header:/X-Session", reply{status: 204, header: http.Header{"X-Session": {"Session abc def"}}}, "Session abc def"},
		"a header twice":    {"header:/X-Session", reply{status: 204, header: http.Header{"X-Session": {"a", "b"}}}, ""},
		"a cookie":          {"cookie:/SID", reply{status: 200, header: cookies("text/plain", "SID=abc%2F1; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=3600; Domain=forum.test"), body: "Ok."}, "abc%2F1"},
		"among others":      {"cookie:/SID", reply{status: 200, header: cookies("text/html", "csrf=x", "SID=abc; expires=Fri, 01-Jan-2038 00:00:01 GMT", "SIDE=y"), body: "<html>"}, "abc"},
		"in quotes":         {"cookie:/SID", reply{status: 200, header: cookies("text/plain", `SID="a b"`)}, `"a b"`},
		"the last counts":   {"cookie:/SID", reply{status: 200, header: cookies("text/plain", "SID=before; Path=/", "SID=after; path=/")}, "after"},
		"of two places":     {"cookie:/SID", reply{status: 200, header: cookies("text/plain", "SID=one; Path=/", "SID=two; Path=/api")}, ""},
		"the same twice":    {"cookie:/SID", reply{status: 200, header: cookies("text/plain", "SID=one; Path=/", "SID=one; Path=/api")}, "one"},
		"deleted":           {"cookie:/SID", reply{status: 200, header: cookies("text/plain", "SID=")}, ""},
		"deleted by PHP":    {"cookie:/SID", reply{status: 200, header: cookies("text/plain", "SID=deleted"+gone+"; Max-Age=0; path=/")}, ""},
		"deleted by a date": {"cookie:/SID", reply{status: 200, header: cookies("text/plain", "SID=deleted"+gone)}, ""},
		"deleted after":     {"cookie:/SID", reply{status: 200, header: cookies("text/plain", "SID=abc; Path=/", "SID=; Path=/; Max-Age=0")}, ""},
		"made anew":         {"cookie:/SID", reply{status: 200, header: cookies("text/plain", "SID=deleted; Path=/; Max-Age=0", "SID=abc; Path=/")}, "abc"},
		"sent on":           {"cookie:/SID", reply{status: 302, header: http.Header{"Location": {"/home"}, "Set-Cookie": {"SID=abc; Path=/"}}, body: "<a href=/home>"}, "abc"},
		"sent on by 303":    {"header:/X-Session", reply{status: 303, header: http.Header{"Location": {"/home"}, "X-Session": {"abc"}}}, "abc"},
		"sent back":         {"cookie:/SID", reply{status: 302, header: http.Header{"Location": {"/login?error"}}}, ""},
		"sent on, JSON":     {"/session", reply{status: 302, body: `{"session":"abc-1"}`}, ""},
		"to post again":     {"cookie:/SID", reply{status: 307, header: http.Header{"Location": {"https://evil.test/"}, "Set-Cookie": {"SID=abc"}}}, ""},
		"an error page":     {"cookie:/SID", reply{status: 500, header: cookies("text/html", "SID=abc")}, ""},
		"a control":         {"/session", reply{status: 200, body: `{"session":"a\r\nX-Evil: 1"}`}, ""},
		"an error beside":   {"/session", reply{status: 200, body: `{"session":"abc","error":"expired"}`}, ""},
	} {
		tokens, err, _, to := logIn(t, c.access, c.reply)
		if tokens.Access.Reveal() != c.want || (err == nil) != (c.want != "") || !tokens.Refresh.Empty() {
			t.Errorf("%s: got %q, %v", name, tokens.Access.Reveal(), err)
		}
		if text := "it is " + c.want; len(c.want) >= 6 && to.Redactor.Text(text) == text {
			t.Errorf("%s: the session is not known to be secret", name)
		}
		if name == "JSON" && !tokens.Expires.Equal(begin.Add(time.Minute)) {
			t.Errorf("it lives until %s", tokens.Expires)
		}
	}
}

// A refused log-in is final, because the next one may lock the account; what only
// says that the service is not well is not.
func TestSessionIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		access string
		reply  reply
		class  host.TokenClass
	}{
		"400":              {"/s", reply{status: 400}, host.TokenFatal},
		"401":              {"/s", reply{status: 401, body: password}, host.TokenFatal},
		"403":              {"/s", reply{status: 403, body: `{"error":"` + password + `"}`}, host.TokenFatal},
		"422":              {"/s", reply{status: 422, body: `{"errors":{"email":["These credentials do not match"]}}`}, host.TokenFatal},
		"200 and a word":   {"cookie:/SID", reply{status: 200, header: cookies("text/plain"), body: "Fails."}, host.TokenFatal},
		"200 and a reason": {"/s", reply{status: 200, body: `{"error":"wrong password"}`}, host.TokenFatal},
		"a known reason":   {"/s", reply{status: 200, body: `{"error":"access_denied"}`}, host.TokenFatal},
		"sent back":        {"cookie:/SID", reply{status: 302, header: http.Header{"Location": {"/login?error=1"}}}, host.TokenFatal},
		"sent elsewhere":   {"/s", reply{status: 302, header: http.Header{"Location": {"/login?error=1"}}}, host.TokenUnknown},
		"moved":            {"cookie:/SID", reply{status: 308, header: http.Header{"Location": {"https://new.test"}}}, host.TokenUnknown},
		"a page":           {"cookie:/SID", reply{status: 200, header: cookies("text/html; charset=utf-8"), body: "<h1>we are working on it"}, host.TokenUnknown},
		"not well":         {"/s", reply{status: 200, body: `{"error":"server_error"}`}, host.TokenUnknown},
		"429":              {"/s", reply{status: 429, header: http.Header{"Retry-After": {"7"}}}, host.TokenNotUsed},
		"500":              {"/s", reply{status: 500}, host.TokenUnknown},
		"503":              {"/s", reply{status: 503}, host.TokenUnknown},
		"404":              {"/s", reply{status: 404}, host.TokenUnknown},
		"lost":             {"/s", reply{lost: true}, host.TokenUnknown},
		"not sent":         {"/s", reply{unsent: true}, host.TokenNotUsed},
	} {
		_, err, _, _ := logIn(t, c.access, c.reply)
		e := tokenError(t, err)
		if e.Class != c.class {
			t.Errorf("%s: %s (%v), want %s", name, e.Class, err, c.class)
		}
		if strings.Contains(fmt.Sprintf("%+v %v", e, e.Err), password) {
			t.Errorf("%s: the password stands in %+v", name, e)
		}
	}
}

// The log-out shows the session, and its answer is told.
func TestSessionEnds(t *testing.T) {
	to := sessionTarget("cookie:/SID")
	to.Connector.Manifest.Revoke = &abi.Revoke{Request: abi.Request{Path: "/logout", Headers: map[string]string{"Cookie": "SID={session}"}}}
	for status, code := range map[int]host.Code{200: "", 204: "", 401: host.Failed, 503: host.Unavailable} {
		s := &script{replies: []reply{{status: status}}}
		err := oauth.NewSession(oauth.New(s.egress(t), nil, host.Clock{Now: clock})).Revoke(t.Context(), to, host.Secrets{Access: host.NewSecret("abc-session")})
		if host.CodeOf(err) != code && (err != nil || code != "") || s.headers[0].Get("Cookie") != "SID=abc-session" {
			t.Errorf("%d: %v, shown %q", status, err, s.headers[0].Get("Cookie"))
		}
	}
	to.Connector.Manifest.Revoke = nil
	if err := oauth.NewSession(oauth.New(nil, nil, host.Clock{Now: clock})).Revoke(t.Context(), to, host.Secrets{}); err == nil {
		t.Error("logged out where nobody offers it")
	}
}
