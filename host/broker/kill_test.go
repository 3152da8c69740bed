package broker_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// A killer is a token endpoint that kills the process that asks, at a step.
type killer struct {
	next http.Handler
	step string // "request arrived" or "token rotated"; empty: nobody is killed

	mu    sync.Mutex
	child *os.Process
	shown []string // refresh tokens, in the order of their presentation
}

func (k *killer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ParseForm() != nil || r.Form.Get("grant_type") != "refresh_token" {
		k.next.ServeHTTP(w, r)
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.shown = append(k.shown, r.Form.Get("refresh_token"))
	if k.child == nil {
		k.next.ServeHTTP(w, r)
		return
	}
	if k.step == "token rotated" {
		k.next.ServeHTTP(httptest.NewRecorder(), r)
	}
	_ = k.child.Kill() // SIGKILL
	k.child = nil
	<-r.Context().Done()
}

// A process that is killed with kill -9 while its refresh is on the way never
// makes another present the same token while the access token lives.
func TestKillDuringRefresh(t *testing.T) {
	for step, after := range map[string]struct {
		code host.Code // of the one last try, when nothing is left to lose
		text string
	}{
		"request arrived": {"", ""}, // the service never used it: the connection lives on
		"token rotated":   {host.NeedsAuth, "needs authorizing"},
	} {
		t.Run(step, func(t *testing.T) {
			dir := t.TempDir()
			w := newWorld(t, dir)
			k := &killer{next: w.lab, step: step}
			srv := httptest.NewServer(k)
			t.Cleanup(srv.Close)
			m := w.acme()
			m.Auth.Token.URL = srv.URL + "/oauth2/token"
			m.Refresh = &abi.Refresh{Margin: 300}
			link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
			w.authorize(w.admin, link)
			w.due(200 * time.Second)

			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), childEnv+"="+dir)
			k.mu.Lock()
			err := cmd.Start()
			k.child = cmd.Process
			k.mu.Unlock()
			w.must(err)
			if err := cmd.Wait(); err == nil {
				t.Fatal("the child was not killed")
			}
			for _, wait := range []time.Duration{0, 70 * time.Second, 60 * time.Second} { // leased, then unknown
				w.clock.advance(wait)
				if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
					t.Errorf("the living token is not used: %d %v", status, err)
				}
			}
			if len(k.shown) != 1 {
				t.Fatalf("the token was presented %d times while its access token lived", len(k.shown))
			}
			w.clock.advance(75 * time.Second) // the access token is dead
			status, _, err := w.get(w.admin, link, "/me")
			if after.code == "" && (status != 200 || err != nil) {
				t.Errorf("the last try: %d %v", status, err)
			}
			if after.code != "" {
				wantCode(t, err, after.code, after.text)
			}
			if len(k.shown) != 2 {
				t.Errorf("presented %d times", len(k.shown))
			}
			_, _, _ = w.get(w.admin, link, "/me")
			if len(k.shown) != 2 {
				t.Errorf("presented again after the last try")
			}
		})
	}
}

// due makes every stored token one that is to be renewed and still lives for a
// while.
func (w *world) due(left time.Duration) {
	w.t.Helper()
	w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
		list, err := tx.Authorizations().List(w.ctx, "acme")
		if err != nil {
			return err
		}
		for _, a := range list {
			a.TokenExpires, a.RefreshedAt = w.clock.now().Add(left), w.clock.now().Add(-time.Hour)
			if err := tx.Authorizations().Save(w.ctx, a); err != nil {
				return err
			}
		}
		return nil
	}))
}
