package value

import (
	"strings"
	"time"
)

// CenturyPivot is the two-digit year from which on the 20th century is meant:
// 69 is 1969, 68 is 2068.
const CenturyPivot = 69

// ParseDate reads a date or date-time in one of the forms a date literal may
// have, in zone loc (UTC if nil):
//
//	15-Aug-1947   15-August-47   15 Aug 1947   Aug 15, 1947
//	01/31/2017    01-31-17       month first, unless only day first is possible
//	2017-01-31    47-08-15       year first when it is too large for a month or day
//
// each with an optional time after a blank, comma or T: 19:00, 19:00:00,
// 07:00:00 PM, 19:00:00.250, and an offset Z, +05:30 or -0800, which is
// converted to loc. The separators -, / and . must agree. The error is a *Fault.
func ParseDate(s string, loc *time.Location) (Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	p := dateScanner{s: strings.TrimSpace(s)}
	t, ok := p.moment(loc)
	if !ok || p.i != len(p.s) {
		return Time{}, Faultf("text %q is not a date", Clip(s))
	}
	return t, nil
}

type dateScanner struct {
	s string
	i int
}

func (p *dateScanner) moment(loc *time.Location) (Time, bool) {
	y, m, d, ok := p.day()
	if !ok {
		return Time{}, false
	}
	if p.i == len(p.s) {
		return Time{Time: time.Date(y, m, d, 0, 0, 0, 0, loc), DateOnly: true}, true
	}
	if !p.skip("Tt") {
		p.skip(",")
		p.skip(" ")
	}
	c, ok := p.clock()
	if !ok {
		return Time{}, false
	}
	p.skip(" ")
	zone, ok := p.offset(loc)
	if !ok {
		return Time{}, false
	}
	t := time.Date(y, m, d, 0, 0, 0, int(c), zone)
	if zone == loc { // the clock as written, also on the days it is put forward
		t = time.Date(y, m, d, int(c/time.Hour), int(c/time.Minute%60), int(c/time.Second%60), int(c%time.Second), loc)
	}
	v, err := NewTime(t.In(loc))
	return v, err == nil
}

// day reads the three parts of a date and decides which is which.
func (p *dateScanner) day() (year int, month time.Month, day int, ok bool) {
	var part [3]datePart
	sep := byte(0)
	for i := range part {
		if i > 0 && !p.separator(&sep) {
			return 0, 0, 0, false
		}
		if part[i], ok = p.part(); !ok {
			return 0, 0, 0, false
		}
	}
	y, m, d := order(part)
	if m.number < 1 || m.number > 12 || d.number < 1 || d.digits > 2 {
		return 0, 0, 0, false
	}
	year, month, day = y.year(), time.Month(m.number), d.number
	if y.digits != 2 && y.digits != 4 || day > daysIn(year, month) {
		return 0, 0, 0, false
	}
	return year, month, day, true
}

// order tells year, month and day apart.
func order(part [3]datePart) (y, m, d datePart) {
	a, b, c := part[0], part[1], part[2]
	switch {
	case a.word:
		return c, a, b
	case b.word && a.digits == 4:
		return a, b, c
	case b.word:
		return c, b, a
	case a.digits == 4 || a.number > 31:
		return a, b, c
	case a.number > 12:
		return c, b, a
	}
	return c, a, b
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

type datePart struct {
	number int
	digits int
	word   bool // the name of a month
}

func (p datePart) year() int {
	switch {
	case p.digits > 2:
		return p.number
	case p.number >= CenturyPivot:
		return 1900 + p.number
	}
	return 2000 + p.number
}

func (p *dateScanner) part() (datePart, bool) {
	if n, digits := p.number(4); digits > 0 {
		return datePart{number: n, digits: digits}, true
	}
	start := p.i
	for p.i < len(p.s) && isLetter(p.s[p.i]) {
		p.i++
	}
	m, ok := ParseMonth(p.s[start:p.i])
	return datePart{number: int(m), word: true}, ok
}

// ParseMonth returns the month of an English name, whole or its first three
// letters, in any case.
func ParseMonth(name string) (time.Month, bool) {
	for m := time.January; m <= time.December; m++ {
		if full := m.String(); strings.EqualFold(name, full) || strings.EqualFold(name, full[:3]) {
			return m, true
		}
	}
	return 0, false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// number reads up to most digits.
func (p *dateScanner) number(most int) (n, digits int) {
	for p.i < len(p.s) && digits < most && isDigit(p.s[p.i]) {
		n = n*10 + int(p.s[p.i]-'0')
		p.i++
		digits++
	}
	return n, digits
}

// separator reads what stands between two parts: the same both times, where a
// comma may go before a blank.
func (p *dateScanner) separator(have *byte) bool {
	if p.skip(",") {
		p.skip(" ")
		return *have == ' '
	}
	if p.i == len(p.s) || !strings.ContainsRune("-/. ", rune(p.s[p.i])) {
		return false
	}
	c := p.s[p.i]
	p.i++
	if *have != 0 && *have != c {
		return false
	}
	*have = c
	return true
}

// skip passes over one of chars.
func (p *dateScanner) skip(chars string) bool {
	if p.i < len(p.s) && strings.IndexByte(chars, p.s[p.i]) >= 0 {
		p.i++
		return true
	}
	return false
}
