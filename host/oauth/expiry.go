package oauth

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxLifetime bounds what a service may say of a token's life. What is longer
// is as good as this long.
const maxLifetime = 10 * 365 * 24 * time.Hour

var decimal = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?$`)

// expiry is when a token dies; zero where nobody knows. Nothing that a service
// writes here makes an answer unusable: RFC 6749 section 5.1 only recommends
// the member, and services send "3600.0", null, "", -1 and worse. A life that
// is not above zero says nothing, since a token that is dead on arrival is not
// what the service means.
func (r reader) expiry(said any) time.Time {
	life, ok := lifetime(said)
	if !ok {
		life = min(r.manifest.Lifetime(), maxLifetime)
	}
	if life <= 0 {
		return time.Time{}
	}
	return r.start.Add(life)
}

// lifetime reads seconds from a number or the text of one.
func lifetime(said any) (time.Duration, bool) {
	text, _ := asText(said)
	text = strings.TrimSpace(text)
	if !decimal.MatchString(text) {
		return 0, false
	}
	// Out of range is an infinity, or zero for what is too small: both are
	// handled below.
	seconds, _ := strconv.ParseFloat(text, 64)
	if seconds <= 0 {
		return 0, false
	}
	if seconds >= maxLifetime.Seconds() {
		return maxLifetime, true
	}
	return time.Duration(seconds * float64(time.Second)), true
}
