package lab_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

const rotating = "auth:\n  type: oauth2" + person

// authorized rehearses a manifest whose connection lives already.
func authorized(t *testing.T, text string, change ...func(*rehearsal)) *rehearsal {
	t.Helper()
	r := rehearse(t, text, change...)
	_, err := r.authorize()
	r.must(err)
	return r
}

func (r *rehearsal) faults(list ...lab.Fault) {
	r.t.Helper()
	r.must(r.lab.SetFaults(list))
}

// What a client sees of a call that goes wrong.
func TestFaultsOfCalls(t *testing.T) {
	for name, c := range map[string]struct {
		fault  lab.Fault
		status int
		body   string // a part of it
		code   host.Code
		text   string
		seen   int // requests; -1: net/http may have sent one of them again, or nobody waited for the end
	}{
		"lost answer":        {lab.Fault{Fault: "lost_answer"}, 200, `"ok":true`, "", "", 2},
		"lost for good":      {lab.Fault{Fault: "lost_request", Times: -1}, 0, "", host.Unavailable, "broke the connection off", -1},
		"slow":               {lab.Fault{Fault: "slow", After: "20ms"}, 200, `"ok":true`, "", "", 1},
		"too slow":           {lab.Fault{Fault: "slow", After: "1m"}, 0, "", host.Unavailable, "within the limit response_time (2 s)", -1},
		"503":                {lab.Fault{Fault: "status"}, 200, `"ok":true`, "", "", 2},
		"500 is told":        {lab.Fault{Fault: "status", Status: 500}, 500, "server_error", "", "", 1},
		"the second":         {lab.Fault{Fault: "status", Status: 500, Nth: 2}, 200, `"ok":true`, "", "", 1},
		"another path":       {lab.Fault{Fault: "status", Status: 500, Path: "/v2/*"}, 200, `"ok":true`, "", "", 1},
		"this path":          {lab.Fault{Fault: "status", Status: 500, Path: "/v1/*", Method: "get"}, 500, "", "", "", 1},
		"below base_url":     {lab.Fault{Fault: "status", Status: 500, Path: "/any*"}, 500, "", "", "", 1},
		"another endpoint":   {lab.Fault{Fault: "status", Status: 500, On: "test"}, 200, `"ok":true`, "", "", 1},
		"error with 200":     {lab.Fault{Fault: "error", Code: "not_found"}, 200, `{"error":"not_found"}`, "", "", 1},
		"nested":             {lab.Fault{Fault: "nested"}, 200, `{"data":{"ok":true}}`, "", "", 1},
		"truncated":          {lab.Fault{Fault: "truncated"}, 200, `{"ok"`, "", "", 1},
		"wrong types":        {lab.Fault{Fault: "types"}, 200, `{"ok":[true]}`, "", "", 1},
		"a page":             {lab.Fault{Fault: "html"}, 200, "<!doctype html>", "", "", 1},
		"canned":             {lab.Fault{Fault: "answer", Status: 404, Body: map[string]any{"gone": true}}, 404, `{"gone":true}`, "", "", 1},
		"a limit":            {lab.Fault{Fault: "limit", After: "0s"}, 200, `"ok":true`, "", "", 2},
		"a limit of an hour": {lab.Fault{Fault: "limit", After: "1h"}, 429, "rate_limited", "", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := authorized(t, "auth: {type: bearer}"+calls, func(r *rehearsal) { r.patience = 2 * time.Second })
			if c.fault.On == "" {
				c.fault.On = "call"
			}
			r.faults(c.fault)
			before := len(r.lab.Log())
			status, body, err := r.get("/anything")
			if status != c.status || !strings.Contains(body, c.body) || host.CodeOf(err) != c.code && err != nil || err != nil && !strings.Contains(err.Error(), c.text) {
				t.Errorf("%d %.100s, %v", status, body, err)
			}
			if c.code != "" && err == nil {
				t.Error("no error")
			}
			if n := len(r.lab.Log()) - before; c.seen >= 0 && n != c.seen {
				t.Errorf("the lab saw %d requests: %s", n, r.seen())
			}
		})
	}
}

