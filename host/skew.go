package host

import (
	"net/url"
	"strings"
	"sync"
	"time"
)

// Skews are how far the clocks of services are from ours, as their answers'
// Date headers tell (RFC 9110 section 6.6.1). What is signed with a time is
// signed with the service's own: many refuse one that is five minutes off,
// and nobody can set the service's clock right.
//
// A Date moves only the times that are signed for the origin which sent it, so
// one that lies cheats itself. When tokens expire is counted by our clock.
// Nothing is stored. The zero value works, a nil one knows of no difference;
// both are safe for concurrent use.
type Skews struct {
	mu    sync.RWMutex
	known map[string]skew // only those that differ
	turns uint64
}

// A skew is a clock that differs.
type skew struct {
	by   time.Duration
	turn uint64 // of the last answer that told it
}

const (
	// MaxSkew is the largest difference that is believed. Clocks that show the
	// local time as if it were UTC are up to fourteen hours off, and what is
	// beyond a day is no clock.
	MaxSkew = 24 * time.Hour
	// maxSkews bounds the origins with a difference; that which was told the
	// longest ago makes room.
	maxSkews = 4096
)

// Observe learns from one answer of an origin, in the form of Origin: its Date,
// and when by our clock the request was sent and the answer received. The
// service's clock said Date, which has no fractions, at a moment between the
// two; as long as that allows what is known, that stays, and else no difference
// at all, so that a slow answer does not move a good clock.
func (s *Skews) Observe(origin string, date, sent, received time.Time) {
	if s == nil || date.IsZero() {
		return
	}
	least, most := date.Sub(received.Round(0)), date.Add(time.Second).Sub(sent.Round(0))
	middle := least + (most-least)/2
	if least > most || middle.Abs() > MaxSkew { // ours was set meanwhile, or no clock
		return
	}
	allowed := func(by time.Duration) bool { return least <= by && by <= most }
	s.mu.RLock()
	old, differs := s.known[origin]
	s.mu.RUnlock()
	by := middle
	switch {
	case differs && allowed(old.by):
		by = old.by
	case allowed(0):
		by = 0
	}
	if by == 0 && !differs { // nearly always
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if by == 0 {
		delete(s.known, origin)
		return
	}
	s.keep(origin, by)
}

func (s *Skews) keep(origin string, by time.Duration) {
	if s.known == nil {
		s.known = map[string]skew{}
	}
	if _, ok := s.known[origin]; !ok && len(s.known) >= maxSkews {
		oldest, turn := "", s.turns
		for other, k := range s.known {
			if k.turn <= turn {
				oldest, turn = other, k.turn
			}
		}
		delete(s.known, oldest)
	}
	s.turns++
	s.known[origin] = skew{by, s.turns}
}

// Of is an origin's clock minus ours; 0 where they agree or nothing is known.
func (s *Skews) Of(origin string) time.Duration {
	if s == nil {
		return 0
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.known[origin].by
}

// Now is what an origin's clock shows when ours shows now.
func (s *Skews) Now(origin string, now time.Time) time.Time { return now.Add(s.Of(origin)) }

// Origin is the origin of a URL as Skews knows it (RFC 6454 section 6.2).
func Origin(u *url.URL) string {
	scheme, name := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch scheme {
	case "https":
		name = strings.TrimSuffix(name, ":443")
	case "http":
		name = strings.TrimSuffix(name, ":80")
	}
	return scheme + "://" + name
}

// A Clock tells the times that are signed: by our clock, and by that of the
// service which checks them.
type Clock struct {
	Now   func() time.Time // ours; needed
	Skews *Skews           // nil: every service's clock is taken to be right
}

// At is the time for what is signed for the origin of u.
func (c Clock) At(u *url.URL) time.Time { return c.Now().Add(c.Skew(u)) }

// Skew is how far the clock of u's origin is ahead of ours.
func (c Clock) Skew(u *url.URL) time.Duration {
	if c.Skews == nil || u == nil {
		return 0
	}
	return c.Skews.Of(Origin(u))
}
