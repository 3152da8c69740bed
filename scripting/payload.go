package scripting

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// A payload is a request body that can be opened anew for every attempt.
type payload struct {
	kind     string // Content-Type unless the script says otherwise
	segments []segment
}

// A segment is a piece of a body: bytes, or a file.
type segment struct {
	text string
	file *value.File
}

func (p *payload) open() (io.ReadCloser, error) {
	var readers []io.Reader
	var files closers
	for _, s := range p.segments {
		if s.file == nil {
			readers = append(readers, strings.NewReader(s.text))
			continue
		}
		r, err := s.file.Open()
		if err != nil {
			_ = files.Close()
			return nil, err
		}
		files = append(files, r)
		readers = append(readers, r)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(readers...), files}, nil
}

// size is the number of bytes, -1 when a file does not know.
func (p *payload) size() int64 {
	var n int64
	for _, s := range p.segments {
		switch {
		case s.file == nil:
			n += int64(len(s.text))
		case s.file.Size < 0:
			return -1
		default:
			n += s.file.Size
		}
	}
	return n
}

type closers []io.Closer

func (c closers) Close() error {
	var first error
	for _, closer := range c {
		if err := closer.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// payload makes a body by the kind of its value: text raw, a map as a form or,
// with a file in it, as multipart, a file raw; nil when there is none.
func (m *machine) payload(body, files any) *payload {
	if files != nil {
		return m.multipart(body, files)
	}
	switch x := body.(type) {
	case nil, *value.Empty:
		return nil
	case *value.File:
		kind := x.Type
		if kind == "" {
			kind = "application/octet-stream"
		}
		return &payload{kind, []segment{{file: x}}}
	case *value.Map:
		for _, v := range x.All() {
			if isFile(value.Resolve(v)) {
				return m.multipart(x, nil)
			}
		}
		return &payload{"application/x-www-form-urlencoded", []segment{{text: m.form(x)}}}
	}
	text := m.scalar(body)
	kind := "text/plain"
	if m.JSONBodies && isJSON(text) {
		kind = "application/json"
	}
	return &payload{kind, []segment{{text: text}}}
}

// isJSON says whether a text is a JSON object or array.
func isJSON(text string) bool {
	trimmed := strings.TrimSpace(text)
	return (strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")) && json.Valid([]byte(trimmed))
}

// multipart makes a multipart/form-data body (RFC 7578) of a map's entries and
// of files, which are one file or a list of files and text parts.
func (m *machine) multipart(body, files any) *payload {
	w := &partWriter{}
	w.mw = multipart.NewWriter(&w.buf)
	if err := w.mw.SetBoundary(boundary()); err != nil {
		panic(err)
	}
	if fields, ok := body.(*value.Map); ok {
		for k, v := range fields.All() {
			m.part(w, value.Text(m.budget, k), value.Resolve(v), "")
		}
	}
	switch x := files.(type) {
	case nil:
	case *value.List:
		for _, item := range x.Items() {
			m.filePart(w, value.Resolve(item))
		}
	default:
		m.filePart(w, x)
	}
	if err := w.mw.Close(); err != nil {
		panic(err)
	}
	w.flush()
	return &payload{w.mw.FormDataContentType(), w.segments}
}

// A partWriter collects parts; files stand between the texts and are read only
// when the body is sent.
type partWriter struct {
	mw       *multipart.Writer
	buf      bytes.Buffer
	segments []segment
}

func (w *partWriter) flush() {
	if w.buf.Len() > 0 {
		w.segments = append(w.segments, segment{text: w.buf.String()})
		w.buf.Reset()
	}
}

// part adds one named value. Kind is its Content-Type; "" for that of a file,
// and none for text.
func (m *machine) part(w *partWriter, name string, v any, kind string) {
	if f, ok := v.(*value.File); ok {
		w.file(name, f, kind)
		return
	}
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="%s"`, quotePart(name)))
	if kind != "" {
		h.Set("Content-Type", oneLine(kind))
	}
	part, err := w.mw.CreatePart(h)
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(part, m.scalar(v)) // into memory
}

// filePart adds an item of files: a file, or a part that a map describes:
// {"stringPart":"true","paramName":"id","content":"..."}, or the names that
// invokeapi has for it.
func (m *machine) filePart(w *partWriter, v any) {
	switch x := v.(type) {
	case *value.File:
		name := x.Param
		if name == "" {
			name = "file"
		}
		w.file(name, x, "")
	case *value.Map:
		name := field(x, "paramName", "param-name")
		if name == nil {
			value.Throw("a text part in files needs a paramName")
		}
		kind, _ := field(x, "content-type", "contentType").(string)
		m.part(w, value.Text(m.budget, name), field(x, "content", "param-value"), kind)
	default:
		value.Throw("files of invokeurl hold files and text parts, not %s", article(value.TypeName(v)))
	}
}

// field is the value of the first of the keys that the map has.
func field(x *value.Map, keys ...string) any {
	for _, key := range keys {
		if v, ok := x.Get(key); ok {
			return value.Resolve(v)
		}
	}
	return nil
}

func (w *partWriter) file(name string, f *value.File, kind string) {
	kind = cmp.Or(kind, f.Type, "application/octet-stream")
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="%s"; filename="%s"`, quotePart(name), quotePart(f.Name)))
	h.Set("Content-Type", oneLine(kind))
	if _, err := w.mw.CreatePart(h); err != nil {
		panic(err)
	}
	w.flush()
	w.segments = append(w.segments, segment{file: f})
}

// quotePart escapes what may not stand in a quoted name, as browsers do.
var partEscaper = strings.NewReplacer("\"", "%22", "\r", "%0D", "\n", "%0A")

func quotePart(s string) string { return partEscaper.Replace(s) }

// oneLine keeps a header on its line.
func oneLine(s string) string { return strings.NewReplacer("\r", "", "\n", "").Replace(s) }

func boundary() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
