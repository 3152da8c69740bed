package broker_test

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
)

// What a kill leaves behind.
type aftermath string

const (
	untouched aftermath = "untouched" // nobody has heard of the refresh: it is made at once
	unused    aftermath = "unused"    // the token may have been presented, and was not used
	lost      aftermath = "lost"      // the service has rotated it, and nobody knows the next
	kept      aftermath = "kept"      // the next one is stored
)

// kill -9 at every step of a refresh: never two presentations of one token
// while its access token lives, and the connection lives on unless the answer
// was lost, which is told plainly.
func TestKillAtEveryStep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		step string
		meet func(kill func()) meeting // what the service does; nil: answer
		want aftermath
	}{
		{beforeLease, nil, untouched},
		{insideLease, nil, untouched},
		{afterIntent, nil, unused},
		{beforeRequest, nil, unused},
		{"request arrived", func(kill func()) meeting {
			return func(_ http.ResponseWriter, r *http.Request, _ func() *httptest.ResponseRecorder) {
				kill()
				<-r.Context().Done()
			}
		}, unused},
		{insideRenewal, func(func()) meeting {
			return func(_ http.ResponseWriter, r *http.Request, _ func() *httptest.ResponseRecorder) {
				<-r.Context().Done()
			}
		}, unused},
		{"rotated, no answer sent", func(kill func()) meeting {
			return func(_ http.ResponseWriter, r *http.Request, act func() *httptest.ResponseRecorder) {
				act()
				kill()
				<-r.Context().Done()
			}
		}, lost},
		{"half of the answer sent", func(kill func()) meeting {
			return func(w http.ResponseWriter, r *http.Request, act func() *httptest.ResponseRecorder) {
				body := act().Body.Bytes()
				_, _ = w.Write(body[:len(body)/2])
				_ = http.NewResponseController(w).Flush()
				kill()
				<-r.Context().Done()
			}
		}, lost},
		{headerRead, nil, lost},
		{bodyRead, nil, lost},
		{beforeCommit, nil, lost},
		{insideCommit, nil, lost},
		{afterCommit, nil, kept},
		{beforeCommit + " of a refusal", func(func()) meeting { return busy }, unused},
	} {
		t.Run(c.step, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			w, s, link := strictly(t, dir)
			w.clock.advance(50 * time.Minute) // due, and 10 minutes left
			w.must(w.store.Close())           // the child is alone

			o := orders{Dir: dir, Step: c.step}
			if c.step == insideRenewal {
				o.Timeout = 100 * time.Millisecond
			}
			if c.step == beforeCommit+" of a refusal" {
				o.Step = beforeCommit
			}
			p := w.start(o)
			if c.meet != nil {
				s.meets(c.meet(func() { _ = p.cmd.Process.Kill() }))
			}
			p.say("call")
			p.killed()
			s.meets(nil)

			next := w.another(dir)
			next.whole(dir)
			next.wantCall(link, "at once")
			next.clock.advance(70 * time.Second) // the lease has run out
			next.wantCall(link, "after the lease")
			next.clock.advance(70 * time.Second) // no request can still be answered
			next.wantCall(link, "while the token lives")
			wantPresented(t, s, map[aftermath]int{untouched: 1, unused: arrived(c.step), lost: 1, kept: 1}[c.want])
			next.clock.advance(9 * time.Minute) // the access token of the beginning is dead
			afterwards(t, next, s, link, c.want)
			next.whole(dir)
		})
	}
}

// arrived is how many presentations a step that loses nothing has behind it.
func arrived(step string) int {
	if step == afterIntent || step == beforeRequest {
		return 0
	}
	return 1
}

func busy(w http.ResponseWriter, _ *http.Request, _ func() *httptest.ResponseRecorder) {
	w.WriteHeader(http.StatusTooManyRequests)
}

func wantPresented(t *testing.T, s *strict, want int) {
	t.Helper()
	if got := s.presented(t); got != want {
		t.Errorf("%d presentations, want %d", got, want)
	}
}

