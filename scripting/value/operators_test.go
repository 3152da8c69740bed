package value_test

import (
	"math"
	"testing"

	"github.com/connhost/connhost/scripting/value"
)

func TestOperators(t *testing.T) {
	b := budget()
	ops := map[string]func(x, y any) any{
		"+":  func(x, y any) any { return value.Add(b, x, y) },
		"-":  func(x, y any) any { return value.Sub(b, x, y) },
		"*":  func(x, y any) any { return value.Mul(b, x, y) },
		"/":  func(x, y any) any { return value.Div(b, x, y) },
		"%":  func(x, y any) any { return value.Mod(b, x, y) },
		"<":  func(x, y any) any { return value.Less(x, y) },
		"<=": func(x, y any) any { return value.LessEq(x, y) },
		">":  func(x, y any) any { return value.Greater(x, y) },
		">=": func(x, y any) any { return value.GreaterEq(x, y) },
		"==": func(x, y any) any { return value.Equal(b, x, y) },
	}
	day := date(t, "15-Aug-1947")
	noon := date(t, "15-Aug-1947 12:00:00")
	for _, c := range []struct {
		x    any
		op   string
		y    any
		want string // printed form, or the message of the Fault
	}{
		{int64(1), "+", int64(2), "3"},
		{int64(1), "+", dec("2.50"), "3.50"},
		{dec("1.4"), "+", dec("3.6"), "5.0"},
		{true, "+", "text", "truetext"},
		{"n: ", "+", int64(5), "n: 5"},
		{"x", "+", nil, "xnull"},
		{"list ", "+", value.NewList("a", int64(1)), "list a,1"},
		{int64(math.MaxInt64), "+", int64(1), "number out of range"},
		{int64(math.MinInt64), "+", int64(-1), "number out of range"},
		{int64(math.MaxInt64), "+", int64(0), "9223372036854775807"},
		{nil, "+", int64(1), "Left expression is of type NULL and right expression is of type BIGINT and operator + is not valid"},
		{noon, "+", int64(1), "Left expression is of type TIMESTAMP and right expression is of type BIGINT and operator + is not valid"},
		{day, "-", int64(1), "Left expression is of type DATE and right expression is of type BIGINT and operator - is not valid"},
		{value.NewList(), "+", value.NewMap(), "Left expression is of type LIST and right expression is of type KEY-VALUE and operator + is not valid"},

		{int64(1), "-", int64(2), "-1"},
		{int64(math.MinInt64), "-", int64(1), "number out of range"},
		{noon, "-", day, "43200000"},
		{date(t, "01-Jan-2400"), "-", date(t, "01-Jan-1400"), "31556908800000"},
		{dec("0.3"), "-", dec("0.1"), "0.2"},

		{int64(6), "*", int64(7), "42"},
		{int64(math.MinInt64), "*", int64(-1), "number out of range"},
		{int64(-1), "*", int64(math.MinInt64), "number out of range"},
		{int64(1 << 40), "*", int64(1 << 40), "number out of range"},
		{dec("1.5"), "*", dec("1.5"), "2.25"},
		{int64(2), "*", "x", "cannot multiply number and text"},

		{int64(10), "/", int64(2), "5"},
		{int64(7), "/", int64(2), "3.5"},
		{int64(1000), "/", dec("0.1"), "10000"},
		{int64(2), "/", int64(3), "0.6666666666666667"},
		{int64(1), "/", int64(3_000_000), "0.0000003333333333333333"},
		{int64(math.MinInt64), "/", int64(-1), "9223372036854775808"},
		{int64(1), "/", int64(0), "division by zero"},
		{dec("1.0"), "/", dec("0.00"), "division by zero"},
		{"1", "/", int64(2), "cannot divide text by number"},

		{int64(-7), "%", int64(2), "-1"},
		{int64(math.MinInt64), "%", int64(-1), "0"},
		{dec("7.5"), "%", int64(2), "1.5"},
		{int64(1), "%", int64(0), "division by zero"},
		{nil, "%", int64(2), "mod operation mismatch of data type expressions"},

		{int64(1), "<", dec("1.5"), "true"},
		{int64(2), "<=", int64(2), "true"},
		{int64(math.MaxInt64), "<", dec("9223372036854775808"), "true"},
		{day, "<", noon, "true"},
		{noon, ">=", day, "true"},
		{day, ">", noon, "false"},
		{"a", "<", "b", "Comparison of non numeric expression"},
		{int64(1), ">", nil, "Comparison of non numeric expression"},

		{int64(1), "==", dec("1.00"), "true"},
		{int64(1), "==", "1", "false"},
		{dec("1.5"), "==", dec("1.50"), "true"},
		{nil, "==", nil, "true"},
		{nil, "==", "", "false"},
		{"", "==", nil, "false"},
		{"a", "==", "A", "false"},
		{true, "==", true, "true"},
		{true, "==", "true", "false"},
		{day, "==", date(t, "08/15/1947"), "true"},
		{day, "==", "15-Aug-1947", "false"},
		{value.NewList(int64(1)), "==", value.NewList(dec("1.0")), "true"},
		{value.NewList(int64(1)), "==", value.NewList("1"), "false"},
		{value.NewList(), "==", &value.Empty{}, "true"},
		{&value.Empty{}, "==", value.NewMap(), "true"},
		{value.NewMap(), "==", value.NewList(), "false"},
		{&value.Empty{}, "==", nil, "false"},
	} {
		got, err := outcome(func() any { return ops[c.op](c.x, c.y) })
		text := ""
		if err != nil {
			text = err.Error()
		} else {
			text = value.Text(b, got)
		}
		if text != c.want {
			t.Errorf("%s %s %s = %s, want %s", value.Text(b, c.x), c.op, value.Text(b, c.y), text, c.want)
		}
	}
}

