package value

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A JSONError says where and why a text is not JSON.
type JSONError struct {
	Offset int // in bytes from the start of the text
	Msg    string
}

// Error returns the reason with its place.
func (e *JSONError) Error() string {
	return fmt.Sprintf("not JSON at offset %d: %s", e.Offset, e.Msg)
}

// ParseJSON reads one JSON text (RFC 8259): objects become maps in their order,
// arrays lists, whole numbers int64 or decimal if larger, all other numbers
// decimals. A repeated key takes its last value at its first place. Texts are
// copied, so that a small field does not keep a large response. The error is a
// *JSONError; what is made is charged to b.
func ParseJSON(b *Budget, text string) (v any, err error) {
	r := reader{b: b, s: text}
	defer func() {
		if p := recover(); p != nil {
			e, ok := p.(*JSONError)
			if !ok {
				panic(p)
			}
			v, err = nil, e
		}
	}()
	if strings.HasPrefix(text, "\uFEFF") {
		r.i = len("\uFEFF")
	}
	v = r.value(0)
	r.blanks()
	if r.i < len(r.s) {
		r.fail("unexpected %q after the value", r.next())
	}
	return v, nil
}

type reader struct {
	b    *Budget
	s    string
	i    int
	keys map[string]any // short keys seen, as values
}

func (r *reader) fail(format string, args ...any) {
	panic(&JSONError{Offset: r.i, Msg: fmt.Sprintf(format, args...)})
}

// next is the character at the place of an error.
func (r *reader) next() rune {
	c, _ := utf8.DecodeRuneInString(r.s[r.i:])
	return c
}

func (r *reader) blanks() {
	for r.i < len(r.s) {
		switch r.s[r.i] {
		case ' ', '\n', '\r', '\t':
			r.i++
		default:
			return
		}
	}
}

// peek skips blanks and returns the byte that follows, 0 at the end.
func (r *reader) peek() byte {
	r.blanks()
	if r.i < len(r.s) {
		return r.s[r.i]
	}
	return 0
}

func (r *reader) value(depth int) any {
	r.b.Tick(1)
	switch c := r.peek(); {
	case c == '"':
		return r.text()
	case c == '{':
		return r.object(depth)
	case c == '[':
		return r.array(depth)
	case c == '-' || isDigit(c):
		return r.number()
	case c == 't':
		r.word("true")
		return true
	case c == 'f':
		r.word("false")
		return false
	case c == 'n':
		r.word("null")
		return nil
	case r.i == len(r.s):
		r.fail("unexpected end")
	}
	r.fail("unexpected %q", r.next())
	return nil
}

func (r *reader) word(w string) {
	if !strings.HasPrefix(r.s[r.i:], w) {
		r.fail("unexpected %q", r.next())
	}
	r.i += len(w)
}

func (r *reader) enter(depth int) {
	if depth >= MaxNesting {
		r.fail("nested deeper than %d levels", MaxNesting)
	}
	r.b.Alloc(64)
	r.i++
}

func (r *reader) object(depth int) *Map {
	r.enter(depth)
	m := NewMap()
	if r.peek() == '}' {
		r.i++
		return m
	}
	for {
		if r.peek() != '"' {
			r.fail("a key in quotes expected")
		}
		k := r.key()
		if r.peek() != ':' {
			r.fail("a colon expected after the key")
		}
		r.i++
		m.Put(r.b, k, r.value(depth+1))
		switch r.peek() {
		case ',':
			r.i++
		case '}':
			r.i++
			return m
		default:
			r.fail("a comma or } expected")
		}
	}
}

func (r *reader) array(depth int) *List {
	r.enter(depth)
	l := NewList()
	if r.peek() == ']' {
		r.i++
		return l
	}
	for {
		l.Add(r.b, r.value(depth+1))
		switch r.peek() {
		case ',':
			r.i++
		case ']':
			r.i++
			return l
		default:
			r.fail("a comma or ] expected")
		}
	}
}

// key reads a text and hands out the same value for the same short key, as the
// objects of a list mostly repeat theirs.
func (r *reader) key() any {
	const short, most = 32, 256
	raw, plain := r.plain()
	if !plain {
		return r.text()
	}
	if k, ok := r.keys[raw]; ok {
		return k
	}
	r.b.Alloc(len(raw))
	k := any(strings.Clone(raw))
	if len(raw) <= short && len(r.keys) < most {
		if r.keys == nil {
			r.keys = make(map[string]any)
		}
		r.keys[raw] = k
	}
	return k
}

