package broker_test

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
)

const day = 24 * time.Hour

// The clock jumps while refreshes are on the way and between them: every call
// succeeds and every refresh token is presented once. The service's clock is
// the same.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	jump := func() time.Duration { return time.Duration(random.Int64N(int64(4*day))) - 2*day }
	w, s, link := strictly(t, t.TempDir())
	s.meets(func(rw http.ResponseWriter, _ *http.Request, act func() *httptest.ResponseRecorder) {
		w.clock.advance(jump())
		write(rw, act())
	})
	for round := range 60 {
		w.expireStored()
		if round%2 > 0 {
			w.clock.advance(jump())
		}
		w.wantCall(link, "a call")
		if t.Failed() {
			t.Fatalf("in round %d of seed %d", round, seed)
		}
	}
	seen := map[string]bool{}
	for _, p := range s.shown {
		if seen[p.token] {
			t.Errorf("a refresh token was presented twice, seed %d", seed)
		}
		seen[p.token] = true
	}
	w.wantStored(s)
	if len(s.shown) < 30 {
		t.Errorf("%d presentations", len(s.shown))
	}
}

// A clock that is set back a day leaves leases and intents of tomorrow behind.
// They last no longer than any other.
func TestClockSetBack(t *testing.T) {
	for name, c := range map[string]struct {
		kill bool // the holder, with its lease; otherwise the outcome is unknown
		act  bool // the service has rotated the token
		want aftermath
	}{
		"with a lease, token unused":          {true, false, unused},
		"with a lease, answer lost":           {true, true, lost},
		"with an unknown outcome, unused":     {false, false, unused},
		"with an unknown outcome, token used": {false, true, lost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			w, s, link := strictly(t, dir)
			w.clock.advance(day)
			w.authorize(w.admin, link)
			w.clock.advance(50 * time.Minute)
			p := w.start(orders{Dir: dir, Timeout: 100 * time.Millisecond})
			s.meets(func(rw http.ResponseWriter, r *http.Request, act func() *httptest.ResponseRecorder) {
				if c.act {
					act()
				}
				if c.kill {
					_ = p.cmd.Process.Kill()
				}
				drop(rw)
			})
			p.say("call")
			if c.kill {
				p.killed()
			} else {
				p.next()
			}
			s.meets(nil)

			w.clock.advance(-day)
			w = w.another(dir, func(w *world) { w.timeout = 100 * time.Millisecond })
			w.wantCall(link, "with the living token")
			w.lab.Expire()
			done := make(chan error, 1)
			go func() { _, _, err := w.get(w.admin, link, "/me"); done <- err }()
			for anchored := false; !anchored; { // it waits for a lease that begins now
				select {
				case err := <-done:
					t.Fatalf("it did not wait for the lease: %v", err)
				case <-time.After(10 * time.Millisecond):
				}
				a, _ := w.stored()
				anchored = a.Lease.Until.Before(w.clock.now().Add(10 * time.Second))
			}
			wantPresented(t, s, 1)
			w.clock.advance(11 * time.Second) // lease and settling, counted from now
			err := <-done
			if c.want == unused && err != nil {
				t.Errorf("the last try: %v", err)
			}
			if c.want == lost {
				wantCode(t, err, host.NeedsAuth, "the answer to a refresh was lost")
			}
			wantPresented(t, s, 2)
		})
	}
}

// The clock is set forward, or the machine sleeps, while a request is on its
// way: its lease has run out at once, and its holder still runs. Another
// process waits until it would have heard of it.
func TestClockSetForwardDuringARefresh(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	short := func(w *world) { w.timeout = 400 * time.Millisecond }
	w, s, link := strictly(t, dir, short)
	other := w.another(dir, short)
	w.clock.advance(50 * time.Minute)
	entered := make(chan struct{}, 2)
	s.meets(func(rw http.ResponseWriter, _ *http.Request, act func() *httptest.ResponseRecorder) {
		rec := act()
		entered <- struct{}{}
		time.Sleep(700 * time.Millisecond)
		write(rw, rec)
	})
	done := make(chan error, 1)
	go func() { _, _, err := w.get(w.admin, link, "/me"); done <- err }()
	<-entered
	w.clock.advance(20 * time.Minute) // the old token is dead, the new one is not
	other.wantCall(link, "in the other process")
	if err := <-done; err != nil {
		t.Error(err)
	}
	wantPresented(t, s, 1)
	w.wantStored(s)
}
