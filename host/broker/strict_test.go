package broker_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/host/store"
	"github.com/connhost/connhost/plugins/abi"
)

// A strict service is the lab's token endpoint with a log of the refresh
// tokens that were presented. The lab ends the whole grant when a used one
// comes again (its TestReuseEndsTheGrant).
type strict struct {
	lab  *lab.Lab
	url  string
	open atomic.Int32 // connections

	mu     sync.Mutex
	meet   meeting // of refresh requests; nil: they are answered
	shown  []presentation
	paired map[string]string // the access token that came with a refresh token
	latest string            // refresh token

	issued    func(access string) // is told of every access token; may be nil
	exchanged string              // the access token that was last given for a code
}

// quiet waits until no request is under way. Token requests keep no
// connection.
func (s *strict) quiet() {
	for s.open.Load() > 0 {
		time.Sleep(time.Millisecond)
	}
}

// A meeting answers a refresh request; act does what the lab does and gives
// its answer.
type meeting func(w http.ResponseWriter, r *http.Request, act func() *httptest.ResponseRecorder)

// A bentEgress changes token requests before they are sent.
type bentEgress struct {
	host.Egress
	bend func(*host.Call)
}

func (e bentEgress) Do(ctx context.Context, call host.Call) (*http.Response, error) {
	if call.Wrote != nil {
		e.bend(&call)
	}
	return e.Egress.Do(ctx, call)
}

// A presentation is one refresh token that the service was shown.
type presentation struct {
	token   string
	alive   bool // its access token still worked
	refused bool // the answer says that it was not used
}

func newStrict(w *world) *strict {
	s := &strict{lab: w.lab, paired: map[string]string{}}
	srv := httptest.NewUnstartedServer(s)
	srv.Config.ConnState = func(_ net.Conn, now http.ConnState) {
		switch now {
		case http.StateNew:
			s.open.Add(1)
		case http.StateClosed, http.StateHijacked:
			s.open.Add(-1)
		}
	}
	srv.Start()
	w.t.Cleanup(srv.Close)
	s.url = srv.URL + "/oauth2/token"
	return s
}

// strictly makes a world whose tokens come from a strict service, with an
// authorized connection. A token is due when a quarter of its hour is left.
func strictly(t testing.TB, dir string, change ...func(*world)) (*world, *strict, string) {
	t.Helper()
	w := newWorld(t, dir, change...)
	s := newStrict(w)
	link := w.create(s.connector(w), broker.CreateRequest{Connector: "acme"}).LinkName
	w.authorize(w.admin, link)
	return w, s, link
}

func (s *strict) connector(w *world) abi.Manifest {
	m := w.acme()
	m.Auth.Token.URL = s.url
	m.Refresh = &abi.Refresh{Margin: 900}
	return m
}

func (s *strict) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ParseForm() != nil || r.Form.Get("grant_type") != "refresh_token" {
		write(w, s.act(r))
		return
	}
	s.mu.Lock()
	token := r.Form.Get("refresh_token")
	s.shown = append(s.shown, presentation{token: token, alive: s.works(s.paired[token])})
	meet := s.meet
	s.mu.Unlock()
	if meet == nil {
		write(w, s.act(r))
		return
	}
	meet(w, r, func() *httptest.ResponseRecorder { return s.act(r) })
}

// act lets the lab answer and remembers what it gave.
func (s *strict) act(r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	s.lab.ServeHTTP(rec, r)
	var pair struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if json.Unmarshal(rec.Body.Bytes(), &pair) == nil && pair.Refresh != "" {
		s.mu.Lock()
		s.paired[pair.Refresh], s.latest = pair.Access, pair.Refresh
		if r.PostForm.Get("grant_type") == "authorization_code" {
			s.exchanged = pair.Access
		}
		if s.issued != nil {
			s.issued(pair.Access)
		}
		s.mu.Unlock()
	}
	return rec
}

func write(w http.ResponseWriter, rec *httptest.ResponseRecorder) {
	w.Header().Set("Content-Type", rec.Header().Get("Content-Type"))
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

// works asks the lab's API.
func (s *strict) works(access string) bool {
	rec, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/api/me", nil)
	r.Header.Set("Authorization", "Bearer "+access)
	s.lab.ServeHTTP(rec, r)
	return rec.Code == http.StatusOK
}

// meets sets what becomes of refresh requests from now on.
func (s *strict) meets(m meeting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.meet = m
}

// refuse notes that the answer to the last presentation of a token says that
// it was not used: it may come again.
func (s *strict) refuse(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.shown) - 1; i >= 0; i-- {
		if s.shown[i].token == token {
			s.shown[i].refused = true
			return
		}
	}
}

// presented is how many refresh tokens were shown so far. It fails the test if
// one of them came twice while its access token lived.
func (s *strict) presented(t testing.TB) int {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[string]bool{}
	for i, p := range s.shown {
		if seen[p.token] && p.alive {
			t.Errorf("presentation %d of %d: a refresh token came again while its access token lived", i+1, len(s.shown))
		}
		seen[p.token] = seen[p.token] || !p.refused
	}
	return len(s.shown)
}

// newest is the refresh token that was issued last.
func (s *strict) newest() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.latest
}

// wantCall fails unless a call succeeds.
func (w *world) wantCall(link, when string) {
	w.t.Helper()
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		w.t.Errorf("%s: %d %v", when, status, err)
	}
}

// wantStored fails unless the tokens that were issued last are stored.
func (w *world) wantStored(s *strict) {
	w.t.Helper()
	if a, secrets := w.stored(); secrets.Refresh.Reveal() != s.newest() || a.State != host.Connected || a.Lease != (host.Lease{}) {
		w.t.Errorf("the last answer is stored: %t; %s %s, lease %+v", secrets.Refresh.Reveal() == s.newest(), a.State, a.Reason, a.Lease)
	}
}

// stored is the one authorization of acme, with its secrets.
func (w *world) stored() (a host.Authorization, s host.Secrets) {
	w.t.Helper()
	w.must(w.store.View(w.ctx, func(tx host.Tx) error {
		list, err := tx.Authorizations().List(w.ctx, "acme")
		if err != nil || len(list) != 1 {
			return fmt.Errorf("%d authorizations, %w", len(list), err)
		}
		a = list[0]
		s, err = tx.Authorizations().Open(w.ctx, a.ID)
		return err
	}))
	return a, s
}

// whole fails unless the store is: the file, the chain and every secret.
func (w *world) whole(dir string) {
	w.t.Helper()
	w.stored()
	w.must(w.store.View(w.ctx, func(tx host.Tx) error {
		records, err := tx.Audit().List(w.ctx, "")
		if err != nil {
			return err
		}
		return store.Verify(records)
	}))
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "connhost.db")+"?mode=ro")
	w.must(err)
	defer db.Close()
	var said string
	if err := db.QueryRow("pragma integrity_check").Scan(&said); err != nil || said != "ok" {
		w.t.Errorf("integrity check: %s %v", said, err)
	}
}
