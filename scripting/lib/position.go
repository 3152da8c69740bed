package lib

import (
	"unicode"
	"unicode/utf8"

	"github.com/connhost/connhost/scripting/value"
)

// Scripts count characters, Go counts bytes. These go from the one to the
// other; a run of ASCII is passed at the speed of a byte loop.

// byteAt returns the byte offset of character n of s, and false if s has fewer.
// Character n of a text with n characters is its end.
func byteAt(s string, n int64) (int, bool) {
	i := 0
	for ; n > 0 && i < len(s); n-- {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return i, n == 0
}

// charAt returns the number of the character at byte offset i; -1 stays.
func charAt(s string, i int) int64 {
	if i < 0 {
		return -1
	}
	return int64(utf8.RuneCountInString(s[:i]))
}

// indexFold returns where sub stands in s in any letter case, as byte offsets,
// and -1 if it does not.
func indexFold(b *value.Budget, s, sub string) (start, end int) {
	for i := 0; i <= len(s); {
		n, steps := prefixFold(s[i:], sub)
		b.Tick(steps)
		if n >= 0 {
			return i, i + n
		}
		if i == len(s) {
			break
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return -1, -1
}

// prefixFold returns how many bytes of s are prefix in any letter case, -1 if s
// does not begin with it, and how much work that was.
func prefixFold(s, prefix string) (n, steps int) {
	for len(prefix) > 0 {
		if n == len(s) {
			return -1, steps / 16
		}
		a, sizeA := utf8.DecodeRuneInString(s[n:])
		b, sizeB := utf8.DecodeRuneInString(prefix)
		if !sameFold(a, b) {
			return -1, steps / 16
		}
		n += sizeA
		prefix = prefix[sizeB:]
		steps++
	}
	return n, steps / 16
}

func sameFold(a, b rune) bool {
	return a == b || unicode.ToLower(a) == unicode.ToLower(b) || unicode.ToUpper(a) == unicode.ToUpper(b)
}
