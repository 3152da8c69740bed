package lib

import (
	"math"
	"strings"

	"github.com/connhost/connhost/scripting/value"
	"github.com/shopspring/decimal"
)

// numbers calculate. A text that is a number counts as one.
var numbers = []*Function{
	def(Function{
		Names: names("abs"), Receiver: "number", Returns: "number",
		Semantics: "The number without its sign.",
		Examples:  examples(Example{Expr: `abs(-5)`, Args: `[-5]`, Want: "5"}, Example{Expr: `abs(-2.50)`, Args: `[-2.50]`, Want: "2.50"}),
	}, func(c call) any {
		switch n := c.number(0).(type) {
		case int64:
			if n < 0 {
				return value.Neg(n)
			}
			return n
		default:
			return n.(decimal.Decimal).Abs()
		}
	}),
	def(Function{
		Names: names("signum"), Receiver: "number", Returns: "decimal",
		Semantics: "1.0 for a number above zero, -1.0 below, 0.0 for zero.",
		Examples:  examples(Example{Expr: `25.1.signum()`, Args: `[25.1]`, Want: "1.0"}, Example{Expr: `signum(0)`, Args: `[0]`, Want: "0.0"}),
	}, func(c call) any { return decimal.New(int64(10*c.decimal(0).Sign()), -1) }),
	def(Function{
		Names: names("power", "pow"), Receiver: "number", Params: params("exponent number"), Returns: "number",
		Semantics: "The number to the power of exponent: a number if that is whole and fits, else a decimal.",
		Examples:  examples(Example{Expr: `3.power(2)`, Args: `[3,2]`, Want: "9"}, Example{Expr: `2.power(-1)`, Args: `[2,-1]`, Want: "0.5"}, Example{Expr: `2.power(0.5)`, Args: `[2,0.5]`, Want: "1.4142135623730951"}),
	}, power),
	def(Function{
		Names: names("sqrt"), Receiver: "number", Returns: "decimal",
		Semantics: "The square root.",
		Examples:  examples(Example{Expr: `sqrt(16)`, Args: `[16]`, Want: "4.0"}, Example{Expr: `sqrt(-1)`, Args: `[-1]`, Want: "error: sqrt of -1 is not a number"}),
	}, func(c call) any { return c.float(math.Sqrt) }),
	def(Function{
		Names: names("min"), Receiver: "number", Params: params("other number"), Returns: "number",
		Semantics: "The smaller of both.",
		Examples:  examples(Example{Expr: `100.min(200)`, Args: `[100,200]`, Want: "100"}),
	}, func(c call) any {
		a, b := c.number(0), c.number(1)
		if value.Less(b, a) {
			return b
		}
		return a
	}),
	def(Function{
		Names: names("max"), Receiver: "number", Params: params("other number"), Returns: "number",
		Semantics: "The larger of both.",
		Examples:  examples(Example{Expr: `max(1, 1.5)`, Args: `[1,1.5]`, Want: "1.5"}),
	}, func(c call) any {
		a, b := c.number(0), c.number(1)
		if value.Less(a, b) {
			return b
		}
		return a
	}),
	def(Function{
		Names: names("isEven"), Receiver: "number", Returns: "boolean",
		Semantics: "Whether the number is whole and even.",
		Examples:  examples(Example{Expr: `1234.isEven()`, Args: `[1234]`, Want: "true"}),
	}, func(c call) any { return c.isRemainder(0) }),
	def(Function{
		Names: names("isOdd"), Receiver: "number", Returns: "boolean",
		Semantics: "Whether the number is whole and odd.",
		Examples:  examples(Example{Expr: `isOdd(-3)`, Args: `[-3]`, Want: "true"}, Example{Expr: `2.5.isOdd()`, Args: `[2.5]`, Want: "false"}),
	}, func(c call) any { return c.isRemainder(1) }),
	def(Function{
		Names: names("isNumber"), Receiver: "any", Returns: "boolean",
		Semantics: "Whether the value is a number or decimal, or a text that is one; null for a list or map.",
		Examples:  examples(Example{Expr: `isNumber("12.3")`, Args: `["12.3"]`, Want: "true"}, Example{Expr: `"24/2*10".isNumber()`, Args: `["24/2*10"]`, Want: "false"}, Example{Expr: `isNumber({1})`, Args: `[[1]]`, Want: "null"}),
	}, func(c call) any {
		switch v := c.arg(0).(type) {
		case int64, decimal.Decimal:
			return true
		case string:
			return isNumeric(v)
		case *value.List, *value.Map, *value.Empty, *value.Collection:
			return nil
		}
		return false
	}),
	def(Function{
		Names: names("randomNumber"), Params: params("start number", "end number?"), Returns: "number",
		Semantics: "A whole number from start, which is included, up to end, which is not; from 0 with one argument. With a decimal among them, a decimal.",
		Examples:  examples(Example{Expr: `randomNumber(1, 2)`, Args: `[1,2]`, Want: "1"}),
	}, randomNumber),
}