// afterwards checks what becomes of a connection when nothing is left to lose.
func afterwards(t *testing.T, w *world, s *strict, link string, want aftermath) {
	t.Helper()
	before := s.presented(t)
	err := w.patiently(link)
	switch want {
	case untouched, kept: // with the new tokens
		if err != nil {
			t.Errorf("with the new tokens: %v", err)
		}
		wantPresented(t, s, before)
	case unused: // the one last try succeeds
		if err != nil {
			t.Errorf("the last try: %v", err)
		}
		wantPresented(t, s, before+1)
	case lost: // the one last try fails, and its failure is final
		wantCode(t, err, host.NeedsAuth, "the answer to a refresh was lost")
		_, _, err = w.get(w.admin, link, "/me")
		wantCode(t, err, host.NeedsAuth, "the answer to a refresh was lost")
		wantPresented(t, s, before+1)
		if a, _ := w.stored(); a.State != host.NeedsReauth || a.Reason != "the answer to a refresh was lost" {
			t.Errorf("stored as %s: %s", a.State, a.Reason)
		}
		w.authorize(w.admin, link)
	}
	w.wantCall(link, "in the end")
}

// patiently makes a call and lets the time pass that it waits for a lease: the
// holder was killed, and the others do not know.
func (w *world) patiently(link string) error {
	done := make(chan error, 1)
	go func() { _, _, err := w.get(w.admin, link, "/me"); done <- err }()
	for {
		select {
		case err := <-done:
			return err
		case <-time.After(20 * time.Millisecond):
			w.clock.advance(5 * time.Second)
		}
	}
}

// A process that is killed during the last try: there is no other after it.
func TestKillDuringTheLastTry(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, s, link := strictly(t, dir)
	for _, wait := range []time.Duration{50 * time.Minute, 13 * time.Minute} {
		w.clock.advance(wait)
		p := w.start(orders{Dir: dir, Timeout: 300 * time.Millisecond})
		s.meets(func(_ http.ResponseWriter, r *http.Request, _ func() *httptest.ResponseRecorder) {
			_ = p.cmd.Process.Kill()
			<-r.Context().Done()
		})
		p.say("call")
		p.killed()
	}
	s.meets(nil)
	wantPresented(t, s, 2)
	w.clock.advance(3 * time.Minute)
	for range 2 {
		_, _, err := w.get(w.admin, link, "/me")
		wantCode(t, err, host.NeedsAuth, "the answer to a refresh was lost")
	}
	wantPresented(t, s, 2)
}

// A process that refreshes without a pause is killed at a random moment. What
// the service gave last and what is stored decide what must follow.
func TestKillAtRandom(t *testing.T) {
	t.Parallel()
	rounds := 20
	if os.Getenv("CONNHOST_PEERS") == "1" {
		rounds = 500
	}
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	w, s, link := strictly(t, dir)
	count := map[aftermath]int{}
	for round := range rounds {
		p := w.start(orders{Dir: dir})
		p.say("forever")
		time.Sleep(time.Duration(random.Int64N(int64(100 * time.Millisecond))))
		_ = p.cmd.Process.Kill()
		p.killed()
		w.whole(dir)
		a, _ := w.stored()
		w.wantCall(link, "at once")
		w.clock.advance(70 * time.Second)
		w.wantCall(link, "after the lease")
		s.quiet() // the request may have outlived the child
		want := kept
		if !a.Lease.Intent.IsZero() {
			want = unused
		}
		if _, secrets := w.stored(); secrets.Refresh.Reveal() != s.newest() {
			want = lost
		}
		count[want]++
		w.clock.advance(time.Hour + time.Minute)
		if want == kept { // due like any other
			w.wantCall(link, "an hour later")
		} else {
			afterwards(t, w, s, link, want)
		}
		s.presented(t)
		if t.Failed() {
			t.Fatalf("in round %d of seed %d: %s", round, seed, want)
		}
	}
	t.Logf("%d presentations in %d rounds: %v", s.presented(t), rounds, count)
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
