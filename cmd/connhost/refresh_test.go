package main

import (
	"testing"
	"time"

	"github.com/connhost/connhost/host"
)

// What a person has to do something about decides the status of many.
func TestWorst(t *testing.T) {
	for _, c := range []struct {
		codes []host.Code
		want  host.Code
	}{
		{nil, ""},
		{[]host.Code{host.Unavailable}, host.Unavailable},
		{[]host.Code{host.Unavailable, host.NeedsAuth, host.Unavailable}, host.NeedsAuth},
		{[]host.Code{host.Internal, host.Unavailable}, host.Internal},
		{[]host.Code{host.Unavailable, host.Internal}, host.Internal},
		{[]host.Code{host.Internal, host.NeedsAuth}, host.NeedsAuth},
	} {
		if got := worst(c.codes); got != c.want {
			t.Errorf("%v: got %q, want %q", c.codes, got, c.want)
		}
	}
}

func TestShortTime(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 10 * time.Minute: "10m", 2 * time.Hour: "2h", 90 * time.Minute: "1h30m", 100 * time.Second: "1m40s", 10 * time.Second: "10s",
	} {
		if got := shortTime(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}