// Every way to say when to come again is obeyed.
func TestLimitsInAllForms(t *testing.T) {
	for name, c := range map[string]struct {
		retry string
		fault lab.Fault
		least time.Duration
	}{
		"seconds":               {"", lab.Fault{}, time.Second},
		"a date":                {"", lab.Fault{Form: "date"}, 0}, // of whole seconds
		"epoch in a header":     {"retry: {after: \"header:/X-RateLimit-Reset\"}\n", lab.Fault{Form: "epoch"}, 0},
		"seconds in the answer": {"retry: {after: /error/retry_after}\n", lab.Fault{}, time.Second},
		"text in the answer":    {"retry: {after: /wait}\n", lab.Fault{Form: "text", After: "700ms"}, 700 * time.Millisecond},
		"where the fault says":  {"", lab.Fault{At: "header:/Retry-After", After: "1s"}, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := authorized(t, c.retry+"auth: {type: bearer}"+calls)
			c.fault.Fault, c.fault.On = "limit", "call"
			r.faults(c.fault)
			begun := time.Now()
			status, _, err := r.get("/anything")
			took := time.Since(begun)
			if status != 200 || err != nil || took < c.least || took > 4*time.Second {
				t.Errorf("%d after %s, %v", status, took, err)
			}
			pause := r.lab.Log()[len(r.lab.Log())-2]
			if pause.Fault != "limit" || pause.Outcome != "rate_limited" {
				t.Errorf("%s", r.seen())
			}
		})
	}
}

// What goes wrong with a refresh, and what becomes of the connection five minutes
// later: what did not arrive is asked again, and of what was lost with a rotating
// token the person is told, since the service ends the grant.
func TestFaultsOfARefresh(t *testing.T) {
	const (
		fine = host.Code("")
		lost = "the answer of login.acme.example to a token request was lost"
		dead = "needs authorizing: the answer to a refresh was lost"
	)
	kept := "refresh: {rotation: none}\n" + rotating
	told := "introspect: {url: \"https://login.acme.example/introspect\"}\n" + rotating
	for name, c := range map[string]struct {
		text  string
		fault lab.Fault
		code  host.Code // of the call
		said  string
		then  host.Code // of a call after the pause
		later string
	}{
		"lost answer":       {rotating, lab.Fault{Fault: "lost_answer"}, host.Unavailable, lost, host.NeedsAuth, dead},
		"lost request":      {rotating, lab.Fault{Fault: "lost_request"}, host.Unavailable, lost, fine, ""},
		"lost, not rotated": {kept, lab.Fault{Fault: "lost_answer"}, host.Unavailable, lost, fine, ""},
		"lost, asked":       {told, lab.Fault{Fault: "lost_answer"}, host.Unavailable, lost, host.NeedsAuth, "the answer to a refresh was lost"},
		"lost, still there": {told, lab.Fault{Fault: "lost_request"}, host.Unavailable, lost, fine, ""},
		"503":               {rotating, lab.Fault{Fault: "status"}, host.Unavailable, "with server_error", fine, ""},
		"limit":             {rotating, lab.Fault{Fault: "limit"}, host.Unavailable, "asks to come back later", fine, ""},
		"revoked":           {rotating, lab.Fault{Fault: "ended"}, host.NeedsAuth, "invalid_grant", host.NeedsAuth, "invalid_grant"},
		"error with 200":    {rotating, lab.Fault{Fault: "error"}, host.NeedsAuth, "invalid_grant", host.NeedsAuth, "invalid_grant"},
		"nested":            {rotating, lab.Fault{Fault: "nested"}, host.Unavailable, "no access token", host.NeedsAuth, dead},
		"truncated":         {rotating, lab.Fault{Fault: "truncated"}, host.Unavailable, "neither JSON nor a form", host.NeedsAuth, dead},
		"wrong types":       {rotating, lab.Fault{Fault: "types"}, host.Unavailable, "no access token", host.NeedsAuth, dead},
		"2 MiB":             {rotating, lab.Fault{Fault: "huge"}, host.Unavailable, lost, fine, ""},
		"a page":            {rotating, lab.Fault{Fault: "html"}, host.Unavailable, "neither JSON nor a form", fine, ""},
		"skewed":            {rotating, lab.Fault{Fault: "skew", After: "7m"}, fine, "", fine, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := authorized(t, c.text)
			c.fault.On = "refresh"
			r.faults(c.fault)
			r.lab.Expire()
			_, _, err := r.get("/anything")
			wantError(t, err, c.code, c.said)
			r.skip.Store(int64(5 * time.Minute))
			_, _, err = r.get("/anything")
			wantError(t, err, c.then, c.later)
			if n := r.count("refresh"); n > 2 || c.text == told && r.count("introspect") == 0 || name == "lost, asked" && n > 1 {
				t.Errorf("%d refreshes", n)
			}
			if t.Failed() {
				t.Log(r.seen())
			}
		})
	}
}

// wantError fails unless err has the code, the empty one for none, and the text.
func wantError(t *testing.T, err error, code host.Code, text string) {
	t.Helper()
	if err == nil && code == "" {
		return
	}
	if err == nil || host.CodeOf(err) != code || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want %q: ...%s...", err, code, text)
	}
}

