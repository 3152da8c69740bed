package broker

import (
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
)

// "device interval ... slow_down" (security.md): slow_down adds 5 seconds for
// good, a loss doubles the wait up to a minute, and nothing is asked before the
// interval or Retry-After (RFC 8628 section 3.5).
func TestPace(t *testing.T) {
	pending := &host.TokenError{Class: host.TokenNotUsed, Code: "authorization_pending"}
	slow := &host.TokenError{Class: host.TokenNotUsed, Code: "slow_down"}
	lost := &host.TokenError{Class: host.TokenUnknown, Msg: "the answer was lost"}
	busy := func(d time.Duration) *host.TokenError {
		return &host.TokenError{Class: host.TokenNotUsed, RetryAfter: d}
	}
	p := pace{interval: 50 * time.Second, wait: 50 * time.Second}
	for i, step := range []struct {
		e    *host.TokenError
		want time.Duration
	}{
		{pending, 50 * time.Second},
		{slow, 55 * time.Second},
		{pending, 55 * time.Second},
		{lost, time.Minute},
		{lost, time.Minute},
		{slow, time.Minute},
		{slow, 65 * time.Second},
		{lost, 65 * time.Second}, // not less than the interval
		{busy(3 * time.Second), 65 * time.Second},
		{busy(2 * time.Minute), 2 * time.Minute},
		{pending, 65 * time.Second},
		{&host.TokenError{Class: host.TokenNotUsed, Code: "slow_down", RetryAfter: 5 * time.Minute}, 5 * time.Minute},
		{&host.TokenError{Class: host.TokenNotUsed, Code: "authorization_pending", RetryAfter: 3 * time.Minute}, 3 * time.Minute},
		{pending, 70 * time.Second},
	} {
		if final := p.next(host.Connector{}, step.e); final != nil || p.wait != step.want {
			t.Fatalf("step %d: wait %s, want %s, %v", i, p.wait, step.want, final)
		}
	}
}

// Answers that cannot be read are borne for a while; a service that says that it
// is busy for as long as the code lives.
func TestPaceGivesUp(t *testing.T) {
	lost := &host.TokenError{Class: host.TokenUnknown, Msg: "the answer was lost"}
	busy := &host.TokenError{Class: host.TokenNotUsed, Msg: "come back later"}
	p := pace{interval: time.Second, wait: time.Second}
	for range 100 {
		if final := p.next(host.Connector{}, busy); final != nil {
			t.Fatal(final)
		}
	}
	n := 0
	var final *host.Error
	for ; final == nil; n++ {
		final = p.next(host.Connector{}, lost)
	}
	if n != maxLost+1 || final.Code != host.Unavailable || !strings.Contains(final.Msg, "was lost") {
		t.Errorf("gave up after %d: %v", n, final)
	}
}
