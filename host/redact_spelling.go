package host

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// text is what can be searched without a copy.
type text interface{ string | []byte }

// A spelling is what a place of a text may stand for besides itself.
type spelling struct {
	plain [utf8.UTFMax]byte
	size  int  // of plain; 0: the place stands for itself alone
	width int  // how much of the text it takes
	open  bool // the text ends before the spelling does
}

func spelled(r rune, width int) spelling {
	s := spelling{width: width}
	s.size = utf8.EncodeRune(s.plain[:], r)
	return s
}

func spelledByte(b byte, width int) spelling {
	return spelling{plain: [utf8.UTFMax]byte{b}, size: 1, width: width}
}

// spellingAt reads what begins at t[i]: a percent escape (RFC 3986 section
// 2.1) or the plus of a form, a backslash escape as JSON and the languages near
// it write them, or a character reference of HTML and XML. It is read wherever
// it stands and whether the character needs it or not, because services do not
// agree on what needs one; hexadecimal digits may be of either case.
func spellingAt[T text](t T, i int) spelling {
	switch t[i] {
	case '+':
		return spelledByte(' ', 1)
	case '%':
		n, open, ok := hexAt(t, i+1, 2)
		if !ok {
			return spelling{open: open}
		}
		return spelledByte(byte(n), 3)
	case '\\':
		return backslashAt(t, i)
	case '&':
		return referenceAt(t, i)
	}
	return spelling{}
}

// hexAt reads exactly count digits; open says that they may still come.
func hexAt[T text](t T, i, count int) (n rune, open, ok bool) {
	for end := i + count; i < end; i++ {
		if i == len(t) {
			return 0, true, false
		}
		digit := nibble(t[i])
		if digit < 0 {
			return 0, false, false
		}
		n = n<<4 | digit
	}
	return n, false, true
}

func nibble(ch byte) rune {
	switch {
	case ch >= '0' && ch <= '9':
		return rune(ch - '0')
	case ch >= 'a' && ch <= 'f':
		return rune(ch - 'a' + 10)
	case ch >= 'A' && ch <= 'F':
		return rune(ch - 'A' + 10)
	}
	return -1
}

// controls are the letters of RFC 8259 section 7 for control characters.
var controls = [256]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func backslashAt[T text](t T, i int) spelling {
	if i+1 == len(t) {
		return spelling{open: true}
	}
	switch ch := t[i+1]; {
	case ch == 'u':
		return unicodeAt(t, i)
	case ch == 'x':
		return longAt(t, i, 2)
	case ch == 'U':
		return longAt(t, i, 8)
	case controls[ch] != 0:
		return spelledByte(controls[ch], 2)
	case punctuation(ch):
		return spelledByte(ch, 2)
	}
	return spelling{}
}

// longAt reads a backslash, a letter and the digits of a character.
func longAt[T text](t T, i, count int) spelling {
	n, open, ok := hexAt(t, i+2, count)
	if !ok {
		return spelling{open: open}
	}
	return spelled(n, 2+count)
}

func alphanumeric(ch byte) bool {
	return ch >= '0' && ch <= '9' || ch|0x20 >= 'a' && ch|0x20 <= 'z'
}

func punctuation(ch byte) bool { return ch > ' ' && ch < 0x7f && !alphanumeric(ch) }

// unicodeAt reads \uXXXX, and two of them where the first is half a character.
func unicodeAt[T text](t T, i int) spelling {
	r, open, ok := hexAt(t, i+2, 4)
	if !ok {
		return spelling{open: open}
	}
	if !utf16.IsSurrogate(r) {
		return spelled(r, 6)
	}
	for k, want := range []byte(`\u`) {
		if i+6+k == len(t) {
			return spelling{open: true}
		}
		if t[i+6+k] != want {
			return spelling{}
		}
	}
	low, open, ok := hexAt(t, i+8, 4)
	if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
		return spelling{open: open}
	}
	return spelled(r, 12)
}

// maxReference is the length of the longest character reference that is read,
// without its ends; leading zeros are allowed up to it.
const maxReference = 10

func referenceAt[T text](t T, i int) spelling {
	for end := i + 1; end <= i+1+maxReference; end++ {
		if end == len(t) {
			return spelling{open: true}
		}
		if t[end] == ';' {
			if r := reference(string(t[i+1 : end])); r >= 0 {
				return spelled(r, end+1-i)
			}
			return spelling{}
		}
		if !alphanumeric(t[end]) && t[end] != '#' {
			break
		}
	}
	return spelling{}
}

// reference is the character of a name or number; -1 for others than those that
// an escaping function writes.
func reference(name string) rune {
	switch name {
	case "amp":
		return '&'
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "quot":
		return '"'
	case "apos":
		return '\''
	}
	if len(name) < 2 || name[0] != '#' {
		return -1
	}
	digits, base := name[1:], 10
	if digits[0]|0x20 == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune {
		return -1
	}
	return rune(n)
}
