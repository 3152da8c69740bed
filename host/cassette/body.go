package cassette

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// encoded is a body that a file cannot hold as text.
type encoded struct {
	Base64 string `yaml:"base64" json:"base64"`
}

var errBody = errors.New("a body is a text, or {base64: ...}")

// isText says whether a file holds a body as it is.
func (b Body) isText() bool {
	unfit := func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == 0xfeff }
	return utf8.ValidString(string(b)) && !strings.ContainsFunc(string(b), unfit)
}

// MarshalYAML writes a text, or base64.
func (b Body) MarshalYAML() (any, error) {
	if b.isText() {
		return string(b), nil
	}
	return encoded{base64.StdEncoding.EncodeToString([]byte(b))}, nil
}

// UnmarshalYAML reads either.
func (b *Body) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*b = Body(n.Value)
		return nil
	}
	var e encoded
	if err := n.Decode(&e); err != nil {
		return errBody
	}
	return b.decode(e)
}

// UnmarshalJSON reads either.
func (b *Body) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, (*string)(b)) == nil {
		return nil
	}
	var e encoded
	if err := json.Unmarshal(text, &e); err != nil {
		return errBody
	}
	return b.decode(e)
}

func (b *Body) decode(e encoded) error {
	data, err := base64.StdEncoding.DecodeString(e.Base64)
	if err != nil || e.Base64 == "" {
		return errBody
	}
	*b = Body(data)
	return nil
}

// comparable is a body in a form in which two that mean the same are the same:
// JSON without its spaces and the order of its members, a form without its
// order, a multipart body without its boundary.
func comparable(contentType, body string) string {
	media, params, _ := mime.ParseMediaType(contentType)
	switch {
	case media == "application/x-www-form-urlencoded":
		if form, err := url.ParseQuery(body); err == nil {
			return form.Encode()
		}
	case strings.HasPrefix(media, "multipart/") && params["boundary"] != "":
		return strings.ReplaceAll(body, params["boundary"], "boundary")
	}
	var v any
	dec := json.NewDecoder(strings.NewReader(body))
	dec.UseNumber()
	if dec.Decode(&v) == nil && !dec.More() {
		if plain, err := json.Marshal(v); err == nil {
			return string(bytes.TrimSpace(plain))
		}
	}
	return body
}
