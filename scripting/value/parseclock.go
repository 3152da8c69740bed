package value

import (
	"strings"
	"time"
)

// ParseClock reads a time of day at the start of s and returns it with what
// follows it; false if there is none. It is for patterns that leave out the
// time the text has.
func ParseClock(s string) (clock time.Duration, rest string, ok bool) {
	p := dateScanner{s: s}
	c, ok := p.clock()
	return c, s[p.i:], ok
}

// ParseLiteral reads what may stand in single quotes: a date or date-time, as
// ParseDate does, or a time of day with its seconds, such as 19:00:00 or 06:00:00
// PM. The error is a *Fault.
func ParseLiteral(s string, loc *time.Location) (Time, error) {
	t, err := ParseDate(s, loc)
	if err == nil {
		return t, nil
	}
	s = strings.TrimSpace(s)
	clock, rest, ok := ParseClock(s)
	if !ok || rest != "" || strings.Count(s, ":") != 2 {
		return Time{}, err
	}
	form := Clock24
	if last := s[len(s)-1]; last == 'M' || last == 'm' {
		form = Clock12
	}
	return NewClock(clock, form)
}

// clock reads h:mm, with seconds, a fraction and am or pm if they follow.
func (p *dateScanner) clock() (time.Duration, bool) {
	h, n := p.number(2)
	if n == 0 || !p.skip(":") {
		return 0, false
	}
	m, n := p.number(2)
	if n != 2 {
		return 0, false
	}
	var s, fraction int
	if p.skip(":") {
		if s, n = p.number(2); n != 2 {
			return 0, false
		}
		if p.skip(".") {
			if fraction, n = p.fraction(); n == 0 {
				return 0, false
			}
		}
	}
	h, ok := p.half(h)
	if !ok || h > 23 || m > 59 || s > 59 {
		return 0, false
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute +
		time.Duration(s)*time.Second + time.Duration(fraction), true
}

// fraction reads up to nine digits as nanoseconds.
func (p *dateScanner) fraction() (nanoseconds, digits int) {
	nanoseconds, digits = p.number(9)
	for i := digits; i < 9; i++ {
		nanoseconds *= 10
	}
	return nanoseconds, digits
}

// half reads am or pm after an hour and returns the hour of the day.
func (p *dateScanner) half(h int) (int, bool) {
	i := p.i
	p.skip(" ")
	if len(p.s)-p.i >= 2 && p.s[p.i+1]|0x20 == 'm' {
		half := p.s[p.i] | 0x20
		if half == 'a' || half == 'p' {
			p.i += 2
			if h < 1 || h > 12 {
				return 0, false
			}
			h %= 12
			if half == 'p' {
				h += 12
			}
			return h, true
		}
	}
	p.i = i
	return h, true
}

// offset reads Z, +hh:mm, +hhmm or +hh; with none of them the zone is loc.
func (p *dateScanner) offset(loc *time.Location) (*time.Location, bool) {
	if p.i == len(p.s) {
		return loc, true
	}
	if p.skip("Zz") {
		return time.UTC, true
	}
	sign := 1
	switch {
	case p.skip("-"):
		sign = -1
	case !p.skip("+"):
		return loc, false
	}
	h, n := p.number(2)
	if n != 2 {
		return loc, false
	}
	p.skip(":")
	m, n := p.number(2)
	if n == 1 || h > 18 || m > 59 {
		return loc, false
	}
	return time.FixedZone("", sign*(h*3600+m*60)), true
}
