package lib

import (
	"fmt"
	"time"

	"github.com/connhost/connhost/scripting/value"
)

// dateSpans count what lies between two dates, by the clock on the wall: a day
// with 23 hours is a day.
var dateSpans = []*Function{
	dateSpan(names("daysBetween", "days360"), "Whole days from the date to the other.", `'31-Dec-2019'`, "364",
		func(a, b time.Time) int64 { return wallSeconds(a, b) / (24 * 3600) }),
	dateSpan(names("hoursBetween"), "Whole hours from the date to the other.", `'02-Jan-2019 01:59:59'`, "25",
		func(a, b time.Time) int64 { return wallSeconds(a, b) / 3600 }),
	dateSpan(names("monthsBetween"), "Days from the date to the other, divided by 30 and cut: months of the calendar are not looked at. See monthsDiff.", `'31-Mar-2019'`, "2",
		func(a, b time.Time) int64 { return daysApart(a, b) / 30 }),
	dateSpan(names("totalMonths", "totalMonth", "monthsDiff"), "Whole months from the date to the other.", `'01-Feb-2019'`, "1", monthsBetween),
	dateSpan(names("yearsBetween"), "Days from the date to the other, divided by 365 and cut: leap years are not looked at.", `'31-Dec-2019'`, "0",
		func(a, b time.Time) int64 { return wallSeconds(a, b) / (365 * 24 * 3600) }),
	dateSpan(names("totalYears", "totalYear", "yearsDiff"), "Whole calendar years from the date to the other.", `'01-Jan-2020'`, "1",
		func(a, b time.Time) int64 { return monthsBetween(a, b) / 12 }),
	def(Function{
		Names: names("timeBetween"), Receiver: "date", Params: params("other date"), Returns: "text",
		Semantics: "The time from the date to the other, which is later, as hours:minutes:seconds.",
		Examples: examples(Example{Expr: `'6-Jan-2020 10:10:12'.timeBetween('7-Jan-2020 11:20:12')`, Args: `["'6-Jan-2020 10:10:12'","'7-Jan-2020 11:20:12'"]`, Want: "25:10:0"},
			Example{Expr: `'07:00:00'.timeBetween('06:00:00')`, Args: `["'07:00:00'","'06:00:00'"]`, Want: "error: the end of timeBetween is before its start"}),
	}, func(c call) any {
		a, b := c.between()
		s := wallSeconds(a.Time, b.Time)
		if s < 0 {
			value.Throw("the end of timeBetween is before its start")
		}
		return fmt.Sprintf("%d:%d:%d", s/3600, s/60%60, s%60)
	}),
	def(Function{
		Names: names("yearFraction"), Receiver: "date", Params: params("other date"), Returns: "decimal",
		Semantics: "The time from the date to the other in years of 365 days; negative when the other is earlier.",
		Examples:  examples(Example{Expr: `'17-Jan-2019'.yearFraction('29-Jan-2019')`, Args: `["'17-Jan-2019'","'29-Jan-2019'"]`, Want: "0.03287671232876712"}),
	}, func(c call) any {
		a, b := c.between()
		// In two steps, as the last digit of the documented samples shows.
		days := float64(b.UnixMilli()-a.UnixMilli()) / (24 * 3600 * 1000)
		d, _ := double(days / 365)
		return d
	}),
	def(Function{
		Names: names("unixEpoch"), Receiver: "date", Params: params("zone text?"), Returns: "number",
		Semantics: "Milliseconds since 1970; with a zone, of what the clock shows read in that zone. An unknown zone is GMT.",
		Examples:  examples(Example{Expr: `"03-Feb-2020 03:48:12".unixEpoch("GMT+5:30")`, Args: `["03-Feb-2020 03:48:12","GMT+5:30"]`, Want: "1580681892000"}),
	}, func(c call) any {
		t := c.day(0).Time
		if c.has(1) {
			t = inZone(t, c.zone(c.text(1)))
		}
		return t.UnixMilli()
	}),
}

func dateSpan(n []string, semantics, to, want string, span func(a, b time.Time) int64) *Function {
	return def(Function{
		Names: n, Receiver: "date", Params: params("other date"), Returns: "number", Semantics: semantics,
		Examples: examples(Example{Expr: `'1-Jan-2019'.` + n[0] + `(` + to + `)`, Args: `["'1-Jan-2019'","` + to + `"]`, Want: want}),
	}, func(c call) any {
		a, b := c.between()
		return span(a.Time, b.Time)
	})
}

// between returns both dates, of which both or none may be times of day; those
// only for what counts hours and less.
func (c call) between() (a, b value.Time) {
	a, b = c.date(0), c.date(1)
	if name := c.fn.Names[0]; a.IsClock() != b.IsClock() || a.IsClock() && name != "hoursBetween" && name != "timeBetween" {
		c.day(0)
		c.day(1)
	}
	return a, b
}

// inZone returns the moment at which a clock in zone z shows what t shows.
func inZone(t time.Time, z *time.Location) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), z)
}

func wallSeconds(a, b time.Time) int64 {
	return inZone(b, time.UTC).Unix() - inZone(a, time.UTC).Unix()
}

// daysApart counts the days from one date to the other, whatever their times.
func daysApart(a, b time.Time) int64 {
	return wallSeconds(value.Time{Time: a}.Date().Time, value.Time{Time: b}.Date().Time) / (24 * 3600)
}

// monthsBetween counts months that are over; towards the past it is negative.
func monthsBetween(a, b time.Time) int64 {
	if wallSeconds(a, b) < 0 {
		return -monthsBetween(b, a)
	}
	n := int64(b.Year()-a.Year())*12 + int64(b.Month()-a.Month())
	if n > 0 && wallSeconds(addMonths(1)(inZone(a, time.UTC), n), b) < 0 {
		n--
	}
	return n
}
