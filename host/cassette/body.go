package cassette

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"
)

// newBody keeps bytes: as text where they are some that a file can hold.
func newBody(data []byte) Body {
	text := utf8.Valid(data) && !bytes.ContainsFunc(data, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == 0xfeff })
	if text {
		return Body{Text: string(data)}
	}
	return Body{Base64: base64.StdEncoding.EncodeToString(data)}
}

// Bytes gives the body back. Reading a file has checked the base64.
func (b Body) Bytes() []byte {
	if b.Base64 == "" {
		return []byte(b.Text)
	}
	data, _ := base64.StdEncoding.DecodeString(b.Base64)
	return data
}

// comparable is a body in a form in which two that mean the same are the same:
// JSON without its spaces and the order of its members, a form without its
// order, a multipart body without its boundary.
func comparable(contentType string, body []byte) string {
	media, params, _ := mime.ParseMediaType(contentType)
	switch {
	case media == "application/x-www-form-urlencoded":
		if form, err := url.ParseQuery(string(body)); err == nil {
			return form.Encode()
		}
	case strings.HasPrefix(media, "multipart/") && params["boundary"] != "":
		return strings.ReplaceAll(string(body), params["boundary"], "boundary")
	}
	var v any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if dec.Decode(&v) == nil && !dec.More() {
		if plain, err := json.Marshal(v); err == nil {
			return string(plain)
		}
	}
	return string(body)
}
