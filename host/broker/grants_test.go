package broker_test

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/plugins/abi"
)

// privateKey is a key as PEM.
func privateKey(t testing.TB, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(hosttest.PEM("PRIVATE KEY", der))
}

// A mint gives tokens to whoever asks, a refresh token with each, and takes only
// the newest.
type mint struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []url.Values
	answer func(http.ResponseWriter) // instead of a token; nil: none
}

func newMint(t *testing.T) *mint {
	s := &mint{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		_ = r.ParseForm()
		s.asked = append(s.asked, r.PostForm)
		w.Header().Set("Content-Type", "application/json")
		if s.answer != nil {
			s.answer(w)
			return
		}
		fmt.Fprintf(w, `{"access_token":"minted-token-%d","refresh_token":"never-present-me-%d","expires_in":60,"token_type":"Bearer","issued_token_type":"urn:x"}`, len(s.asked), len(s.asked))
	})
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer minted-token-%d", len(s.asked)) {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *mint) requests() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Without a person and without a refresh token: one request for a renewal,
// however many calls of two processes want it. A refusal marks the connection and
// says what to do; a lost answer is no harm.
func TestMintedGrants(t *testing.T) {
	for _, grant := range []string{abi.GrantJWT, abi.GrantExchange} {
		t.Run(grant, func(t *testing.T) {
			dir := t.TempDir()
			w, s := newWorld(t, dir), newMint(t)
			m := abi.Manifest{Connhost: 1, ID: "mint", Name: "Mint", Version: "1.0.0", BaseURL: s.URL,
				Auth: abi.Auth{Type: abi.AuthOAuth2, Grant: grant, ClientAuth: abi.ClientAuthNone, Token: &abi.Request{Path: "/token"}}}
			secret := map[string]host.Secret{"subject_token": host.NewSecret("token-of-another-service")}
			if grant == abi.GrantJWT {
				m.Auth.Assertion = &abi.Assertion{Algorithm: "ES256", Claims: map[string]string{"iss": "svc", "aud": "x", "jti": "{random}"}}
				secret = map[string]host.Secret{"private_key": host.NewSecret(privateKey(t, hosttest.NewKey(t)))}
			}
			w.publish(m)
			_, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "mint"})
			w.must(err)
			_, err = w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: "mint_connection", Environment: host.Development, Secrets: secret})
			w.must(err)
			other := w.another(dir)
			for round := range 3 {
				w.clock.advance(2 * time.Minute)
				var two sync.WaitGroup
				two.Go(func() { w.crowd("mint_connection", 25) })
				two.Go(func() { other.crowd("mint_connection", 25) })
				two.Wait()
				if n := len(s.requests()); n != round+2 {
					t.Fatalf("round %d: %d requests", round, n)
				}
			}
			ids := map[string]bool{}
			for _, asked := range s.requests() {
				if asked.Has("refresh_token") || asked.Get("grant_type") == "refresh_token" {
					t.Errorf("a refresh token is presented: %v", asked)
				}
				ids[asked.Get("assertion")] = true
			}
			if grant == abi.GrantJWT && len(ids) != 4 {
				t.Errorf("%d assertions in 4 requests", len(ids))
			}
			s.mu.Lock()
			s.answer = func(rw http.ResponseWriter) { drop(rw) }
			s.mu.Unlock()
			w.clock.advance(2 * time.Minute)
			_, _, err = w.get(w.admin, "mint_connection", "/me")
			wantCode(t, err, host.Unavailable, "could not be refreshed")
			s.mu.Lock()
			s.answer = nil
			s.mu.Unlock()
			w.clock.advance(2 * time.Minute)
			w.wantCall("mint_connection", "after a lost answer")
			s.mu.Lock()
			s.answer = func(rw http.ResponseWriter) {
				rw.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(rw, `{"error":"invalid_grant","error_description":"token-of-another-service is dead"}`)
			}
			s.mu.Unlock()
			before := len(s.requests())
			w.clock.advance(2 * time.Minute)
			for range 3 {
				_, _, err = w.get(w.admin, "mint_connection", "/me")
				wantCode(t, err, host.NeedsAuth, "invalid_grant")
				if e, ok := err.(*host.Error); !ok || !strings.Contains(e.Hint, "connhost connection authorize mint_connection") {
					t.Errorf("the hint of %v", err)
				}
			}
			if a := w.authorization("mint_connection"); a.State != host.NeedsReauth || a.Reason != "the service refused the refresh: invalid_grant" || len(s.requests()) != before+1 {
				t.Errorf("%s %q after %d requests", a.State, a.Reason, len(s.requests())-before)
			}
		})
	}
}

