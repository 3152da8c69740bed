package lib_test

import (
	"strings"
	"testing"
)

func TestDatePatterns(t *testing.T) {
	rt := runtime(t)
	date := arguments(t, rt, `["'05-Feb-2020 00:03:09'"]`)[0]
	for pattern, want := range map[string]string{
		"yyyy-MM-dd'T'HH:mm:ss.SSSXXX": "2020-02-05T00:03:09.000-08:00",
		"yy M d H k h K m s":           "20 2 5 0 24 12 0 3 9",
		"EEEE, d. MMMM y":              "Wednesday, 5. February 2020",
		"EEE MMM dd HH:mm:ss z yyyy":   "Wed Feb 05 00:03:09 PST 2020",
		"a Z X XX D u":                 "AM -0800 -08 -0800 36 3",
		"'it''s' hh 'o''clock'":        "it's 12 o'clock",
		"''yy''":                       "'20'",
		"dd":                           "05",
		"":                             "",
		"G YY Y L LLLL w W F":          "AD 20 2020 2 February 6 2 1",
		"zzzz":                         "Pacific Standard Time",
		"yyy yyyyy":                    "2020 02020",
		"K:mm a, z":                    "0:03 AM, PST",
		"XXXX":                         `error: "XXXX" is not a date pattern`,
		"QQ":                           `error: "QQ" is not a date pattern`,
		"'open":                        `error: "'open" is not a date pattern`,
		"yyyyyyyyyyyy":                 `error: "yyyyyyyyyyyy" is not a date pattern`,
	} {
		if got := answer(rt, function(t, "toString"), []any{date, pattern}); got != want {
			t.Errorf("%s = %s, want %s", pattern, got, want)
		}
	}
}

func TestDatesInPatterns(t *testing.T) {
	for _, c := range []struct{ text, pattern, want string }{
		{"20200205", "yyyyMMdd", "05-Feb-2020 00:00:00"},
		{"2020-02-05T10:20:30Z", "yyyy-MM-dd'T'HH:mm:ssX", "05-Feb-2020 02:20:30"},
		{"2020-02-05T10:20:30+0100", "yyyy-MM-dd'T'HH:mm:ssZ", "05-Feb-2020 01:20:30"},
		{"Feb 5, 20 12:00 am", "MMM d, yy hh:mm a", "05-Feb-2020 00:00:00"},
		{"Wednesday 5 February 2020", "EEEE d MMMM yyyy", "05-Feb-2020 00:00:00"},
		{"31-02-2019", "dd-MM-yyyy", "03-Mar-2019 00:00:00"},
		{"2020 036", "yyyy DDD", "05-Feb-2020 00:00:00"},
		{"24:30 2020", "kk:mm yyyy", "01-Jan-2020 00:30:00"},
		{"05-Feb-2020 Europe/Moscow", "dd-MMM-yyyy z", "04-Feb-2020 13:00:00"},
		{"10:20 PM", "hh:mm a", "01-Jan-1970 22:20:00"},
		{"5/6/40", "d/M/yy", "05-Jun-1940 00:00:00"},
		{"5/2/45", "d/M/yy", "05-Feb-1945 00:00:00"},
		{"5/2/40", "d/M/yy", "05-Feb-2040 00:00:00"},
		{"5/2/40", "d/M/y", "05-Feb-2040 00:00:00"},
		{"2020 w6 Wed", "YYYY 'w'w EEE", "05-Feb-2020 00:00:00"},
		{"2nd Tue, 02 2020", "F'nd' EEE, MM yyyy", "11-Feb-2020 00:00:00"},
		{"2020 AD", "yyyy G", "01-Jan-2020 00:00:00"},
		{"05-Feb-2020 10:00 Eastern Standard Time", "dd-MMM-yyyy HH:mm zzzz", "05-Feb-2020 07:00:00"},
		{"Foo 5", "EEE d", `error: text "Foo 5" does not fit the pattern "EEE d"`},
		{"x", "yyyy", `error: text "x" does not fit the pattern "yyyy"`},
		{"05/Feb", "dd-MMM", `error: text "05/Feb" does not fit the pattern "dd-MMM"`},
		{"999999999-01-01", "yyyy-MM-dd", `error: text "999999999-01-01" does not fit the pattern "yyyy-MM-dd"`},
	} {
		rt := runtime(t)
		if got := answer(rt, function(t, "toDateTime"), []any{c.text, c.pattern}); got != c.want {
			t.Errorf("%q in %q = %s, want %s", c.text, c.pattern, got, c.want)
		}
	}
}

// What a pattern prints it also reads, if it says everything down to the second.
func FuzzDatePattern(f *testing.F) {
	f.Add("'x' ''", "05-Feb-2020 11:03:09")
	f.Add(" 'o''clock'", "31-Dec-1999 23:59:59")
	f.Fuzz(func(t *testing.T, pattern, date string) {
		rt := runtime(t)
		pattern = "yyyy/MM/dd HH:mm:ss|" + pattern
		if strings.ContainsAny(pattern[len("yyyy/MM/dd HH:mm:ss|"):], "GyYMLwWdDFEuHhKkamsSzZX") {
			t.Skip("says some part twice, or runs together with what follows")
		}
		first := answer(rt, function(t, "toDateTime"), []any{date})
		printed := answer(rt, function(t, "toString"), []any{date, pattern})
		if strings.Contains(first, "-0000") {
			t.Skip("the year 0 is 1 BC, which only G tells")
		}
		if !strings.Contains(first, "-") {
			t.Skip("a time of day prints as one of 1970")
		}
		if strings.HasPrefix(first, "error") || strings.HasPrefix(printed, "error") {
			t.Skip("not a date or not a pattern")
		}
		if again := answer(rt, function(t, "toDateTime"), []any{printed, pattern}); again != first {
			t.Fatalf("%s prints %q in %q and reads back as %s", first, printed, pattern, again)
		}
	})
}
