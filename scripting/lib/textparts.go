package lib

import (
	"slices"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// textParts cut something out of a text.
var textParts = []*Function{
	def(Function{
		Names: names("subString"), Receiver: "text", Params: params("start number", "end number?"), Returns: "text",
		Semantics: "Characters from start, counted from 0, up to end, which is excluded; to the end of the text without it.",
		Examples: examples(Example{Expr: `"Welcome to Zoho Deluge".subString(11, 22)`, Args: `["Welcome to Zoho Deluge",11,22]`, Want: "Zoho Deluge"},
			Example{Expr: `"Email: jack".subString(7)`, Args: `["Email: jack",7]`, Want: "jack"},
			Example{Expr: `"abc".subString(2, 9)`, Args: `["abc",2,9]`, Want: "error: index 9 is outside a text of 3 characters"}),
	}, subString),
	def(Function{
		Names: names("subText"), Receiver: "text", Params: params("start number", "end number?"), Returns: "text",
		Semantics: "As subString; a negative end is ignored.",
		Examples: examples(Example{Expr: `"Zoho Deluge".subText(5, -12)`, Args: `["Zoho Deluge",5,-12]`, Want: "Deluge"},
			Example{Expr: `"Zoho Deluge".subText(6, 4)`, Args: `["Zoho Deluge",6,4]`, Want: "error: the start 6 is behind the end 4"}),
	}, func(c call) any {
		if c.has(2) && c.whole(2) < 0 {
			c.args = c.args[:2]
		}
		return subString(c)
	}),
	def(Function{
		Names: names("mid"), Receiver: "text", Params: params("start number", "end number"), Returns: "text",
		Semantics: "Characters from start up to end, which is an index and excluded, not a length.",
		Examples:  examples(Example{Expr: `"Welcome to Zoho Deluge".mid(11, 22)`, Args: `["Welcome to Zoho Deluge",11,22]`, Want: "Zoho Deluge"}),
	}, subString),
	def(Function{
		Names: names("left"), Receiver: "text", Params: params("count number"), Returns: "text",
		Semantics: "The first count characters, or all if there are fewer.",
		Examples:  examples(Example{Expr: `"Zoho Creator".left(4)`, Args: `["Zoho Creator",4]`, Want: "Zoho"}),
	}, func(c call) any {
		s := c.text(0)
		i, _ := byteAt(s, c.whole(1))
		c.budget().Tick(i / 256)
		return s[:i]
	}),
	def(Function{
		Names: names("right"), Receiver: "text", Params: params("count number"), Returns: "text",
		Semantics: "The last count characters, or all if there are fewer.",
		Examples:  examples(Example{Expr: `"Zoho Creator".right(7)`, Args: `["Zoho Creator",7]`, Want: "Creator"}),
	}, func(c call) any {
		s, n := c.text(0), c.whole(1)
		c.scan(s)
		i, _ := byteAt(s, max(0, charAt(s, len(s))-max(0, n)))
		return s[i:]
	}),
	def(Function{
		Names: names("getPrefix"), Receiver: "text", Params: params("separator text"), Returns: "text",
		Semantics: "What stands before the first separator; null if there is none.",
		Examples:  examples(Example{Expr: `"a,b,c".getPrefix(",")`, Args: `["a,b,c",","]`, Want: "a"}, Example{Expr: `"abc".getPrefix(",")`, Args: `["abc",","]`, Want: "null"}),
	}, func(c call) any { return c.before(c.indexOf()) }),
	def(Function{
		Names: names("getPrefixIgnoreCase"), Receiver: "text", Params: params("separator text"), Returns: "text",
		Semantics: "What stands before the first separator, in any letter case; null if there is none.",
		Examples:  examples(Example{Expr: `"salt and pepper".getPrefixIgnoreCase(" AND")`, Args: `["salt and pepper"," AND"]`, Want: "salt"}),
	}, func(c call) any { return c.before(c.indexFoldOf()) }),
	def(Function{
		Names: names("getSuffix"), Receiver: "text", Params: params("separator text"), Returns: "text",
		Semantics: "What stands after the first separator; null if there is none.",
		Examples:  examples(Example{Expr: `"a,b,c".getSuffix(",")`, Args: `["a,b,c",","]`, Want: "b,c"}),
	}, func(c call) any { return c.after(c.indexOf()) }),
	def(Function{
		Names: names("getSuffixIgnoreCase"), Receiver: "text", Params: params("separator text"), Returns: "text",
		Semantics: "What stands after the first separator, in any letter case; null if there is none.",
		Examples:  examples(Example{Expr: `"salt and pepper".getSuffixIgnoreCase("AND ")`, Args: `["salt and pepper","AND "]`, Want: "pepper"}),
	}, func(c call) any { return c.after(c.indexFoldOf()) }),
	def(Function{
		Names: names("toList"), Receiver: "text|list|collection", Params: params("separator text?"), Returns: "list",
		Semantics: "The parts of the text between separators, a comma unless given; an empty text gives an empty list, a list itself.",
		Examples:  examples(Example{Expr: `"a;b;c".toList(";")`, Args: `["a;b;c",";"]`, Want: "a,b,c"}),
	}, toList),
	def(Function{
		Names: names("toListString"), Receiver: "text|list|collection", Returns: "list",
		Semantics: "The parts of a text between commas, without blanks around them; of a list, its elements as texts.",
		Examples:  examples(Example{Expr: `"a, b,c".toListString()`, Args: `["a, b,c"]`, Want: "a,b,c"}, Example{Expr: `{1,2}.toListString()`, Args: `[[1,2]]`, Want: "1,2"}),
	}, toListString),
}

func toListString(c call) any {
	var items []any
	switch v := c.arg(0).(type) {
	case *value.List, *value.Collection, *value.Empty:
		items = c.items(0)
	default:
		c.args = []any{v}
		items = toList(c).(*value.List).Items()
	}
	texts := value.MakeList(c.budget(), len(items))
	for _, v := range items {
		c.budget().Tick(1)
		texts.Replace(append(texts.Items(), strings.TrimSpace(value.Text(c.budget(), v))))
	}
	return texts
}

func subString(c call) any {
	s, start := c.text(0), c.whole(1)
	from, ok := byteAt(s, start)
	c.budget().Tick(from / 256)
	if start < 0 || !ok {
		c.outside(s, start)
	}
	if !c.has(2) {
		return s[from:]
	}
	end := c.whole(2)
	if end < start {
		value.Throw("the start %d is behind the end %d", start, end)
	}
	to, ok := byteAt(s[from:], end-start)
	c.budget().Tick(to / 256)
	if !ok {
		c.outside(s, end)
	}
	return s[from : from+to]
}

func (c call) outside(s string, i int64) {
	value.Throw("index %d is outside a text of %d characters", i, charAt(s, len(s)))
}

// indexOf returns where argument 1 stands in the receiver.
func (c call) indexOf() (start, end int) {
	s, part := c.text(0), c.text(1)
	c.scan(s)
	i := strings.Index(s, part)
	return i, i + len(part)
}

// indexFoldOf is indexOf in any letter case.
func (c call) indexFoldOf() (start, end int) {
	s := c.text(0)
	c.scan(s)
	return indexFold(c.budget(), s, c.text(1))
}

func (c call) before(start, _ int) any {
	if start < 0 {
		return nil
	}
	return c.text(0)[:start]
}

func (c call) after(start, end int) any {
	if start < 0 {
		return nil
	}
	return c.text(0)[end:]
}

func toList(c call) any {
	switch v := c.arg(0).(type) {
	case *value.List, *value.Empty:
		return v
	case *value.Collection:
		return value.NewList(slices.Clone(c.charged(c.items(0)))...)
	}
	s, sep := c.text(0), ","
	if c.has(1) {
		sep = c.text(1)
	}
	if s == "" {
		return value.NewList()
	}
	c.scan(s)
	count := strings.Count(s, sep) + 1
	c.budget().Tick(count)
	c.budget().AllocTimes(count, 2*16+24)
	items := make([]any, 0, count)
	for _, part := range strings.Split(s, sep) {
		items = append(items, part)
	}
	return value.NewList(items...)
}
