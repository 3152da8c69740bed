package broker_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// Calls wait for their turn; one whose turn is too far away is refused and says
// when to come back. Another connection is not held up.
func TestRateOfAConnection(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.Limits.ResponseTime = time.Second
	addr := service(t, func(http.ResponseWriter, *http.Request) {})
	slow := w.served(addr, func(m *abi.Manifest) { m.ID, m.Rate = "slow", &abi.Rate{Calls: 10, Burst: 2} })
	never := w.served(addr, func(m *abi.Manifest) { m.ID, m.Rate = "never", &abi.Rate{Calls: 1, Seconds: 60} })
	free := w.served(addr, func(m *abi.Manifest) { m.ID = "free" })
	begun := time.Now()
	for range 5 {
		if _, _, err := w.get(w.admin, slow, "/x"); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(begun); took < 250*time.Millisecond || took > 5*time.Second {
		t.Errorf("five calls of ten a second, two at once, took %v", took)
	}
	_, _, err := w.get(w.admin, never, "/x")
	w.must(err)
	begun = time.Now()
	_, _, err = w.get(w.admin, never, "/x")
	wantCode(t, err, host.Refused, `connection "never" may begin 1 calls in 60 s`)
	if hint := err.(*host.Error).Hint; !strings.HasPrefix(hint, "try again in ") || hint != "try again in 1m0s" {
		t.Errorf("the hint is %q", hint)
	}
	_, _, err = w.get(w.admin, free, "/x")
	w.must(err)
	if took := time.Since(begun); took > 500*time.Millisecond {
		t.Errorf("waited for %v", took)
	}
}

// No more than the declared number are under way, a slot comes back with the
// answer's body, and whoever waits too long or leaves is told.
func TestConcurrentCallsOfAConnection(t *testing.T) {
	w := newWorld(t, t.TempDir())
	var now, most atomic.Int64
	addr := service(t, func(rw http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		time.Sleep(10 * time.Millisecond)
		now.Add(-1)
		_, _ = io.WriteString(rw, "ok")
	})
	link := w.served(addr, func(m *abi.Manifest) { m.Rate = &abi.Rate{Concurrent: 3} })
	var group sync.WaitGroup
	for range 30 {
		group.Go(func() {
			if _, _, err := w.get(w.admin, link, "/x"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if most.Load() != 3 {
		t.Errorf("%d calls were under way at once", most.Load())
	}
	var open []broker.Invoked
	for range 3 { // their bodies stay open
		got, err := w.Invoke(w.ctx, w.admin, host.Development, broker.InvokeRequest{Connection: link, Method: "GET", URL: "/x"})
		w.must(err)
		open = append(open, got)
	}
	w.Limits.ResponseTime = 100 * time.Millisecond
	_, _, err := w.get(w.admin, link, "/x")
	wantCode(t, err, host.Refused, "has 3 calls under way")
	w.Limits.ResponseTime = 0
	ctx, stop := context.WithCancel(w.ctx)
	time.AfterFunc(50*time.Millisecond, stop)
	_, err = w.Invoke(ctx, w.admin, host.Development, broker.InvokeRequest{Connection: link, Method: "GET", URL: "/x"})
	wantCode(t, err, host.Interrupted, "interrupted")
	_ = open[0].Response.Body.Close()
	_ = open[0].Response.Body.Close() // twice is once
	if _, _, err := w.get(w.admin, link, "/x"); err != nil {
		t.Error(err)
	}
}

// A host that fails in a row is left alone by that connection, and one call
// finds out whether it is back.
func TestBreaker(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.Limits.BreakerFailures, w.Limits.BreakerPause = 4, time.Minute
	w.Limits.Attempts = 1
	m := &moody{}
	addr := service(t, m.ServeHTTP)
	link := w.served(addr, func(m *abi.Manifest) { m.ID = "one" })
	other := w.served(addr, func(m *abi.Manifest) { m.ID = "two" })
	call := func(link string, want int, text string) {
		t.Helper()
		status, _, err := w.get(w.admin, link, "/x")
		if status != want || (err != nil) != (text != "") {
			t.Fatalf("got %d, %v", status, err)
		}
		if err != nil {
			wantCode(t, err, host.Unavailable, text)
		}
	}
	m.be("503", "502", "503", "500", "503", "429", "504", "503", "503", "503")
	for _, want := range []int{503, 502, 503, 500, 503, 429, 504} { // no four in a row
		call(link, want, "")
	}
	call(link, 503, "")
	call(link, 503, "")
	call(link, 503, "")
	before, _, _ := m.asked()
	call(link, 0, "failed 4 times in a row")
	_, _, err := w.get(w.admin, link, "/x")
	if hint := err.(*host.Error).Hint; hint != "try again in 1m0s" {
		t.Errorf("the hint is %q", hint)
	}
	if after, _, _ := m.asked(); len(after) != len(before) {
		t.Error("it was asked")
	}
	call(other, 200, "") // another connection has found nothing wrong

	w.clock.advance(2 * time.Minute)
	m.be("503") // half open: one call, which fails
	call(link, 503, "")
	call(link, 0, "in a row")
	w.clock.advance(2 * time.Minute)
	m.be()
	call(link, 200, "")
	m.be("503")
	call(link, 503, "") // and counts from the beginning
	call(link, 200, "")
}
