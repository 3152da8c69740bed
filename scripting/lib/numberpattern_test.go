package lib_test

import (
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting/value"
)

// What java.text.DecimalFormat gives in the locale of the United States.
func TestNumberPatterns(t *testing.T) {
	for _, c := range []struct{ number, pattern, want string }{
		{"2434", "000000000", "000002434"},
		{"123123456", "##,###", "123,123,456"},
		{"12345654.1234", "$#,##0.00", "$12,345,654.12"},
		{"0", "#", "0"},
		{"0", "#.##", "0"},
		{"0.5", "#.##", "0.5"},
		{"0.5", "#.00", ".50"},
		{"0.5", "#", "0"},
		{"1.5", "#", "2"},
		{"2.5", "0", "2"},
		{"0.125", "0.00", "0.12"},
		{"5", "0.", "5."},
		{"5", "#,##0.###", "5"},
		{"-5.25", "0.0#", "-5.25"},
		{"-5.25", "0.00;(0.00)", "(5.25)"},
		{"-5.25", "0.00;0.00", "-5.25"},
		{"0.256", "0.0%", "25.6%"},
		{"0.256", "0‰", "256‰"},
		{"5", "¤0.00", "$5.00"},
		{"5", "¤¤ 0.00", "USD 5.00"},
		{"5", "'#'0", "#5"},
		{"5", "0 'o''clock'", "5 o'clock"},
		{"12345", "0.###E0", "1.234E4"},
		{"12345", "##0.#####E0", "12.345E3"},
		{"0.00123", "00.###E0", "12.3E-4"},
		{"123456", "##0.##E0", "123E3"},
		{"9.996", "0.00E0", "1.00E1"},
		{"0", "0.0E00", "0.0E00"},
		{"1234567.891", "#,####.#", "123,4567.9"},
		{"1234567", "#,##,###", "1,234,567"},
		{"9223372036854775807", "#,##0", "9,223,372,036,854,775,807"},
		{"1", "abc", `error: "abc" is not a number pattern`},
		{"1", "0#", `error: "0#" is not a number pattern`},
		{"1", "0.0.0", `error: "0.0.0" is not a number pattern`},
		{"1", "#,", `error: "#," is not a number pattern`},
		{"1", "0E", `error: "0E" is not a number pattern`},
		{"1", "'0", `error: "'0" is not a number pattern`},
		{"1", "0;", `error: "0;" is not a number pattern`},
	} {
		rt := runtime(t)
		if got := answer(rt, function(t, "text"), []any{mustNumber(t, c.number), c.pattern}); got != c.want {
			t.Errorf("%s in %q = %s, want %s", c.number, c.pattern, got, c.want)
		}
	}
}

// What is printed in a pattern that keeps every digit reads back as the number.
func FuzzNumberPattern(f *testing.F) {
	f.Add("12345.678", "#,##0.########", "$")
	f.Add("-0.001", "000.################", "x")
	f.Add("1e300", "0.0#############E0", "")
	f.Fuzz(func(t *testing.T, number, pattern, prefix string) {
		rt := runtime(t)
		n, err := value.ParseNumber(number)
		if err != nil || len(number) > 30 || strings.ContainsAny(number, "eE") {
			t.Skip("not a short number")
		}
		printed := answer(rt, function(t, "text"), []any{n, pattern})
		if !strings.HasPrefix(printed, "error") && printed == "" {
			t.Fatalf("%s in %q prints nothing", number, pattern)
		}
		printed = answer(rt, function(t, "text"), []any{n, "'" + strings.ReplaceAll(prefix, "'", "''") + "'" + "|#,##0.##############################"})
		_, digits, _ := strings.Cut(printed, prefix+"|")
		if prefix == "" {
			_, digits, _ = strings.Cut(printed, "|")
		}
		digits = strings.ReplaceAll(digits, ",", "")
		if strings.HasPrefix(printed, "-") {
			digits = "-" + digits
		}
		again, err := value.ParseNumber(digits)
		if err != nil || !value.Equal(rt.Budget, n, again) {
			t.Fatalf("%s prints %q and reads back as %v", number, printed, again)
		}
	})
}
