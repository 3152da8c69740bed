package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// startLegs serves OAuth 1.0a at $LEGS, which $CONNHOST_ALLOW_CIDR opens too. It
// holds no signature against anything: host/oauth does, with published vectors
// and a real server. Forms go out as text, as some services send them.
func startLegs(ts *testscript.TestScript, _ bool, _ []string) {
	l := &legs{back: map[string]string{}}
	l.Server = httptest.NewServer(l)
	ts.Defer(l.Close)
	addr := strings.TrimPrefix(l.URL, "http://")
	ts.Setenv("LEGS", addr)
	ts.Setenv("CONNHOST_ALLOW_CIDR", ts.Getenv("CONNHOST_ALLOW_CIDR")+",127.0.0.1/32:"+portOf(addr))
}

type legs struct {
	*httptest.Server
	mu    sync.Mutex
	given int
	back  map[string]string // the callback of each temporary token
}

var authPart = regexp.MustCompile(`(oauth_\w+)="([^"]*)"`)

func (l *legs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	sent := map[string]string{}
	for _, part := range authPart.FindAllStringSubmatch(r.Header.Get("Authorization"), -1) {
		sent[part[1]], _ = url.QueryUnescape(part[2])
	}
	l.given++
	switch token := sent["oauth_token"]; {
	case r.URL.Path == "/request":
		l.back[fmt.Sprint("temporary", l.given)] = sent["oauth_callback"]
		answerForm(w, fmt.Sprintf("oauth_token=temporary%d&oauth_token_secret=temporary-secret&oauth_callback_confirmed=true", l.given))
	case r.URL.Path == "/authorize":
		q := r.URL.Query()
		http.Redirect(w, r, l.back[q.Get("oauth_token")]+"&oauth_verifier=verifier&oauth_token="+q.Get("oauth_token"), http.StatusFound)
	case r.URL.Path == "/access" && l.back[token] != "" && sent["oauth_signature"] != "":
		delete(l.back, token)
		answerForm(w, fmt.Sprintf("oauth_token=legs-token-%d&oauth_token_secret=legs-secret-%d", l.given, l.given))
	case strings.HasPrefix(r.URL.Path, "/api/") && strings.HasPrefix(token, "legs-token-"):
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"7","name":"Tess Tree","board":"`+r.URL.Query().Get("board")+`","token":"`+token+`"}`)
	default:
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func answerForm(w http.ResponseWriter, form string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, form)
}
