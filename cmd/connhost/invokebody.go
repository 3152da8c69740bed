package main

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/connhost/connhost/host"
)

// maxKept is how much of standard input is kept to be sent again. A longer one
// is sent as it comes, once.
const maxKept = 1 << 20

// A piece is a part of a body: a text, a file that is opened for each attempt,
// or the rest of standard input.
type piece struct {
	text []byte
	path string
	in   io.Reader
}

// A body is sent piece by piece, never held whole.
type body struct {
	pieces []piece
	kind   string // its Content-Type unless one is given
	once   bool   // it can be opened once only
	opened bool
}

// length is -1 where it is not known.
func (b *body) length() int64 {
	var n int64
	for _, p := range b.pieces {
		if p.in != nil {
			return -1
		}
		n += int64(len(p.text))
		if p.path == "" {
			continue
		}
		info, err := os.Stat(p.path)
		if err != nil || !info.Mode().IsRegular() {
			return -1
		}
		n += info.Size()
	}
	return n
}

// open opens the body for one attempt.
func (b *body) open() (io.ReadCloser, error) {
	if b.once && b.opened {
		return nil, host.Errorf(host.Refused, "the call has to be sent again, and its body came from standard input, which is read once").
			WithHint("run it again, or put the body into a file: -d @FILE")
	}
	b.opened = true
	out := &opened{}
	for _, p := range b.pieces {
		switch {
		case p.in != nil:
			out.parts = append(out.parts, p.in)
		case p.path != "":
			f, err := os.Open(p.path)
			if err != nil {
				_ = out.Close()
				return nil, unreadable(p.path, err)
			}
			out.files = append(out.files, f)
			out.parts = append(out.parts, f)
		default:
			out.parts = append(out.parts, bytes.NewReader(p.text))
		}
	}
	out.Reader = io.MultiReader(out.parts...)
	return out, nil
}

// opened is a body that is being read.
type opened struct {
	io.Reader
	parts []io.Reader
	files []*os.File
}

func (o *opened) Close() error {
	for _, f := range o.files {
		_ = f.Close()
	}
	return nil
}

func unreadable(path string, err error) error {
	return host.Errorf(host.NotFound, "the file %s cannot be read: %s", path, plainFileError(err)).Because(err)
}

// add adds a text, what @FILE holds, or with @- standard input.
func (b *body) add(sys *system, d string) error {
	path, ok := strings.CutPrefix(d, "@")
	switch {
	case !ok:
		b.pieces = append(b.pieces, piece{text: []byte(d)})
	case path == "-":
		return b.addInput(sys.in)
	default:
		return b.addFile(path)
	}
	return nil
}

