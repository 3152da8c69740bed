package broker

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// spoiled breaks the places of secrets in an answer that a hook makes requests
// of: a service, or whoever wrote into it, is not to choose a secret to be sent.
func spoiled(shown abi.Response, body []byte) (abi.Response, []byte) {
	body = spoil(body)
	if shown.BodySize = len(body); shown.Body != "" {
		shown.Body = string(body)
	}
	for name, text := range shown.Header {
		shown.Header[name] = string(spoil([]byte(text)))
	}
	return shown, body
}

// spoil breaks the places in a text, also those whose characters are written as
// JSON, a query or XML may write them: code decodes what it takes over into its
// next request.
func spoil(text []byte) []byte {
	broken := strings.Replace(host.SecretPlace, "{{", "{{ ", 1)
	var out []byte
	done := 0
	for at := 0; at < len(text); at++ {
		n := spelled(text[at:], host.SecretPlace)
		if n == 0 {
			continue
		}
		out = append(append(out, text[done:at]...), broken...)
		done = at + n
		at = done - 1
	}
	if done == 0 {
		return text
	}
	return append(out, text[done:]...)
}

// spelled is the length of a word at the beginning of a text, however its
// characters are written; 0 where it is not there.
func spelled(text []byte, word string) int {
	at := 0
	for i := range len(word) {
		n := spelledByte(text[at:], word[i])
		if n == 0 {
			return 0
		}
		at += n
	}
	return at
}

// spelledByte is the length of one character: itself, \u007b, %7b, &#x7b; or &#123;.
func spelledByte(text []byte, c byte) int {
	switch {
	case len(text) == 0:
	case text[0] == c:
		return 1
	case text[0] == '\\' && len(text) >= 6 && text[1] == 'u' && isNumber(text[2:6], 16, c):
		return 6
	case text[0] == '%' && len(text) >= 3 && isNumber(text[1:3], 16, c):
		return 3
	case text[0] == '&' && len(text) >= 3 && text[1] == '#':
		digits, base := text[2:min(len(text), 16)], 10
		end := bytes.IndexByte(digits, ';')
		if digits[0]|0x20 == 'x' {
			base = 16
		}
		if from := base / 16; end > from && isNumber(digits[from:end], base, c) {
			return 2 + end + 1
		}
	}
	return 0
}

func isNumber(digits []byte, base int, want byte) bool {
	n, err := strconv.ParseUint(string(digits), base, 32)
	return err == nil && n == uint64(want)
}
