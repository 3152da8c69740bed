package broker_test

import (
	"context"
	"fmt"
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

// keepsIn is before the folder for a child that keeps alive what is there.
const keepsIn = "keep:"

func childKeeps(dir string) int {
	w := &world{t: inChild{}, ctx: context.Background(), clock: &clock{}, mask: host.NewRedactor(nil)}
	w.open(dir)
	fmt.Println(w.Keep(w.ctx, w.admin, broker.Keeping{}))
	return 1
}

// A keeper that is killed with kill -9 in the middle of a renewal leaves what
// every killed refresh does: the next pass waits for the one last try.
func TestKillKeeper(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, dir)
	k := &killer{next: w.lab, step: "request arrived"}
	srv := httptest.NewServer(k)
	t.Cleanup(srv.Close)
	m := w.acme()
	m.Auth.Token.URL = srv.URL + "/oauth2/token"
	link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
	w.authorize(w.admin, link)
	w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
		a := w.authorization(link)
		a.Due = w.clock.now()
		return tx.Authorizations().Save(w.ctx, a)
	}))
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+keepsIn+dir)
	k.mu.Lock()
	err := cmd.Start()
	k.child = cmd.Process
	k.mu.Unlock()
	w.must(err)
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child was not killed")
	}
	got, err := w.RefreshDue(w.ctx, w.admin, 0) // leased, and its access token lives
	if len(got) != 1 || got[0].Outcome != broker.NotNeeded || err != nil {
		t.Errorf("leased: %+v, %v", got, err)
	}
	w.clock.advance(2 * time.Minute)
	got, err = w.RefreshDue(w.ctx, w.admin, 0)
	if len(got) != 1 || err != nil {
		t.Fatalf("unknown: %+v, %v", got, err)
	}
	wantCode(t, got[0].Err, host.Unavailable, "then one last try is made")
	if len(k.shown) != 1 {
		t.Fatalf("presented %d times while the access token lived", len(k.shown))
	}
	w.clock.advance(time.Hour)
	got, err = w.RefreshDue(w.ctx, w.admin, 0)
	if len(got) != 1 || got[0].Outcome != broker.Renewed || err != nil || len(k.shown) != 2 {
		t.Errorf("the last try: %+v, %v, presented %d times", got, err, len(k.shown))
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
