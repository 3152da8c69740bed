package lib

import (
	"strings"
	"unicode/utf8"

	"github.com/connhost/connhost/scripting/value"
)

// textTests ask something about a text.
var textTests = []*Function{
	def(Function{
		Names: names("length", "len"), Receiver: "text|list|collection|map", Returns: "number",
		Semantics: "Number of characters; of a list or collection, the number of elements; of a map, the length of its JSON text.",
		Examples:  examples(Example{Expr: `"Zoho".length()`, Args: `["Zoho"]`, Want: "4"}, Example{Expr: `length("über")`, Args: `["über"]`, Want: "4"}, Example{Expr: `{5,6}.length()`, Args: `[[5,6]]`, Want: "2"}),
	}, func(c call) any {
		if items, ok := c.elements(); ok {
			return int64(len(items))
		}
		s := c.textOrMap()
		c.scan(s)
		return int64(utf8.RuneCountInString(s))
	}),
	def(Function{
		Names: names("containsIgnoreCase"), Receiver: "text", Params: params("part text"), Returns: "boolean",
		Semantics: "Whether part stands in the text, in any letter case.",
		Examples:  examples(Example{Expr: `"Zoho Creator".containsIgnoreCase("CREATOR")`, Args: `["Zoho Creator","CREATOR"]`, Want: "true"}),
	}, func(c call) any {
		s := c.text(0)
		c.scan(s)
		i, _ := indexFold(c.budget(), s, c.text(1))
		return i >= 0
	}),
	def(Function{
		Names: names("startsWith"), Receiver: "text", Params: params("prefix text"), Returns: "boolean",
		Semantics: "Whether the text begins with prefix.",
		Examples:  examples(Example{Expr: `"Zoho".startsWith("Zo")`, Args: `["Zoho","Zo"]`, Want: "true"}, Example{Expr: `"Zoho".startsWith("zo")`, Args: `["Zoho","zo"]`, Want: "false"}),
	}, func(c call) any { return strings.HasPrefix(c.text(0), c.text(1)) }),
	def(Function{
		Names: names("startsWithIgnoreCase"), Receiver: "text", Params: params("prefix text"), Returns: "boolean",
		Semantics: "Whether the text begins with prefix, in any letter case.",
		Examples:  examples(Example{Expr: `startsWithIgnoreCase("Zoho Creator", "zoho")`, Args: `["Zoho Creator","zoho"]`, Want: "true"}),
	}, func(c call) any {
		n, steps := prefixFold(c.text(0), c.text(1))
		c.budget().Tick(steps)
		return n >= 0
	}),
	def(Function{
		Names: names("endsWith"), Receiver: "text", Params: params("suffix text"), Returns: "boolean",
		Semantics: "Whether the text ends with suffix.",
		Examples:  examples(Example{Expr: `"report.pdf".endsWith(".pdf")`, Args: `["report.pdf",".pdf"]`, Want: "true"}),
	}, func(c call) any { return strings.HasSuffix(c.text(0), c.text(1)) }),
	def(Function{
		Names: names("endsWithIgnoreCase"), Receiver: "text", Params: params("suffix text"), Returns: "boolean",
		Semantics: "Whether the text ends with suffix, in any letter case.",
		Examples:  examples(Example{Expr: `endsWithIgnoreCase("Zoho Creator", "CREATOR")`, Args: `["Zoho Creator","CREATOR"]`, Want: "true"}),
	}, func(c call) any {
		s, suffix := c.text(0), c.text(1)
		c.scan(s)
		c.scan(suffix)
		from := utf8.RuneCountInString(s) - utf8.RuneCountInString(suffix)
		if from < 0 {
			return false
		}
		i, _ := byteAt(s, int64(from))
		n, _ := prefixFold(s[i:], suffix)
		return n >= 0
	}),
	def(Function{
		Names: names("equals"), Receiver: "any", Params: params("other any"), Returns: "boolean",
		Semantics: "Whether both are the same value. Values of different types are not; dates compare by value.",
		Examples:  examples(Example{Expr: `'01/01/2017'.equals('01-Jan-2017')`, Args: `["'01/01/2017'","'01-Jan-2017'"]`, Want: "true"}, Example{Expr: `5.equals("5")`, Args: `[5,"5"]`, Want: "false"}),
	}, func(c call) any {
		c.notNull()
		return value.Equal(c.budget(), c.arg(0), c.arg(1))
	}),
	def(Function{
		Names: names("equalsIgnoreCase"), Receiver: "text", Params: params("other text"), Returns: "boolean",
		Semantics: "Whether both texts are the same, in any letter case.",
		Examples:  examples(Example{Expr: `"Zoho".equalsIgnoreCase("ZOHO")`, Args: `["Zoho","ZOHO"]`, Want: "true"}),
	}, func(c call) any {
		other, ok := c.arg(1).(string)
		return ok && strings.EqualFold(c.text(0), other)
	}),
	def(Function{
		Names: names("matches"), Receiver: "text", Params: params("regex text"), Returns: "boolean",
		Semantics: "Whether the regular expression fits the whole text.",
		Examples:  examples(Example{Expr: `"abc123".matches("[a-z]+\\d+")`, Args: `["abc123","[a-z]+\\d+"]`, Want: "true"}, Example{Expr: `"abc123".matches("[a-z]+")`, Args: `["abc123","[a-z]+"]`, Want: "false"}, Example{Expr: `"x".matches("(")`, Args: `["x","("]`, Want: `error: regular expression "(" is not valid or not supported: missing closing )`}),
	}, func(c call) any {
		s, expr := c.text(0), c.text(1)
		return c.wholeText(c.regex(expr, whole, s), s)
	}),
	def(Function{
		Names: names("find"), Receiver: "text", Params: params("part text", "from number?"), Returns: "number",
		Semantics: "Place of the first occurrence of part, counted from 0, at or after from; -1 if there is none.",
		Examples:  examples(Example{Expr: `"Hello world".find("o")`, Args: `["Hello world","o"]`, Want: "4"}, Example{Expr: `"Hello world".find("o", 5)`, Args: `["Hello world","o",5]`, Want: "7"}),
	}, func(c call) any {
		s, from := c.text(0), 0
		c.scan(s)
		if c.has(2) {
			var ok bool
			if from, ok = byteAt(s, max(0, c.whole(2))); !ok {
				return int64(-1)
			}
		}
		i := strings.Index(s[from:], c.text(1))
		if i < 0 {
			return int64(-1)
		}
		return charAt(s, from+i)
	}),
	def(Function{
		Names: names("getOccurenceCount", "getOccurence"), Receiver: "text", Params: params("part text"), Returns: "number",
		Semantics: "How often part stands in the text, without overlaps; an empty part counts 0.",
		Examples:  examples(Example{Expr: `"database of a database".getOccurenceCount("database")`, Args: `["database of a database","database"]`, Want: "2"}),
	}, func(c call) any {
		s, part := c.text(0), c.text(1)
		c.scan(s)
		if part == "" {
			return int64(0)
		}
		return int64(strings.Count(s, part))
	}),
	def(Function{
		Names: names("isAscii"), Receiver: "text", Returns: "boolean",
		Semantics: "Whether all characters are ASCII, which holds for an empty text.",
		Examples:  examples(Example{Expr: `"".isAscii()`, Args: `[""]`, Want: "true"}, Example{Expr: `"ß".isAscii()`, Args: `["ß"]`, Want: "false"}),
	}, func(c call) any {
		s := c.text(0)
		c.scan(s)
		return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
	}),
	def(Function{
		Names: names("isText"), Receiver: "any", Returns: "boolean",
		Semantics: "Whether the value is a text that is no number; null for a boolean, list or map.",
		Examples:  examples(Example{Expr: `isText("Hello")`, Args: `["Hello"]`, Want: "true"}, Example{Expr: `isText("123")`, Args: `["123"]`, Want: "false"}, Example{Expr: `isText(true)`, Args: `[true]`, Want: "null"}),
	}, func(c call) any {
		switch v := c.arg(0).(type) {
		case string:
			return !isNumeric(v)
		case bool, *value.List, *value.Map, *value.Empty, *value.Collection:
			return nil
		}
		return false
	}),
}

// notNull ends a call on null of a function that takes every other receiver.
func (c call) notNull() {
	if c.arg(0) == nil {
		c.mismatch(0, "value")
	}
}