func TestUnary(t *testing.T) {
	b := budget()
	for _, c := range []struct {
		f    func() any
		want string
	}{
		{func() any { return value.Neg(int64(5)) }, "-5"},
		{func() any { return value.Neg(dec("-1.50")) }, "1.50"},
		{func() any { return value.Neg(int64(math.MinInt64)) }, "number out of range"},
		{func() any { return value.Neg("x") }, "cannot negate text"},
		{func() any { return value.Not(nil) }, "true"},
		{func() any { return value.Not(true) }, "false"},
		{func() any { return value.Truth("True") }, "true"},
		{func() any { return value.Truth("FALSE") }, "false"},
		{func() any { return value.Truth("yes") }, "a condition must be true or false, not text"},
		{func() any { return value.Truth(int64(1)) }, "a condition must be true or false, not number"},
	} {
		got, err := outcome(c.f)
		text := ""
		if err != nil {
			text = err.Error()
		} else {
			text = value.Text(b, got)
		}
		if text != c.want {
			t.Errorf("got %s, want %s", text, c.want)
		}
	}
}

// Concat is a shorter way for a chain of +, so it must give what the chain does.
func TestConcatIsAddFromTheLeft(t *testing.T) {
	b := budget()
	parts := []any{int64(1), dec("2.5"), "x", nil, true, value.NewList(int64(1), "a"), "é"}
	for i := range 2000 {
		n := 2 + i%4
		chain := make([]any, n)
		for j, k := 0, i; j < n; j, k = j+1, k/len(parts)+j {
			chain[j] = parts[k%len(parts)]
		}
		want, wantErr := outcome(func() any {
			sum := chain[0]
			for _, v := range chain[1:] {
				sum = value.Add(b, sum, v)
			}
			return sum
		})
		got, err := outcome(func() any { return value.Concat(b, chain...) })
		if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
			t.Fatalf("%v: got error %v, want %v", chain, err, wantErr)
		}
		if err == nil && value.Text(b, got) != value.Text(b, want) {
			t.Fatalf("%v: got %v, want %v", chain, got, want)
		}
	}
}
