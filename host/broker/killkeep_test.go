package broker_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// A keeper that is killed with kill -9 in the middle of a renewal leaves what
// every killed refresh does: the next pass waits for the one last try.
func TestKillKeeper(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, s, link := strictly(t, dir)
	w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
		a := w.authorization(link)
		a.Due = w.clock.now()
		return tx.Authorizations().Save(w.ctx, a)
	}))
	p := w.start(orders{Dir: dir})
	s.meets(func(_ http.ResponseWriter, r *http.Request, _ func() *httptest.ResponseRecorder) {
		_ = p.cmd.Process.Kill()
		<-r.Context().Done()
	})
	p.say("keep")
	p.killed()
	s.meets(nil)
	got, err := w.RefreshDue(w.ctx, w.admin, 0) // leased, and its access token lives
	if len(got) != 1 || got[0].Outcome != broker.NotNeeded || err != nil {
		t.Errorf("leased: %+v, %v", got, err)
	}
	w.clock.advance(3 * time.Minute)
	got, err = w.RefreshDue(w.ctx, w.admin, 0)
	if len(got) != 1 || err != nil {
		t.Fatalf("unknown: %+v, %v", got, err)
	}
	wantCode(t, got[0].Err, host.Unavailable, "then one last try is made")
	wantPresented(t, s, 1)
	w.clock.advance(time.Hour)
	got, err = w.RefreshDue(w.ctx, w.admin, 0)
	if len(got) != 1 || got[0].Outcome != broker.Renewed || err != nil {
		t.Errorf("the last try: %+v, %v", got, err)
	}
	wantPresented(t, s, 2)
}
