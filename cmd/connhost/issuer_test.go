package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"
)

// startIssuer serves issuers at $ISSUER/WORD, which $CONNHOST_ALLOW_CIDR opens
// too. The word says how one behaves: "browser" has no device endpoint, "wait"
// has nobody who enters the code, "slow-X" does not answer at X and makes a file
// slow-X.asked when it is asked; see deviceAnswer for what is shown.
func startIssuer(ts *testscript.TestScript, _ bool, _ []string) {
	s := &issuerServer{mark: func(name string) { ts.Check(os.WriteFile(ts.MkAbs(name+".asked"), nil, 0o600)) }, stop: make(chan struct{})}
	s.Server = httptest.NewUnstartedServer(s)
	s.Start()
	ts.Defer(func() { close(s.stop); s.Close() })
	ts.Setenv("ISSUER", strings.TrimPrefix(s.URL, "http://"))
	ts.Setenv("CONNHOST_ALLOW_CIDR", ts.Getenv("CONNHOST_ALLOW_CIDR")+",127.0.0.1/32:"+portOf(strings.TrimPrefix(s.URL, "http://")))
}

type issuerServer struct {
	*httptest.Server
	mark  func(name string)
	stop  chan struct{}
	asked atomic.Int32
}

func (s *issuerServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	word, what := strings.TrimPrefix(r.URL.Path, "/.well-known/oauth-authorization-server/"), "metadata"
	if word == r.URL.Path {
		word, what, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	}
	if word == "slow-"+what {
		s.mark(word)
		select {
		case <-s.stop:
		case <-r.Context().Done():
		}
		return
	}
	base, status := s.URL+"/"+word, http.StatusOK
	var members map[string]any
	switch what {
	case "metadata":
		members = map[string]any{"issuer": base, "authorization_endpoint": base + "/authorize", "token_endpoint": base + "/token"}
		if word != "browser" {
			members["device_authorization_endpoint"] = base + "/device"
		}
		if word == "slow-par" {
			members["require_pushed_authorization_requests"], members["pushed_authorization_request_endpoint"] = true, base+"/par"
		}
	case "authorize":
		back, _ := url.Parse(r.FormValue("redirect_uri"))
		back.RawQuery = url.Values{"code": {"the-code-of-the-issuer"}, "state": {r.FormValue("state")}}.Encode()
		http.Redirect(w, r, back.String(), http.StatusFound)
		return
	case "device":
		members = deviceAnswer(word, base)
	case "token":
		members = map[string]any{"access_token": "the-access-token", "refresh_token": "the-refresh-token", "token_type": "Bearer", "expires_in": 3600}
		if word == "whole" {
			members["scope"] = "read \x1b]0;owned\x07\u009b31m"
		}
		if word == "wait" || s.asked.Add(1) == 1 && r.FormValue("device_code") != "" {
			status, members = http.StatusBadRequest, map[string]any{"error": "authorization_pending"}
		}
	case "me":
		members = map[string]any{"id": "acc_1", "name": "Ada Lovelace"}
	default:
		status = http.StatusNotFound
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(members)
}

func deviceAnswer(word, base string) map[string]any {
	a := map[string]any{
		"device_code": "the-device-code-of-the-issuer", "user_code": "WDJB-MJHT", "expires_in": 600, "interval": 1,
		"verification_uri": base + "/enter", "verification_uri_complete": base + "/enter?user_code=WDJB-MJHT",
	}
	switch word {
	case "escape":
		a["user_code"] = "\x1b]0;owned\x07WDJB\u009b31m"
	case "script":
		a["verification_uri"] = "javascript:alert(1)"
	case "query":
		a["verification_uri"] = base + "/enter?\u009b31mowned"
	case "whole":
		a["verification_uri_complete"] = base + "/enter?\u009b31mowned"
	case "tell":
		a["user_code"] = a["device_code"]
	}
	return a
}
