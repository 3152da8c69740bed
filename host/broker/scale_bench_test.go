package broker_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// many makes a world of n connections, each with an authorization of its own,
// and gives their link names. Calls go to a server that answers at once.
func many(b *testing.B, n int) (*world, []string) {
	w := newWorld(b, b.TempDir())
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(rw, `{"result":{"id":"acc_1","name":"Ada"}}`)
	}))
	b.Cleanup(srv.Close)
	m := w.acme()
	m.BaseURL = srv.URL
	first := w.create(m, broker.CreateRequest{Connector: "acme"})
	w.authorize(w.admin, first.LinkName)
	links := []string{first.LinkName}
	w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
		list, err := tx.Authorizations().List(w.ctx, "acme")
		if err != nil {
			return err
		}
		binds, err := tx.Bindings().OfConnection(w.ctx, first.ID)
		if err != nil {
			return err
		}
		for i := range n - 1 {
			c, a, bind := first, list[0], binds[0]
			c.ID, c.LinkName, c.Name = host.NewConnectionID(), fmt.Sprintf("acme_%d", i), fmt.Sprintf("Acme %d", i)
			a.ID = host.NewAuthorizationID()
			bind.ID, bind.Connection, bind.Authorization = host.NewBindingID(), c.ID, a.ID
			s := host.Secrets{
				Access:  host.NewSecret(fmt.Sprintf("access-token-of-the-usual-length-%06d", i)),
				Refresh: host.NewSecret(fmt.Sprintf("refresh-token-of-the-usual-length-%06d", i)),
			}
			if err := tx.Connections().Insert(w.ctx, c); err != nil {
				return err
			}
			if err := tx.Authorizations().Insert(w.ctx, a, s, host.Record{Act: host.ActAuthorize}); err != nil {
				return err
			}
			if err := tx.Bindings().Put(w.ctx, bind); err != nil {
				return err
			}
			links = append(links, c.LinkName)
		}
		return nil
	}))
	return w, links
}

func (w *world) call(link string) {
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		w.t.Fatal(status, err)
	}
}

// BenchmarkInvokeOfMany pairs calls in a store of 10,000 connections with
// calls in one of ten, in turn, and reports the ratios of the medians: through
// one connection, and through each in its turn, of which the route of a call
// is often not known.
func BenchmarkInvokeOfMany(b *testing.B) {
	few, fewLinks := many(b, 10)
	lots, lotsLinks := many(b, 10_000)
	timed := func(list *[]time.Duration, w *world, link string) {
		start := time.Now()
		w.call(link)
		*list = append(*list, time.Since(start))
	}
	median := func(list []time.Duration) float64 { slices.Sort(list); return float64(list[len(list)/2]) }
	var a, z, each, eachOf []time.Duration
	for range 50 {
		few.call(fewLinks[0])
		lots.call(lotsLinks[0])
	}
	i := 0
	for b.Loop() {
		i++
		timed(&a, few, fewLinks[0])
		timed(&z, lots, lotsLinks[0])
		timed(&each, few, fewLinks[i%10])
		timed(&eachOf, lots, lotsLinks[i*7919%10_000])
	}
	b.ReportMetric(median(z)/median(a), "x-one-of-10000")
	b.ReportMetric(median(eachOf)/median(each), "x-each-of-10000")
}

// BenchmarkIdleAuthorization reports the memory that an authorization takes
// whose route is known and that is not in use.
func BenchmarkIdleAuthorization(b *testing.B) {
	const n = 4000 // fewer than the cache holds
	w, links := many(b, n+1)
	w.call(links[n]) // what all share
	heap := func() float64 {
		var m runtime.MemStats
		for range 3 {
			runtime.GC()
		}
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	before := heap()
	for _, link := range links[:n] {
		w.call(link)
	}
	after := heap()
	for b.Loop() {
		w.call(links[n]) // so that nothing was thrown away
	}
	b.ReportMetric((after-before)/n, "B/auth")
}

// BenchmarkThousandOnExpired is a thousand calls at once on an expired token,
// with the one refresh that they make.
func BenchmarkThousandOnExpired(b *testing.B) {
	w, s, link := strictly(b, b.TempDir())
	rounds := 0
	for b.Loop() {
		rounds++
		w.expireStored()
		w.crowd(link, 1000)
	}
	if got := s.presented(b); got != rounds {
		b.Errorf("%d refreshes in %d rounds", got, rounds)
	}
	b.ReportMetric(float64(len(s.shown))/float64(rounds), "refreshes/round")
}