// plain passes over a text without escapes and returns what it holds; it stays
// in place and returns false if there is anything to look at more closely.
func (r *reader) plain() (string, bool) {
	for i := r.i + 1; i < len(r.s); i++ {
		switch c := r.s[i]; {
		case c == '"':
			raw := r.s[r.i+1 : i]
			r.i = i + 1
			return raw, true
		case c == '\\' || c < ' ' || c >= utf8.RuneSelf:
			return "", false
		}
	}
	return "", false
}

func (r *reader) text() string {
	if raw, ok := r.plain(); ok {
		r.b.Tick(len(raw) / 256)
		r.b.Alloc(len(raw) + 16)
		return strings.Clone(raw)
	}
	end := r.textEnd()
	raw := r.s[r.i+1 : end]
	r.b.Tick(1 + len(raw)/64)
	r.b.Alloc(len(raw) + 16)
	buf := make([]byte, 0, len(raw))
	for r.i++; r.i < end; {
		c := r.s[r.i]
		switch {
		case c == '\\':
			buf = utf8.AppendRune(buf, r.escaped())
		case c < ' ':
			r.fail("control character in a text")
		case c < utf8.RuneSelf:
			buf = append(buf, c)
			r.i++
		default:
			ch, n := utf8.DecodeRuneInString(r.s[r.i:end])
			buf = utf8.AppendRune(buf, ch) // not UTF-8: U+FFFD
			r.i += n
		}
	}
	r.i++
	return string(buf)
}

// textEnd returns the place of the closing quote.
func (r *reader) textEnd() int {
	for i := r.i + 1; i < len(r.s); i++ {
		switch r.s[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	r.i = len(r.s)
	r.fail("a text without closing quote")
	return 0
}

// escaped reads one escape. Half of a surrogate pair becomes U+FFFD.
func (r *reader) escaped() rune {
	c := r.s[r.i+1] // inside the text, so there is one
	if c == 'u' {
		return r.unicode()
	}
	i := strings.IndexByte(`"\/bfnrt`, c)
	if i < 0 {
		r.fail("unknown escape \\%c", c)
	}
	r.i += 2
	return rune("\"\\/\b\f\n\r\t"[i])
}

func (r *reader) unicode() rune {
	high := r.hex()
	if !utf16.IsSurrogate(high) {
		return high
	}
	if !strings.HasPrefix(r.s[r.i:], `\u`) {
		return utf8.RuneError
	}
	place := r.i
	both := utf16.DecodeRune(high, r.hex())
	if both == utf8.RuneError {
		r.i = place // the second one stands for itself
	}
	return both
}

func (r *reader) hex() rune {
	digits := r.s[r.i+2:]
	if len(digits) < 4 {
		r.fail("four hexadecimal digits expected after \\u")
	}
	n, err := strconv.ParseUint(digits[:4], 16, 16)
	if err != nil {
		r.fail("four hexadecimal digits expected after \\u")
	}
	r.i += 6
	return rune(n)
}

func (r *reader) number() any {
	start, digits := r.i, r.i
	if r.s[r.i] == '-' {
		r.i++
		digits++
	}
	if n := r.digits(); n > 1 && r.s[digits] == '0' {
		r.i = start
		r.fail("a number begins with 0")
	}
	if r.i < len(r.s) && r.s[r.i] == '.' {
		r.i++
		r.digits()
	}
	if r.i < len(r.s) && r.s[r.i]|0x20 == 'e' {
		r.i++
		if r.i < len(r.s) && (r.s[r.i] == '+' || r.s[r.i] == '-') {
			r.i++
		}
		r.digits()
	}
	r.b.Alloc(8 + (r.i-start)/2)
	v, err := ParseNumber(r.s[start:r.i])
	if err != nil {
		r.i = start
		r.fail("%v", err)
	}
	return v
}

// digits passes over digits, of which there must be one.
func (r *reader) digits() int {
	start := r.i
	for r.i < len(r.s) && isDigit(r.s[r.i]) {
		r.i++
	}
	if r.i == start {
		r.fail("a digit expected")
	}
	return r.i - start
}
