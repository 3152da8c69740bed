package value

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// key reads a text and hands out the same value for the same short key, as the
// objects of a list mostly repeat theirs.
func (r *reader) key() any {
	const short, most = 32, 256
	if r.s[r.i] != '"' {
		if k := r.bare(); k != nil {
			return fmt.Sprint(k)
		}
		return "null"
	}
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

// bare reads what only loose JSON has: a text in single quotes, or a word, which
// may be true, false, null or a number.
func (r *reader) bare() any {
	if r.s[r.i] == '\'' {
		end := r.i + 1
		for end < len(r.s) && r.s[end] != '\'' {
			if r.s[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(r.s) {
			r.fail("a text without closing quote")
		}
		raw := r.s[r.i+1 : end]
		r.b.Tick(1 + len(raw)/64)
		r.b.Alloc(2*len(raw) + 16)
		r.i = end + 1
		return strings.NewReplacer(`\'`, `'`, `\"`, `"`, `\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r").Replace(strings.ToValidUTF8(raw, "\uFFFD"))
	}
	start := r.i
	for r.i < len(r.s) && (isNameByte(r.s[r.i]) || isDigit(r.s[r.i])) {
		r.i++
	}
	word := r.s[start:r.i]
	r.b.Alloc(len(word) + 16)
	switch word {
	case "true", "false":
		return word == "true"
	case "null":
		return nil
	}
	return strings.Clone(word)
}

func isNameByte(c byte) bool { return isLetter(c) || c == '_' || c == '$' }

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
