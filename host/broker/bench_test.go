package broker_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// BenchmarkInvoke pairs a call through an OAuth 2 connection with the same
// call by plain net/http, in turn, against one loopback server, and reports
// the ratio of the medians and of the 99th percentiles.
func BenchmarkInvoke(b *testing.B) {
	w := newWorld(b, b.TempDir())
	answer := []byte(`{"ok":true,"items":[{"id":1,"name":"Teapot"},{"id":2,"name":"Cup"}]}`)
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write(answer)
	}))
	b.Cleanup(srv.Close)
	m := w.acme()
	m.Hosts = []string{srv.Listener.Addr().String()}
	link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
	w.authorize(w.admin, link)

	plain := func() error {
		req, err := http.NewRequest("GET", srv.URL+"/items", nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer something-of-the-same-length-as-a-token")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	invoke := func() error {
		got, err := w.Invoke(w.ctx, w.admin, host.Development, broker.InvokeRequest{Connection: link, Method: "GET", URL: srv.URL + "/items"})
		if err != nil {
			return err
		}
		defer got.Response.Body.Close()
		_, err = io.Copy(io.Discard, got.Response.Body)
		return err
	}
	var plainTimes, invokeTimes []time.Duration
	timed := func(list *[]time.Duration, f func() error) {
		start := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		*list = append(*list, time.Since(start))
	}
	for range 50 { // connections are open, routes are known
		timed(&plainTimes, plain)
		timed(&invokeTimes, invoke)
	}
	plainTimes, invokeTimes = nil, nil
	for b.Loop() {
		timed(&plainTimes, plain)
		timed(&invokeTimes, invoke)
	}
	slices.Sort(plainTimes)
	slices.Sort(invokeTimes)
	at := func(list []time.Duration, part float64) float64 { return float64(list[int(part*float64(len(list)-1))]) }
	b.ReportMetric(at(invokeTimes, 0.5)/at(plainTimes, 0.5), "x-plain-median")
	b.ReportMetric(at(invokeTimes, 0.99)/at(plainTimes, 0.99), "x-plain-p99")
}
