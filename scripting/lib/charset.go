package lib

import (
	"mime"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"

	"github.com/connhost/connhost/scripting/value"
)

// charsetOf returns the encoding of a name as IANA registers it, nil for UTF-8.
func charsetOf(name string) (encoding.Encoding, bool) {
	switch strings.ToUpper(name) {
	case "UTF-8", "UTF8", "US-ASCII", "ASCII": // ASCII is part of UTF-8
		return nil, true
	}
	e, err := ianaindex.IANA.Encoding(name)
	return e, err == nil && e != nil
}

// DecodeText returns the text that data is in a charset; false for a charset
// nobody knows. What is not valid in it becomes U+FFFD.
func DecodeText(data, charset string) (string, bool) {
	e, ok := charsetOf(charset)
	switch {
	case !ok:
		return "", false
	case e == nil:
		return utf8Text(data), true
	}
	text, err := e.NewDecoder().String(data)
	return utf8Text(strings.TrimPrefix(text, "\uFEFF")), err == nil
}

// charset returns the encoding that argument i names, nil for UTF-8 and without
// it.
func (c call) charset(i int) encoding.Encoding {
	if !c.has(i) {
		return nil
	}
	e, ok := charsetOf(c.text(i))
	if !ok {
		value.Throw("unknown charset %q", value.Clip(c.text(i)))
	}
	return e
}

// encoded returns the text s in the charset of argument i. A character that it
// does not have is a Fault.
func (c call) encoded(s string, i int) string {
	e := c.charset(i)
	if e == nil {
		return s
	}
	c.grow(8, len(s))
	data, err := e.NewEncoder().String(s)
	if err != nil {
		panic(&value.Fault{Msg: "the charset " + value.Clip(c.text(i)) + " does not have all characters of the text", Err: err})
	}
	return data
}

// decoded returns the text that data is in the charset of argument i.
func (c call) decoded(data string, i int) string {
	c.grow(4, len(data))
	if c.charset(i) == nil {
		return utf8Text(data)
	}
	text, _ := DecodeText(data, c.text(i))
	return text
}

// content returns a file as text in the charset that its type names.
func (c call) content(f *value.File, data string) string {
	_, parameters, _ := mime.ParseMediaType(f.Type)
	c.grow(4, len(data))
	if text, ok := DecodeText(data, parameters["charset"]); ok && parameters["charset"] != "" {
		return text
	}
	return utf8Text(data)
}
