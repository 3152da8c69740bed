package lib

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/url"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// encodings put a text into another alphabet and back.
var encodings = []*Function{
	def(Function{
		Names: names("encodeUrl"), Receiver: "text", Returns: "text",
		Semantics: "The text as a value of a form or query; a blank is +. In the path of a URL use zoho.encryption.urlEncode.",
		Examples:  examples(Example{Expr: `encodeUrl("a b&c/é")`, Args: `["a b&c/é"]`, Want: "a+b%26c%2F%C3%A9"}),
	}, func(c call) any { return c.formEncoded(c.text(0)) }),
	def(Function{
		Names: names("zoho.encryption.urlEncode"), Params: params("text any"), Returns: "text",
		Semantics: "The text as part of a URL; a blank is %20. Null for what is no text.",
		Examples:  examples(Example{Expr: `zoho.encryption.urlEncode("a b")`, Args: `["a b"]`, Want: "a%20b"}),
	}, func(c call) any {
		s, ok := c.arg(0).(string)
		if !ok {
			return nil
		}
		return strings.ReplaceAll(c.formEncoded(s), "+", "%20")
	}),
	def(Function{
		Names: names("zoho.encryption.urlDecode"), Params: params("text any"), Returns: "text",
		Semantics: "The text that is encoded in part of a URL; + is a blank. Null for what is no text.",
		Examples:  examples(Example{Expr: `zoho.encryption.urlDecode("a%20b+c")`, Args: `["a%20b+c"]`, Want: "a b c"}),
	}, func(c call) any {
		s, ok := c.arg(0).(string)
		if !ok {
			return nil
		}
		c.grow(1, len(s))
		decoded, err := url.QueryUnescape(s)
		if err != nil {
			panic(&value.Fault{Msg: "text is not URL encoded: " + err.Error(), Err: err})
		}
		return utf8Text(decoded)
	}),
	def(Function{
		Names: names("zoho.encryption.base64Encode", "base64Encode"), Params: params("data any", "charset text?"), Returns: "text",
		Semantics: "Base64 of a text or file; charset is UTF-8 unless another is named, such as UTF-16LE.",
		Examples:  examples(Example{Expr: `zoho.encryption.base64Encode("Zoho")`, Args: `["Zoho"]`, Want: "Wm9obw=="}, Example{Expr: `base64Encode("é", "UTF-16LE")`, Args: `["é","UTF-16LE"]`, Want: "6QA="}),
	}, func(c call) any {
		data := c.data(0)
		if _, ok := c.arg(0).(*value.File); !ok {
			data = c.encoded(data, 1)
		}
		c.grow(2, len(data))
		return base64.StdEncoding.EncodeToString([]byte(data))
	}),
	def(Function{
		Names: names("zoho.encryption.base64Decode", "base64Decode"), Params: params("text text", "charset text?"), Returns: "text",
		Semantics: "The text that is encoded in Base64; blanks, line ends and missing = do not matter.",
		Examples:  examples(Example{Expr: `zoho.encryption.base64Decode("Wm9obw")`, Args: `["Wm9obw"]`, Want: "Zoho"}),
	}, func(c call) any {
		return c.decoded(string(c.fromBase64(c.text(0))), 1)
	}),
	def(Function{
		Names: names("zoho.encryption.base64DecodeToFile", "base64DecodeToFile"), Params: params("text text", "name text?"), Returns: "file",
		Semantics: "A file of what is encoded in Base64. Its type follows from the name.",
		Examples:  examples(Example{Expr: `zoho.encryption.base64DecodeToFile("Wm9obw==", "a.txt")`, Args: `["Wm9obw==","a.txt"]`, Want: "a.txt"}),
	}, func(c call) any {
		name := "file"
		if c.has(1) {
			name = c.text(1)
		}
		return c.newFile(name, string(c.fromBase64(c.text(0))))
	}),
	def(Function{
		Names: names("zoho.encryption.base32Encode", "base32Encode"), Params: params("data any"), Returns: "text",
		Semantics: "Base32 of a text or file.",
		Examples:  examples(Example{Expr: `zoho.encryption.base32Encode("Zoho")`, Args: `["Zoho"]`, Want: "LJXWQ3Y="}),
	}, func(c call) any {
		data := c.data(0)
		c.grow(3, len(data))
		return base32.StdEncoding.EncodeToString([]byte(data))
	}),
	def(Function{
		Names: names("zoho.encryption.base32Decode", "base32Decode"), Params: params("text text"), Returns: "text",
		Semantics: "The text that is encoded in Base32; blanks, line ends and missing = do not matter.",
		Examples:  examples(Example{Expr: `zoho.encryption.base32Decode("LJXWQ3Y=")`, Args: `["LJXWQ3Y="]`, Want: "Zoho"}, Example{Expr: `zoho.encryption.base32Decode("1")`, Args: `["1"]`, Want: "error: text is not Base32"}),
	}, func(c call) any {
		s := c.text(0)
		c.grow(4, len(s))
		compact := strings.TrimRight(strings.ToUpper(strings.Join(strings.Fields(s), "")), "=")
		data, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(compact)
		if err != nil {
			panic(&value.Fault{Msg: "text is not Base32", Err: err})
		}
		return utf8Text(string(data))
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

// formEncoded encodes as Java's URLEncoder does, which leaves * and takes ~.
func (c call) formEncoded(s string) string {
	c.grow(4, len(s))
	return strings.NewReplacer("~", "%7E", "%2A", "*").Replace(url.QueryEscape(s))
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

// utf8Text makes a text of bytes: what is not UTF-8 becomes U+FFFD.
func utf8Text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
