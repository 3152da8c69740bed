package lib

import (
	"strings"

	"github.com/connhost/connhost/scripting/value"
	"github.com/shopspring/decimal"
)

// commons take any value. The documentation of the product contradicts itself on
// what null, "" and {} are; these answers are the ones real scripts rely on.
var commons = []*Function{
	def(Function{
		Names: names("isNull"), Receiver: "any", Returns: "boolean",
		Semantics: "Whether the value is null or an empty text.",
		Examples:  examples(Example{Expr: `isNull(null)`, Args: `[null]`, Want: "true"}, Example{Expr: `"".isNull()`, Args: `[""]`, Want: "true"}, Example{Expr: `" ".isNull()`, Args: `[" "]`, Want: "false"}),
	}, func(c call) any { return c.arg(0) == nil || c.arg(0) == "" }),
	def(Function{
		Names: names("isBlank"), Receiver: "any", Returns: "boolean",
		Semantics: "Whether the value is null, a text of blanks only, or an empty list or map.",
		Examples:  examples(Example{Expr: `" ".isBlank()`, Args: `[" "]`, Want: "true"}, Example{Expr: `isBlank(null)`, Args: `[null]`, Want: "true"}, Example{Expr: `{" "}.isBlank()`, Args: `[[" "]]`, Want: "false"}),
	}, func(c call) any {
		if s, ok := c.arg(0).(string); ok {
			return strings.TrimSpace(s) == ""
		}
		return isEmpty(c)
	}),
	def(Function{
		Names: names("isEmpty"), Receiver: "any", Returns: "boolean",
		Semantics: "Whether the value is null, an empty text, or an empty list or map.",
		Examples:  examples(Example{Expr: `{}.isEmpty()`, Args: `[{}]`, Want: "true"}, Example{Expr: `" ".isEmpty()`, Args: `[" "]`, Want: "false"}, Example{Expr: `isEmpty(null)`, Args: `[null]`, Want: "true"}),
	}, func(c call) any { return isEmpty(c) }),
	def(Function{
		Names: names("isValidObject"), Receiver: "any", Returns: "boolean",
		Semantics: "Whether the value is neither null nor empty.",
		Examples:  examples(Example{Expr: `"Zoho".isValidObject()`, Args: `["Zoho"]`, Want: "true"}, Example{Expr: `''.isValidObject()`, Args: `[""]`, Want: "false"}),
	}, func(c call) any { return !isEmpty(c) }),
	def(Function{
		Names: names("ifnull"), Receiver: "any", Params: params("default any"), Returns: "any",
		Semantics: "The value, or default if it is null.",
		Examples:  examples(Example{Expr: `ifnull(null, 5)`, Args: `[null,5]`, Want: "5"}, Example{Expr: `ifnull("", 5)`, Args: `["",5]`, Want: ""}),
	}, func(c call) any {
		if v := c.arg(0); v != nil {
			return v
		}
		return c.arg(1)
	}),
	def(Function{
		Names: names("toString", "toText"), Receiver: "any", Params: params("format text?", "zone text?"), Returns: "text",
		Semantics: "The printed form. For a list, format is the separator; for a number a pattern such as #,##0.00; for a date, or a number that is milliseconds since 1970, one such as dd-MM-yyyy, in the time zone.",
		Examples: examples(Example{Expr: `{"a":1}.toString()`, Args: `[{"a":1}]`, Want: `{"a":1}`}, Example{Expr: `{1,2}.toString(" | ")`, Args: `[[1,2]," | "]`, Want: "1 | 2"},
			Example{Expr: `'01-Jan-2019 10:15:30'.toString("dd/MM/yy HH:mm")`, Args: `["'01-Jan-2019 10:15:30'","dd/MM/yy HH:mm"]`, Want: "01/01/19 10:15"}),
	}, toString),
}

func isEmpty(c call) bool {
	switch v := c.arg(0).(type) {
	case nil:
		return true
	case string:
		return v == ""
	}
	n, ok := c.count(0)
	return ok && n == 0
}

func toString(c call) any {
	c.notNull()
	if !c.has(1) {
		return value.Text(c.budget(), c.arg(0))
	}
	switch c.arg(0).(type) {
	case *value.List, *value.Empty, *value.Collection:
		return c.join(c.items(0), c.text(1))
	case int64, decimal.Decimal:
		if strings.ContainsAny(c.text(1), "0#") {
			return c.patterned()
		}
		return c.formatted()
	case value.Time, string:
		return c.formatted()
	}
	c.mismatch(0, "list or date")
	return nil
}

// join gives the printed elements with sep between them.
func (c call) join(items []any, sep string) string {
	parts := make([]any, 0, 2)
	joined := ""
	for i, v := range items {
		c.budget().Tick(1)
		if i > 0 {
			parts = append(parts, sep)
		}
		c.budget().AllocTimes(2, 16)
		parts = append(parts, value.Text(c.budget(), v))
	}
	if len(parts) > 0 {
		joined = value.Concat(c.budget(), append(parts, "")...).(string)
	}
	return joined
}
