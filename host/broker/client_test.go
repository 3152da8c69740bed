package broker_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

// A clientService gives tokens to a client for itself, and takes only the
// newest.
type clientService struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string // the form of each token request
	lose   bool     // the next answer
	refuse bool
}

func newClientService(t *testing.T) *clientService {
	s := &clientService{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		id, secret, _ := r.BasicAuth()
		_ = r.ParseForm()
		s.asked = append(s.asked, r.PostForm.Encode())
		w.Header().Set("Content-Type", "application/json")
		switch {
		case s.refuse || id != lab.ClientID || secret != lab.ClientSecret:
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":"invalid_client"}`)
		case s.lose:
			s.lose = false
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.Close()
		default:
			fmt.Fprintf(w, `{"access_token":"client-token-%d","token_type":"Bearer","expires_in":60}`, len(s.asked))
		}
	})
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer client-token-%d", len(s.asked)) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"id":"app"}`)
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *clientService) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// clientWorld is authorized without a person.
func clientWorld(t *testing.T) (*world, *clientService) {
	w, s := newWorld(t, t.TempDir()), newClientService(t)
	w.create(abi.Manifest{
		Connhost: 1, ID: "machine", Name: "Machine", Version: "1.0.0", BaseURL: s.URL,
		Auth:   abi.Auth{Type: abi.AuthOAuth2, Grant: abi.GrantClient, Token: &abi.Request{Path: "/token"}},
		Scopes: []abi.Scope{{Name: "a"}, {Name: "b"}},
		Test:   &abi.Request{Path: "/me", Answer: &abi.Answer{Key: "/id"}},
	}, broker.CreateRequest{Connector: "machine"})
	got, err := w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: "machine_connection", Environment: host.Development})
	w.must(err)
	if got.Warning != "" || got.Authorization.AccountKey != "app" || got.Authorization.State != host.Connected {
		t.Errorf("got %+v", got)
	}
	if s.asked[0] != "grant_type=client_credentials&scope=a+b" {
		t.Errorf("asked for %s", s.asked[0])
	}
	return w, s
}

// RFC 6749 section 4.4: no person, no refresh token, and the next token is got
// as the first was, once however many call.
func TestClientCredentials(t *testing.T) {
	w, s := clientWorld(t)
	if ways, _, err := w.Ways(w.ctx, w.admin, "machine_connection"); !slices.Equal(ways, []broker.Way{broker.ByFields}) || err != nil {
		t.Errorf("a person is wanted: %v, %v", ways, err)
	}
	w.clock.advance(2 * time.Minute)
	var calls sync.WaitGroup
	for range 20 {
		calls.Go(func() {
			if status, _, err := w.get(w.admin, "machine_connection", "/me"); status != 200 || err != nil {
				t.Errorf("got %d, %v", status, err)
			}
		})
	}
	calls.Wait()
	if n := s.requests(); n != 2 || s.asked[1] != "grant_type=client_credentials&scope=a+b" {
		t.Errorf("%d token requests: %q", n, s.asked)
	}
}

// A lost answer loses nothing: the client asks again.
func TestClientCredentialsAskAgain(t *testing.T) {
	w, s := clientWorld(t)
	w.clock.advance(2 * time.Minute)
	s.lose = true
	_, _, err := w.get(w.admin, "machine_connection", "/me")
	wantCode(t, err, host.Unavailable, "could not be refreshed")
	w.clock.advance(5 * time.Minute)
	if status, _, err := w.get(w.admin, "machine_connection", "/me"); status != 200 || err != nil {
		t.Errorf("got %d, %v", status, err)
	}
}

func TestClientCredentialsRefused(t *testing.T) {
	w, s := clientWorld(t)
	w.clock.advance(2 * time.Minute)
	s.refuse = true
	_, _, err := w.get(w.admin, "machine_connection", "/me")
	wantCode(t, err, host.NeedsAuth, "needs authorizing")
	_, err = w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: "machine_connection", Environment: host.Development})
	wantCode(t, err, host.Failed, "invalid_client")
}
