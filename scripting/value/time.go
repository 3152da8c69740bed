package value

import "time"

// A Time is a date, a date-time, or a time of day. A date is in the zone it was
// made in and its year is between 0 and 9999; a time of day is on the first day
// of 1970 in UTC, and stays there.
type Time struct {
	time.Time
	DateOnly bool // no time of day was given or asked for
	Clock    Clock
}

// The layouts of the printed form, in the words of package time.
const (
	dateLayout = "02-Jan-2006"
	timeLayout = "02-Jan-2006 15:04:05"

	clockLayout = "15:04:05"
	halfLayout  = "03:04:05 PM"
)

// A Clock says whether a Time is a time of day, and how it was written.
type Clock uint8

// The forms of a time of day. Its form is kept: 10:00:00 PM prints so again, and
// its hour is 10.
const (
	NoClock Clock = iota // a date or date-time
	Clock24              // 19:00:00
	Clock12              // 07:00:00 PM
)

// IsClock reports whether t is a time of day.
func (t Time) IsClock() bool { return t.Clock != NoClock }

// String returns dd-MMM-yyyy, followed by HH:mm:ss for a date-time; a time of
// day as it was written.
func (t Time) String() string {
	switch {
	case t.Clock == Clock24:
		return t.Format(clockLayout)
	case t.Clock == Clock12:
		return t.Format(halfLayout)
	case t.DateOnly:
		return t.Format(dateLayout)
	}
	return t.Format(timeLayout)
}

// NewTime returns t as a date-time, or a *Fault if its year cannot be printed.
func NewTime(t time.Time) (Time, error) {
	if y := t.Year(); y < 0 || y > 9999 {
		return Time{}, Faultf("date out of range")
	}
	return Time{Time: t}, nil
}

// Date returns the day t is on, at midnight in its zone.
func (t Time) Date() Time {
	y, m, d := t.Time.Date()
	return Time{Time: time.Date(y, m, d, 0, 0, 0, 0, t.Location()), DateOnly: true}
}

// NewClock returns the time of day that is d after midnight, or a *Fault if it is
// not within one day.
func NewClock(d time.Duration, form Clock) (Time, error) {
	if d < 0 || d >= 24*time.Hour {
		return Time{}, Faultf("Invalid Operation. Value outside 24 hour range")
	}
	return Time{Time: time.Unix(0, int64(d)).UTC(), Clock: form}, nil
}

// SinceMidnight returns how far a time of day is from midnight.
func (t Time) SinceMidnight() time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute +
		time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
}
