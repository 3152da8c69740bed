package broker_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// An issuer is a service that describes itself (RFC 8414), gives codes in a
// browser and on devices, and answers token requests as a test says.
type issuer struct {
	*httptest.Server
	t  *testing.T
	mu sync.Mutex

	more    map[string]any     // over the metadata
	account string             // of the next tokens
	answers []http.HandlerFunc // to the next token requests; tokens after these
	asked   []question         // token requests
	revoked []string
	given   int // tokens
}

// A question is a token request.
type question struct {
	at   time.Time
	form url.Values
}

func newIssuer(t *testing.T) *issuer {
	s := &issuer{t: t, account: "acc_1"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/oauth-authorization-server", s.describe)
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		back, _ := url.Parse(r.FormValue("redirect_uri"))
		back.RawQuery = url.Values{"code": {"code-of-the-issuer"}, "state": {r.FormValue("state")}, "iss": {s.URL}}.Encode()
		http.Redirect(w, r, back.String(), http.StatusFound)
	})
	mux.HandleFunc("POST /device", func(w http.ResponseWriter, r *http.Request) {
		reply(w, 200, map[string]any{
			"device_code": deviceCode, "user_code": "WDJB-MJHT", "verification_uri": s.URL + "/enter", "expires_in": 600, "interval": 1,
		})
	})
	mux.HandleFunc("POST /token", s.token)
	mux.HandleFunc("POST /revoke", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.revoked = append(s.revoked, r.FormValue("token"))
	})
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		reply(w, 200, map[string]any{"id": s.account, "name": "Account " + s.account})
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

const deviceCode = "device-code-that-nobody-sees"

func (s *issuer) describe(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	doc := map[string]any{
		"issuer": s.URL, "authorization_endpoint": s.URL + "/authorize", "token_endpoint": s.URL + "/token", "revocation_endpoint": s.URL + "/revoke",
		"device_authorization_endpoint": s.URL + "/device", "authorization_response_iss_parameter_supported": true,
	}
	for name, value := range s.more {
		doc[name] = value
	}
	reply(w, 200, doc)
}

func (s *issuer) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	s.mu.Lock()
	s.asked = append(s.asked, question{time.Now(), r.PostForm})
	answer := s.tokens
	if len(s.answers) > 0 {
		answer, s.answers = s.answers[0], s.answers[1:]
	}
	s.mu.Unlock()
	answer(w, r)
}

func (s *issuer) tokens(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given++
	reply(w, 200, map[string]any{
		"access_token": fmt.Sprintf("access-token-%d", s.given), "refresh_token": fmt.Sprintf("refresh-token-%d", s.given), "token_type": "Bearer", "expires_in": 3600,
	})
}

// says changes a member of the metadata.
func (s *issuer) says(name string, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.more == nil {
		s.more = map[string]any{}
	}
	s.more[name] = value
}

// belongsTo changes the account.
func (s *issuer) belongsTo(account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account = account
}

func (s *issuer) questions() []question {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]question(nil), s.asked...)
}

func (s *issuer) ended() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.revoked...)
}

// manifest is a connector that leaves all to the metadata.
func (s *issuer) manifest(id string) abi.Manifest {
	return abi.Manifest{
		Connhost: 1, ID: id, Name: "Acme", Version: "1.0.0", BaseURL: s.URL,
		Auth: abi.Auth{Type: abi.AuthOAuth2, Issuer: s.URL, LoopbackAnyPort: true},
		Test: &abi.Request{Path: "/me", Answer: &abi.Answer{Key: "/id", Label: "/name"}},
	}
}

// refuses answers with an error of RFC 6749 section 5.2.
func refuses(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, status, map[string]any{"error": code}) }
}

// cut answers with a connection that is broken off.
func cut(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

func (w *world) asks(link string) broker.AuthorizeRequest {
	return broker.AuthorizeRequest{Connection: link, Environment: host.Development}
}

// issued is a connection of an issuer's connector, not authorized.
func (w *world) issued(m abi.Manifest) string {
	w.t.Helper()
	return w.create(m, broker.CreateRequest{Connector: m.ID}).LinkName
}

func reply(w http.ResponseWriter, status int, members map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(members)
}
