package egress

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A utf16Text gives a text as UTF-8, in which secrets can be found, when it is
// declared as UTF-16 or begins with a byte order mark of it. Any other text
// passes as it is.
type utf16Text struct {
	in    io.Reader
	order binary.ByteOrder // nil: not UTF-16, or not known yet
	begun bool
	raw   []byte // read and not decoded
	out   []byte // decoded and not given
	buf   []byte
	err   error
}

// declaredUTF16 is the byte order that a Content-Type declares; big endian
// where it names none (RFC 2781 section 4.3). A mark decides against it.
func declaredUTF16(kind string) binary.ByteOrder {
	_, params, _ := strings.Cut(strings.ToLower(kind), ";")
	_, charset, _ := strings.Cut(params, "charset=")
	charset = strings.Trim(charset, `" `)
	switch {
	case strings.HasPrefix(charset, "utf-16le"):
		return binary.LittleEndian
	case strings.HasPrefix(charset, "utf-16"):
		return binary.BigEndian
	}
	return nil
}

func (t *utf16Text) Read(p []byte) (int, error) {
	if !t.begun && t.order == nil {
		n, err := t.in.Read(p)
		if n == 0 || p[0] < 0xfe { // no mark begins so
			t.begun = n > 0
			return n, err
		}
		t.unread(p[:n], err)
	}
	if !t.begun {
		t.begin()
	}
	if t.order == nil {
		return t.pass(p)
	}
	for len(t.out) == 0 {
		if t.err != nil {
			return 0, t.err
		}
		t.fill()
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	return n, nil
}

// unread gives back what may begin with a mark, and leaves nothing of it behind.
func (t *utf16Text) unread(p []byte, err error) {
	rest := t.in
	if err != nil {
		rest = failing{err}
	}
	t.in = io.MultiReader(bytes.NewReader(bytes.Clone(p)), rest)
	clear(p)
}

// begin looks for a mark in the first two bytes.
func (t *utf16Text) begin() {
	t.begun = true
	head := make([]byte, 2)
	n, err := io.ReadFull(t.in, head)
	t.raw = head[:n]
	if t.err = err; err == io.ErrUnexpectedEOF {
		t.err = io.EOF
	}
	switch string(t.raw) {
	case "\xff\xfe":
		t.order, t.raw = binary.LittleEndian, nil
	case "\xfe\xff":
		t.order, t.raw = binary.BigEndian, nil
	}
}

// pass gives what begin has read, and then the stream.
func (t *utf16Text) pass(p []byte) (int, error) {
	if len(t.raw) > 0 {
		n := copy(p, t.raw)
		t.raw = t.raw[n:]
		return n, nil
	}
	if t.err != nil {
		return 0, t.err
	}
	return t.in.Read(p)
}

// fill decodes a chunk. A half unit and a first surrogate wait for the next
// chunk; at the end of the text they become U+FFFD.
func (t *utf16Text) fill() {
	if t.buf == nil {
		t.buf = make([]byte, 4<<10)
	}
	n, err := t.in.Read(t.buf)
	t.raw, t.err = append(t.raw, t.buf[:n]...), err
	t.out = t.out[:0]
	for len(t.raw) >= 2 {
		r, size := rune(t.order.Uint16(t.raw)), 2
		if utf16.IsSurrogate(r) {
			if len(t.raw) < 4 && err == nil {
				return
			}
			if len(t.raw) >= 4 {
				if r = utf16.DecodeRune(r, rune(t.order.Uint16(t.raw[2:]))); r != utf8.RuneError {
					size = 4
				}
			}
		}
		t.out = utf8.AppendRune(t.out, r) // a lone surrogate becomes U+FFFD
		t.raw = t.raw[size:]
	}
	if len(t.raw) > 0 && err != nil {
		t.out, t.raw = utf8.AppendRune(t.out, utf8.RuneError), nil
	}
}