func isNumeric(s string) bool {
	_, err := value.ParseNumber(strings.TrimSpace(s))
	return err == nil
}

// isRemainder reports whether the receiver is whole and leaves r when halved.
func (c call) isRemainder(r int64) bool {
	switch n := c.number(0).(type) {
	case int64:
		return n&1 == r
	case decimal.Decimal:
		return n.IsInteger() && n.Mod(decimal.NewFromInt(2)).Abs().Equal(decimal.NewFromInt(r))
	}
	return false
}

// maxExponent is up to where powers are multiplied out; beyond, they are
// calculated in floating point.
const maxExponent = 4000

func power(c call) any {
	base, exponent := c.number(0), c.number(1)
	n, ok := exponent.(int64)
	if !ok {
		n, ok = value.Whole(c.decimal(1))
	}
	if !ok || n > maxExponent || n < -maxExponent {
		e := c.decimal(1).InexactFloat64()
		return c.float(func(x float64) float64 { return math.Pow(x, e) })
	}
	if n >= 0 {
		return c.wholePower(base, n)
	}
	d, err := value.NewDecimal(asDecimal(c.wholePower(base, -n)))
	if err != nil {
		panic(err)
	}
	return value.Quotient(decimal.NewFromInt(1), d)
}

// wholePower squares and multiplies. A number that grows too large goes on as a
// decimal.
func (c call) wholePower(base any, n int64) any {
	result := any(int64(1))
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			result = c.product(result, base)
		}
		if n > 1 {
			base = c.product(base, base)
		}
	}
	return result
}

func (c call) product(x, y any) any {
	c.budget().Tick(4)
	p, okX := x.(int64)
	q, okY := y.(int64)
	if okX && okY {
		if product := p * q; p == 0 || q == 0 || product/q == p && !(p == -1 && q == math.MinInt64) && !(q == -1 && p == math.MinInt64) {
			return product
		}
	}
	return value.Mul(c.budget(), asDecimal(x), asDecimal(y))
}

func asDecimal(v any) decimal.Decimal {
	if n, ok := v.(int64); ok {
		return decimal.NewFromInt(n)
	}
	return v.(decimal.Decimal)
}

// float calculates in floating point and gives the shortest decimal that means
// the same, with .0 after a whole one as Java prints it.
func (c call) float(f func(float64) float64) decimal.Decimal {
	d, ok := double(f(c.decimal(0).InexactFloat64()))
	if !ok {
		value.Throw("%s of %s is not a number", c.fn.Names[0], value.Text(c.budget(), c.arg(0)))
	}
	return d
}

func randomNumber(c call) any {
	for i := range c.args {
		if _, ok := c.number(i).(decimal.Decimal); ok {
			return c.randomDecimal()
		}
	}
	from, to := int64(0), c.whole(0)
	if c.has(1) {
		from, to = to, c.whole(1)
	}
	span := to - from
	if span <= 0 || c.rt.Rand == nil {
		value.Throw("no number from %d up to %d", from, to)
	}
	return from + c.rt.Rand(span)
}

// randomDecimal is a decimal with the 53 binary digits a double has.
func (c call) randomDecimal() any {
	from, to := 0.0, c.decimal(0).InexactFloat64()
	if c.has(1) {
		from, to = to, c.decimal(1).InexactFloat64()
	}
	const digits = 1 << 53
	span := to - from
	if !(span > 0) || math.IsInf(span, 0) || c.rt.Rand == nil {
		value.Throw("no number from %s up to %s", value.Text(c.budget(), c.arg(0)), value.Text(c.budget(), c.arg(len(c.args)-1)))
	}
	d, _ := double(from + span*float64(c.rt.Rand(digits))/digits)
	return d
}
