package broker_test

import (
	"sync"
	"testing"
)

// Four processes, one SQLite file, 15 expiries: every command succeeds and
// there is one refresh per expiry. The processes live through all rounds and
// begin each at once.
func TestFourProcesses(t *testing.T) {
	dir := t.TempDir()
	w, s, _ := strictly(t, dir)
	var list []*process
	for range 4 {
		list = append(list, w.start(orders{Dir: dir}))
	}
	for round := range 15 {
		w.expireStored()
		before := w.lab.Refreshes()
		for _, p := range list {
			p.say("call")
		}
		for _, p := range list {
			if line := p.next(); line != "ok" {
				t.Errorf("round %d: %s", round, line)
			}
		}
		if got := w.lab.Refreshes() - before; got != 1 {
			t.Fatalf("round %d: %d refreshes", round, got)
		}
	}
	wantPresented(t, s, 15)
}

// 1,000 concurrent invokes on an expired token: one refresh, no failed call.
func TestOneRefreshForAThousand(t *testing.T) {
	w, s, link := strictly(t, t.TempDir())
	w.expireStored()
	w.crowd(link, 1000)
	wantPresented(t, s, 1)
}

// crowd makes n calls at once.
func (w *world) crowd(link string, n int) {
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for range n {
		wg.Go(func() {
			<-begin
			if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
				w.t.Errorf("%d %v", status, err)
			}
		})
	}
	close(begin)
	wg.Wait()
}
