package scripting

import (
	"bytes"
	"cmp"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/value"
)

// formats are what response-format may say. KEY-VALUE and LIST are JSON of
// that kind, XML is text.
var formats = []string{"JSON", "TEXT", "FILE", "XML", "KEY-VALUE", "LIST"}

// answer types the body of a response: a JSON object is a map, a JSON array a
// list, other text a text, anything else a file, unless the script asked for a
// format.
func (m *machine) answer(body []byte, h http.Header, target string, want wanted) any {
	media, params, _ := mime.ParseMediaType(h.Get("Content-Type"))
	format := strings.ToUpper(want.format)
	if format == "FILE" {
		return m.file(body, media, target)
	}
	text, ok := m.decode(body, want.decoding, params["charset"])
	if !ok || binaryMedia(media) && format == "" {
		if format != "" {
			value.Throw("the answer is not text: its bytes are not %s", cmp.Or(want.decoding, params["charset"], "UTF-8"))
		}
		return m.file(body, media, target)
	}
	switch format {
	case "TEXT", "XML":
		return text
	case "JSON", "KEY-VALUE", "LIST":
		return m.jsonAnswer(text, format)
	case "":
	default:
		value.Throw("%s is not a response-format: one of %s", value.Clip(want.format), strings.Join(formats, ", "))
	}
	trimmed := strings.TrimLeft(text, " \t\r\n\ufeff")
	if strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		if v, err := value.ParseJSON(m.budget, trimmed); err == nil {
			return v
		}
	}
	return text
}

// jsonAnswer is an answer that the script wants as JSON; an empty one is null.
func (m *machine) jsonAnswer(text, format string) any {
	text = strings.Trim(text, " \t\r\n\ufeff")
	if text == "" {
		return nil
	}
	v, err := value.ParseJSON(m.budget, text)
	if err != nil {
		panic(&value.Fault{Msg: "the answer is not JSON: " + err.Error(), Err: err})
	}
	got := value.TypeName(v)
	if format == "KEY-VALUE" && got != "map" || format == "LIST" && got != "list" {
		value.Throw("the answer is %s and not %s", article(got), map[string]string{"LIST": "a list", "KEY-VALUE": "a map"}[format])
	}
	return v
}

// binaryMedia lists the media types whose content is no text even where it
// reads as one.
func binaryMedia(media string) bool {
	for _, prefix := range []string{"image/", "audio/", "video/", "font/"} {
		if strings.HasPrefix(media, prefix) && media != "image/svg+xml" {
			return true
		}
	}
	switch media {
	case "application/octet-stream", "application/pdf", "application/zip", "application/gzip":
		return true
	}
	return false
}

// decode reads bytes as text: in the charset that the script names, else in
// the answer's, else in UTF-8. A charset that nobody knows is told when the
// script named it.
func (m *machine) decode(body []byte, asked, sent string) (string, bool) {
	name := strings.ToLower(strings.TrimSpace(cmp.Or(asked, sent)))
	m.budget.AllocTimes(len(body), 3) // a byte of a charset is three of UTF-8 at most
	if name == "" || name == "utf-8" || name == "utf8" {
		return string(body), utf8.Valid(body)
	}
	text, ok := lib.DecodeText(string(body), name)
	switch {
	case ok:
		return text, !strings.HasPrefix(name, "utf-16") || len(body)%2 == 0
	case asked != "":
		value.Throw("%q is not a charset", value.Clip(asked))
	}
	return string(body), utf8.Valid(body)
}

func (m *machine) file(body []byte, media, target string) *value.File {
	if media == "" {
		media = "application/octet-stream"
	}
	return &value.File{
		Name: fileName(target), Type: media, Size: int64(len(body)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
	}
}

func sortedNames(h http.Header) []string { return slices.Sorted(maps.Keys(h)) }
