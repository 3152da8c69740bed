package broker_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/hosttest/peers"
	"github.com/connhost/connhost/plugins/abi"
)

// Every harm to the way to oidc-provider, which revokes the grant when a used
// token is presented again and tells whether a token is active. A lost request is
// made good, a lost answer is told, and in none of them the grant is revoked or
// the access token dies.
func TestSettledWithOIDC(t *testing.T) {
	o := peers.OIDC(t, peers.OIDCOptions{Connectors: []string{"acme"}})
	const patience = 2 * time.Second // of a token request
	for name, c := range map[string]struct {
		harm    func(t *testing.T, p *peers.Proxy)
		arrives bool // the service works on the request
		unsent  bool // nothing of it was written
	}{
		"the request is lost": {func(t *testing.T, p *peers.Proxy) { p.Add(t, peers.LostRequest(0)) }, false, false},
		"the answer is lost":  {func(t *testing.T, p *peers.Proxy) { p.Add(t, peers.LostAnswer(0)) }, true, false},
		"reset before":        {func(t *testing.T, p *peers.Proxy) { p.Add(t, peers.ResetBefore()) }, false, false},
		"reset after":         {func(t *testing.T, p *peers.Proxy) { p.Add(t, peers.ResetAfter()) }, true, false},
		"the answer is cut":   {func(t *testing.T, p *peers.Proxy) { p.Add(t, peers.Truncated(600)) }, true, false},
		"the answer is late":  {func(t *testing.T, p *peers.Proxy) { p.Add(t, peers.Latency(30*time.Second)) }, true, false},
		"the service is down": {func(t *testing.T, p *peers.Proxy) { p.Down(t) }, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := peers.Toxiproxy(t, o.URL)
			w := newWorld(t, t.TempDir(), func(w *world) {
				w.timeout = patience
				w.aroundEgress = func(next host.Egress) host.Egress {
					return bentEgress{next, func(c *host.Call) { c.Timeout = patience }}
				}
			})
			w.publish(abi.Manifest{
				Connhost: 1, ID: "acme", Name: "Acme", Version: "1.0.0", BaseURL: o.URL,
				Auth: abi.Auth{
					Type: abi.AuthOAuth2, Issuer: o.URL, LoopbackAnyPort: true,
					Authorize: &abi.Request{URL: o.URL + "/auth", Query: map[string]string{"prompt": "consent"}},
					Token:     &abi.Request{URL: "http://" + p.Addr + "/token"},
				},
				Scopes: []abi.Scope{{Name: "openid"}, {Name: "offline_access"}},
				Test:   &abi.Request{Path: "/me", Answer: &abi.Answer{Key: "/sub"}},
			})
			_, err := w.AddCredential(w.ctx, w.admin, host.ClientCredential{Connector: "acme", ClientID: peers.BasicClient, Quick: true}, host.NewSecret(peers.BasicSecret))
			w.must(err)
			made, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme"})
			w.must(err)
			pending, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: made.LinkName, Environment: host.Development}, redirect)
			w.must(err)
			_, err = w.Finish(w.ctx, w.admin, made.LinkName, pending.Process, o.Consent(t, pending.URL, peers.Answer{}).Query(), false)
			w.must(err)
			a, secrets := w.stored()
			if a.Endpoints.Introspect == "" {
				t.Fatal("the metadata names no introspection")
			}
			s := watched{t, o, hash(secrets.Refresh)}
			requests, revoked := o.Log(t)

			c.harm(t, p)
			renewed := w.renewNow()
			p.Clear(t)
			if renewed != broker.RenewalFailed {
				t.Fatalf("with the harm: %s", renewed)
			}
			w.wantCall(made.LinkName, "afterwards")
			want := 0
			if c.arrives {
				want = 1
			}
			s.wantPresented(want, "with the harm")
			if !c.unsent {
				w.renewNow()
				s.wantPresented(want, "before it is settled")
			}

			w.clock.advance(6*patience + 10*time.Second)
			got := w.renewNow()
			w.wantCall(made.LinkName, "once it is settled")
			after, _ := w.stored()
			if c.arrives {
				s.wantPresented(1, "once it is settled")
				if after.State != host.NeedsReauth || after.Reason != "the answer to a refresh was lost" || got != broker.RenewalFailed {
					t.Errorf("%s: %s %q", got, after.State, after.Reason)
				}
			} else {
				s.wantPresented(1, "once it is settled")
				if after.State != host.Connected || got != broker.Renewed {
					t.Errorf("%s: %s %q", got, after.State, after.Reason)
				}
				w.clock.advance(time.Minute)
				if got := w.renewNow(); got != broker.Renewed {
					t.Errorf("the next refresh: %s", got)
				}
			}
			more, events := o.Log(t)
			if len(events) != len(revoked) {
				t.Errorf("a grant was revoked: %+v", events[len(revoked):])
			}
			for _, r := range more[len(requests):] {
				if r.GrantType == "refresh_token" && !r.OK {
					t.Errorf("refused: %+v", r)
				}
			}
		})
	}
}

// renewNow renews whatever there is, due or not.
func (w *world) renewNow() broker.RenewalOutcome {
	w.t.Helper()
	list, err := w.RefreshDue(w.ctx, w.admin, 1000*time.Hour)
	w.must(err)
	if len(list) != 1 {
		return ""
	}
	return list[0].Outcome
}

// A watched token is one whose presentations the server has written down.
type watched struct {
	t     *testing.T
	o     *peers.OIDCServer
	token string
}

func hash(s host.Secret) string {
	sum := sha256.Sum256([]byte(s.Reveal()))
	return hex.EncodeToString(sum[:])
}

func (s watched) wantPresented(n int, when string) {
	s.t.Helper()
	requests, _ := s.o.Log(s.t)
	got := 0
	for _, r := range requests {
		if r.RefreshTokenSHA256 == s.token {
			got++
		}
	}
	if got != n {
		s.t.Errorf("%s: presented %d times, want %d", when, got, n)
	}
}