func (b *body) addFile(path string) error {
	f, err := os.Open(path) // a wrong name is told before anything is sent
	if err != nil {
		return unreadable(path, err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		return host.Errorf(host.Usage, "%s is a folder", path).WithHint("give the path of a file")
	}
	b.pieces = append(b.pieces, piece{path: path})
	b.once = b.once || err != nil || !info.Mode().IsRegular() // a pipe
	return f.Close()
}

func (b *body) addInput(in io.Reader) error {
	var begin bytes.Buffer
	_, err := io.CopyN(&begin, in, maxKept)
	switch err {
	case io.EOF:
		b.pieces = append(b.pieces, piece{text: begin.Bytes()})
	case nil:
		b.pieces, b.once = append(b.pieces, piece{text: begin.Bytes()}, piece{in: in}), true
	default:
		return host.Errorf(host.Failed, "standard input cannot be read").Because(err)
	}
	return nil
}

// A datum is one -d or --data-urlencode, in the order of the command line.
type datum struct {
	text    string
	encoded bool // to be encoded
}

// dataValue is the flag that adds to them.
type dataValue struct {
	list    *[]datum
	encoded bool
}

func (v dataValue) Set(s string) error { *v.list = append(*v.list, datum{s, v.encoded}); return nil }
func (dataValue) String() string       { return "" }
func (dataValue) Type() string         { return "DATA" }

// dataBody joins data by &.
func dataBody(sys *system, data []datum) (*body, error) {
	b := &body{kind: "application/x-www-form-urlencoded"}
	for i, d := range data {
		if i > 0 {
			b.pieces = append(b.pieces, piece{text: []byte("&")})
		}
		text := d.text
		if d.encoded {
			var err error
			if text, err = urlEncoded(sys, d.text); err != nil {
				return nil, err
			}
			b.pieces = append(b.pieces, piece{text: []byte(text)})
			continue
		}
		if err := b.add(sys, text); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// urlEncoded is what --data-urlencode means: content, =content, name=content,
// @file, name@file.
func urlEncoded(sys *system, d string) (string, error) {
	name, content := "", d
	if i := strings.IndexAny(d, "=@"); i >= 0 {
		name, content = d[:i], d[i+1:]
		if d[i] == '@' {
			data, err := readData(sys, "@"+content)
			if err != nil {
				return "", err
			}
			content = string(data)
		}
	}
	content = strings.ReplaceAll(url.QueryEscape(content), "+", "%20")
	if name != "" {
		content = name + "=" + content
	}
	return content, nil
}

// query is data as -G puts it behind a URL.
func (b *body) query() (string, error) {
	in, err := b.open()
	if err != nil {
		return "", err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, maxKept+1))
	if err == nil && len(text) > maxKept {
		err = host.Errorf(host.Usage, "the data is too long to stand in a URL").WithHint("leave out -G to send it as a body")
	}
	return string(text), err
}

func withQuery(target, query string) string {
	target, _, _ = strings.Cut(target, "#")
	switch {
	case query == "":
		return target
	case strings.Contains(target, "?"):
		return target + "&" + query
	}
	return target + "?" + query
}

// formBody makes multipart/form-data (RFC 7578) of name=value and
// name=@FILE;type=TYPE;filename=NAME.
func formBody(sys *system, fields []string) (*body, error) {
	var head bytes.Buffer
	w := multipart.NewWriter(&head)
	b := &body{kind: w.FormDataContentType()}
	for _, field := range fields {
		name, value, ok := strings.Cut(field, "=")
		if !ok || name == "" {
			return nil, host.Errorf(host.Usage, "--form takes name=value or name=@FILE, not %q", field).
				WithHint("write for example: -F title=Tea -F 'photo=@tea.png;type=image/png'")
		}
		header, content, err := formPart(name, value)
		if err != nil {
			return nil, err
		}
		if _, err := w.CreatePart(header); err != nil {
			return nil, err
		}
		b.pieces = append(b.pieces, piece{text: bytes.Clone(head.Bytes())})
		head.Reset()
		if !strings.HasPrefix(value, "@") {
			b.pieces = append(b.pieces, piece{text: []byte(content)})
		} else if err := b.add(sys, "@"+content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	b.pieces = append(b.pieces, piece{text: head.Bytes()})
	return b, nil
}

// formPart is the header of a part, and its text or its path.
func formPart(name, value string) (textproto.MIMEHeader, string, error) {
	quoted := strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A").Replace
	disposition := fmt.Sprintf(`form-data; name="%s"`, quoted(name))
	path, isFile := strings.CutPrefix(value, "@")
	if !isFile {
		return textproto.MIMEHeader{"Content-Disposition": {disposition}}, value, nil
	}
	path, options, _ := strings.Cut(path, ";")
	file, kind := filepath.Base(path), mime.TypeByExtension(filepath.Ext(path))
	for option := range strings.SplitSeq(options, ";") {
		key, v, _ := strings.Cut(strings.TrimSpace(option), "=")
		switch key {
		case "":
		case "type":
			kind = v
		case "filename":
			file = v
		default:
			return nil, "", host.Errorf(host.Usage, "--form knows no %q", key).WithHint("behind a file may stand ;type=TYPE and ;filename=NAME")
		}
	}
	if strings.ContainsAny(kind, "\r\n") {
		return nil, "", host.Errorf(host.Usage, "the type %q holds a line break", kind).WithHint("write for example: ;type=image/png")
	}
	return textproto.MIMEHeader{
		"Content-Disposition": {disposition + fmt.Sprintf(`; filename="%s"`, quoted(file))}, "Content-Type": {or(kind, "application/octet-stream")},
	}, path, nil
}
