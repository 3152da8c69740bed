package lib

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/connhost/connhost/scripting/value"
)

// textShapes give the text another form.
var textShapes = []*Function{
	def(Function{
		Names: names("toUpperCase"), Receiver: "text", Returns: "text",
		Semantics: "The text in capital letters.",
		Examples:  examples(Example{Expr: `"Zoho".toUpperCase()`, Args: `["Zoho"]`, Want: "ZOHO"}),
	}, func(c call) any { return strings.ToUpper(c.copied()) }),
	def(Function{
		Names: names("toLowerCase"), Receiver: "text", Returns: "text",
		Semantics: "The text in small letters.",
		Examples:  examples(Example{Expr: `"Zoho".toLowerCase()`, Args: `["Zoho"]`, Want: "zoho"}),
	}, func(c call) any { return strings.ToLower(c.copied()) }),
	def(Function{
		Names: names("proper"), Receiver: "text", Returns: "text",
		Semantics: "The text with the first letter of each word as a capital and all others small.",
		Examples:  examples(Example{Expr: `"zoho CREATOR".proper()`, Args: `["zoho CREATOR"]`, Want: "Zoho Creator"}),
	}, func(c call) any {
		inWord := false
		return strings.Map(func(r rune) rune {
			first := !inWord
			inWord = unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\'' && inWord
			if first {
				return unicode.ToUpper(r)
			}
			return unicode.ToLower(r)
		}, c.copied())
	}),
	def(Function{
		Names: names("trim"), Receiver: "text", Returns: "text",
		Semantics: "The text without blanks and line ends at both ends.",
		Examples:  examples(Example{Expr: `"  a b ".trim()`, Args: `["  a b "]`, Want: "a b"}),
	}, func(c call) any { return strings.TrimSpace(c.text(0)) }),
	def(Function{
		Names: names("ltrim"), Receiver: "text", Returns: "text",
		Semantics: "The text without blanks and line ends at its start.",
		Examples:  examples(Example{Expr: `"  a ".ltrim()`, Args: `["  a "]`, Want: "a "}),
	}, func(c call) any { return strings.TrimLeftFunc(c.text(0), unicode.IsSpace) }),
	def(Function{
		Names: names("rtrim"), Receiver: "text", Returns: "text",
		Semantics: "The text without blanks and line ends at its end.",
		Examples:  examples(Example{Expr: `" a  ".rtrim()`, Args: `[" a  "]`, Want: " a"}),
	}, func(c call) any { return strings.TrimRightFunc(c.text(0), unicode.IsSpace) }),
	def(Function{
		Names: names("leftpad"), Receiver: "text", Params: params("length number"), Returns: "text",
		Semantics: "The text with blanks before it up to length characters; a longer text stays.",
		Examples:  examples(Example{Expr: `"Left".leftpad(6)`, Args: `["Left",6]`, Want: "  Left"}),
	}, func(c call) any {
		pad := c.padding()
		return pad + c.text(0)
	}),
	def(Function{
		Names: names("rightpad"), Receiver: "text", Params: params("length number"), Returns: "text",
		Semantics: "The text with blanks after it up to length characters; a longer text stays.",
		Examples:  examples(Example{Expr: `"Right".rightpad(7)`, Args: `["Right",7]`, Want: "Right  "}),
	}, func(c call) any {
		pad := c.padding()
		return c.text(0) + pad
	}),
	def(Function{
		Names: names("repeat"), Receiver: "text", Params: params("count number"), Returns: "text",
		Semantics: "The text count times.",
		Examples:  examples(Example{Expr: `"Zoho".repeat(3)`, Args: `["Zoho",3]`, Want: "ZohoZohoZoho"}, Example{Expr: `"Zoho".repeat(-1)`, Args: `["Zoho",-1]`, Want: "error: cannot repeat a text -1 times"}),
	}, func(c call) any {
		s, n := c.text(0), c.whole(1)
		if n < 0 {
			value.Throw("cannot repeat a text %d times", n)
		}
		if s == "" {
			return ""
		}
		c.grow(n, len(s))
		return strings.Repeat(s, int(n))
	}),
	def(Function{
		Names: names("reverse"), Receiver: "text|list|map|collection", Returns: "text",
		Semantics: "The characters in the opposite order; of a list, those of its printed form.",
		Examples:  examples(Example{Expr: `"Zoho Creator".reverse()`, Args: `["Zoho Creator"]`, Want: "rotaerC ohoZ"}, Example{Expr: `{1,2,13}.reverse()`, Args: `[[1,2,13]]`, Want: "31,2,1"}),
	}, func(c call) any {
		var s string
		switch v := c.arg(0).(type) {
		case *value.List, *value.Map, *value.Empty, *value.Collection:
			s = value.Text(c.budget(), v)
		default:
			s = c.text(0)
		}
		c.grow(1, len(s))
		return reversed(s)
	}),
	def(Function{
		Names: names("concat"), Receiver: "text", Params: params("other text"), Returns: "text",
		Semantics: "Both texts in one.",
		Examples:  examples(Example{Expr: `"Zoho".concat(" Creator")`, Args: `["Zoho"," Creator"]`, Want: "Zoho Creator"}),
	}, func(c call) any { return value.Add(c.budget(), c.text(0), c.text(1)) }),
}

// copied returns the receiver after charging for a changed copy of it, which
// may take more bytes where letters change their width.
func (c call) copied() string {
	s := c.text(0)
	c.grow(2, len(s))
	return s
}

// grow charges for making count times size bytes.
func (c call) grow(count int64, size int) {
	if count > math.MaxInt32 && size > 0 {
		c.budget().Alloc(math.MaxInt)
	}
	c.budget().AllocTimes(int(count), size)
	c.budget().Tick(int(count) * size / 256)
}

// padding returns the blanks that the receiver lacks up to argument 1.
func (c call) padding() string {
	s := c.text(0)
	c.scan(s)
	missing := c.whole(1) - charAt(s, len(s))
	if missing <= 0 {
		return ""
	}
	c.grow(missing, 2)
	c.grow(1, len(s))
	return strings.Repeat(" ", int(missing))
}

func reversed(s string) string {
	buf := make([]byte, len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if size == 1 {
			buf[len(s)-i-1] = s[i]
		} else {
			utf8.EncodeRune(buf[len(s)-i-size:], r)
		}
		i += size
	}
	return string(buf)
}
