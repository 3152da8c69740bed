package syntax

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unquote gives the value of a literal including its quotes. Line ends inside
// it become "\n". Of an escape that the language does not know, the character
// stays; before a letter or digit also the backslash, because such escapes
// come from regular expressions ("\d"). unknown is the offset of the first
// escape of the latter kind, or -1.
func unquote(raw string) (value string, unknown int) {
	body := raw[1 : len(raw)-1]
	unknown = -1
	if !strings.ContainsAny(body, "\\\r") && utf8.ValidString(body) {
		return body, unknown
	}
	var b strings.Builder
	for i := 0; i < len(body); {
		switch c := body[i]; {
		case c == '\r' && i+1 < len(body) && body[i+1] == '\n':
			i++
		case c == '\\' && i+1 < len(body):
			n, known := escape(&b, body[i:])
			if !known && unknown < 0 {
				unknown = i + 1
			}
			i += n
		default:
			r, size := utf8.DecodeRuneInString(body[i:])
			b.WriteRune(r)
			i += size
		}
	}
	return b.String(), unknown
}

// escape writes what the escape at the start of text stands for and returns
// its length.
func escape(b *strings.Builder, text string) (length int, known bool) {
	switch c := text[1]; c {
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'r':
		b.WriteByte('\r')
	case 'u':
		return unicodeEscape(b, text)
	default:
		r, size := utf8.DecodeRuneInString(text[1:])
		plain := nameLength(text[1:]) == 0
		if !plain {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
		return 1 + size, plain
	}
	return 2, true
}

func unicodeEscape(b *strings.Builder, text string) (length int, known bool) {
	high, ok := hex4(text)
	if !ok {
		b.WriteString(`\u`)
		return 2, false
	}
	if utf16.IsSurrogate(high) {
		if low, ok := hex4(text[6:]); ok {
			if r := utf16.DecodeRune(high, low); r != utf8.RuneError {
				b.WriteRune(r)
				return 12, true
			}
		}
	}
	b.WriteRune(high)
	return 6, true
}

// hex4 reads \uXXXX at the start of text.
func hex4(text string) (rune, bool) {
	if len(text) < 6 || text[:2] != `\u` {
		return 0, false
	}
	n, err := strconv.ParseUint(text[2:6], 16, 32)
	return rune(n), err == nil
}
