package lib

import (
	"time"

	"github.com/connhost/connhost/scripting/value"
)

// dateSteps move a date forward or back. They give a date-time. Days and what
// is longer keep the clock, also where it is put forward in between; hours and
// what is shorter count real time, and may move a time of day within its day.
var dateSteps = []*Function{
	dateStep("addDay", "days", 1, addDays(1), "02-Jan-2019 00:00:00"),
	dateStep("addWeek", "weeks", 1, addDays(7), "08-Jan-2019 00:00:00"),
	dateStep("addMonth", "months; the day is the last of the month where that one is shorter", 1, addMonths(1), "01-Feb-2019 00:00:00"),
	dateStep("addYear", "years", 1, addMonths(12), "01-Jan-2020 00:00:00"),
	dateStep("addHour", "hours", 1, addSeconds(3600), "01-Jan-2019 01:00:00"),
	dateStep("addMinutes", "minutes", 1, addSeconds(60), "01-Jan-2019 00:01:00"),
	dateStep("addSeconds", "seconds", 1, addSeconds(1), "01-Jan-2019 00:00:01"),
	dateStep("subDay", "days", -1, addDays(1), "31-Dec-2018 00:00:00"),
	dateStep("subWeek", "weeks", -1, addDays(7), "25-Dec-2018 00:00:00"),
	dateStep("subMonth", "months; the day is the last of the month where that one is shorter", -1, addMonths(1), "01-Dec-2018 00:00:00"),
	dateStep("subYear", "years", -1, addMonths(12), "01-Jan-2018 00:00:00"),
	dateStep("subHour", "hours", -1, addSeconds(3600), "31-Dec-2018 23:00:00"),
	dateStep("subMinutes", "minutes", -1, addSeconds(60), "31-Dec-2018 23:59:00"),
	dateStep("subSeconds", "seconds", -1, addSeconds(1), "31-Dec-2018 23:59:59"),
	def(Function{
		Names: names("toStartOfWeek"), Receiver: "date", Returns: "date",
		Semantics: "Midnight of the Sunday on or before the date.",
		Examples:  examples(Example{Expr: `'15-Mar-2019 15:00:00'.toStartOfWeek()`, Args: `["'15-Mar-2019 15:00:00'"]`, Want: "10-Mar-2019 00:00:00"}),
	}, func(c call) any {
		t := c.day(0).Date().Time
		return checked(t.AddDate(0, 0, -int(t.Weekday())))
	}),
	def(Function{
		Names: names("toStartOfMonth"), Receiver: "date", Returns: "date",
		Semantics: "Midnight of the first day of the month.",
		Examples:  examples(Example{Expr: `'15-Mar-2019 15:00:00'.toStartOfMonth()`, Args: `["'15-Mar-2019 15:00:00'"]`, Want: "01-Mar-2019 00:00:00"}),
	}, func(c call) any {
		t := c.day(0).Date().Time
		return checked(t.AddDate(0, 0, 1-t.Day()))
	}),
	def(Function{
		Names: names("edate"), Receiver: "date", Params: params("months number"), Returns: "date",
		Semantics: "The day that is months after the date; the last of the month where that one is shorter.",
		Examples:  examples(Example{Expr: `'31-Jan-2019'.edate(1)`, Args: `["'31-Jan-2019'",1]`, Want: "28-Feb-2019"}),
	}, func(c call) any { return checked(addMonths(1)(c.day(0).Time, c.whole(1))).Date() }),
	def(Function{
		Names: names("eomonth"), Receiver: "date", Params: params("months number"), Returns: "date",
		Semantics: "The last day of the month that is months after that of the date.",
		Examples:  examples(Example{Expr: `'15-Jan-2019'.eomonth(1)`, Args: `["'15-Jan-2019'",1]`, Want: "28-Feb-2019"}),
	}, func(c call) any {
		t := addMonths(1)(c.day(0).Time, c.whole(1))
		return checked(time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, t.Location())).Date()
	}),
}

// All years a date may have, and the margin below which package time counts
// without wrapping around.
const (
	mostDays    = 10_000 * 366
	mostSeconds = mostDays * 24 * 3600
)

func dateStep(name, unit string, sign int64, step func(t time.Time, n int64) time.Time, want string) *Function {
	direction := "after"
	if sign < 0 {
		direction = "before"
	}
	return def(Function{
		Names: names(name), Receiver: "date", Params: params("count number"), Returns: "date",
		Semantics: "The date-time count " + unit + ", " + direction + " the date; a negative count goes the other way.",
		Examples:  examples(Example{Expr: `'01-Jan-2019'.` + name + `(1)`, Args: `["'01-Jan-2019'",1]`, Want: want}),
	}, func(c call) any {
		t, n := c.date(0), sign*bounded(c.whole(1), mostSeconds)
		if !t.IsClock() {
			return checked(step(t.Time, n))
		}
		if unit != "hours" && unit != "minutes" && unit != "seconds" {
			c.day(0)
		}
		return clockOn(t, step(t.Time, n))
	})
}

// clockOn is the time of day that t became when it was moved.
func clockOn(t value.Time, moved time.Time) value.Time {
	seconds := moved.Unix() - t.Unix()
	if seconds > 24*3600 || seconds < -24*3600 {
		seconds = 48 * 3600 // is outside too, and does not overflow
	}
	v, err := value.NewClock(t.SinceMidnight()+time.Duration(seconds)*time.Second, t.Clock)
	if err != nil {
		panic(err)
	}
	return v
}

func bounded(n, most int64) int64 {
	if n > most || n < -most {
		value.Throw("date out of range")
	}
	return n
}

func addDays(days int64) func(time.Time, int64) time.Time {
	return func(t time.Time, n int64) time.Time { return t.AddDate(0, 0, int(bounded(n, mostDays)*days)) }
}

func addMonths(months int64) func(time.Time, int64) time.Time {
	return func(t time.Time, n int64) time.Time {
		year, month, day := t.Date()
		first := time.Date(year, month+time.Month(bounded(n, mostDays)*months), 1, 0, 0, 0, 0, time.UTC)
		last := first.AddDate(0, 1, -1).Day()
		return time.Date(first.Year(), first.Month(), min(day, last), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	}
}

func addSeconds(seconds int64) func(time.Time, int64) time.Time {
	return func(t time.Time, n int64) time.Time {
		return time.Unix(t.Unix()+n*seconds, int64(t.Nanosecond())).In(t.Location())
	}
}
