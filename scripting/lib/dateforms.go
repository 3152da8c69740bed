package lib

import "github.com/connhost/connhost/scripting/value"

// dateForms make a date of something. A date is printed by toString.
var dateForms = []*Function{
	def(Function{
		Names: names("toDate"), Receiver: "any", Params: params("pattern text?"), Returns: "date",
		Semantics: "The date of a text, in the pattern if given; of a date-time or of milliseconds since 1970 its day.",
		Examples:  examples(Example{Expr: `"01,11,2019 1:30:00 pm".toDate("MM,d,yyyy")`, Args: `["01,11,2019 1:30:00 pm","MM,d,yyyy"]`, Want: "11-Jan-2019"}, Example{Expr: `"2020-02-03T03:48:12".toDate()`, Args: `["2020-02-03T03:48:12"]`, Want: "03-Feb-2020"}),
	}, func(c call) any {
		if t := c.moment(); !t.IsClock() {
			return t.Date()
		}
		return c.day(0)
	}),
	def(Function{
		Names: names("toDateTime"), Receiver: "any", Params: params("pattern text?", "zone text?"), Returns: "date",
		Semantics: "The date-time of a text, in the pattern if given. A time that follows where the pattern has none is kept; the zone is that of the text.",
		Examples:  examples(Example{Expr: `"01-11-2019 13:30:00".toDateTime("MM-d-yy")`, Args: `["01-11-2019 13:30:00","MM-d-yy"]`, Want: "11-Jan-2019 13:30:00"}),
	}, func(c call) any { return c.moment() }),
	def(Function{
		Names: names("toTime"), Receiver: "any", Params: params("pattern text?", "zone text?"), Returns: "date",
		Semantics: "As toDateTime.",
		Examples: examples(Example{Expr: `"01,11,19 1:30:00 pm".toTime("MM,d,yyyy hh:mm:ss a")`, Args: `["01,11,19 1:30:00 pm","MM,d,yyyy hh:mm:ss a"]`, Want: "11-Jan-0019 13:30:00"},
			Example{Expr: `"soon".toTime("HH:mm")`, Args: `["soon","HH:mm"]`, Want: `error: text "soon" does not fit the pattern "HH:mm"`}),
	}, func(c call) any { return c.moment() }),
	def(Function{
		Names: names("getDate"), Receiver: "date", Returns: "date",
		Semantics: "The day of a date-time.",
		Examples:  examples(Example{Expr: `'08-Jan-2019 23:15:10'.getDate()`, Args: `["'08-Jan-2019 23:15:10'"]`, Want: "08-Jan-2019"}),
	}, func(c call) any { return c.day(0).Date() }),
	def(Function{
		Names: names("getDateTime"), Receiver: "date", Returns: "date",
		Semantics: "The date as a date-time: midnight unless it has a time.",
		Examples:  examples(Example{Expr: `'08-Jan-2019'.getDateTime()`, Args: `["'08-Jan-2019'"]`, Want: "08-Jan-2019 00:00:00"}),
	}, func(c call) any { return value.Time{Time: c.day(0).Time} }),
	def(Function{
		Names: names("toDateTimeString"), Receiver: "date", Returns: "text",
		Semantics: "The date-time as text, with its time of day.",
		Examples:  examples(Example{Expr: `'08-Jan-2019'.toDateTimeString()`, Args: `["'08-Jan-2019'"]`, Want: "08-Jan-2019 00:00:00"}),
	}, func(c call) any { return value.Time{Time: c.day(0).Time}.String() }),
	def(Function{
		Names: names("now"), Returns: "date",
		Semantics: "The current date-time in the zone of the run, as the constant of that name.",
		Examples:  examples(Example{Expr: `now()`, Args: `[]`, Want: "23-May-2020 10:30:00"}),
	}, func(c call) any { return now(c.rt) }),
	def(Function{
		Names: names("today"), Returns: "date",
		Semantics: "The current date in the zone of the run, as the constant of that name.",
		Examples:  examples(Example{Expr: `today()`, Args: `[]`, Want: "23-May-2020"}),
	}, func(c call) any { return now(c.rt).(value.Time).Date() }),
}

// moment returns the receiver as a date-time.
func (c call) moment() value.Time {
	s, ok := c.arg(0).(string)
	if !ok || !c.has(1) {
		t := c.date(0)
		t.DateOnly = false
		return t
	}
	c.scan(s)
	pattern, zone := c.text(1), c.rt.location()
	if c.has(2) {
		zone = c.zone(c.text(2))
	}
	t, ok := c.scanDate(s, pattern, zone)
	if !ok {
		value.Throw("text %q does not fit the pattern %q", value.Clip(s), value.Clip(pattern))
	}
	return checked(t.In(c.rt.location()))
}

// formatted prints the receiver in the pattern of argument 1.
func (c call) formatted() any {
	t, pattern := c.date(0).Time, c.text(1)
	if c.has(2) {
		t = t.In(c.zone(c.text(2)))
	}
	c.grow(10, len(pattern))
	s, ok := formatDate(t, pattern)
	if !ok {
		value.Throw("%q is not a date pattern", value.Clip(pattern))
	}
	return s
}
