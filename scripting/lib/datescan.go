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
	week, monthWeek, nth      int // of year, of month, F; 0 when not given
	weekday                   int // Sunday = 1; 0 when not given
	hour, minute, second      int
	milliseconds              int
	afternoon, hasHalf        bool
	hasClock, beforeChrist    bool
	ambiguous                 bool // the year was one of two digits at the edge of the century
	zone                      *time.Location
	c                         call
}

// scanDate reads s as the pattern says. As in Java values roll over (31 February
// is 3 March), what follows in s does not matter, and a year of two digits under
// yyyy is that year, under yy the nearest within 80 years back and 20 on. A clock
// that follows where the pattern has none is read too. The zone is that of the
// text, else zone.
func (c call) scanDate(s, pattern string, zone *time.Location) (time.Time, bool) {
	c.grow(10, len(pattern))
	list, ok := fields(pattern)
	if !ok {
		return time.Time{}, false
	}
	d := dateScan{rest: s, year: 1970, month: 1, day: 1, zone: zone, c: c}
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
	return strings.IndexByte("yYwWdDFHhkKmsSu", f.letter) >= 0 || (f.letter == 'M' || f.letter == 'L') && f.count < 3
}

func (d *dateScan) moment(zone *time.Location) (time.Time, error) {
	hour := d.hour
	if d.hasHalf {
		hour %= 12
		if d.afternoon {
			hour += 12
		}
	}
	if d.beforeChrist {
		d.year = 1 - d.year
	}
	month, day := d.date()
	t := time.Date(d.year, month, day, hour, d.minute, d.second, d.milliseconds*int(time.Millisecond), d.zone)
	if d.ambiguous && t.Before(d.centuryStart()) {
		t = t.AddDate(100, 0, 0)
	}
	v, err := value.NewTime(t.In(zone))
	return v.Time, err
}

// date is the month and day that was given by whichever fields there were. What
// is beyond a month rolls over.
func (d *dateScan) date() (time.Month, int) {
	weekday := max(d.weekday, 1) - 1
	first := time.Date(d.year, time.Month(d.month), 1, 0, 0, 0, 0, time.UTC)
	switch {
	case d.yearDay > 0:
		return 1, d.yearDay
	case d.week > 0:
		first = time.Date(d.year, 1, 1, 0, 0, 0, 0, time.UTC)
		return 1, 1 + (d.week-1)*7 + weekday - int(first.Weekday())
	case d.monthWeek > 0:
		return time.Month(d.month), 1 + (d.monthWeek-1)*7 + weekday - int(first.Weekday())
	case d.nth > 0 && d.weekday > 0:
		return time.Month(d.month), 1 + (weekday-int(first.Weekday())+7)%7 + (d.nth-1)*7
	}
	return time.Month(d.month), d.day
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
	case f.letter == 'G':
		return d.word(func(name string) bool {
			d.beforeChrist = strings.EqualFold(name, "BC")
			return d.beforeChrist || strings.EqualFold(name, "AD")
		})
	case f.letter == 'E':
		return d.word(d.dayName)
	case (f.letter == 'M' || f.letter == 'L') && f.count >= 3:
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
	if (f.letter == 'y' || f.letter == 'Y') && f.count <= 2 && digits == 2 {
		n = d.century(n)
	}
	d.set(f.letter, n)
	return true
}

func (d *dateScan) dayName(name string) bool {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if full := day.String(); strings.EqualFold(name, full) || strings.EqualFold(name, full[:3]) {
			d.weekday = int(day) + 1
			return true
		}
	}
	return false
}

// century returns the year of two digits that is within 80 years before now and
// 20 years after.
func (d *dateScan) century(n int) int {
	first := d.centuryStart().Year()
	year := first - first%100 + n
	if year < first {
		year += 100
	}
	d.ambiguous = year == first
	return year
}

func (d *dateScan) centuryStart() time.Time { return d.c.rt.Now().AddDate(-80, 0, 0) }

func (d *dateScan) set(letter byte, n int) {
	switch letter {
	case 'y', 'Y':
		d.year = n
	case 'M', 'L':
		d.month = n
	case 'w':
		d.week = n
	case 'W':
		d.monthWeek = n
	case 'd':
		d.day = n
	case 'D':
		d.yearDay = n
	case 'F':
		d.nth = n
	case 'u':
		d.weekday = n%7 + 1
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
	for long := range zoneNames {
		if strings.HasPrefix(d.rest, zoneNames[long]) {
			n = len(zoneNames[long])
			d.zone = d.c.zone(zoneOf[long])
			d.rest = d.rest[n:]
			return true
		}
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
		d.zone = d.c.zone(name)
	}
	return true
}
