package egress_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

// The Date of every hop tells of that hop's origin, and of no other.
func TestDatesAreObserved(t *testing.T) {
	dated := func(off time.Duration, then func(http.ResponseWriter, *http.Request)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
			then(w, r)
		}
	}
	kept := serve(t, dated(-time.Hour, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Age", "3600") }))
	odd := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Date", "yesterday") })
	right := serve(t, func(http.ResponseWriter, *http.Request) {})
	late := serve(t, dated(-10*time.Minute, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }))
	early := serve(t, dated(2*time.Hour, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, late.String(), 302) }))
	skews := &host.Skews{}
	c := with(t, egress.Options{AllowCIDR: openings(t, "127.0.0.1"), Skews: skews})
	for _, call := range []host.Call{bearer(kept), bearer(odd), {URL: right}, bearer(early)} {
		if _, _, err := fetch(t, c, call); err != nil {
			t.Fatal(err)
		}
	}
	for u, want := range map[string]time.Duration{
		kept.String(): 0, odd.String(): 0, right.String(): 0, early.String(): 2 * time.Hour, late.String(): -10 * time.Minute,
	} {
		if got := skews.Of(u); (got-want).Abs() > 2*time.Second || want == 0 && got != 0 {
			t.Errorf("%s: got %s, want %s", u, got, want)
		}
	}
}
