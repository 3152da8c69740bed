package lib

import (
	"strings"
	"time"

	"github.com/connhost/connhost/scripting/value"
)

// A dateScan holds what was read so far of a text with a date in a pattern.
type dateScan struct {
	rest                      string
	year, month, day, yearDay int
	hour, minute, second      int
	milliseconds              int
	afternoon, hasHalf        bool
	hasClock                  bool
	zone                      *time.Location
	named                     func(string) *time.Location
}

// scanDate reads s as the pattern says. As in Java values roll over (31 February
// is 3 March), what follows in s does not matter, and a year of two digits under
// yyyy is that year. A clock that follows where the pattern has none is read too.
// The zone is that of the text, else zone; named gives a zone by its name.
func scanDate(s, pattern string, zone *time.Location, named func(string) *time.Location) (time.Time, bool) {
	list, ok := fields(pattern)
	if !ok {
		return time.Time{}, false
	}
	d := dateScan{rest: s, year: 1970, month: 1, day: 1, zone: zone, named: named}
	for i, f := range list {
		adjacent := i+1 < len(list) && list[i+1].isNumeric()
		if !d.field(f, adjacent) {
			return time.Time{}, false
		}
	}
	if !d.hasClock {
		if after, _, ok := value.ParseClock(strings.TrimLeft(d.rest, " T")); ok {
			d.second = int(after / time.Second)
		}
	}
	t, err := d.moment(zone)
	return t, err == nil
}

func (f field) isNumeric() bool {
	return strings.IndexByte("yDdHkhKmsSu", f.letter) >= 0 || f.letter == 'M' && f.count < 3
}

func (d *dateScan) moment(zone *time.Location) (time.Time, error) {
	hour := d.hour
	if d.hasHalf {
		hour %= 12
		if d.afternoon {
			hour += 12
		}
	}
	month, day := d.month, d.day
	if d.yearDay > 0 {
		month, day = 1, d.yearDay
	}
	t := time.Date(d.year, time.Month(month), day, hour, d.minute, d.second, d.milliseconds*int(time.Millisecond), d.zone)
	v, err := value.NewTime(t.In(zone))
	return v.Time, err
}

// field reads what f stands for. Where the next field is digits too, f takes no
// more of them than it has letters.
func (d *dateScan) field(f field, adjacent bool) bool {
	switch {
	case f.letter == 0:
		var ok bool
		d.rest, ok = strings.CutPrefix(d.rest, f.literal)
		return ok
	case f.letter == 'a':
		return d.half()
	case f.letter == 'E':
		return d.word(func(string) bool { return true })
	case f.letter == 'M' && f.count >= 3:
		return d.word(func(name string) bool {
			m, ok := value.ParseMonth(name)
			d.month = int(m)
			return ok
		})
	case f.letter == 'z' || f.letter == 'Z' || f.letter == 'X':
		return d.offset()
	}
	most := 9
	if adjacent {
		most = f.count
	}
	n, digits := d.digits(most)
	if digits == 0 {
		return false
	}
	if f.letter == 'y' && f.count == 2 && digits == 2 {
		n = century(n)
	}
	d.set(f.letter, n)
	return true
}

func century(n int) int {
	if n >= value.CenturyPivot {
		return 1900 + n
	}
	return 2000 + n
}

func (d *dateScan) set(letter byte, n int) {
	switch letter {
	case 'y':
		d.year = n
	case 'M':
		d.month = n
	case 'd':
		d.day = n
	case 'D':
		d.yearDay = n
	case 'H', 'h', 'K', 'k':
		d.hour, d.hasClock = n, true
		if letter == 'k' {
			d.hour %= 24
		}
	case 'm':
		d.minute, d.hasClock = n, true
	case 's':
		d.second = n
	case 'S':
		d.milliseconds = n
	}
}

func (d *dateScan) digits(most int) (n, digits int) {
	d.rest = strings.TrimLeft(d.rest, " ")
	for digits < most && digits < len(d.rest) && d.rest[digits] >= '0' && d.rest[digits] <= '9' {
		n = n*10 + int(d.rest[digits]-'0')
		digits++
	}
	d.rest = d.rest[digits:]
	return n, digits
}

func (d *dateScan) word(use func(string) bool) bool {
	n := 0
	for n < len(d.rest) && (d.rest[n]|0x20 >= 'a' && d.rest[n]|0x20 <= 'z') {
		n++
	}
	name := d.rest[:n]
	d.rest = d.rest[n:]
	return n > 0 && use(name)
}

func (d *dateScan) half() bool {
	return d.word(func(name string) bool {
		d.hasHalf = true
		d.afternoon = strings.EqualFold(name, "PM")
		return d.afternoon || strings.EqualFold(name, "AM")
	})
}

// offset reads Z, +0530, +05:30, -08 or the name of a zone.
func (d *dateScan) offset() bool {
	n := 0
	for n < len(d.rest) && (strings.IndexByte("+-:/_", d.rest[n]) >= 0 || d.rest[n] >= '0' && d.rest[n] <= '9' || d.rest[n]|0x20 >= 'a' && d.rest[n]|0x20 <= 'z') {
		n++
	}
	name := d.rest[:n]
	d.rest = d.rest[n:]
	switch {
	case n == 0:
		return false
	case name == "Z":
		d.zone = time.UTC
	case name[0] == '+' || name[0] == '-':
		zone, ok := offsetZone("GMT" + name)
		d.zone = zone
		return ok
	default:
		d.zone = d.named(name)
	}
	return true
}
