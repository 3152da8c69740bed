package egress_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

// BenchmarkDo compares a signed call, masked and not, with the same call by
// plain net/http, over one server in one run. The metrics x-median and x-p99
// are the ratios (design section 9: 1.15 and 1.5).
func BenchmarkDo(b *testing.B) {
	for _, size := range []int{200, 64 << 10} {
		for _, masked := range []bool{true, false} {
			b.Run(fmt.Sprintf("%d bytes, masked %v", size, masked), func(b *testing.B) { benchmarkDo(b, size, masked) })
		}
	}
}

func benchmarkDo(b *testing.B, size int, masked bool) {
	answer := strings.Repeat(`{"name":"value","n":12345},`, size/27+1)[:size]
	u := serve(b, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	})
	c := with(b, egress.Options{AllowCIDR: openings(b, "127.0.0.0/8"), Skews: &host.Skews{}})
	call := bearer(u)
	call.Header = http.Header{"Accept": {"application/json"}}
	if masked {
		call.Redactor = redactor()
		call.Redactor.Learn("Bearer "+canary, "another-secret-of-the-connection")
	}
	plain := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableCompression: true}}
	b.ReportAllocs()
	ours, theirs := make([]time.Duration, b.N), make([]time.Duration, b.N)
	for i := range b.N { // by turns, so that both see the same machine
		theirs[i] = timed(b, func() (*http.Response, error) {
			req, _ := http.NewRequest("GET", u.String(), nil)
			req.Header.Set("Accept", "application/json")
			req.Header.Set("Authorization", "Bearer "+canary)
			return plain.Do(req)
		})
		ours[i] = timed(b, func() (*http.Response, error) { return c.Do(context.Background(), call) })
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	b.ReportMetric(float64(ours[b.N/2])/float64(theirs[b.N/2]), "x-median")
	b.ReportMetric(float64(ours[b.N*99/100])/float64(theirs[b.N*99/100]), "x-p99")
}

func timed(b *testing.B, do func() (*http.Response, error)) time.Duration {
	begun := time.Now()
	res, err := do()
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		b.Fatal(err)
	}
	_ = res.Body.Close()
	return time.Since(begun)
}

// BenchmarkPolicy is what a call costs before anything is dialled.
func BenchmarkPolicy(b *testing.B) {
	c := egress.New(egress.Options{})
	call := host.Call{URL: parse(b, "https://api.example.com:8443/v1/items?page=2"), Bound: true, Hosts: []string{"www.example.com"}}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = c.Do(context.Background(), call)
	}
}