// A connector whose next version signs in another way: the connection says that
// its key cannot, and asks nobody.
func TestMintedWithAKeyOfAnotherKind(t *testing.T) {
	w, s := newWorld(t, t.TempDir()), newMint(t)
	m := abi.Manifest{Connhost: 1, ID: "mint", Name: "Mint", Version: "1.0.0", BaseURL: s.URL,
		Auth: abi.Auth{Type: abi.AuthOAuth2, Grant: abi.GrantJWT, ClientAuth: abi.ClientAuthNone, Token: &abi.Request{Path: "/token"}, Assertion: &abi.Assertion{Algorithm: "ES256"}}}
	w.publish(m)
	_, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "mint"})
	w.must(err)
	_, err = w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: "mint_connection", Environment: host.Development,
		Secrets: map[string]host.Secret{"private_key": host.NewSecret(privateKey(t, hosttest.NewKey(t)))}})
	w.must(err)
	m.Version, m.Auth.Assertion = "2.0.0", &abi.Assertion{Algorithm: "RS256"}
	w.publish(m)
	_, err = w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "mint", To: "2.0.0"})
	w.must(err)
	w.clock.advance(2 * time.Minute)
	_, _, err = w.get(w.admin, "mint_connection", "/me")
	wantCode(t, err, host.NeedsAuth, "the assertion cannot be signed: the key cannot sign with RS256")
	if a := w.authorization("mint_connection"); a.State != host.NeedsReauth || !strings.Contains(a.Reason, "cannot sign with RS256") || len(s.requests()) != 1 {
		t.Errorf("%s %q, %d requests", a.State, a.Reason, len(s.requests()))
	}
}

// The requests of a flow have the values that calls have: defaults, and nothing
// of what is invisible (design rule 12).
func TestFlowsHaveTheValuesOfCalls(t *testing.T) {
	w, s := newWorld(t, t.TempDir()), newMint(t)
	m := abi.Manifest{Connhost: 1, ID: "mint", Name: "Mint", Version: "1.0.0", BaseURL: s.URL,
		Auth: abi.Auth{Type: abi.AuthOAuth2, Grant: abi.GrantExchange, ClientAuth: abi.ClientAuthNone,
			Token: &abi.Request{Path: "/token", Form: map[string]string{"area": "{area}", "note": "{note}", "tenant": "{tenant}"}}},
		Parameters: []abi.Parameter{{Key: "area", Default: "eu"}, {Key: "note"}, {Key: "tenant", Default: "main", VisibleWhen: when{"area": {"us"}}}},
	}
	w.publish(m)
	_, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "mint"})
	w.must(err)
	for area, tenant := range map[string]string{"eu": "", "us": "main"} {
		values := map[string]string{}
		if area != "eu" {
			values["area"] = area
		}
		_, err := w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: "mint_connection", Values: values,
			Secrets: map[string]host.Secret{"subject_token": host.NewSecret("token-of-another-service")}})
		w.must(err)
		asked := s.requests()[len(s.requests())-1]
		if asked.Get("area") != area || asked.Get("tenant") != tenant || asked.Has("tenant") != (tenant != "") || asked.Has("note") {
			t.Errorf("%s: %v", area, asked)
		}
	}
}
