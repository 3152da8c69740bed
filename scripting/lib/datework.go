package lib

import (
	"strconv"
	"strings"
	"time"

	"github.com/connhost/connhost/scripting/value"
	"github.com/shopspring/decimal"
)

// dateWorks count days and hours on which people work. Weekends are names of
// days, Saturday and Sunday unless given; holidays are dates.
var dateWorks = []*Function{
	def(Function{
		Names: names("addBusinessDay"), Receiver: "date", Params: params("count number", "weekends list?", "holidays list?"), Returns: "date",
		Semantics: "The working day that is count of them after the date. Weekends are Saturday and Sunday unless given.",
		Examples: examples(Example{Expr: `'15-Mar-2019'.addBusinessDay(1)`, Args: `["'15-Mar-2019'",1]`, Want: "18-Mar-2019"},
			Example{Expr: `'23-May-2020'.addBusinessDay(5, {"Sunday"}, {'25-May-2020'})`, Args: `["'23-May-2020'",5,["Sunday"],["'25-May-2020'"]]`, Want: "30-May-2020"}),
	}, func(c call) any { return c.businessDay(1) }),
	def(Function{
		Names: names("subBusinessDay"), Receiver: "date", Params: params("count number", "weekends list?", "holidays list?"), Returns: "date",
		Semantics: "The working day that is count of them before the date.",
		Examples: examples(Example{Expr: `'21-Jul-2021'.subBusinessDay(5)`, Args: `["'21-Jul-2021'",5]`, Want: "14-Jul-2021"},
			Example{Expr: `'21-Jul-2021'.subBusinessDay(5, {"Sunday"}, {'20-Jul-2021','19-Jul-2021'})`, Args: `["'21-Jul-2021'",5,["Sunday"],["'20-Jul-2021'","'19-Jul-2021'"]]`, Want: "13-Jul-2021"}),
	}, func(c call) any { return c.businessDay(-1) }),
	def(Function{
		Names: names("workday"), Receiver: "date", Params: params("count number", "weekends list?", "holidays list?"), Returns: "date",
		Semantics: "As addBusinessDay.",
		Examples:  examples(Example{Expr: `'15-Mar-2019'.workday(1)`, Args: `["'15-Mar-2019'",1]`, Want: "18-Mar-2019"}),
	}, func(c call) any { return c.businessDay(1) }),
	def(Function{
		Names: names("addBusinessHour"), Receiver: "date", Params: params("count number", "weekends list", "holidays list", "hours map"), Returns: "date",
		Semantics: "The date-time after count hours of work. A working day lasts from start to end of the map hours.",
		Examples: examples(Example{Expr: `"1-Jan-2020 16:00:00".addBusinessHour(2, {"Saturday","Sunday"}, {'2-Jan-2020','3-Jan-2020'}, {"start":"10","end":"17"})`,
			Args: `["1-Jan-2020 16:00:00",2,["Saturday","Sunday"],["'2-Jan-2020'","'3-Jan-2020'"],{"start":"10","end":"17"}]`, Want: "06-Jan-2020 11:00:00"}),
	}, addBusinessHour),
	def(Function{
		Names: names("workDaysList"), Receiver: "date", Params: params("end date", "weekends list?", "holidays list?"), Returns: "list",
		Semantics: "The working days from the date up to end, both included.",
		Examples: examples(Example{Expr: `'1-Jan-2020'.workDaysList('6-Jan-2020', {"Saturday","Sunday"}, {'02-Jan-2020','03-Jan-2020'})`,
			Args: `["'1-Jan-2020'","'6-Jan-2020'",["Saturday","Sunday"],["'02-Jan-2020'","'03-Jan-2020'"]]`, Want: "01-Jan-2020,06-Jan-2020"}),
	}, workDaysList),
	weekDay("nextWeekDay", "The next such day of the week, after the date.", 1, `'20-Jul-2021'`, "27-Jul-2021"),
	weekDay("previousWeekDay", "The last such day of the week before the date.", -1, `'20-Jul-2021'`, "13-Jul-2021"),
}

func weekDay(name, semantics string, step int, date, want string) *Function {
	return def(Function{
		Names: names(name), Receiver: "date", Params: params("day text"), Returns: "date", Semantics: semantics,
		Examples: examples(Example{Expr: date + `.` + name + `("Tuesday")`, Args: `["` + date + `","Tuesday"]`, Want: want}),
	}, func(c call) any {
		t, want := c.day(0).Date(), c.weekday(1)
		for {
			t = checked(t.AddDate(0, 0, step)).Date()
			if t.Weekday() == want {
				return t
			}
		}
	})
}