// The rules of a manifest for its refresh tokens are the service's.
func TestRefreshRules(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		after time.Duration
		code  host.Code
	}{
		"idle, in time":  {"refresh: {idle: 86400}\n", 23 * time.Hour, ""},
		"idle, too late": {"refresh: {idle: 86400}\n", 25 * time.Hour, host.NeedsAuth},
		"life is over":   {"refresh: {life: 86400}\n", 25 * time.Hour, host.NeedsAuth},
		"grace":          {"refresh: {grace: 600}\n", 5 * time.Minute, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := authorized(t, c.text+rotating)
			if name == "grace" { // the answer of the first is lost, and the same token works again
				r.faults(lab.Fault{Fault: "lost_answer", On: "refresh"})
				r.lab.Expire()
				_, _, err := r.get("/anything")
				wantError(t, err, host.Unavailable, "")
			}
			r.skip.Store(int64(c.after))
			_, _, err := r.get("/anything")
			wantError(t, err, c.code, "")
			if t.Failed() {
				t.Log(r.seen())
			}
		})
	}
}

// A call whose signature has a time is made by the service's clock.
func TestSkewedClock(t *testing.T) {
	t.Parallel()
	r := authorized(t, "auth: {type: sigv4, service: objects}"+calls)
	r.faults(lab.Fault{Fault: "skew", After: "-20m", On: "call", Times: -1})
	first, _, err := r.get("/anything")
	r.must(err)
	second, _, err := r.get("/anything")
	r.must(err)
	if first != http.StatusUnauthorized && first != http.StatusOK || second != http.StatusOK {
		t.Errorf("%d, then %d%s", first, second, r.seen())
	}
}

// A request of which nobody knows whether it arrived is not sent again unless it
// may be.
func TestLostAnswerOfAPost(t *testing.T) {
	t.Parallel()
	r := authorized(t, "auth: {type: bearer}"+calls)
	r.faults(lab.Fault{Fault: "lost_answer", On: "call"})
	before := len(r.lab.Log())
	_, _, err := r.send(broker.InvokeRequest{Connection: r.link, Method: http.MethodPost, URL: "/orders"})
	if host.CodeOf(err) != host.Unavailable || len(r.lab.Log()) != before+1 {
		t.Errorf("%v%s", err, r.seen())
	}
}

// A shape is how the service answers when all is well, so it stands below what
// goes wrong, whichever is named first.
func TestShapeBelowAFault(t *testing.T) {
	t.Parallel()
	r := authorized(t, "auth: {type: bearer}"+calls)
	shape := lab.Fault{Fault: "shape", On: "call", Times: -1, Body: map[string]any{"who": "{account_id}"}}
	r.faults(shape, lab.Fault{Fault: "nested", On: "call", Nth: 2})
	for i, want := range []string{`{"who":"acc_1"}`, `{"data":{"who":"acc_1"}}`} {
		if _, body, err := r.get("/anything"); err != nil || body != want {
			t.Errorf("%d: %s, %v, want %s", i, body, err, want)
		}
	}
}

// Faults that are always in force stand behind those that are set.
func TestAlways(t *testing.T) {
	t.Parallel()
	m := abi.Manifest{Connhost: 1, ID: "acme", Name: "Acme", Version: "1.0.0", Auth: abi.Auth{Type: abi.AuthNone}, BaseURL: "http://acme.example"}
	l, err := lab.Shaped(m, lab.Options{Always: []lab.Fault{{Fault: "status", Status: 418, Times: -1}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		set  []lab.Fault
		want int
	}{{nil, 418}, {[]lab.Fault{{Fault: "status", Status: 500}}, 500}, {[]lab.Fault{}, 418}} {
		if err := l.SetFaults(c.set); err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		l.ServeHTTP(w, httptest.NewRequest("GET", "http://acme.example/me", nil))
		if w.Code != c.want {
			t.Errorf("%v: %d, want %d", c.set, w.Code, c.want)
		}
	}
	if _, err := lab.Shaped(m, lab.Options{Always: []lab.Fault{{Fault: "fire"}}}); host.CodeOf(err) != host.Usage {
		t.Errorf("got %v", err)
	}
}

// The log names every endpoint that a request is for.
func TestLogNamesAll(t *testing.T) {
	t.Parallel()
	r := authorized(t, "auth: {type: bearer}"+"\nbase_url: https://api.acme.example/v1\ntest: {path: /me}\nactions: [{name: who, path: /me}]\n")
	_, _, err := r.get("/me")
	r.must(err)
	seen := r.lab.Log()[len(r.lab.Log())-1]
	if !slices.Contains(append(seen.Also, seen.Endpoint), "action:who") || slices.Contains(seen.Also, seen.Endpoint) {
		t.Errorf("%+v", seen)
	}
}
