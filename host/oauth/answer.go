package oauth

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An answer is the complete answer to a token or revoke request. It is read by
// its content: services send JSON as text/html and forms as text/plain.
type answer struct {
	host   string // who answered, for sentences
	status int
	header http.Header
	now    time.Time // when it came
	// tree is the JSON or form as map[string]any, []any, string, json.Number,
	// bool or nil; the text itself where it is neither.
	tree     any
	readable bool // it was JSON or a form
	// twice holds the pointers of members that came more than once and did not
	// agree. What they say is not taken.
	twice []string
}

func newAnswer(host string, status int, header http.Header, body []byte) answer {
	a := answer{host: host, status: status, header: header}
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if json.Valid(body) {
		d := jsonReader{dec: json.NewDecoder(bytes.NewReader(body))}
		d.dec.UseNumber()
		if tree, err := d.value(); err == nil {
			a.tree, a.twice, a.readable = tree, d.twice, true
			return a
		}
	}
	if form := readForm(header, body); form != nil {
		a.readForm(form)
		return a
	}
	a.tree = strings.TrimSpace(string(body))
	return a
}

// A jsonReader reads a tree and notices members that come twice, which
// json.Unmarshal does not.
type jsonReader struct {
	dec   *json.Decoder
	path  []string
	twice []string
}

func (d *jsonReader) value() (any, error) {
	t, err := d.dec.Token()
	switch t {
	case json.Delim('{'):
		return d.object()
	case json.Delim('['):
		return d.array()
	}
	return t, err
}

func (d *jsonReader) object() (any, error) {
	m := map[string]any{}
	for d.dec.More() {
		t, err := d.dec.Token()
		if err != nil {
			return nil, err
		}
		key, ok := t.(string)
		if !ok {
			return nil, io.ErrUnexpectedEOF // not after json.Valid
		}
		d.path = append(d.path, key)
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		if old, ok := m[key]; ok && !reflect.DeepEqual(old, v) {
			d.twice = append(d.twice, pointerTo(d.path))
		}
		d.path = d.path[:len(d.path)-1]
		m[key] = v
	}
	_, err := d.dec.Token()
	return m, err
}

func (d *jsonReader) array() (any, error) {
	list := []any{}
	for d.dec.More() {
		d.path = append(d.path, strconv.Itoa(len(list)))
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		d.path = d.path[:len(d.path)-1]
		list = append(list, v)
	}
	_, err := d.dec.Token()
	return list, err
}

// readForm reads a body as a form if its type says so or if it names what a
// token answer names; nil if it is none. What a form would have escaped is the
// sign of a page or a text.
func readForm(header http.Header, body []byte) url.Values {
	text := strings.TrimSpace(string(body))
	form, err := url.ParseQuery(text)
	if err != nil || strings.ContainsAny(text, " \t\r\n<>\"{}") {
		return nil
	}
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if kind == "application/x-www-form-urlencoded" || form.Has("access_token") || form.Has("oauth_token") || form.Has("error") {
		return form
	}
	return nil
}

func (a *answer) readForm(form url.Values) {
	m := map[string]any{}
	for name, texts := range form {
		m[name] = texts[len(texts)-1]
		if len(slices.Compact(texts)) > 1 {
			a.twice = append(a.twice, pointerTo([]string{name}))
		}
	}
	a.tree, a.readable = m, true
}
