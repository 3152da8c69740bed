package lib

import (
	"strings"

	"github.com/connhost/connhost/scripting/value"
	"github.com/shopspring/decimal"
)

// textForms print numbers and dates in a form of the author's choice.
var textForms = []*Function{
	def(Function{
		Names: names("text"), Receiver: "number|date", Params: params("pattern text"), Returns: "text",
		Semantics: "A number in a pattern such as #,##0.00, or a date in one such as dd-MM-yyyy. A text counts as the number or date it is.",
		Examples: examples(Example{Expr: `2434.text("000000000")`, Args: `[2434,"000000000"]`, Want: "000002434"},
			Example{Expr: `12345654.1234.text("$#,##0.00")`, Args: `[12345654.1234,"$#,##0.00"]`, Want: "$12,345,654.12"},
			Example{Expr: `"02/04/2020".text("EEEE")`, Args: `["02/04/2020","EEEE"]`, Want: "Tuesday"}),
	}, func(c call) any {
		switch v := c.arg(0).(type) {
		case int64, decimal.Decimal:
			return c.patterned()
		case string:
			if _, err := value.ParseNumber(strings.TrimSpace(v)); err == nil {
				return c.patterned()
			}
		}
		return c.formatted()
	}),
	def(Function{
		Names: names("toWords"), Receiver: "number", Params: params("language text?"), Returns: "text",
		Semantics: "The number in words, in English unless language is one of en-us, en-gb, en-in, de, es, fr, it, ja, ko and zh. Digits after the point are read one by one.",
		Examples: examples(Example{Expr: `1989.toWords("en-us")`, Args: `[1989,"en-us"]`, Want: "one thousand nine hundred eighty-nine"},
			Example{Expr: `1989.13.toWords()`, Args: `[1989.13]`, Want: "one thousand nine hundred eighty-nine point one three"},
			Example{Expr: `toWords(-12, "en-gb")`, Args: `[-12,"en-gb"]`, Want: "minus twelve"},
			Example{Expr: `10000000.toWords("en-in")`, Args: `[10000000,"en-in"]`, Want: "one crore"},
			Example{Expr: `24.toWords("ko")`, Args: `[24,"ko"]`, Want: "이십사"},
			Example{Expr: `1989.toWords("es")`, Args: `[1989,"es"]`, Want: "mil novecientos ochenta y nueve"}),
	}, toWords),
}

// patterned prints the receiver, a number, in the pattern of argument 1.
func (c call) patterned() any {
	d, pattern := c.decimal(0), c.text(1)
	c.grow(4, len(pattern)+value.MaxWhole)
	s, ok := formatNumber(d, pattern)
	if !ok {
		value.Throw("%q is not a number pattern", value.Clip(pattern))
	}
	return s
}

func toWords(c call) any {
	d, language := c.decimal(0), "en-us"
	if c.has(1) {
		language = strings.ToLower(c.text(1))
	}
	speak, ok := languages[language]
	if !ok {
		value.Throw("toWords does not speak %q: en-us, en-gb, en-in, de, es, fr, it, ja, ko or zh", value.Clip(language))
	}
	whole := d.Abs().Truncate(0)
	if whole.NumDigits() > 18 {
		value.Throw("toWords reads numbers of up to 18 digits")
	}
	words := speak.number(whole.IntPart())
	if _, fraction, ok := strings.Cut(value.Plain(d.Abs()), "."); ok {
		words = speak.withFraction(words, fraction)
	}
	if d.Sign() < 0 {
		words = speak.minus + words
	}
	return words
}
