package lib

import (
	"strings"
	"unicode"
)

// textRemovals leave something out of a text. Removing every occurrence is
// remove, which also serves lists and maps.
var textRemovals = []*Function{
	def(Function{
		Names: names("removeFirstOccurence"), Receiver: "text", Params: params("part text"), Returns: "text",
		Semantics: "The text without the first occurrence of part.",
		Examples:  examples(Example{Expr: `"a-b-c".removeFirstOccurence("-")`, Args: `["a-b-c","-"]`, Want: "ab-c"}),
	}, func(c call) any {
		s, part := c.text(0), c.text(1)
		return c.without(s, strings.Index(s, part), len(part))
	}),
	def(Function{
		Names: names("removeLastOccurence"), Receiver: "text", Params: params("part text"), Returns: "text",
		Semantics: "The text without the last occurrence of part.",
		Examples:  examples(Example{Expr: `"a-b-c".removeLastOccurence("-")`, Args: `["a-b-c","-"]`, Want: "a-bc"}),
	}, func(c call) any {
		s, part := c.text(0), c.text(1)
		return c.without(s, strings.LastIndex(s, part), len(part))
	}),
	def(Function{
		Names: names("removeAllAlpha"), Receiver: "text", Returns: "text",
		Semantics: "The text without its letters.",
		Examples:  examples(Example{Expr: `"a1b2".removeAllAlpha()`, Args: `["a1b2"]`, Want: "12"}),
	}, func(c call) any { return c.keep(func(r rune) bool { return !unicode.IsLetter(r) }) }),
	def(Function{
		Names: names("removeAllAlphaNumeric"), Receiver: "text", Returns: "text",
		Semantics: "The text without its letters and digits.",
		Examples:  examples(Example{Expr: `"a-1".removeAllAlphaNumeric()`, Args: `["a-1"]`, Want: "-"}),
	}, func(c call) any { return c.keep(func(r rune) bool { return !alphaNumeric(r) }) }),
	def(Function{
		Names: names("getAlpha"), Receiver: "text", Returns: "text",
		Semantics: "The letters of the text only.",
		Examples:  examples(Example{Expr: `"a1b2".getAlpha()`, Args: `["a1b2"]`, Want: "ab"}),
	}, func(c call) any { return c.keep(unicode.IsLetter) }),
	def(Function{
		Names: names("getAlphaNumeric"), Receiver: "text", Returns: "text",
		Semantics: "The letters and digits of the text only.",
		Examples:  examples(Example{Expr: `"a-1 b".getAlphaNumeric()`, Args: `["a-1 b"]`, Want: "a1b"}),
	}, func(c call) any { return c.keep(alphaNumeric) }),
}

func alphaNumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// without returns s without the n bytes at i, and s itself for a negative i.
func (c call) without(s string, i, n int) string {
	c.scan(s)
	if i < 0 || n == 0 {
		return s
	}
	c.grow(1, len(s)-n)
	return s[:i] + s[i+n:]
}

// keep returns the characters of the receiver for which wanted holds.
func (c call) keep(wanted func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if wanted(r) {
			return r
		}
		return -1
	}, c.copied())
}

// removeText returns the receiver without any occurrence of argument 1.
func removeText(c call) any {
	s, part := c.text(0), c.text(1)
	c.grow(1, len(s))
	if part == "" {
		return s
	}
	return strings.ReplaceAll(s, part, "")
}
