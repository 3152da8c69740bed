package scripting

import (
	"bytes"
	"encoding/binary"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/connhost/connhost/scripting/value"
)

// answer types the body of a response: a JSON object is a map, a JSON array a
// list, other text a text, anything else a file. Format is what the script
// asked for (JSON, TEXT or FILE; "" to look), decoding a charset.
func (m *machine) answer(body []byte, h http.Header, target, format, decoding string) any {
	media, params, _ := mime.ParseMediaType(h.Get("Content-Type"))
	if strings.EqualFold(format, "FILE") {
		return m.file(body, media, target)
	}
	charset := decoding
	if charset == "" {
		charset = params["charset"]
	}
	text, ok := decode(body, charset)
	if !ok || binaryMedia(media) && !strings.EqualFold(format, "TEXT") && !strings.EqualFold(format, "JSON") {
		return m.file(body, media, target)
	}
	m.budget.Alloc(len(text))
	if strings.EqualFold(format, "TEXT") {
		return text
	}
	trimmed := strings.TrimLeft(text, " \t\r\n\ufeff")
	if strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		if v, err := value.ParseJSON(m.budget, trimmed); err == nil {
			return v
		}
	}
	return text
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

// decode reads bytes in a charset: UTF-8 unless given.
func decode(body []byte, charset string) (string, bool) {
	var order binary.ByteOrder
	switch strings.ToLower(charset) {
	case "utf-16le":
		order = binary.LittleEndian
	case "utf-16be":
		order = binary.BigEndian
	case "utf-16":
		order = binary.BigEndian
		if bytes.HasPrefix(body, []byte{0xff, 0xfe}) {
			order = binary.LittleEndian
		}
	case "iso-8859-1", "latin1", "us-ascii":
		runes := make([]rune, len(body))
		for i, c := range body {
			runes[i] = rune(c)
		}
		return string(runes), true
	default:
		return string(body), utf8.Valid(body)
	}
	if len(body)%2 != 0 {
		return "", false
	}
	units := make([]uint16, len(body)/2)
	for i := range units {
		units[i] = order.Uint16(body[2*i:])
	}
	return strings.TrimPrefix(string(utf16.Decode(units)), "\ufeff"), true
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
