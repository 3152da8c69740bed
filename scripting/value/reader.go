package value

import (
	"fmt"
	"strings"
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
func ParseJSON(b *Budget, text string) (any, error) {
	return (&reader{b: b, s: text}).all()
}

// ParseLooseJSON also takes what JavaScript does: texts in single quotes, and
// keys and texts of letters, digits and _ without quotes.
func ParseLooseJSON(b *Budget, text string) (any, error) {
	return (&reader{b: b, s: text, loose: true}).all()
}

func (r *reader) all() (v any, err error) {
	defer func() {
		if p := recover(); p != nil {
			e, ok := p.(*JSONError)
			if !ok {
				panic(p)
			}
			v, err = nil, e
		}
	}()
	if strings.HasPrefix(r.s, "\uFEFF") {
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

	loose bool // JavaScript and not only JSON
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
	case r.loose && (c == '\'' || isNameByte(c)):
		return r.bare()
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
		if c := r.peek(); c != '"' && !(r.loose && (c == '\'' || isNameByte(c))) {
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
