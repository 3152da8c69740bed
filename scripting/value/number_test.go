package value_test

import (
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting/value"
	"github.com/shopspring/decimal"
)

func TestParseNumber(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "-7": "-7", "+7": "7", "007": "7",
		"9223372036854775807": "9223372036854775807", "9223372036854775808": "9223372036854775808",
		".5": "0.5", "5.": "5", "1.50": "1.50", "1e3": "1000", "1E-3": "0.001", "-0.0": "0.0",
		"1e-999":      "0." + strings.Repeat("0", value.MaxScale),
		"1e400":       "error: number out of range",
		"1e999999999": "error: number out of range", "1e-999999999": "error: number out of range",
		"1e99999999999999999999": "error: number out of range",
		"0e999999999":            "error: number out of range",
		strings.Repeat("9", 401): "error: number out of range",
		strings.Repeat("9", 1e6): "error: number out of range",
		"":                       `error: text "" is not a number`, "-": `error: text "-" is not a number`, ".": `error: text "." is not a number`,
		"1e": `error: text "1e" is not a number`, "1 2": `error: text "1 2" is not a number`, "0x1": `error: text "0x1" is not a number`,
		"NaN": `error: text "NaN" is not a number`, "1_0": `error: text "1_0" is not a number`, "--1": `error: text "--1" is not a number`,
		"1.2.3": `error: text "1.2.3" is not a number`, "\u22121": "error: text \"\u22121\" is not a number",
	} {
		got := ""
		if v, err := value.ParseNumber(in); err != nil {
			got = "error: " + err.Error()
		} else {
			got = value.Text(budget(), v)
		}
		if got != want {
			t.Errorf("ParseNumber(%.40q) = %.80s, want %.80s", in, got, want)
		}
	}
}

// Every way to a decimal must stay within the bounds, or printing it would not.
func TestDecimalsStayBounded(t *testing.T) {
	for _, d := range []decimal.Decimal{
		decimal.New(1, 2_000_000_000), decimal.New(-1, 401), decimal.New(1, -2_000_000_000), decimal.New(0, 2_000_000_000), decimal.New(0, -2_000_000_000),
	} {
		got, err := value.NewDecimal(d)
		if err == nil && len(value.Plain(got)) > value.MaxWhole+value.MaxScale+3 {
			t.Errorf("exponent %d prints %d digits", d.Exponent(), len(value.Plain(got)))
		}
	}
	b := budget()
	for name, op := range map[string]func(x any) any{
		"square": func(x any) any { return value.Mul(b, x, x) },
		"double": func(x any) any { return value.Add(b, x, x) },
		"halve":  func(x any) any { return value.Div(b, x, int64(3)) },
		"shrink": func(x any) any { return value.Mul(b, x, dec("0.3333333333333333")) },
	} {
		x := any(dec("1234567.7654321"))
		_, err := outcome(func() any {
			for range 5000 {
				x = op(x)
			}
			return nil
		})
		if err != nil && err.Error() != "number out of range" {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(value.Text(b, x)); n > value.MaxWhole+value.MaxScale+3 {
			t.Errorf("%s ends with %d digits", name, n)
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"1", "-1.50", "1e300", ".1", "9223372036854775808", "1e-400", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := budget()
		v, err := value.ParseNumber(s)
		if err != nil {
			return
		}
		printed := value.Text(b, v)
		again, err := value.ParseNumber(printed)
		if err != nil || !value.Equal(b, v, again) || value.Text(b, again) != printed {
			t.Fatalf("%q prints %q and reads back as %v, %v", s, printed, again, err)
		}
	})
}
