package lib

import (
	"github.com/connhost/connhost/scripting/value"
	"github.com/shopspring/decimal"
)

// roundings take digits off a number. A result without fraction is a number if
// it fits.
var roundings = []*Function{
	def(Function{
		Names: names("ceil"), Receiver: "number", Returns: "number",
		Semantics: "The smallest whole number that is not below.",
		Examples:  examples(Example{Expr: `10.1.ceil()`, Args: `[10.1]`, Want: "11"}, Example{Expr: `ceil(-10.9)`, Args: `[-10.9]`, Want: "-10"}),
	}, func(c call) any { return c.wholeOf(decimal.Decimal.Ceil) }),
	def(Function{
		Names: names("floor"), Receiver: "number", Returns: "number",
		Semantics: "The largest whole number that is not above.",
		Examples:  examples(Example{Expr: `10.1.floor()`, Args: `[10.1]`, Want: "10"}, Example{Expr: `floor(-10.1)`, Args: `[-10.1]`, Want: "-11"}),
	}, func(c call) any { return c.wholeOf(decimal.Decimal.Floor) }),
	def(Function{
		Names: names("round"), Receiver: "number", Params: params("digits number?"), Returns: "number",
		Semantics: "Rounded half up, away from zero, to digits after the point; negative digits round before it.",
		Examples: examples(Example{Expr: `218.5.round(0)`, Args: `[218.5,0]`, Want: "219"}, Example{Expr: `218.49.round(1)`, Args: `[218.49,1]`, Want: "218.5"},
			Example{Expr: `294.2.round(-2)`, Args: `[294.2,-2]`, Want: "300"}, Example{Expr: `(-150.55).round(-2)`, Args: `[-150.55,-2]`, Want: "-200"}),
	}, func(c call) any { return c.cut(decimal.Decimal.Round) }),
	def(Function{
		Names: names("truncate"), Receiver: "number", Params: params("digits number?"), Returns: "number",
		Semantics: "Cut without rounding to digits after the point; negative digits cut before it.",
		Examples:  examples(Example{Expr: `25.125432.truncate(2)`, Args: `[25.125432,2]`, Want: "25.12"}, Example{Expr: `9789.852.truncate(-2)`, Args: `[9789.852,-2]`, Want: "9700"}),
	}, func(c call) any { return c.cut(decimal.Decimal.Truncate) }),
	def(Function{
		Names: names("frac"), Receiver: "number", Returns: "decimal",
		Semantics: "What stands after the point, with the sign of the number.",
		Examples:  examples(Example{Expr: `24.6.frac()`, Args: `[24.6]`, Want: "0.6"}, Example{Expr: `frac(-25.1)`, Args: `[-25.1]`, Want: "-0.1"}),
	}, func(c call) any {
		d := c.decimal(0)
		return d.Sub(d.Truncate(0))
	}),
}

// wholeOf applies f, which gives whole decimals, to the receiver.
func (c call) wholeOf(f func(decimal.Decimal) decimal.Decimal) any {
	if n, ok := c.number(0).(int64); ok {
		return n
	}
	return numberIfWhole(f(c.decimal(0)))
}

// numberIfWhole returns a decimal as the number it is, if it is one.
func numberIfWhole(d decimal.Decimal) any {
	if n, ok := value.Whole(d); ok {
		return n
	}
	return d
}

// cut applies f for the digits of argument 1, 0 without it. Digits that the
// receiver does not have are not made up.
func (c call) cut(f func(decimal.Decimal, int32) decimal.Decimal) any {
	digits := int64(0)
	if c.has(1) {
		digits = c.whole(1)
	}
	d := c.decimal(0)
	if _, ok := c.number(0).(int64); ok && digits >= 0 {
		return numberIfWhole(d)
	}
	digits = max(-value.MaxWhole-1, min(digits, value.MaxScale))
	if -digits <= int64(d.Exponent()) {
		return d
	}
	d = f(d, int32(digits))
	if digits > 0 {
		return d
	}
	return numberIfWhole(d)
}
