package host_test

import (
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
)

func TestSkews(t *testing.T) {
	const origin = "https://api.test"
	now := time.Date(2026, 3, 1, 12, 0, 0, 700e6, time.UTC)
	// An answer says by how much the Date is off from the second in which the
	// request was sent, and how long it took.
	type answer struct{ off, took time.Duration }
	near := func(d time.Duration) [2]time.Duration { return [2]time.Duration{d - time.Second, d + time.Second} }
	none := [2]time.Duration{}
	for name, c := range map[string]struct {
		answers []answer
		want    [2]time.Duration
	}{
		"the same second":               {[]answer{{0, 50 * time.Millisecond}}, none},
		"the next second":               {[]answer{{time.Second, 400 * time.Millisecond}}, none},
		"within a slow answer":          {[]answer{{7 * time.Second, 10 * time.Second}}, none},
		"behind by ten minutes":         {[]answer{{-10 * time.Minute, 50 * time.Millisecond}}, near(-10 * time.Minute)},
		"ahead by fourteen hours":       {[]answer{{14 * time.Hour, 50 * time.Millisecond}}, near(14 * time.Hour)},
		"ahead by a day":                {[]answer{{25 * time.Hour, 0}}, none},
		"of 1970":                       {[]answer{{-now.Sub(time.Unix(0, 0)), 0}}, none},
		"of the year 9999":              {[]answer{{290 * 365 * 24 * time.Hour, 0}}, none},
		"our clock went back":           {[]answer{{time.Hour, -time.Minute}}, none},
		"a slow answer keeps a measure": {[]answer{{-10 * time.Minute, 0}, {-10*time.Minute + 20*time.Second, 40 * time.Second}}, near(-10 * time.Minute)},
		"nonsense keeps a measure":      {[]answer{{-10 * time.Minute, 0}, {48 * time.Hour, 0}}, near(-10 * time.Minute)},
		"set right":                     {[]answer{{-10 * time.Minute, 0}, {0, 0}}, none},
		"set otherwise":                 {[]answer{{-10 * time.Minute, 0}, {time.Hour, 0}}, near(time.Hour)},
	} {
		s := &host.Skews{}
		for _, a := range c.answers {
			s.Observe(origin, now.Truncate(time.Second).Add(a.off), now, now.Add(a.took))
		}
		got := s.Of(origin)
		if got < c.want[0] || got > c.want[1] {
			t.Errorf("%s: got %s", name, got)
		}
		if s.Of("https://other.test") != 0 || !s.Now(origin, now).Equal(now.Add(got)) {
			t.Errorf("%s: another origin, or Now, is off", name)
		}
	}
	var nobody *host.Skews
	nobody.Observe(origin, now, now, now)
	if nobody.Of(origin) != 0 || nobody.Now(origin, now) != now {
		t.Error("nil knows a difference")
	}
}

// The memory is bounded, and what was told last stays.
func TestSkewsAreBounded(t *testing.T) {
	s := &host.Skews{}
	now := time.Now()
	tell := func(i int) { s.Observe(fmt.Sprint("https://", i), now.Add(time.Hour), now, now) }
	var wg sync.WaitGroup
	for part := range 4 {
		wg.Go(func() {
			for i := range 1024 {
				tell(part*1024 + i)
				s.Of("https://1")
			}
		})
	}
	wg.Wait()
	tell(0)
	for i := range 100 {
		tell(10_000 + i)
	}
	left := 0
	for i := range 4096 {
		if s.Of(fmt.Sprint("https://", i)) != 0 {
			left++
		}
	}
	if left != 4096-100 || s.Of("https://0") == 0 || s.Of("https://10099") == 0 {
		t.Errorf("%d are left", left)
	}
}

func TestClock(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c := host.Clock{Now: func() time.Time { return now }, Skews: &host.Skews{}}
	c.Skews.Observe("https://api.test", now.Add(time.Hour), now, now)
	for text, want := range map[string]bool{
		"https://api.test/a?b": true, "HTTPS://API.test:443": true, "http://api.test": false, "https://api.test:8443/": false, "https://www.api.test/": false,
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if moved := c.At(u).After(now.Add(59 * time.Minute)); moved != want {
			t.Errorf("%s: moved %v", text, moved)
		}
		if plain := (host.Clock{Now: c.Now}); !plain.At(u).Equal(now) {
			t.Error("without Skews the time is moved")
		}
	}
}

// BenchmarkObserve is what each answer costs.
func BenchmarkObserve(b *testing.B) {
	s := &host.Skews{}
	now := time.Now()
	date := now.Truncate(time.Second)
	b.ReportAllocs()
	for b.Loop() {
		s.Observe("https://api.test", date, now, now)
	}
}
