package value

import (
	"fmt"
	"strconv"
	"unicode/utf8"
	"unsafe"

	"github.com/shopspring/decimal"
)

// JSON returns v as JSON text without blanks: entries in the order of the map,
// keys as the printed form of the key, numbers and decimals with all digits,
// dates and files as their printed forms. Bytes that are not UTF-8 become
// U+FFFD. Values nested deeper than MaxNesting, as a list that holds itself is,
// end in a *Limit.
func JSON(b *Budget, v any) string {
	w := writer{b: b}
	w.value(v, 0)
	return w.String()
}

// A writer collects text and charges for it as it grows, so that a small value
// that prints large is stopped on the way.
type writer struct {
	b   *Budget
	buf []byte
}

// String ends the writer; its room beyond the text is given back.
func (w *writer) String() string {
	w.b.Free(cap(w.buf) - len(w.buf))
	return asString(w.buf)
}

// asString makes a string of bytes that nobody writes to any more.
func asString(buf []byte) string {
	return unsafe.String(unsafe.SliceData(buf), len(buf))
}

// room makes place for n more bytes.
func (w *writer) room(n int) {
	if cap(w.buf)-len(w.buf) >= n {
		return
	}
	size := max(64, 2*cap(w.buf), len(w.buf)+n)
	w.b.Tick(1 + len(w.buf)/256)
	w.b.Alloc(size)
	grown := make([]byte, len(w.buf), size)
	copy(grown, w.buf)
	w.b.Free(cap(w.buf))
	w.buf = grown
}

func (w *writer) text(s string) {
	w.room(len(s))
	w.buf = append(w.buf, s...)
}

func (w *writer) char(c byte) {
	w.room(1)
	w.buf = append(w.buf, c)
}

func (w *writer) value(v any, depth int) {
	w.b.Tick(1)
	switch t := Resolve(v).(type) {
	case string:
		w.quoted(t)
	case int64:
		w.room(20)
		w.buf = strconv.AppendInt(w.buf, t, 10)
	case decimal.Decimal:
		w.text(Plain(t))
	case bool:
		w.text(strconv.FormatBool(t))
	case nil:
		w.text("null")
	case Time:
		w.quoted(t.String())
	case *File:
		w.quoted(t.Name)
	case *List:
		w.list(t, depth)
	case *Map:
		w.mapping(t, depth)
	case *Collection:
		w.collection(t, depth)
	case *Empty:
		w.text("{}")
	case Object:
		w.value(plain(w.b, t), depth)
	default:
		panic(fmt.Sprintf("value: a %T is not a value", v)) // whoever made it is wrong
	}
}

func (w *writer) list(l *List, depth int) {
	if depth >= MaxNesting {
		tooDeep()
	}
	w.char('[')
	for i, v := range l.items {
		if i > 0 {
			w.char(',')
		}
		w.value(v, depth+1)
	}
	w.char(']')
}

func (w *writer) collection(c *Collection, depth int) {
	switch {
	case c.Len() == 0:
		w.text("{}")
	case c.Keyed():
		w.mapping(c.m, depth)
	default:
		w.list(c.list, depth)
	}
}

func (w *writer) mapping(m *Map, depth int) {
	if depth >= MaxNesting {
		tooDeep()
	}
	w.char('{')
	first := true
	for k, v := range m.All() {
		if !first {
			w.char(',')
		}
		first = false
		s, ok := k.(string)
		if !ok {
			s, _ = scalarText(k)
		}
		w.quoted(s)
		w.char(':')
		w.value(v, depth+1)
	}
	w.char('}')
}

// quoted writes s as a JSON string. RFC 8259 section 7: quote, backslash and
// the control characters are escaped, everything else stands as it is.
func (w *writer) quoted(s string) {
	w.room(len(s) + 2)
	w.b.Tick(len(s) / 256)
	w.char('"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				w.text(s[start:i])
				w.text("\uFFFD")
				start = i + 1
			}
			i += n
			continue
		}
		if c < ' ' || c == '"' || c == '\\' {
			w.text(s[start:i])
			w.escape(c)
			start = i + 1
		}
		i++
	}
	w.text(s[start:])
	w.char('"')
}

func (w *writer) escape(c byte) {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		w.text(`\` + string(rune(c)))
	case '\n':
		w.text(`\n`)
	case '\r':
		w.text(`\r`)
	case '\t':
		w.text(`\t`)
	default:
		w.text(`\u00` + string(rune(hex[c>>4])) + string(rune(hex[c&15])))
	}
}
