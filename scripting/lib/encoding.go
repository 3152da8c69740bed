package lib

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/url"
	"strings"
	"unicode/utf16"

	"github.com/connhost/connhost/scripting/value"
)

// encodings put a text into another alphabet and back.
var encodings = []*Function{
	def(Function{
		Names: names("encodeUrl"), Receiver: "text", Returns: "text",
		Semantics: "The text as part of a URL; a blank is %20.",
		Examples:  examples(Example{Expr: `encodeUrl("a b&c/é")`, Args: `["a b&c/é"]`, Want: "a%20b%26c%2F%C3%A9"}),
	}, urlEncode),
	def(Function{
		Names: names("zoho.encryption.urlEncode"), Params: params("text text"), Returns: "text",
		Semantics: "The text as part of a URL; a blank is %20.",
		Examples:  examples(Example{Expr: `zoho.encryption.urlEncode("a b")`, Args: `["a b"]`, Want: "a%20b"}),
	}, urlEncode),
	def(Function{
		Names: names("zoho.encryption.urlDecode"), Params: params("text text"), Returns: "text",
		Semantics: "The text that is encoded in part of a URL; + is a blank.",
		Examples:  examples(Example{Expr: `zoho.encryption.urlDecode("a%20b+c")`, Args: `["a%20b+c"]`, Want: "a b c"}),
	}, func(c call) any {
		s := c.text(0)
		c.grow(1, len(s))
		decoded, err := url.QueryUnescape(s)
		if err != nil {
			panic(&value.Fault{Msg: "text is not URL encoded: " + err.Error(), Err: err})
		}
		return utf8Text(decoded)
	}),
	def(Function{
		Names: names("zoho.encryption.base64Encode", "base64Encode"), Params: params("data any", "charset text?"), Returns: "text",
		Semantics: "Base64 of a text or file; charset is UTF-8 unless given as UTF-16LE or UTF-16BE.",
		Examples:  examples(Example{Expr: `zoho.encryption.base64Encode("Zoho")`, Args: `["Zoho"]`, Want: "Wm9obw=="}, Example{Expr: `base64Encode("é", "UTF-16LE")`, Args: `["é","UTF-16LE"]`, Want: "6QA="}),
	}, func(c call) any {
		data := c.encoded(c.data(0))
		c.grow(2, len(data))
		return base64.StdEncoding.EncodeToString([]byte(data))
	}),
	def(Function{
		Names: names("zoho.encryption.base64Decode", "base64Decode"), Params: params("text text", "charset text?"), Returns: "text",
		Semantics: "The text that is encoded in Base64; blanks, line ends and missing = do not matter.",
		Examples:  examples(Example{Expr: `zoho.encryption.base64Decode("Wm9obw")`, Args: `["Wm9obw"]`, Want: "Zoho"}),
	}, func(c call) any {
		s := c.text(0)
		c.grow(4, len(s))
		compact := strings.TrimRight(strings.Join(strings.Fields(s), ""), "=")
		data, err := base64.RawStdEncoding.DecodeString(compact)
		if err != nil {
			panic(&value.Fault{Msg: "text is not Base64", Err: err})
		}
		return c.decoded(string(data))
	}),
	def(Function{
		Names: names("hexToText"), Receiver: "text", Returns: "text",
		Semantics: "The text whose UTF-8 bytes the hexadecimal digits are.",
		Examples:  examples(Example{Expr: `hexToText("5A6F686F")`, Args: `["5A6F686F"]`, Want: "Zoho"}, Example{Expr: `hexToText("5")`, Args: `["5"]`, Want: "error: text is not hexadecimal"}),
	}, func(c call) any {
		s := c.text(0)
		c.grow(2, len(s))
		data, err := hex.DecodeString(s)
		if err != nil {
			panic(&value.Fault{Msg: "text is not hexadecimal", Err: err})
		}
		return utf8Text(string(data))
	}),
	def(Function{
		Names: names("textToHex"), Receiver: "text", Returns: "text",
		Semantics: "The UTF-8 bytes of the text in hexadecimal digits.",
		Examples:  examples(Example{Expr: `textToHex("Zoho")`, Args: `["Zoho"]`, Want: "5a6f686f"}),
	}, func(c call) any {
		s := c.text(0)
		c.grow(4, len(s))
		return hex.EncodeToString([]byte(s))
	}),
	def(Function{
		Names: names("htmlEncode"), Receiver: "text", Returns: "text",
		Semantics: "The text for use inside HTML: <, >, &, ' and \" are escaped.",
		Examples:  examples(Example{Expr: `"<b>".htmlEncode()`, Args: `["<b>"]`, Want: "&lt;b&gt;"}),
	}, func(c call) any {
		s := c.text(0)
		c.grow(5, len(s))
		return html.EscapeString(s)
	}),
}

func urlEncode(c call) any {
	s := c.text(0)
	c.grow(4, len(s))
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// data returns argument i as bytes: the content of a file, or a text.
func (c call) data(i int) string {
	f, ok := c.arg(i).(*value.File)
	if !ok {
		return c.text(i)
	}
	content, err := f.Content(c.budget())
	if err != nil {
		panic(&value.Fault{Msg: "cannot read file " + f.Name, Err: err})
	}
	return content
}

func (c call) charset() string {
	if !c.has(1) {
		return "UTF-8"
	}
	name := strings.ToUpper(c.text(1))
	switch name {
	case "UTF-8", "UTF-16LE", "UTF-16BE":
		return name
	}
	panic(value.Faultf("unknown charset %q", value.Clip(name)))
}

// encoded returns the text s in the charset of argument 1.
func (c call) encoded(s string) string {
	charset := c.charset()
	if charset == "UTF-8" {
		return s
	}
	c.grow(8, len(s))
	units := utf16.Encode([]rune(s))
	buf := make([]byte, 0, 2*len(units))
	for _, u := range units {
		if charset == "UTF-16LE" {
			buf = append(buf, byte(u), byte(u>>8))
		} else {
			buf = append(buf, byte(u>>8), byte(u))
		}
	}
	return string(buf)
}

// decoded returns the text that data is in the charset of argument 1.
func (c call) decoded(data string) string {
	charset := c.charset()
	if charset == "UTF-8" {
		return utf8Text(data)
	}
	c.grow(8, len(data))
	units := make([]uint16, 0, len(data)/2)
	for i := 0; i+1 < len(data); i += 2 {
		low, high := data[i], data[i+1]
		if charset == "UTF-16BE" {
			low, high = high, low
		}
		units = append(units, uint16(high)<<8|uint16(low))
	}
	return string(utf16.Decode(units))
}

// utf8Text makes a text of bytes: what is not UTF-8 becomes U+FFFD.
func utf8Text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