// A calendar knows on which days people work.
type calendar struct {
	weekend  [7]bool
	holidays map[string]bool // by printed date
}

// calendar reads weekends and holidays from arguments i and i+1.
func (c call) calendar(i int) calendar {
	cal := calendar{holidays: map[string]bool{}}
	if c.has(i) && len(c.items(i)) > 0 {
		for _, name := range c.items(i) {
			c.budget().Tick(1)
			cal.weekend[weekdayOf(value.Text(c.budget(), name))] = true
		}
	} else if !c.has(i) {
		cal.weekend[time.Saturday], cal.weekend[time.Sunday] = true, true
	}
	if c.has(i + 1) {
		for _, v := range c.items(i + 1) {
			c.budget().Tick(4)
			c.budget().Alloc(48)
			day := call{fn: c.fn, rt: c.rt, args: []any{v}}.day(0)
			cal.holidays[day.Date().String()] = true
		}
	}
	return cal
}

func (cal calendar) works(t value.Time) bool {
	return !cal.weekend[t.Weekday()] && (len(cal.holidays) == 0 || !cal.holidays[t.Date().String()])
}

// nextDay is the day after or before t, at midnight.
func (c call) nextDay(t value.Time, step int) value.Time {
	c.budget().Tick(4)
	return checked(t.Date().AddDate(0, 0, step)).Date()
}

func (c call) businessDay(step int) any {
	t, n, cal := c.day(0).Date(), c.whole(1), c.calendar(2)
	if n < 0 {
		n, step = -bounded(n, mostDays), -step
	}
	for n = bounded(n, mostDays); n > 0; {
		t = c.nextDay(t, step)
		if cal.works(t) {
			n--
		}
	}
	return t
}

func workDaysList(c call) any {
	t, end, cal := c.day(0).Date(), c.day(1).Date(), c.calendar(2)
	list := value.NewList()
	for ; !t.After(end.Time); t = c.nextDay(t, 1) {
		if cal.works(t) {
			list.Add(c.budget(), t)
		}
	}
	return list
}

func addBusinessHour(c call) any {
	t, cal := c.day(0), c.calendar(2)
	open, shut := c.clockOf("start"), c.clockOf("end")
	if shut <= open {
		value.Throw("the working day ends before it starts")
	}
	left := c.decimal(1).Mul(decimal.NewFromInt(3600)).Round(0)
	if left.Sign() < 0 {
		value.Throw("addBusinessHour counts forward, not %s hours", value.Plain(c.decimal(1)))
	}
	if left.Cmp(decimal.NewFromInt(mostSeconds)) > 0 {
		value.Throw("date out of range")
	}
	rest := time.Duration(left.IntPart()) * time.Second
	for day := t.Date(); ; day = c.nextDay(day, 1) {
		if !cal.works(day) {
			continue
		}
		from := open
		if day.Equal(t.Date().Time) {
			from = max(open, sinceMidnight(t.Time))
		}
		if from >= shut {
			continue
		}
		if rest <= shut-from {
			return checked(atClock(day.Time, from+rest))
		}
		rest -= shut - from
	}
}

// clockOf reads a time of day from the map that is argument 4: 10, 10:30 or
// 10:30:00.
func (c call) clockOf(key string) time.Duration {
	v, _ := c.mapping(4).Get(key)
	s := strings.TrimSpace(value.Text(c.budget(), v))
	if h, err := strconv.ParseUint(s, 10, 8); err == nil && h <= 24 {
		return time.Duration(h) * time.Hour
	}
	clock, rest, ok := value.ParseClock(s)
	if !ok || rest != "" {
		value.Throw("%s of the working hours must be a time of day such as 10 or 10:30, not %s", key, value.Clip(s))
	}
	return clock
}

func sinceMidnight(t time.Time) time.Duration {
	return value.Time{Time: t}.SinceMidnight()
}

// atClock is the moment of a day at which the clock shows d.
func atClock(t time.Time, d time.Duration) time.Time {
	y, m, day := t.Date()
	return time.Date(y, m, day, int(d/time.Hour), int(d/time.Minute%60), int(d/time.Second%60), int(d%time.Second), t.Location())
}
