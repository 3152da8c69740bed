package broker_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// A gated store lets nobody begin an update while its gate is closed.
type gated struct {
	host.Store
	closed  *atomic.Bool
	waiting chan struct{}
	open    chan struct{}
}

func (g gated) Update(ctx context.Context, f func(host.Tx) error) error {
	if g.closed.CompareAndSwap(true, false) {
		close(g.waiting)
		<-g.open
	}
	return g.Store.Update(ctx, f)
}

// Two calls of one process meet while another process refreshes: one whose
// token is due and lives, and one whose token the service has just refused. The
// second waits for what the other process stores, whatever the first does.
func TestRefusedWhileAnotherRefreshes(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, dir)
	s := newStrict(w)
	slow, hold := make(chan struct{}, 1), make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Slow") != "" && len(slow) == 0 {
			slow <- struct{}{}
			<-hold
		}
		w.lab.ServeHTTP(rw, r)
	}))
	t.Cleanup(api.Close)
	m := s.connector(w)
	m.BaseURL = api.URL + "/api"
	link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
	w.authorize(w.admin, link)
	gate := gated{closed: new(atomic.Bool), waiting: make(chan struct{}), open: make(chan struct{})}
	other := w.another(dir, func(o *world) {
		o.aroundStore = func(next host.Store) host.Store { gate.Store = next; return gate }
	})

	refused := make(chan int, 1)
	go func() { // sent while the token is good
		got, err := other.Invoke(w.ctx, other.admin, host.Development, broker.InvokeRequest{
			Connection: link, Method: "GET", URL: "/me", Header: http.Header{"X-Slow": {"1"}},
		})
		if err != nil {
			t.Error(err)
			refused <- 0
			return
		}
		_ = got.Response.Body.Close()
		refused <- got.Response.StatusCode
	}()
	<-slow
	w.clock.advance(50 * time.Minute)
	rotated, answer := make(chan struct{}), make(chan struct{})
	s.meets(func(rw http.ResponseWriter, _ *http.Request, act func() *httptest.ResponseRecorder) {
		w.lab.Expire() // this service ends the old access token with the refresh token
		rec := act()
		close(rotated)
		<-answer
		write(rw, rec)
	})
	first := make(chan error, 2)
	go func() { _, _, err := w.get(w.admin, link, "/me"); first <- err }()
	<-rotated
	gate.closed.Store(true)
	go func() { _, _, err := other.get(other.admin, link, "/me"); first <- err }() // due
	<-gate.waiting
	close(hold)                        // now the slow one is refused
	time.Sleep(100 * time.Millisecond) // and asks for a refresh
	close(gate.open)
	time.Sleep(100 * time.Millisecond) // the other process holds the lease
	close(answer)
	if status := <-refused; status != http.StatusOK {
		t.Errorf("the refused call ended with %d", status)
	}
	for range 2 {
		if err := <-first; err != nil {
			t.Error(err)
		}
	}
	wantPresented(t, s, 1)
}
