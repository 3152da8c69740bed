package broker_test

import (
	"crypto"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// A binder gives tokens that are bound to a key, and wants a nonce of its own at
// each of its two doors.
type binder struct {
	*httptest.Server
	mu     sync.Mutex
	key    string // thumbprint, to which the token is bound
	token  int    // its number
	dead   bool   // the token, until the next
	nonces map[string]string
	next   map[string]string // given with answers that are no refusals
	calls  []string          // path and status
	ids    map[string]bool
	to     string // where /away redirects
}

func newBinder(t *testing.T) *binder {
	s := &binder{nonces: map[string]string{"/token": "token-nonce-1", "": "api-nonce-1"}, next: map[string]string{}, ids: map[string]bool{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		status := s.serve(t, w, r)
		s.calls = append(s.calls, fmt.Sprint(r.URL.Path, " ", status))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *binder) serve(t *testing.T, w http.ResponseWriter, r *http.Request) int {
	w.Header().Set("Content-Type", "application/json")
	door := ""
	if r.URL.Path == "/token" {
		door = "/token"
	}
	claims, key := s.proof(t, r)
	if claims["nonce"] != s.nonces[door] {
		w.Header().Set("DPoP-Nonce", s.nonces[door])
		if door == "/token" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"use_dpop_nonce"}`)
			return http.StatusBadRequest
		}
		return s.refuse(w, "use_dpop_nonce")
	}
	if next := s.next[door]; next != "" {
		s.nonces[door] = next
		w.Header().Set("DPoP-Nonce", next)
		delete(s.next, door)
	}
	if door == "/token" {
		_ = r.ParseForm()
		if s.key != "" && r.PostForm.Get("grant_type") == "refresh_token" && s.key != key {
			t.Error("renewed with another key")
		}
		s.token++
		s.key, s.dead = key, false
		fmt.Fprintf(w, `{"access_token":"bound-token-%d","refresh_token":"bound-refresh-%d","token_type":"DPoP","expires_in":3600}`, s.token, s.token)
		return http.StatusOK
	}
	if r.Header.Get("Authorization") != fmt.Sprintf("DPoP bound-token-%d", s.token) || s.dead || key != s.key || claims["ath"] == nil {
		return s.refuse(w, "invalid_token")
	}
	if r.URL.Path == "/away" || r.URL.Path == "/around" {
		to := s.to
		if r.URL.Path == "/around" {
			to = "/me"
		}
		http.Redirect(w, r, to, http.StatusFound)
		return http.StatusFound
	}
	return http.StatusOK
}

func (s *binder) refuse(w http.ResponseWriter, code string) int {
	w.Header().Set("WWW-Authenticate", `DPoP error="`+code+`", algs="ES256"`)
	w.WriteHeader(http.StatusUnauthorized)
	return http.StatusUnauthorized
}

// proof checks the one proof of a request (RFC 9449 section 4.3).
func (s *binder) proof(t *testing.T, r *http.Request) (claims map[string]any, thumbprint string) {
	list := r.Header.Values("DPoP")
	if len(list) != 1 {
		t.Errorf("%s: %d proofs", r.URL, len(list))
		return nil, ""
	}
	signed, err := jose.ParseSigned(list[0], []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Error(err)
		return nil, ""
	}
	key := signed.Signatures[0].Header.JSONWebKey
	payload, err := signed.Verify(key)
	if err == nil {
		err = json.Unmarshal(payload, &claims)
	}
	if err != nil || claims["htm"] != r.Method || claims["htu"] != "http://"+r.Host+r.URL.EscapedPath() || s.ids[fmt.Sprint(claims["jti"])] {
		t.Errorf("%s %s: the proof says %v, %v", r.Method, r.URL, claims, err)
	}
	s.ids[fmt.Sprint(claims["jti"])] = true
	sum, _ := key.Thumbprint(crypto.SHA256)
	return claims, string(sum)
}

// since gives what came after the last look.
func (s *binder) since() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := strings.Join(s.calls, ", ")
	s.calls = nil
	return list
}

func (s *binder) set(change func(*binder)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

const boundLink = "bound_connection"

func boundWorld(t *testing.T, grant string) (*world, *binder) {
	w, s := newWorld(t, t.TempDir()), newBinder(t)
	m := abi.Manifest{Connhost: 1, ID: "bound", Name: "Bound", Version: "1.0.0", BaseURL: s.URL,
		Auth: abi.Auth{Type: abi.AuthOAuth2, Grant: grant, Proof: abi.ProofDPoP, Token: &abi.Request{Path: "/token"}, LoopbackAnyPort: grant == ""}}
	if grant == "" {
		m.Auth.Authorize = &abi.Request{URL: s.URL + "/authorize"}
	}
	w.create(m, broker.CreateRequest{Connector: "bound"})
	if grant == abi.GrantClient {
		_, err := w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: boundLink, Environment: host.Development})
		w.must(err)
	} else {
		p, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: boundLink, Environment: host.Development}, redirect)
		w.must(err)
		u, err := url.Parse(p.URL)
		w.must(err)
		if u.Query().Get("dpop_jkt") == "" {
			t.Errorf("no dpop_jkt in %s", u.Query())
		}
		_, err = w.Finish(w.ctx, w.admin, boundLink, p.Process, url.Values{"code": {"c1"}, "state": {u.Query().Get("state")}}, false)
		w.must(err)
	}
	if got := s.since(); got != "/token 400, /token 200" {
		t.Errorf("authorized by %s", got)
	}
	return w, s
}

// Each door has its nonce, which is learned once; a new one costs one request, or
// none where it came beside an answer. A token that ended after that is renewed
// within the same call.
func TestDPoPCalls(t *testing.T) {
	w, s := boundWorld(t, "")
	for _, step := range []struct {
		name   string
		change func(*binder)
		path   string
		want   string
	}{
		{"the first call", nil, "/me", "/me 401, /me 200"},
		{"the second", nil, "/me?x=1#y", "/me 200"},
		{"another nonce", func(s *binder) { s.nonces[""] = "api-nonce-2" }, "/me", "/me 401, /me 200"},
		{"one beside the answer", func(s *binder) { s.next[""] = "api-nonce-3" }, "/me", "/me 200"},
		{"it is used", nil, "/me", "/me 200"},
		{"an ended token", func(s *binder) { s.dead = true }, "/me", "/me 401, /token 200, /me 200"},
		{"ended, and another nonce at each door", func(s *binder) {
			s.dead, s.nonces[""], s.nonces["/token"] = true, "api-nonce-4", "token-nonce-2"
		}, "/me", "/me 401, /me 401, /token 400, /token 200, /me 200"},
		{"a redirect of its own", nil, "/around", "/around 302, /me 200"},
	} {
		if step.change != nil {
			s.set(step.change)
		}
		status, _, err := w.get(w.admin, boundLink, step.path)
		if got := s.since(); status != 200 || err != nil || got != step.want {
			t.Errorf("%s: %d %v by %s, want %s", step.name, status, err, got, step.want)
		}
	}
	// For ever is not: the call ends with the refusal, and nothing is renewed.
	s.set(func(s *binder) { s.nonces[""] = `"never to be had"` })
	status, _, err := w.get(w.admin, boundLink, "/me")
	if got := s.since(); status != 401 || err != nil || strings.Count(got, "/me 401") > 3 {
		t.Errorf("%d %v by %s", status, err, got)
	}
}

// Calls at once that all meet a new nonce go again with it; none of them takes
// the refusal for an ended token.
func TestDPoPCallsAtOnce(t *testing.T) {
	w, s := boundWorld(t, "")
	w.wantCall(boundLink, "at first")
	for round := range 3 {
		s.since()
		s.set(func(s *binder) { s.nonces[""] = fmt.Sprint("round-", round) })
		w.crowd(boundLink, 30)
		if got := s.since(); strings.Contains(got, "/token") || strings.Count(got, "/me 200") != 30 {
			t.Errorf("round %d: %s", round, got)
		}
	}
}

// Neither token nor proof goes to another origin, declared or not.
func TestDPoPStaysAtItsOrigin(t *testing.T) {
	w, s := boundWorld(t, "")
	var seen http.Header
	away := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		seen = r.Header.Clone()
		rw.Header().Set("DPoP-Nonce", "nonce-of-somebody-else")
		rw.Header().Set("WWW-Authenticate", `DPoP error="use_dpop_nonce"`)
		rw.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(away.Close)
	s.set(func(s *binder) { s.to = away.URL + "/there" })
	status, _, err := w.get(w.admin, boundLink, "/away")
	if status != 401 || err != nil || seen == nil || seen.Get("DPoP")+seen.Get("Authorization") != "" {
		t.Errorf("%d %v, sent %v", status, err, seen)
	}
	if got := s.since(); strings.Contains(got, "/token") {
		t.Errorf("renewed for a refusal of somebody else: %s", got)
	}
	w.wantCall(boundLink, "afterwards")
}

// forget takes the key from the stored secrets.
func (w *world) forget(link, name string) {
	w.t.Helper()
	id := w.authorization(link).ID
	w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
		s, err := tx.Authorizations().Open(w.ctx, id)
		if err != nil {
			return err
		}
		delete(s.Params, name)
		return tx.Authorizations().Seal(w.ctx, id, s, host.Record{At: w.clock.now(), Act: host.ActRefresh, Object: string(id)})
	}))
}

// A stored authorization whose key is gone says so, and shows its refresh token
// to nobody; one that needs no person makes another key, and keeps it.
func TestDPoPKeyIsGone(t *testing.T) {
	w, s := boundWorld(t, "")
	w.forget(boundLink, abi.DPoPKey)
	_, _, err := w.get(w.admin, boundLink, "/me")
	wantCode(t, err, host.NeedsAuth, "no key to prove")
	w.clock.advance(2 * time.Hour)
	_, _, err = w.get(w.admin, boundLink, "/me")
	wantCode(t, err, host.NeedsAuth, "no key to prove")
	if a := w.authorization(boundLink); a.State != host.NeedsReauth || !strings.Contains(a.Reason, "no key to prove") || s.since() != "" {
		t.Errorf("%s %q", a.State, a.Reason)
	}

	w, s = boundWorld(t, abi.GrantClient)
	w.wantCall(boundLink, "at first")
	w.forget(boundLink, abi.DPoPKey)
	w.clock.advance(2 * time.Hour)
	s.since()
	for range 3 {
		w.wantCall(boundLink, "with another key")
	}
	if got := s.since(); got != "/token 200, /me 200, /me 200, /me 200" {
		t.Errorf("by %s", got)
	}
}

// A service that gives a plain token: nothing of its answer is lost, and it is
// asked once.
func TestDPoPGetsABearer(t *testing.T) {
	w := newWorld(t, t.TempDir())
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked++
		kind := "DPoP"
		if asked > 1 {
			kind = "Bearer"
		}
		rw.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(rw, `{"access_token":"a-token-%d","refresh_token":"a-refresh-%d","token_type":%q,"expires_in":3600}`, asked, asked, kind)
	}))
	t.Cleanup(srv.Close)
	m := w.acme()
	m.Auth.Token.URL, m.Auth.Proof = srv.URL, abi.ProofDPoP
	m.Auth.Authorize.URL = srv.URL + "/authorize"
	w.create(m, broker.CreateRequest{Connector: "acme"})
	p, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: "acme_connection", Environment: host.Development}, redirect)
	w.must(err)
	u, _ := url.Parse(p.URL)
	_, err = w.Finish(w.ctx, w.admin, "acme_connection", p.Process, url.Values{"code": {"c1"}, "state": {u.Query().Get("state")}}, false)
	w.must(err)
	w.clock.advance(2 * time.Hour)
	for range 3 {
		_, _, err = w.get(w.admin, "acme_connection", "/me")
		wantCode(t, err, host.Unavailable, "token type")
	}
	if _, secrets := w.stored(); asked != 2 || secrets.Refresh.Reveal() != "a-refresh-2" || secrets.Access.Reveal() != "a-token-1" {
		t.Errorf("%d requests, stored %s", asked, secrets.Refresh.Reveal())
	}
}
