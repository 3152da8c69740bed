package egress_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

// What a caller reads of an answer to decide about a pause, the call still has:
// whole, also packed, also when it is not sent again.
func TestRetryReadsTheBeginning(t *testing.T) {
	const text = `{"wait":"1h"}`
	for _, packed := range []bool{false, true} {
		u := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if !packed {
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = io.WriteString(w, text)
				return
			}
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(http.StatusServiceUnavailable)
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, text)
			_ = z.Close()
		})
		tries := 0
		res, err := client(t, egress.Limits{ResponseTime: 2 * time.Second}).Do(context.Background(), host.Call{
			URL: u, Retry: func(try host.Try) (time.Duration, bool) {
				if tries++; try.N != tries || string(try.Begin()) != text {
					t.Errorf("packed %v: try %d begins with %q", packed, try.N, try.Begin())
				}
				if tries == 1 {
					return time.Millisecond, true
				}
				return time.Hour, true // is not begun
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || string(got) != text || tries != 2 || res.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("packed %v: got %q after %d tries, %v", packed, got, tries, err)
		}
	}
}
