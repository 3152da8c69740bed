package broker

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// retryPause is the pause before the second attempt where the service names
// none; each further one is twice as long.
const retryPause = 250 * time.Millisecond

// retrying lets a call be sent again where the manifest and its method allow
// it. Where a key makes that safe it gets one, which all its attempts carry.
func (b *Broker) retrying(r *route, call *host.Call) {
	rules := &r.retry
	safe := idempotent(call.Method)
	if name := rules.IdempotencyHeader; name != "" && !safe {
		given := false
		for header := range call.Header {
			given = given || strings.EqualFold(header, name)
		}
		if !given {
			if call.Header = call.Header.Clone(); call.Header == nil {
				call.Header = http.Header{}
			}
			call.Header.Set(name, host.NewCallKey())
		}
		safe = true
	}
	if rules.Attempts <= 1 {
		return
	}
	u := call.URL
	call.Retry = func(t host.Try) (time.Duration, bool) {
		if t.N >= rules.Attempts || !passing(rules, safe, t) {
			return 0, false
		}
		pause, told := told(rules, t, b.Now().Add(b.Skews.Of(host.Origin(u))))
		if !told {
			pause = retryPause << (t.N - 1)
			return pause/2 + rand.N(pause/2), true
		}
		// Whoever was told the same time does not come at the same moment.
		return pause + rand.N(min(pause/10, time.Second)+50*time.Millisecond), true
	}
}

// idempotent methods may arrive twice (RFC 9110 section 9.2.2); TRACE is never
// sent.
func idempotent(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}

// passing reports whether an attempt ended in what may pass, and whether it may
// be made again.
func passing(rules *abi.Retry, safe bool, t host.Try) bool {
	if t.Err != nil {
		lost, ok := errors.AsType[*host.Lost](t.Err)
		return ok && (safe || !lost.Sent)
	}
	return safe && slices.Contains(rules.Statuses, t.Response.StatusCode)
}

// told is the pause that an answer asks for, by the service's clock.
func told(rules *abi.Retry, t host.Try, now time.Time) (time.Duration, bool) {
	if t.Response == nil {
		return 0, false
	}
	if text := t.Response.Header.Get("Retry-After"); text != "" {
		if pause, ok := pauseOf(text, now); ok {
			return pause, true
		}
	}
	if name, header := abi.HeaderPointer(rules.After); header {
		return pauseOf(t.Response.Header.Get(name), now)
	}
	if rules.After == "" {
		return 0, false
	}
	var doc any
	dec := json.NewDecoder(strings.NewReader(string(t.Begin())))
	dec.UseNumber()
	if dec.Decode(&doc) != nil {
		return 0, false
	}
	v, ok := abi.At(doc, rules.After)
	if !ok {
		return 0, false
	}
	return pauseOf(fmt.Sprint(v), now)
}

// maxPause is more than any call waits.
const maxPause = 365 * 24 * time.Hour

var wordedPause = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?(milliseconds?|seconds?|secs?|minutes?|mins?|hours?)$`)

// pauseOf reads what services write: seconds, a date (RFC 9110 section 10.2.3,
// RFC 3339), a Unix time in seconds or milliseconds, 1m30s, 2 minutes. What is
// over already is no pause.
func pauseOf(text string, now time.Time) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		switch {
		case n != n || n < 0:
			return 0, false
		case n >= 1e11:
			return until(time.UnixMilli(int64(min(n, 1e15))), now), true
		case n >= 1e9:
			return until(time.Unix(int64(n), 0), now), true
		}
		return min(time.Duration(min(n, 1e9)*float64(time.Second)), maxPause), true
	}
	if at, err := http.ParseTime(text); err == nil {
		return until(at, now), true
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return until(at, now), true
	}
	if d, err := time.ParseDuration(text); err == nil {
		return min(max(d, 0), maxPause), d >= 0
	}
	if m := wordedPause.FindStringSubmatch(strings.ToLower(text)); m != nil {
		unit := map[string]time.Duration{"mil": time.Millisecond, "sec": time.Second, "min": time.Minute, "hou": time.Hour}[m[2][:3]]
		n, _ := strconv.ParseFloat(m[1], 64)
		return min(time.Duration(min(n, 1e6)*float64(unit)), maxPause), true
	}
	return 0, false
}

func until(at, now time.Time) time.Duration { return min(max(at.Sub(now), 0), maxPause) }
