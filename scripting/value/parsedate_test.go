package value_test

import (
	"testing"
	"time"

	"github.com/connhost/connhost/scripting/value"
)

func TestParseDate(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	for in, want := range map[string]string{
		"15-Aug-1947": "15-Aug-1947", "15-Aug-47": "15-Aug-2047", "15-August-1947": "15-Aug-1947", "15-aug-69": "15-Aug-1969",
		"5-Aug-1947": "05-Aug-1947", " 15-Aug-1947 ": "15-Aug-1947", "15 Aug 1947": "15-Aug-1947", "Aug 15, 1947": "15-Aug-1947", "15/Aug/1947": "15-Aug-1947",
		"01/01/2017": "01-Jan-2017", "02/04/2020": "04-Feb-2020", "31/12/2020": "31-Dec-2020", "02-04-20": "04-Feb-2020", "47-08-15": "15-Aug-2047",
		"31-12-99": "31-Dec-1999", "2017-01-31": "31-Jan-2017", "2017/1/31": "31-Jan-2017", "31.12.2020": "31-Dec-2020", "1947-Aug-15": "15-Aug-1947",
		"15-Aug-1947 19:00:00": "15-Aug-1947 19:00:00", "15-Aug-1947 7:00 pm": "15-Aug-1947 19:00:00", "15-Aug-1947 12:00:00 AM": "15-Aug-1947 00:00:00",
		"2020-02-03T03:48:12Z": "03-Feb-2020 05:48:12", "2020-02-03T03:48:12.250+05:30": "03-Feb-2020 00:18:12", "2020-02-03 03:48:12 -0800": "03-Feb-2020 13:48:12",
		"29-Feb-2020": "29-Feb-2020", "15-Aug-1947, 19:00": "15-Aug-1947 19:00:00",
		"": "error", "29-Feb-2019": "error", "15-Aug": "error", "15-Foo-1947": "error", "2020": "error", "1-2-3": "error", "19:00:00": "error",
		"15-Aug-1947 25:00": "error", "15-Aug-1947 13:00 PM": "error", "15-Aug-1947x": "error", "01/01-2017": "error", "0-Jan-2020": "error",
		"15-Aug-1947 19:00:00 +99:00": "error", "hello world": "error", "2020-13-45": "error", "01-01-20201": "error",
	} {
		got := "error"
		if d, err := value.ParseDate(in, zone); err == nil {
			got = d.String()
		}
		if got != want {
			t.Errorf("ParseDate(%q) = %s, want %s", in, got, want)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"15-Aug-1947 19:00:00", "01/31/2017", "2020-02-03T03:48:12.250+05:30", "Aug 15, 1947", "0000-01-01 00:00 +18:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := value.ParseDate(s, time.UTC)
		if err != nil {
			return
		}
		again, err := value.ParseDate(d.String(), time.UTC)
		if err != nil || again.String() != d.String() || again.DateOnly != d.DateOnly {
			t.Fatalf("%q prints %q and reads back as %v, %v", s, d, again, err)
		}
	})
}

func TestParseLiteral(t *testing.T) {
	for in, want := range map[string]string{
		"19:00:00": "19:00:00", "06:00:00 PM": "06:00:00 PM", "7:05:09 am": "07:05:09 AM", "00:00:00": "00:00:00",
		"15-Aug-1947": "15-Aug-1947", "15-Aug-1947 19:00": "15-Aug-1947 19:00:00",
		"19:00": "", "25:00:00": "", "13:00:00 PM": "", "19:00:00x": "", "": "",
	} {
		v, err := value.ParseLiteral(in, nil)
		if err != nil {
			if want != "" {
				t.Errorf("%q: %v", in, err)
			}
			continue
		}
		if v.String() != want {
			t.Errorf("%q is %s, want %q", in, v, want)
		}
	}
}

// A time of day is no date: neither equal to one nor compared with one.
func TestTimesOfDay(t *testing.T) {
	early, _ := value.NewClock(0, value.Clock24)
	late, _ := value.NewClock(time.Hour, value.Clock12)
	if !value.Less(early, late) || value.Equal(budget(), early, value.Time{Time: early.Time}) || value.Sub(budget(), late, early) != int64(3_600_000) {
		t.Error("times of day do not compare as they should")
	}
	if got := faultOf(func() { value.Less(early, value.Time{Time: late.Time}) }); got != "Comparison of non numeric expression" {
		t.Errorf("compared with a date: %q", got)
	}
	if _, err := value.NewClock(24*time.Hour, value.Clock24); err == nil {
		t.Error("a day has more than 24 hours")
	}
}

func faultOf(f func()) (msg string) {
	defer func() {
		if fault, ok := recover().(*value.Fault); ok {
			msg = fault.Msg
		}
	}()
	f()
	return ""
}
