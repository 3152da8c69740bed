package lib

import (
	"strings"
	"time"

	"github.com/connhost/connhost/scripting/value"
)

// dateParts ask something about a date. A text that is a date counts as one, and
// a number as milliseconds since 1970.
var dateParts = []*Function{
	datePart(names("getDay", "day"), "Day of the month.", "8", func(t time.Time) int { return t.Day() }),
	datePart(names("getMonth", "month"), "Month, 1 to 12.", "1", func(t time.Time) int { return int(t.Month()) }),
	datePart(names("getYear", "year"), "Year.", "2019", time.Time.Year),
	clockPart(names("getHour", "hour"), "Hour, 0 to 23; of a time of day that was written with AM or PM, 1 to 12.", "23", hourOf),
	clockPart(names("getMinutes", "minute"), "Minute.", "15", func(t value.Time) int { return t.Minute() }),
	clockPart(names("getSeconds", "second"), "Second.", "10", func(t value.Time) int { return t.Second() }),
	datePart(names("getDayOfWeek", "weekday"), "Day of the week, from Sunday = 1 to Saturday = 7.", "3", func(t time.Time) int { return int(t.Weekday()) + 1 }),
	datePart(names("getDayOfYear"), "Day of the year, from 1.", "8", time.Time.YearDay),
	def(Function{
		Names: names("getWeekOfYear"), Receiver: "date", Params: params("firstDay text?"), Returns: "number",
		Semantics: "Week of the year. Weeks begin on firstDay, Sunday unless given; the first one is that with 1 January.",
		Examples:  examples(Example{Expr: `'7-Feb-2021'.getWeekOfYear()`, Args: `["'7-Feb-2021'"]`, Want: "7"}, Example{Expr: `'7-Feb-2021'.getWeekOfYear("Monday")`, Args: `["'7-Feb-2021'","Monday"]`, Want: "6"}),
	}, func(c call) any {
		first := time.Sunday
		if c.has(1) {
			first = c.weekday(1)
		}
		return weekOfYear(c.day(0).Time, first)
	}),
	def(Function{
		Names: names("isDate"), Receiver: "any", Params: params("pattern text?"), Returns: "boolean",
		Semantics: "Whether the value is a date, or a text that is one, in the pattern if given; null for a list or map.",
		Examples:  examples(Example{Expr: `"15-Aug-1947".isDate()`, Args: `["15-Aug-1947"]`, Want: "true"}, Example{Expr: `"soon".isDate()`, Args: `["soon"]`, Want: "false"}),
	}, func(c call) any {
		s, ok := c.arg(0).(string)
		if !ok {
			switch v := c.arg(0).(type) {
			case value.Time:
				return !v.IsClock()
			case *value.List, *value.Map, *value.Empty, *value.Collection:
				return nil
			}
			return false
		}
		if c.has(1) {
			_, ok := c.scanDate(s, c.text(1), c.rt.location())
			return ok
		}
		_, err := value.ParseDate(s, c.rt.location())
		return err == nil
	}),
}

// datePart is a row whose function reads one number from a date. All of them
// show the same date.
func datePart(n []string, semantics, want string, part func(time.Time) int) *Function {
	example := Example{Expr: `'08-Jan-2019 23:15:10'.` + n[0] + `()`, Args: `["'08-Jan-2019 23:15:10'"]`, Want: want}
	return def(Function{Names: n, Receiver: "date", Returns: "number", Semantics: semantics, Examples: examples(example)},
		func(c call) any { return int64(part(c.day(0).Time)) })
}

// clockPart is a datePart that a time of day has too.
func clockPart(n []string, semantics, want string, part func(value.Time) int) *Function {
	example := Example{Expr: `'08-Jan-2019 23:15:10'.` + n[0] + `()`, Args: `["'08-Jan-2019 23:15:10'"]`, Want: want}
	return def(Function{Names: n, Receiver: "date", Returns: "number", Semantics: semantics, Examples: examples(example)},
		func(c call) any { return int64(part(c.date(0))) })
}

func hourOf(t value.Time) int {
	if t.Clock == value.Clock12 {
		return (t.Hour()+11)%12 + 1
	}
	return t.Hour()
}

// day returns argument i as a date; a time of day is none.
func (c call) day(i int) value.Time {
	t := c.date(i)
	if t.IsClock() {
		value.Throw("%s needs a date, and %s is a time of day", c.fn.Names[0], t)
	}
	return t
}

// date returns argument i as a date, date-time or time of day.
func (c call) date(i int) value.Time {
	switch v := c.arg(i).(type) {
	case value.Time:
		return v
	case string:
		t, err := value.ParseLiteral(v, c.rt.location())
		if err != nil {
			panic(err)
		}
		return t
	case int64:
		return checked(time.UnixMilli(v).In(c.rt.location()))
	}
	c.mismatch(i, "date")
	return value.Time{}
}

// checked returns t as a date-time if its year is one that can be printed.
func checked(t time.Time) value.Time {
	v, err := value.NewTime(t)
	if err != nil {
		panic(err)
	}
	return v
}

func (c call) weekday(i int) time.Weekday {
	return weekdayOf(c.text(i))
}

func weekdayOf(name string) time.Weekday {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if full := d.String(); strings.EqualFold(name, full) || strings.EqualFold(name, full[:3]) {
			return d
		}
	}
	panic(value.Faultf("%q is not a day of the week", value.Clip(name)))
}

// weekOfYear counts as a Java Calendar whose first week needs one day, so that
// the last days of December may be in week 1.
func weekOfYear(t time.Time, first time.Weekday) int64 {
	week := weekFrom(t.Year(), t.YearDay(), first)
	next := time.Date(t.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC)
	if daysLeft := time.Date(t.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay() - t.YearDay(); daysLeft < int(next.Weekday()-first+7)%7 {
		return 1
	}
	return week
}

func weekFrom(year, yearDay int, first time.Weekday) int64 {
	january := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	before := int(january.Weekday()-first+7) % 7
	return int64((yearDay-1+before)/7 + 1)
}
