package lib

import (
	"math"

	"github.com/connhost/connhost/scripting/value"
	"github.com/shopspring/decimal"
)

// curves are the functions of calculus. They calculate in floating point; angles
// are radians.
var curves = []*Function{
	curve("exp", "e to the power of the number.", math.Exp, "1", "2.718281828459045"),
	curve("log", "The natural logarithm.", math.Log, "10", "2.302585092994046"),
	curve("log10", "The logarithm to base 10.", math.Log10, "1000", "3.0"),
	curve("sin", "The sine of an angle.", math.Sin, "1", "0.8414709848078965"),
	curve("cos", "The cosine of an angle.", math.Cos, "0", "1.0"),
	curve("tan", "The tangent of an angle.", math.Tan, "1", "1.557407724654902"),
	curve("asin", "The angle whose sine is the number.", math.Asin, "1", "1.5707963267948966"),
	curve("acos", "The angle whose cosine is the number.", math.Acos, "1", "0.0"),
	curve("atan", "The angle whose tangent is the number.", math.Atan, "1", "0.7853981633974483"),
	curve("sinh", "The hyperbolic sine.", math.Sinh, "0", "0.0"),
	curve("cosh", "The hyperbolic cosine.", math.Cosh, "0", "1.0"),
	curve("tanh", "The hyperbolic tangent.", math.Tanh, "0", "0.0"),
	curve("asinh", "The number whose hyperbolic sine is the receiver.", math.Asinh, "0", "0.0"),
	curve("acosh", "The number whose hyperbolic cosine is the receiver, which is 1 at least.", math.Acosh, "1", "0.0"),
	curve("atanh", "The number whose hyperbolic tangent is the receiver, which is between -1 and 1.", math.Atanh, "0.5", "0.5493061443340548"),
	curve("degrees", "An angle in radians as degrees.", func(x float64) float64 { return x / math.Pi * 180 }, "0", "0.0"),
	curve("radians", "An angle in degrees as radians.", func(x float64) float64 { return x / 180 * math.Pi }, "180", "3.141592653589793"),
	def(Function{
		Names: names("atan2"), Receiver: "number", Params: params("x number"), Returns: "decimal",
		Semantics: "The angle of the point whose height is the receiver and which lies x to the right.",
		Examples:  examples(Example{Expr: `1.atan2(2)`, Args: `[1,2]`, Want: "0.4636476090008061"}),
	}, func(c call) any {
		x := c.decimal(1).InexactFloat64()
		return c.float(func(y float64) float64 { return math.Atan2(y, x) })
	}),
}

// curve is a row whose function takes a number and gives one, with an example.
func curve(name, semantics string, f func(float64) float64, of, want string) *Function {
	return def(Function{
		Names: names(name), Receiver: "number", Returns: "decimal", Semantics: semantics,
		Examples: examples(Example{Expr: of + `.` + name + `()`, Args: `[` + of + `]`, Want: want}),
	}, func(c call) any { return c.float(f) })
}

// double gives the shortest decimal that means x, with .0 after a whole one as
// Java prints it; false for what is no number.
func double(x float64) (decimal.Decimal, bool) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return decimal.Decimal{}, false
	}
	d, err := value.NewDecimal(decimal.NewFromFloat(x))
	if err != nil {
		panic(err)
	}
	return pointed(d), true
}

// pointed returns d with one digit after its point at least.
func pointed(d decimal.Decimal) decimal.Decimal {
	if d.Exponent() >= 0 {
		return d.Round(1)
	}
	return d
}
