package value

import "time"

// A Time is a date or a date-time, in the zone it was made in. Its year is
// between 0 and 9999.
type Time struct {
	time.Time
	DateOnly bool // no time of day was given or asked for
}

// The layouts of the printed form, in the words of package time.
const (
	dateLayout = "02-Jan-2006"
	timeLayout = "02-Jan-2006 15:04:05"
)

// String returns dd-MMM-yyyy, followed by HH:mm:ss for a date-time.
func (t Time) String() string {
	if t.DateOnly {
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
