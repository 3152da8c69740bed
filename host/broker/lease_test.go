package broker_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"syscall"
	"testing"
	"time"
)

// A lease holder that is stopped past its lease and woken: what it then gets
// is the only live token, and is stored. Nobody presents the token meanwhile.
// Unless CONNHOST_PEERS is set, the time that passes is that of the others'
// clock, where the time of the one who stands still does not matter.
func TestLeaseHolderStoppedAndWoken(t *testing.T) {
	t.Parallel()
	long := os.Getenv("CONNHOST_PEERS") == "1"
	for name, c := range map[string]struct {
		orders orders        // where it stops by itself
		stop   time.Duration // how long
		short  time.Duration // how long, of a real clock
		arrive bool          // it is stopped by the service, before the answer is sent
		before int           // presentations while it stands still
	}{
		// The lease lasts 2T + 5 s, the attempt 4T + 5 s.
		"the answer is on its way": {
			orders{Timeout: 500 * time.Millisecond}, 6500 * time.Millisecond, 100 * time.Millisecond, true, 1},
		"the answer is on its way, longer than a request may take": {
			orders{Timeout: 500 * time.Millisecond, HTTP: 400 * time.Millisecond}, 6500 * time.Millisecond, time.Second, true, 1},
		"the answer is read, longer than the attempt": {
			orders{Timeout: 100 * time.Millisecond, Step: bodyRead, Signal: syscall.SIGSTOP}, 6 * time.Second, 6 * time.Second, false, 1},
		"the request is not sent": {
			orders{Timeout: 500 * time.Millisecond, Step: beforeRequest, Signal: syscall.SIGSTOP}, 6500 * time.Millisecond, 100 * time.Millisecond, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			w, s, link := strictly(t, dir, func(w *world) { w.timeout = c.orders.Timeout })
			w.clock.advance(50 * time.Minute)
			c.orders.Dir = dir
			p := w.start(c.orders)
			if c.arrive {
				s.meets(func(rw http.ResponseWriter, _ *http.Request, act func() *httptest.ResponseRecorder) {
					_ = p.cmd.Process.Signal(syscall.SIGSTOP)
					p.stopped()
					write(rw, act())
				})
			}
			p.say("call")
			p.stopped()
			w.wantCall(link, "while the holder stands still")
			if !long && c.short < c.stop {
				w.clock.advance(c.stop)
				c.stop = c.short
			}
			time.Sleep(c.stop)
			if a, _ := w.stored(); !a.Lease.Until.Before(w.clock.now()) || a.Lease.Intent.IsZero() {
				t.Errorf("the lease lasts until %s, intent %s", a.Lease.Until, a.Lease.Intent)
			}
			w.wantCall(link, "past the lease")
			wantPresented(t, s, c.before)
			_ = p.cmd.Process.Signal(syscall.SIGCONT)
			if line := p.next(); line != "ok" {
				t.Errorf("the woken child says %q", line)
			}
			wantPresented(t, s, 1)
			w.wantStored(s)
			w.wantCall(link, "with the late answer")
			w.clock.advance(time.Hour)
			w.wantCall(link, "an hour later")
			wantPresented(t, s, 2)
		})
	}
}

// A flight that waited for another's lease has the whole time of an attempt
// left when its own begins.
func TestWaitingLeavesTimeForTheAttempt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const timeout = 100 * time.Millisecond
	short := func(w *world) { w.timeout = timeout }
	w, s, link := strictly(t, dir, short)
	waiting := w.another(dir, short)
	w.clock.advance(2 * time.Hour)
	entered := make(chan struct{}, 2)
	s.meets(func(rw http.ResponseWriter, r *http.Request, act func() *httptest.ResponseRecorder) {
		entered <- struct{}{}
		if s.presented(t) == 1 {
			s.refuse(r.Form.Get("refresh_token"))
			time.Sleep(5200 * time.Millisecond)
			busy(rw, r, act)
			return
		}
		rec := act()
		time.Sleep(500 * time.Millisecond)
		write(rw, rec)
	})
	go func() { _, _, _ = w.get(w.admin, link, "/me") }()
	<-entered
	waiting.wantCall(link, "after the other's refusal")
	w.wantStored(s)
}
