package lib

import (
	"strconv"

	"github.com/connhost/connhost/scripting/value"
	"github.com/shopspring/decimal"
)

// conversions make a number of something, or something of a number.
var conversions = []*Function{
	def(Function{
		Names: names("toLong"), Receiver: "any", Returns: "number",
		Semantics: "A whole number of a text or decimal, whose fraction is cut; of a date its milliseconds since 1970.",
		Examples:  examples(Example{Expr: `99.9.toLong()`, Args: `[99.9]`, Want: "99"}, Example{Expr: `"100".toLong()`, Args: `["100"]`, Want: "100"}, Example{Expr: `"9007199254740993".toLong()`, Args: `["9007199254740993"]`, Want: "9007199254740993"}),
	}, toLong),
	def(Function{
		Names: names("toNumber"), Receiver: "any", Returns: "number",
		Semantics: "As toLong.",
		Examples:  examples(Example{Expr: `123.25.toNumber()`, Args: `[123.25]`, Want: "123"}, Example{Expr: `"134A123B".toNumber()`, Args: `["134A123B"]`, Want: `error: text "134A123B" is not a number`}),
	}, toLong),
	def(Function{
		Names: names("toDecimal"), Receiver: "number", Returns: "decimal",
		Semantics: "The decimal of a text or number.",
		Examples:  examples(Example{Expr: `"12.50".toDecimal()`, Args: `["12.50"]`, Want: "12.50"}),
	}, func(c call) any { return c.decimal(0) }),
	def(Function{
		Names: names("toHex"), Receiver: "number", Returns: "text",
		Semantics: "The whole number in hexadecimal digits; a negative one as its 64-bit two's complement.",
		Examples:  examples(Example{Expr: `255.toHex()`, Args: `[255]`, Want: "ff"}),
	}, func(c call) any { return strconv.FormatUint(uint64(c.whole(0)), 16) }),
}

func toLong(c call) any {
	if t, ok := c.arg(0).(value.Time); ok {
		return t.UnixMilli()
	}
	switch n := c.number(0).(type) {
	case decimal.Decimal:
		whole, ok := value.Whole(n.Truncate(0))
		if !ok {
			value.Throw("number out of range")
		}
		return whole
	default:
		return n
	}
}
